//! Money and law move only on the acts of different people.

use entity::enums::*;
use entity::{arrears, instrument, instrument_revision, pay_run, pay_run_maker, payment_line};
use migration::{Refusal, refusal};
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, IntoActiveModel, Set, SqlErr};

use crate::history::line;
use crate::support;
use crate::support::{act, id, migrated, user};

/// Gives the run a status.
async fn becomes(db: &DatabaseConnection, run: &pay_run::Model, status: PayRunStatus) -> Result<(), Option<Refusal>> {
    let mut run = run.clone().into_active_model();
    run.status = Set(status);
    run.update(db).await.map(drop).map_err(|error| refusal(&error))
}

async fn publish(db: &DatabaseConnection, instrument: instrument::Model) -> Result<instrument::Model, DbErr> {
    let mut instrument = instrument.into_active_model();
    instrument.status = Set(InstrumentStatus::Published);
    instrument.update(db).await
}

#[tokio::test]
async fn a_run_needs_a_maker_a_checker_and_a_releaser() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let (maker, checker, releaser) = (user(&db).await, user(&db).await, user(&db).await);
    let subject = ("pay_run", run.id);
    let refused = Err(Some(Refusal::NotApproved));

    assert_eq!(
        becomes(&db, &run, PayRunStatus::Approved).await,
        refused,
        "nobody acted"
    );
    act(&db, subject, Act::Make, maker, (1, "d1")).await.unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, refused, "only made");
    act(&db, subject, Act::Approve, checker, (1, "d1")).await.unwrap();
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Released).await,
        refused,
        "not released by anybody"
    );
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, Ok(()));
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Settling).await,
        refused,
        "a way around the release"
    );
    act(&db, subject, Act::Release, releaser, (1, "d1")).await.unwrap();
    for status in [PayRunStatus::Released, PayRunStatus::Settling, PayRunStatus::Closed] {
        assert_eq!(becomes(&db, &run, status).await, Ok(()));
    }
}

#[tokio::test]
async fn a_run_is_not_released_while_what_it_pays_waits_as_arrears() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let subject = ("pay_run", run.id);
    for own in [Act::Make, Act::Approve, Act::Release] {
        act(&db, subject, own, user(&db).await, (1, "d1")).await.unwrap();
    }
    let paid = line(run.id);
    let waiting = arrears::Model {
        id: id(),
        entitlement_id: paid.entitlement_id,
        person_id: paid.person_id,
        component: paid.component.clone(),
        cover_month: paid.cover_month,
        determination_id: id(),
        amount: 500_000,
        group_code: paid.group_code.clone(),
        provision: paid.provision.clone(),
        kind: ArrearsKind::Arrears,
        status: ArrearsStatus::Pending,
        created_at: support::noon(),
    };
    let waiting = waiting.into_active_model().reset_all().insert(&db).await.unwrap();
    paid.into_active_model().reset_all().insert(&db).await.unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, Ok(()));
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Released).await,
        Err(Some(Refusal::OwedTwice))
    );
    let mut done = waiting.into_active_model();
    done.status = Set(ArrearsStatus::Cancelled);
    done.update(&db).await.unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Released).await, Ok(()));
}

#[tokio::test]
async fn arrears_paid_again_are_made_up_for_anew_once_that_is_cancelled_too() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let subject = ("pay_run", run.id);
    for own in [Act::Make, Act::Approve, Act::Release] {
        act(&db, subject, own, user(&db).await, (1, "d1")).await.unwrap();
    }
    let of = |kind: LineKind, status: LineStatus, sequence: i32, root: &payment_line::Model| payment_line::Model {
        id: id(),
        pay_run_id: id(),
        kind,
        status,
        sequence,
        ..root.clone()
    };
    let stored = async |line: payment_line::Model| line.into_active_model().reset_all().insert(&db).await;
    let root = line(run.id);
    let root = of(LineKind::Arrears, LineStatus::Reissued, 1, &root);
    stored(root.clone()).await.unwrap();
    let again = of(LineKind::Reissue, LineStatus::Draft, 2, &root);
    let again = stored(again).await.unwrap();
    let anew = payment_line::Model {
        pay_run_id: run.id,
        ..of(LineKind::Arrears, LineStatus::Draft, 1, &root)
    };
    stored(anew.clone()).await.unwrap();
    let twice = stored(of(LineKind::Arrears, LineStatus::Draft, 1, &root)).await;
    assert!(
        matches!(twice.unwrap_err().sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
        "one at a time"
    );
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, Ok(()));
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Released).await,
        Err(Some(Refusal::OwedTwice)),
        "the reissue of the same arrears stands"
    );
    let mut gone = again.into_active_model();
    gone.status = Set(LineStatus::Cancelled);
    gone.update(&db).await.unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Released).await, Ok(()));
}

#[tokio::test]
async fn a_run_is_approved_by_as_many_people_as_it_needs() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let mut fewer = run.clone().into_active_model();
    fewer.approvals = Set(2);
    let error = fewer.clone().update(&db).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::Immutable), "while anybody may sign");
    fewer.status = Set(PayRunStatus::Draft);
    let run = fewer.update(&db).await.unwrap();
    let subject = ("pay_run", run.id);
    act(&db, subject, Act::Make, user(&db).await, (1, "d1")).await.unwrap();
    let refused = Err(Some(Refusal::NotApproved));
    act(&db, subject, Act::Approve, user(&db).await, (1, "d1"))
        .await
        .unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, refused, "one of two");
    act(&db, subject, Act::Approve, user(&db).await, (1, "d2"))
        .await
        .unwrap();
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Approved).await,
        refused,
        "the second approved something else"
    );
    act(&db, subject, Act::Approve, user(&db).await, (1, "d1"))
        .await
        .unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, Ok(()));
}

#[tokio::test]
async fn an_approval_of_other_content_counts_for_nothing() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let subject = ("pay_run", run.id);
    act(&db, subject, Act::Make, user(&db).await, (1, "d1")).await.unwrap();
    act(&db, subject, Act::Approve, user(&db).await, (1, "other"))
        .await
        .unwrap();
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Approved).await,
        Err(Some(Refusal::NotApproved))
    );
}

#[tokio::test]
async fn an_approved_run_whose_lines_change_is_approved_no_more() {
    let db = migrated().await;
    let mut run = support::run(&db).await;
    let subject = ("pay_run", run.id);
    act(&db, subject, Act::Make, user(&db).await, (1, "d1")).await.unwrap();
    act(&db, subject, Act::Check, user(&db).await, (1, "d1")).await.unwrap();
    becomes(&db, &run, PayRunStatus::Approved).await.unwrap();

    let mut changed = run.clone().into_active_model();
    changed.digest = Set(Some("d2".to_owned()));
    let error = changed.clone().update(&db).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::NotApproved));
    changed.status = Set(PayRunStatus::Draft);
    changed.revision = Set(2);
    run = changed.update(&db).await.unwrap();
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Approved).await,
        Err(Some(Refusal::NotApproved))
    );
}

#[tokio::test]
async fn a_run_is_not_born_approved() {
    let db = migrated().await;
    let mut run = support::run(&db).await;
    run.id = id();
    run.sequence = 2;
    run.status = PayRunStatus::Released;
    let error = run.into_active_model().reset_all().insert(&db).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::NotApproved));
}

#[tokio::test]
async fn one_person_acts_once_on_a_revision() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let (one, other) = (user(&db).await, user(&db).await);
    let subject = ("pay_run", run.id);
    act(&db, subject, Act::Make, one, (1, "d1")).await.unwrap();
    for (what, who) in [(Act::Approve, one), (Act::Make, other)] {
        let error = act(&db, subject, what, who, (1, "d1")).await.unwrap_err();
        assert!(
            matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))),
            "{error}"
        );
    }
    act(&db, subject, Act::Approve, one, (2, "d2")).await.unwrap();
}

#[tokio::test]
async fn a_maker_of_a_run_signs_it_as_nothing_else() {
    let db = migrated().await;
    let run = support::run(&db).await;
    let (submitter, builder, checker) = (user(&db).await, user(&db).await, user(&db).await);
    let subject = ("pay_run", run.id);
    let makes = async |who| {
        let maker = pay_run_maker::Model {
            pay_run_id: run.id,
            user_id: who,
            at: support::noon(),
        };
        maker.into_active_model().reset_all().insert(&db).await.unwrap();
    };
    makes(builder).await;
    act(&db, subject, Act::Make, submitter, (1, "d1")).await.unwrap();
    for what in [Act::Approve, Act::Check, Act::Release] {
        let error = act(&db, subject, what, builder, (1, "d1")).await.unwrap_err();
        assert_eq!(refusal(&error), Some(Refusal::NotApproved), "{error}");
    }
    act(&db, subject, Act::Approve, checker, (1, "d1")).await.unwrap();
    assert_eq!(becomes(&db, &run, PayRunStatus::Approved).await, Ok(()));
    makes(checker).await;
    assert_eq!(
        becomes(&db, &run, PayRunStatus::Approved).await,
        Err(Some(Refusal::NotApproved)),
        "who approved it made it too"
    );
}

#[tokio::test]
async fn law_drafted_here_is_published_by_two() {
    let db = migrated().await;
    let draft = support::instrument(&db, None).await;
    let subject = ("instrument", draft.id);
    let error = publish(&db, draft.clone()).await.unwrap_err();
    assert_eq!(refusal(&error), Some(Refusal::NotApproved));
    act(&db, subject, Act::Make, user(&db).await, (3, "b0d1"))
        .await
        .unwrap();
    act(&db, subject, Act::Approve, user(&db).await, (2, "b0d1"))
        .await
        .unwrap();
    let error = publish(&db, draft.clone()).await.unwrap_err();
    assert_eq!(
        refusal(&error),
        Some(Refusal::NotApproved),
        "an approval of an earlier revision"
    );
    act(&db, subject, Act::Approve, user(&db).await, (3, "b0d1"))
        .await
        .unwrap();
    publish(&db, draft).await.unwrap();
}

#[tokio::test]
async fn whoever_drafted_an_instrument_neither_approves_nor_publishes_it() {
    let db = migrated().await;
    let mut draft = support::instrument(&db, None).await.into_active_model();
    let (author, editor, submitter) = (user(&db).await, user(&db).await, user(&db).await);
    draft.drafted_by = Set(Some(editor));
    let draft = draft.update(&db).await.unwrap();
    let earlier = instrument_revision::ActiveModel {
        instrument_id: Set(draft.id),
        revision: Set(1),
        body: Set(serde_json::json!({"articles": []})),
        body_hash: Set("a0d1".to_owned()),
        drafted_by: Set(Some(author)),
        at: Set(draft.created_at),
    };
    earlier.insert(&db).await.unwrap();
    let subject = ("instrument", draft.id);
    act(&db, subject, Act::Make, submitter, (3, "b0d1")).await.unwrap();
    for drafter in [author, editor] {
        for kind in [Act::Approve, Act::Release] {
            let error = act(&db, subject, kind, drafter, (3, "b0d1")).await.unwrap_err();
            assert_eq!(refusal(&error), Some(Refusal::NotApproved));
        }
    }
    // Of another instrument they are no drafters.
    let other = support::instrument(&db, None).await;
    act(&db, ("instrument", other.id), Act::Approve, author, (3, "b0d1"))
        .await
        .unwrap();
    act(&db, subject, Act::Approve, user(&db).await, (3, "b0d1"))
        .await
        .unwrap();
    publish(&db, draft).await.unwrap();
}

#[tokio::test]
async fn law_of_the_catalogue_is_in_force_without_anybodys_act() {
    let db = migrated().await;
    let instrument = support::instrument(&db, Some(1)).await;
    publish(&db, instrument).await.unwrap();

    let mut draft = support::instrument(&db, None).await.into_active_model();
    draft.catalogue_order = Set(Some(2));
    draft.status = Set(InstrumentStatus::Published);
    assert!(
        refusal(&draft.update(&db).await.unwrap_err()).is_some(),
        "a draft that calls itself catalogue"
    );
}

#[tokio::test]
async fn published_law_is_not_edited() {
    let db = migrated().await;
    let instrument = support::instrument(&db, Some(1)).await;
    let mut instrument = publish(&db, instrument).await.unwrap().into_active_model();
    instrument.release_number = Set(Some(1));
    let mut instrument = instrument.update(&db).await.unwrap().into_active_model();
    instrument.body = Set(serde_json::json!({"articles": ["another"]}));
    assert_eq!(
        refusal(&instrument.update(&db).await.unwrap_err()),
        Some(Refusal::Immutable)
    );
}
