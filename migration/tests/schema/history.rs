//! What happened stays on record, and nobody is paid twice.

use entity::enums::*;
use entity::{
    audit_event, determination, determination_period, fund, fund_balance, payment_line, posting, treasury_proposal,
};
use migration::{Refusal, refusal};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, IntoActiveModel,
    ModelTrait, QueryFilter, Set, SqlErr,
};

use crate::support;
use crate::support::{act, id, migrated, noon, user};

/// The table has a row, which can be neither changed nor deleted.
pub(crate) async fn only_grows(db: &DatabaseConnection, table: &str, column: &str) {
    for sql in [
        format!("UPDATE {table} SET {column} = {column}"),
        format!("DELETE FROM {table}"),
    ] {
        let error = db.execute_unprepared(&sql).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::AppendOnly), "{sql}: {error}");
    }
}

pub(crate) fn line(pay_run_id: uuid::Uuid) -> payment_line::Model {
    payment_line::Model {
        id: id(),
        pay_run_id,
        entitlement_id: id(),
        person_id: id(),
        component: "monthly_allowance".to_owned(),
        kind: LineKind::Regular,
        cover_month: 202_507,
        sequence: 0,
        group_code: "5.4a".to_owned(),
        amount: 9_007_199_254_740_991,
        provision: "20/2021/NĐ-CP, Điều 6".to_owned(),
        determination_id: Some(id()),
        payee_account_id: id(),
        area_id: "06652@2025-07".to_owned(),
        order_id: None,
        status: LineStatus::Draft,
        fiscal_year: None,
    }
}

async fn insert(db: &DatabaseConnection, line: &payment_line::Model) -> Result<payment_line::Model, DbErr> {
    line.clone().into_active_model().reset_all().insert(db).await
}

fn taken(result: Result<payment_line::Model, DbErr>) -> bool {
    matches!(
        result.unwrap_err().sql_err(),
        Some(SqlErr::UniqueConstraintViolation(_))
    )
}

#[tokio::test]
async fn the_audit_chain_the_acts_and_the_ledger_only_grow() {
    let db = migrated().await;
    let event = audit_event::ActiveModel {
        seq: Set(1),
        at: Set(noon()),
        actor: Set("system".to_owned()),
        user_id: Set(None),
        action: Set("install".to_owned()),
        subject: Set("installation".to_owned()),
        detail: Set(serde_json::json!({})),
        prev_hash: Set(String::new()),
        hash: Set("h1".to_owned()),
    };
    event.insert(&db).await.unwrap();
    only_grows(&db, "audit_event", "actor").await;

    act(&db, ("pay_run", id()), Act::Make, user(&db).await, (1, "d1"))
        .await
        .unwrap();
    only_grows(&db, "approval_act", "digest").await;

    let fund = a_fund(&db).await;
    let posting = posting::ActiveModel {
        id: Set(id()),
        batch: Set("fund:opening".to_owned()),
        position: Set(0),
        fund_id: Set(fund),
        account: Set(FundAccount::Available),
        amount: Set(16_777_217),
        at: Set(noon()),
    };
    posting.insert(&db).await.unwrap();
    only_grows(&db, "posting", "amount").await;

    support::run(&db).await;
    only_grows(&db, "release", "digest").await;
}

/// A fund that one person proposed and another accepted.
async fn a_fund(db: &DatabaseConnection) -> uuid::Uuid {
    let body = serde_json::json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial",
        "name": "Trợ giúp xã hội 2025", "amount": 100});
    let proposal = treasury_proposal::ActiveModel {
        id: Set(id()),
        kind: Set(TreasuryKind::Fund),
        subject: Set(format!("fund:{}", id().simple())),
        base: Set("{}".to_owned()),
        body: Set(body.to_string()),
        digest: Set("d1".to_owned()),
        note: Set("Giao dự toán".to_owned()),
        status: Set(ProposalStatus::Accepted),
        proposed_by: Set(id()),
        proposed_at: Set(noon()),
        decided_by: Set(Some(id())),
        decided_at: Set(Some(noon())),
        decision_note: Set(Some("Đã đối chiếu".to_owned())),
        version: Set(2),
    };
    let proposal = proposal.insert(db).await.unwrap();
    let fund = fund::ActiveModel {
        id: Set(id()),
        code: Set("social_assistance".to_owned()),
        fiscal_year: Set(2025),
        source: Set(FundSource::Provincial),
        name: Set("Trợ giúp xã hội 2025".to_owned()),
        version: Set(1),
        proposal_id: Set(Some(proposal.id)),
    };
    fund.insert(db).await.unwrap().id
}

#[tokio::test]
async fn a_fund_is_not_overspent() {
    let db = migrated().await;
    let fund_id = a_fund(&db).await;
    let balance = |account, amount| fund_balance::ActiveModel {
        fund_id: Set(fund_id),
        account: Set(account),
        amount: Set(amount),
    };
    balance(FundAccount::Source, -100).insert(&db).await.unwrap();
    balance(FundAccount::Available, 100).insert(&db).await.unwrap();
    let error = balance(FundAccount::Available, -1).update(&db).await.unwrap_err();
    assert!(error.to_string().contains("fund_balance_not_overspent"), "{error}");
}

#[tokio::test]
async fn a_determination_is_superseded_once_and_never_edited() {
    let db = migrated().await;
    let determination = determination::ActiveModel {
        id: Set(id()),
        entitlement_id: Set(id()),
        sequence: Set(1),
        first_release: Set(1),
        evidence_rev: Set(1),
        opening: Set(false),
        content_hash: Set("c1".to_owned()),
        recorded_at: Set(noon()),
        superseded_at: Set(None),
    };
    let stored = determination.insert(&db).await.unwrap();
    let period = determination_period::ActiveModel {
        determination_id: Set(stored.id),
        position: Set(0),
        component: Set("monthly_allowance".to_owned()),
        kind: Set(PeriodKind::Regular),
        from_month: Set(202_507),
        to_month: Set(None),
        due_month: Set(None),
        group_code: Set("5.4a".to_owned()),
        amount: Set(500_000),
        provision: Set("20/2021/NĐ-CP, Điều 6".to_owned()),
        reason: Set(None),
    };
    period.insert(&db).await.unwrap();
    only_grows(&db, "determination_period", "amount").await;

    let mut edited = stored.clone().into_active_model();
    edited.content_hash = Set("c2".to_owned());
    assert_eq!(
        refusal(&edited.update(&db).await.unwrap_err()),
        Some(Refusal::AppendOnly)
    );
    let mut superseded = stored.clone().into_active_model();
    superseded.superseded_at = Set(Some(noon()));
    superseded.update(&db).await.unwrap();
    let mut back = stored.clone().into_active_model();
    back.superseded_at = Set(None);
    assert_eq!(refusal(&back.update(&db).await.unwrap_err()), Some(Refusal::AppendOnly));
    assert_eq!(
        refusal(&stored.delete(&db).await.unwrap_err()),
        Some(Refusal::AppendOnly)
    );
}

#[tokio::test]
async fn a_month_is_paid_once() {
    let db = migrated().await;
    let first = insert(&db, &line(support::run(&db).await.id)).await.unwrap();
    let again = payment_line::Model {
        id: id(),
        pay_run_id: id(),
        payee_account_id: id(),
        sequence: 7,
        ..first.clone()
    };
    assert!(taken(insert(&db, &again).await), "a second regular line of the month");
    insert(
        &db,
        &payment_line::Model {
            cover_month: 202_508,
            ..again.clone()
        },
    )
    .await
    .unwrap();

    let mut cancelled = first.clone().into_active_model();
    cancelled.status = Set(LineStatus::Cancelled);
    cancelled.update(&db).await.unwrap();
    insert(&db, &payment_line::Model { id: id(), ..again }).await.unwrap();

    let arrears = payment_line::Model {
        id: id(),
        kind: LineKind::Arrears,
        ..first
    };
    insert(&db, &arrears).await.unwrap();
    assert!(taken(
        insert(
            &db,
            &payment_line::Model {
                id: id(),
                kind: LineKind::OneOff,
                ..arrears.clone()
            }
        )
        .await
    ));
    let other_cause = payment_line::Model {
        id: id(),
        determination_id: Some(id()),
        ..arrears
    };
    insert(&db, &other_cause).await.unwrap();
}

#[tokio::test]
async fn a_line_keeps_its_content_and_only_drafts_are_deleted() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let stored = insert(&db, &line(run.id)).await.unwrap();
    let of_all = payment_line::Entity::update_many().filter(payment_line::Column::PayRunId.eq(run.id));
    let edits = [
        payment_line::ActiveModel {
            amount: Set(1),
            ..Default::default()
        },
        payment_line::ActiveModel {
            person_id: Set(id()),
            ..Default::default()
        },
        payment_line::ActiveModel {
            cover_month: Set(202_508),
            ..Default::default()
        },
        payment_line::ActiveModel {
            payee_account_id: Set(id()),
            ..Default::default()
        },
        payment_line::ActiveModel {
            kind: Set(LineKind::Arrears),
            ..Default::default()
        },
        payment_line::ActiveModel {
            component: Set("care".to_owned()),
            ..Default::default()
        },
    ];
    for edit in edits {
        let error = of_all.clone().set(edit).exec(&db).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::Immutable));
    }
    let live = payment_line::ActiveModel {
        status: Set(LineStatus::Live),
        order_id: Set(Some(id())),
        ..Default::default()
    };
    of_all.clone().set(live).exec(&db).await.unwrap();
    let elsewhere = payment_line::ActiveModel {
        order_id: Set(Some(id())),
        ..Default::default()
    };
    let error = of_all.clone().set(elsewhere).exec(&db).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::Immutable), "the order of a line");
    assert_eq!(
        refusal(&stored.clone().delete(&db).await.unwrap_err()),
        Some(Refusal::NotDraft)
    );
    let draft = payment_line::ActiveModel {
        status: Set(LineStatus::Draft),
        ..Default::default()
    };
    of_all.clone().set(draft.clone()).exec(&db).await.unwrap();

    let subject = ("pay_run", run.id);
    for what in [Act::Make, Act::Approve, Act::Release] {
        act(&db, subject, what, user(&db).await, (1, "d1")).await.unwrap();
    }
    let live = payment_line::ActiveModel {
        status: Set(LineStatus::Live),
        ..Default::default()
    };
    of_all.clone().set(live).exec(&db).await.unwrap();
    let mut released = run.into_active_model();
    released.status = Set(PayRunStatus::Released);
    released.update(&db).await.unwrap();
    let error = of_all.set(draft).exec(&db).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::NotDraft), "a line of a released run");
}
