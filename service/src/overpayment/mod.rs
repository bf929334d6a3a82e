//! Overpayments: what was paid too much, and the road on which a part of it may be paid back.
//!
//! `detected -> classified -> not recoverable | below minimum | time-barred`, or `notice served -> heard -> proposed ->
//! decided` by a second person, then the appeal window, `enforceable -> recovering -> settled | waived | written off`.
//! A reassessment only ever detects; every step after that is somebody's act. Filing an appeal suspends everything.
//! Caps and periods are parameters of law ([`domain::overpayment::RecoveryParameter`]).

mod action;
mod appeal;
mod carried;
mod carrier;
mod cause;
mod decide;
pub(crate) mod deduction;
mod detect;
mod law;
mod money;
mod paper;
mod prepare;
mod recover;
mod step;
mod view;

pub use appeal::{FileAppeal, ResolveAppeal, appeal, resolve_appeal};
pub(crate) use carrier::Purse;
pub use decide::{CloseCase, ServeDecision, decide, make_enforceable, serve_decision, waive, write_off};
pub(crate) use detect::{Excess, recovered, replace};
pub use paper::{decision as print_decision, notice as print_notice};
pub use prepare::{Classify, Hear, MonthAmount, Months, ServeNotice, classify, hear, propose, serve_notice};
pub use recover::{Instalment, Plan, RecordRepayment, plan, record_repayment, settle};
pub(crate) use view::deductions_of;
pub use view::{
    AppealView, CaseSummary, CaseView, DeductionView, InstalmentView, ListOverpayments, OverpaymentMonthView,
    OverpaymentStepView, RecoveryView, get, list,
};

use entity::{overpayment_case, overpayment_month, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::Scope;
use crate::app::App;
use crate::error::Error;
use crate::person::within_scope;

/// The fund that repayments are told with where no fund of this installation had paid the month.
pub(crate) const FUND: &str = "social_assistance";

/// The subject of a case in approvals and the audit trail; triggers of the database know it too.
pub(crate) fn subject(id: Uuid) -> String {
    format!("overpayment_case:{}", id.simple())
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
