//! Overpayments: what was paid too much, and the road on which a part of it may be paid back.
//!
//! `detected -> classified -> not recoverable | below minimum | time-barred`, or `notice served -> heard -> proposed ->
//! decided` by a second person, then the appeal window, `enforceable -> recovering -> settled | waived | written off`.
//! A reassessment only ever detects; every step after that is somebody's act. Filing an appeal suspends everything.
//! Caps and periods are parameters of law ([`domain::overpayment::RecoveryParameter`]).

mod action;
mod appeal;
mod cause;
mod decide;
mod detect;
mod law;
mod prepare;
mod recover;
mod view;

pub use appeal::{FileAppeal, ResolveAppeal, appeal, resolve_appeal};
pub use decide::{CloseCase, ServeDecision, decide, make_enforceable, serve_decision, waive, write_off};
pub(crate) use detect::{Excess, recovered, replace};
pub use prepare::{Classify, Hear, MonthAmount, Months, ServeNotice, classify, hear, propose, serve_notice};
pub use recover::{Instalment, Plan, RecordRepayment, plan, record_repayment, settle};
pub use view::{
    AppealView, CaseSummary, CaseView, EventView, InstalmentView, ListOverpayments, MonthView, RecoveryView, get, list,
};

use entity::enums::CaseStatus;
use entity::{overpayment_case, overpayment_event, overpayment_month, person};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::overpayment::action::Action;
use crate::person::within_scope;

/// The fund from which monthly benefits were paid, and to which repayments return.
pub(crate) const FUND: &str = "social_assistance";

/// The subject of a case in approvals and the audit trail; triggers of the database know it too.
pub(crate) fn subject(id: Uuid) -> String {
    format!("overpayment_case:{}", id.simple())
}

/// A case with its months, read for a change.
#[derive(Clone, Debug)]
struct Case {
    row: overpayment_case::Model,
    months: Vec<overpayment_month::Model>,
}

impl Case {
    /// What is decided and not yet paid back, đồng.
    fn open(&self) -> i64 {
        self.months.iter().map(open_of).sum()
    }

    fn recovered(&self) -> i64 {
        self.months.iter().map(|month| month.recovered).sum()
    }
}

/// What is decided of a month and not yet paid back, đồng.
fn open_of(month: &overpayment_month::Model) -> i64 {
    month.decided.unwrap_or(0) - month.recovered
}

/// The cases of people inside a scope: by present residence.
fn scoped(scope: &Scope) -> sea_orm::Select<overpayment_case::Entity> {
    overpayment_case::Entity::find()
        .join(JoinType::InnerJoin, to_person())
        .filter(within_scope(scope))
}

fn to_person() -> RelationDef {
    overpayment_case::Entity::belongs_to(person::Entity)
        .from(overpayment_case::Column::PersonId)
        .to(person::Column::Id)
        .into()
}

/// The months of some cases, in order.
async fn months_of(conn: &impl ConnectionTrait, cases: &[Uuid]) -> Result<Vec<overpayment_month::Model>, Error> {
    let mut months = Vec::new();
    for chunk in cases.chunks(5_000) {
        let rows = overpayment_month::Entity::find()
            .filter(overpayment_month::Column::CaseId.is_in(chunk.iter().copied()))
            .order_by_asc(overpayment_month::Column::CoverMonth)
            .all(conn)
            .await?;
        months.extend(rows);
    }
    months.sort_by(|a, b| {
        (a.cover_month, a.entitlement_id, &a.component).cmp(&(b.cover_month, b.entitlement_id, &b.component))
    });
    Ok(months)
}

/// A case inside the scope, locked, at the version that was read and in a state in which `action` is possible.
async fn begin(txn: &Txn, scope: &Scope, id: Uuid, version: i64, action: Action) -> Result<Case, Error> {
    scoped(scope)
        .filter(overpayment_case::Column::Id.eq(id))
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    let row = overpayment_case::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)?;
    if row.version != version {
        return Err(Error::because(
            ProblemCode::Stale,
            format!("Hồ sơ chi thừa đã ở phiên bản {}", row.version),
            format!("the case is at version {}", row.version),
        ));
    }
    action.expect(row.status)?;
    let months = months_of(txn.conn(), &[id]).await?;
    Ok(Case { row, months })
}

/// What a step says of itself.
struct Step<'a> {
    action: Action,
    to: CaseStatus,
    reason: Option<&'a str>,
    detail: Value,
}

/// Writes a changed case with its next version, its history row and its audit event.
async fn close(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    changed: overpayment_case::Model,
    step: Step<'_>,
) -> Result<overpayment_case::Model, Error> {
    let from = changed.status;
    let row = overpayment_case::Model {
        status: step.to,
        version: changed.version + 1,
        ..changed
    };
    row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    let at = app.clock.now();
    let event = overpayment_event::Model {
        case_id: row.id,
        sequence: row.version,
        action: step.action.code().to_owned(),
        from_status: Some(from),
        to_status: step.to,
        reason: step.reason.map(str::to_owned),
        actor: actor.name.clone(),
        user_id: actor.user_id,
        detail: step.detail.clone(),
        at,
    };
    txn.insert_all::<overpayment_event::Entity>(vec![event]).await?;
    let detail = json!({"from": from, "to": step.to, "reason": step.reason, "detail": step.detail});
    txn.audit(Event::new(at, actor, step.action.audited(), subject(row.id), detail));
    Ok(row)
}

/// Writes a changed month.
async fn save_month(txn: &Txn, month: overpayment_month::Model) -> Result<(), Error> {
    month.into_active_model().reset_all().update(txn.conn()).await?;
    Ok(())
}

/// What signatures bind to: each month with its amount and reason.
fn digest(months: &[overpayment_month::Model], amount: impl Fn(&overpayment_month::Model) -> Option<i64>) -> String {
    let content: Vec<Value> = months
        .iter()
        .map(|month| {
            json!({
                "entitlement": month.entitlement_id,
                "component": month.component,
                "cover_month": month.cover_month,
                "detected": month.detected,
                "amount": amount(month),
                "reason": month.reason,
            })
        })
        .collect();
    hex::encode(Sha256::digest(json!(content).to_string().as_bytes()))
}

/// Text that must say something.
fn said(text: &str, pointer: &str) -> Result<(), Error> {
    if text.trim().is_empty() {
        return Err(Error::field(
            pointer,
            "empty",
            "Không được để trống",
            "must not be empty",
        ));
    }
    Ok(())
}

/// A day that has come.
fn has_come(app: &App, day: chrono::NaiveDate, pointer: &str) -> Result<(), Error> {
    if day > app.clock.today() {
        return Err(Error::field(
            pointer,
            "in_the_future",
            "Ngày này chưa đến",
            "this day has not come yet",
        ));
    }
    Ok(())
}
