//! One step on the road of a case: read and locked, changed, and written with its history and audit event.

use std::collections::BTreeSet;

use entity::enums::CaseStatus;
use entity::{overpayment_case, overpayment_event, overpayment_month};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::overpayment::action::Action;
use crate::overpayment::deduction::CASE;
use crate::overpayment::view::{CaseView, view};
use crate::overpayment::{deduction, months_of, open_of, scoped, subject};
use crate::{fund, pay_run};

/// A case with its months, read for a change.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) row: overpayment_case::Model,
    pub(super) months: Vec<overpayment_month::Model>,
}

impl Case {
    /// What is decided and not yet paid back, đồng.
    pub(super) fn open(&self) -> i64 {
        self.months.iter().map(open_of).sum()
    }

    pub(super) fn recovered(&self) -> i64 {
        self.months.iter().map(|month| month.recovered).sum()
    }
}

/// What a step makes of a case.
pub(super) struct Change {
    /// The case as it is now; status and version are still those before.
    pub(super) row: overpayment_case::Model,
    /// Its state after the step.
    pub(super) to: CaseStatus,
    /// The reason or proof that was given.
    pub(super) reason: Option<String>,
    /// What else is recorded.
    pub(super) detail: Value,
    /// Is it an instalment that was taken or came back? Other runs go on keeping back for the case what they may.
    instalment: bool,
}

impl Change {
    pub(super) const fn new(row: overpayment_case::Model, to: CaseStatus, detail: Value) -> Self {
        Self {
            row,
            to,
            reason: None,
            detail,
            instalment: false,
        }
    }

    /// The step of one instalment.
    pub(super) fn of_instalment(self) -> Self {
        Self {
            instalment: true,
            ..self
        }
    }

    pub(super) fn because(self, reason: &str) -> Self {
        Self {
            reason: Some(reason.to_owned()),
            ..self
        }
    }
}

/// Takes a step: `change` gets the case at the version that was read, and the person who acts.
pub(super) async fn step(
    app: &App,
    actor: &Actor,
    (id, version): (Uuid, i64),
    action: Action,
    change: impl AsyncFnOnce(&Txn, Case, Uuid) -> Result<Change, Error>,
) -> Result<CaseView, Error> {
    let scope = actor.require(action.permission())?;
    let person = actor.person()?;
    let row = app
        .db
        .write(async |txn| {
            let case = begin(txn, &scope, (id, version), action).await?;
            let change = change(txn, case, person).await?;
            record(app, txn, actor, (action.code(), action.audited()), change).await
        })
        .await?;
    view(app, actor, row).await
}

/// A case inside the scope, locked, at the version that was read and in a state in which `action` is possible. Pay runs
/// that may hold deductions of it are locked first, in the order in which releases and reassessments lock.
async fn begin(txn: &Txn, scope: &Scope, (id, version): (Uuid, i64), action: Action) -> Result<Case, Error> {
    scoped(scope)
        .filter(overpayment_case::Column::Id.eq(id))
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    pay_run::lock_unreleased(txn).await?;
    let case = locked(txn, id).await?;
    if case.row.version != version {
        return Err(Error::because(
            ProblemCode::Stale,
            format!("Hồ sơ chi thừa đã ở phiên bản {}", case.row.version),
            format!("the case is at version {}", case.row.version),
        ));
    }
    action.expect(case.row.status)?;
    if action.moves_money() {
        // It returns to the funds that had paid, and runs of any fund may go back to draft.
        fund::lock_all(txn).await?;
    }
    Ok(case)
}

/// A case, locked until the transaction ends.
pub(super) async fn locked(txn: &Txn, id: Uuid) -> Result<Case, Error> {
    let row = overpayment_case::Entity::find_by_id(id)
        .lock(CASE)
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    let months = months_of(txn.conn(), &[id]).await?;
    Ok(Case { row, months })
}

/// Writes a changed case with its next version, its history row and its audit event. A pay run that was built on the
/// case as it was goes back to draft and says so: an appeal stops what is not yet released. An instalment that another run
/// took, or that came back, changes nothing of what a run keeps back where that is still open: such a run stands.
pub(super) async fn record(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    (action, audited): (&str, &'static str),
    change: Change,
) -> Result<overpayment_case::Model, Error> {
    let Change {
        row,
        to,
        reason,
        detail,
        instalment,
    } = change;
    let from = row.status;
    let row = overpayment_case::Model {
        status: to,
        version: row.version + 1,
        ..row
    };
    row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    let at = app.clock.now();
    let event = overpayment_event::Model {
        case_id: row.id,
        sequence: row.version,
        action: action.to_owned(),
        from_status: Some(from),
        to_status: to,
        reason: reason.clone(),
        actor: actor.name.clone(),
        user_id: actor.user_id,
        detail: detail.clone(),
        at,
    };
    txn.insert_all::<overpayment_event::Entity>(vec![event]).await?;
    let told = json!({"from": from, "to": to, "reason": reason, "detail": detail});
    txn.audit(Event::new(at, actor, audited, subject(row.id), told));
    let standing = if instalment {
        deduction::go_on(txn, &row).await?
    } else {
        BTreeSet::new()
    };
    pay_run::void_deducting(app, txn, row.id, &standing).await?;
    Ok(row)
}

/// Writes a changed month.
pub(super) async fn save_month(txn: &Txn, month: overpayment_month::Model) -> Result<(), Error> {
    month.into_active_model().reset_all().update(txn.conn()).await?;
    Ok(())
}
