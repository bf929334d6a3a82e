//! An order says for ever whom it pays, and leaves the house with its run; what was approved of a run stays with it.

use entity::enums::*;
use entity::{pay_run, pay_run_plan, pay_run_step, payment_order, payment_order_event, recall};
use migration::{Refusal, refusal};
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, ModelTrait, Set};

use crate::history::only_grows;
use crate::support::{act, day, id, migrated, noon, run, user};

/// An order of a run, as it waits for its release.
async fn waiting(db: &DatabaseConnection, run: &pay_run::Model) -> payment_order::Model {
    let order = payment_order::Model {
        id: id(),
        pay_run_id: run.id,
        payee_account_id: id(),
        reference: "AS2507000001".to_owned(),
        uetr: id(),
        channel: Channel::BankTransfer,
        bank_code: Some("AGRIBANK".to_owned()),
        account_number: "8000205123456".to_owned(),
        name: "NGUYEN THI HOA".to_owned(),
        holder_name: "Nguyễn Thị Hoa".to_owned(),
        amount: 500_000,
        line_count: 1,
        area_id: "06652@2025-07".to_owned(),
        file_id: None,
        reissue_of: None,
        status: OrderStatus::Approved,
        reason: None,
        bank_reference: None,
        version: 1,
        beneficiary_code: None,
        beneficiary_name: None,
        purpose: None,
    };
    order.into_active_model().reset_all().insert(db).await.unwrap()
}

#[tokio::test]
async fn an_order_keeps_whom_it_pays_and_how_much() {
    let db = migrated().await;
    let run = run(&db).await;
    waiting(&db, &run).await;
    let all = payment_order::Entity::update_many();
    let edits = [
        payment_order::ActiveModel {
            amount: Set(500_001),
            ..Default::default()
        },
        payment_order::ActiveModel {
            beneficiary_code: Set(Some("NH-0000000000".to_owned())),
            ..Default::default()
        },
        payment_order::ActiveModel {
            reference: Set("AS2507000002".to_owned()),
            ..Default::default()
        },
        payment_order::ActiveModel {
            uetr: Set(id()),
            ..Default::default()
        },
        payment_order::ActiveModel {
            account_number: Set("1".to_owned()),
            ..Default::default()
        },
    ];
    for edit in edits {
        assert_eq!(
            refusal(&all.clone().set(edit).exec(&db).await.unwrap_err()),
            Some(Refusal::Immutable)
        );
    }
}

#[tokio::test]
async fn an_order_leaves_with_its_run() {
    let db = migrated().await;
    let run = run(&db).await;
    let stored = waiting(&db, &run).await;
    let all = payment_order::Entity::update_many();
    let sent = payment_order::ActiveModel {
        status: Set(OrderStatus::Extracted),
        file_id: Set(Some(id())),
        ..Default::default()
    };
    let early = all.clone().set(sent.clone()).exec(&db).await.unwrap_err();
    assert_eq!(refusal(&early), Some(Refusal::NotApproved), "its run is not released");
    let gone = payment_order::ActiveModel {
        id: Set(id()),
        reference: Set("AS2507000003".to_owned()),
        uetr: Set(id()),
        status: Set(OrderStatus::Extracted),
        ..stored.clone().into_active_model().reset_all()
    };
    let gone = gone.insert(&db).await.unwrap_err();
    assert_eq!(refusal(&gone), Some(Refusal::NotApproved), "an order that never waited");
    let step = pay_run_step::ActiveModel {
        pay_run_id: Set(run.id),
        sequence: Set(2),
        from_status: Set(Some(OrderStatus::Approved)),
        to_status: Set(OrderStatus::Extracted),
        source: Set("pay_run:1".to_owned()),
        at: Set(noon()),
    };
    for what in [Act::Make, Act::Approve] {
        act(&db, ("pay_run", run.id), what, user(&db).await, (1, "d1"))
            .await
            .unwrap();
    }
    let unsigned = step.clone().insert(&db).await.unwrap_err();
    assert_eq!(refusal(&unsigned), Some(Refusal::NotApproved), "nobody released it");
    act(&db, ("pay_run", run.id), Act::Release, user(&db).await, (1, "d1"))
        .await
        .unwrap();
    step.insert(&db).await.unwrap();
    all.set(sent).exec(&db).await.unwrap();
    let event = payment_order_event::ActiveModel {
        order_id: Set(stored.id),
        sequence: Set(1),
        from_status: Set(Some(OrderStatus::Approved)),
        to_status: Set(OrderStatus::Extracted),
        reason: Set(None),
        source: Set("pay_run:1".to_owned()),
        at: Set(noon()),
    };
    event.insert(&db).await.unwrap();
    only_grows(&db, "payment_order_event", "source").await;
    assert_eq!(refusal(&stored.delete(&db).await.unwrap_err()), Some(Refusal::NotDraft));
}

#[tokio::test]
async fn a_plan_that_was_approved_goes_with_a_draft_alone() {
    let db = migrated().await;
    let run = run(&db).await;
    let plan = pay_run_plan::Model {
        pay_run_id: run.id,
        revision: 1,
        digest: "d1".to_owned(),
        order_count: 1,
        orders: "o1".to_owned(),
        files: "[]".to_owned(),
        approved: None,
    };
    let sealed = pay_run_plan::Model {
        approved: Some("s1".to_owned()),
        ..plan.clone()
    };
    let early = sealed.into_active_model().reset_all().insert(&db).await.unwrap_err();
    assert_eq!(refusal(&early), Some(Refusal::NotApproved));
    let stored = plan.clone().into_active_model().reset_all().insert(&db).await.unwrap();
    // Made anew before the approval.
    stored.delete(&db).await.unwrap();
    let stored = plan.into_active_model().reset_all().insert(&db).await.unwrap();
    let all = pay_run_plan::Entity::update_many();
    let seal = pay_run_plan::ActiveModel {
        approved: Set(Some("s1".to_owned())),
        ..Default::default()
    };
    let early = all.clone().set(seal.clone()).exec(&db).await.unwrap_err();
    assert_eq!(refusal(&early), Some(Refusal::NotApproved), "nobody approved it");
    for what in [Act::Make, Act::Approve] {
        act(&db, ("pay_run", run.id), what, user(&db).await, (1, "d1"))
            .await
            .unwrap();
    }
    all.clone().set(seal).exec(&db).await.unwrap();
    let edits = [
        pay_run_plan::ActiveModel {
            approved: Set(None),
            ..Default::default()
        },
        pay_run_plan::ActiveModel {
            revision: Set(2),
            ..Default::default()
        },
        pay_run_plan::ActiveModel {
            orders: Set("o2".to_owned()),
            ..Default::default()
        },
    ];
    for edit in edits {
        let error = all.clone().set(edit).exec(&db).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::Immutable));
    }
    let is = async |status: PayRunStatus| {
        let own = pay_run::ActiveModel {
            status: Set(status),
            ..Default::default()
        };
        pay_run::Entity::update_many().set(own).exec(&db).await.unwrap();
    };
    for status in [PayRunStatus::Submitted, PayRunStatus::Approved] {
        is(status).await;
        let error = stored.clone().delete(&db).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::NotDraft), "{status:?}");
    }
    is(PayRunStatus::Draft).await;
    let deleted = stored.delete(&db).await.unwrap();
    assert_eq!(deleted.rows_affected, 1, "where it may go, it goes");
}

#[tokio::test]
async fn no_letter_leaves_of_a_recall_that_two_people_have_not_agreed_on() {
    let db = migrated().await;
    let run = run(&db).await;
    let order = waiting(&db, &run).await;
    let asked = recall::Model {
        id: id(),
        order_id: order.id,
        sequence: 1,
        reason: RecallReason::Cust,
        note: "Người nhận đã chuyển đi".to_owned(),
        status: ProposalStatus::Proposed,
        proposed_by: id(),
        proposed_at: noon(),
        decided_by: None,
        decided_at: None,
        decision_note: None,
        message_id: None,
        answer: None,
        answer_reason: None,
        answered_at: None,
        letter_sent_on: None,
        letter_number: None,
    };
    asked.clone().into_active_model().reset_all().insert(&db).await.unwrap();
    let store = async |row: recall::Model| row.into_active_model().reset_all().update(&db).await;
    let sent = recall::Model {
        letter_sent_on: Some(day()),
        ..asked.clone()
    };
    let early = store(sent.clone()).await.unwrap_err();
    assert_eq!(refusal(&early), Some(Refusal::NotApproved));
    let agreed = recall::Model {
        status: ProposalStatus::Accepted,
        decided_by: Some(id()),
        decided_at: Some(noon()),
        message_id: Some("AS-1".to_owned()),
        ..asked
    };
    store(agreed.clone()).await.unwrap();
    let numbered = recall::Model {
        letter_number: Some("125/TT-BTXH".to_owned()),
        ..agreed.clone()
    };
    let unsent = store(numbered).await.unwrap_err();
    assert_eq!(refusal(&unsent), Some(Refusal::NotApproved), "a number and no day");
    let sent = recall::Model {
        letter_sent_on: Some(day()),
        ..agreed
    };
    store(sent).await.unwrap();
}
