//! The bank's answers: the rest of a line arrived, or the line came back and its instalment is due again.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{CaseStatus, DeductionStatus};
use entity::{overpayment_case, overpayment_deduction, overpayment_month, overpayment_recovery};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::overpayment::money::{Receipt, move_money};
use crate::overpayment::step::{Change, locked, record, save_month};
use crate::overpayment::{FUND, detect};

/// What the answers of a bank say of orders of some runs.
pub(crate) struct Answers {
    /// The runs that were answered.
    pub(crate) runs: BTreeSet<Uuid>,
    /// Orders whose money arrived.
    pub(crate) arrived: BTreeSet<Uuid>,
    /// Orders that were rejected or returned.
    pub(crate) came_back: BTreeSet<Uuid>,
    /// Orders that had come back, and that two people found paid.
    pub(crate) overruled: BTreeSet<Uuid>,
}

/// Lets deductions follow their orders. Runs, cases and funds are locked ([`super::lock_runs_for`], [`super::lock_for`]).
pub(crate) async fn follow(app: &App, txn: &Txn, actor: &Actor, answers: &Answers) -> Result<(), Error> {
    if answers.arrived.is_empty() && answers.came_back.is_empty() {
        return Ok(());
    }
    let standing = [DeductionStatus::Taken, DeductionStatus::Settled];
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::PayRunId.is_in(answers.runs.iter().copied()))
        .filter(overpayment_deduction::Column::Status.is_in(standing))
        .all(txn.conn())
        .await?;
    let settled = rows
        .iter()
        .filter(|row| row.status == DeductionStatus::Taken && answers.arrived.contains(&row.order_id));
    let settled: Vec<Uuid> = settled.map(|row| row.id).collect();
    put(txn, &settled, DeductionStatus::Settled).await?;
    let mut by_case: BTreeMap<Uuid, Vec<overpayment_deduction::Model>> = BTreeMap::new();
    for row in rows {
        if answers.came_back.contains(&row.order_id) {
            by_case.entry(row.case_id).or_default().push(row);
        }
    }
    for (case, own) in by_case {
        give_back(app, txn, actor, case, &own).await?;
    }
    Ok(())
}

pub(super) async fn put(txn: &Txn, ids: &[Uuid], status: DeductionStatus) -> Result<(), Error> {
    for chunk in ids.chunks(5_000) {
        overpayment_deduction::Entity::update_many()
            .col_expr(overpayment_deduction::Column::Status, Expr::value(status))
            .filter(overpayment_deduction::Column::Id.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// Undoes deductions of a case: the months are as open as before, whatever became of the case since. What was refunded
/// in money in the meantime can't be given back a second time; the history names it.
async fn give_back(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    id: Uuid,
    deductions: &[overpayment_deduction::Model],
) -> Result<(), Error> {
    let case = locked(txn, id).await?;
    let mut months = case.months;
    let (mut given_back, mut refunded) = (0, 0);
    for deduction in deductions {
        let taken = overpayment_recovery::Entity::find()
            .filter(overpayment_recovery::Column::DeductionId.eq(deduction.id))
            .filter(overpayment_recovery::Column::Amount.gt(0))
            .all(txn.conn())
            .await?;
        let of = |month: &overpayment_month::Model| {
            let own = taken.iter().filter(|row| {
                (row.entitlement_id, &row.component, row.cover_month)
                    == (month.entitlement_id, &month.component, month.cover_month)
            });
            own.map(|row| row.amount).sum::<i64>()
        };
        let parts: Vec<i64> = months.iter().map(|month| of(month).min(month.recovered)).collect();
        let sum: i64 = parts.iter().sum();
        given_back += sum;
        refunded += deduction.amount - sum;
        let fund = taken.first().map_or(FUND, |row| row.fund_code.as_str());
        let receipt = Receipt::deduction(app.clock.today(), &deduction.line_id.to_string(), deduction.id, fund);
        let moved = months.into_iter().zip(parts.iter().map(|part| -part)).collect();
        months = move_money(app, txn, &case.row, moved, &receipt).await?;
    }
    let superseded = case.row.status == CaseStatus::Superseded;
    for month in months {
        // A case that was about nothing claims nothing again.
        let detected = if superseded { month.recovered } else { month.detected };
        let decided = month.decided.map(|decided| decided.min(detected));
        save_month(
            txn,
            overpayment_month::Model {
                detected,
                decided,
                ..month
            },
        )
        .await?;
    }
    let ids: Vec<Uuid> = deductions.iter().map(|deduction| deduction.id).collect();
    put(txn, &ids, DeductionStatus::GivenBack).await?;
    let change = told(case.row, deductions, (given_back, refunded));
    let row = record(app, txn, actor, ("give_back", "overpayment.give_back"), change).await?;
    detect::adjust(app, txn, vec![row.person_id], BTreeMap::new()).await
}

/// A settled case is open again; every other stays where it is.
fn told(
    row: overpayment_case::Model,
    deductions: &[overpayment_deduction::Model],
    (given_back, refunded): (i64, i64),
) -> Change {
    let lines: Vec<Uuid> = deductions.iter().map(|deduction| deduction.line_id).collect();
    let detail = json!({"lines": lines, "given_back": given_back, "refunded_before": refunded});
    let to = match row.status {
        CaseStatus::Settled => CaseStatus::Recovering,
        status => status,
    };
    Change::new(row, to, detail).of_instalment()
}
