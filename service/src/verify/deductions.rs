//! What pay runs keep back for overpayments.

use std::collections::BTreeMap;

use entity::enums::{Build, DeductionStatus, LineKind, LineStatus, OrderStatus, PayRunStatus};
use entity::{
    overpayment_case, overpayment_deduction, overpayment_month, overpayment_recovery, pay_run, payment_line,
    payment_order,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::error::Error;
use crate::overpayment::deduction;
use crate::verify::Check;

/// Each deduction stands where its line does, and what moved for its case is what it says.
pub(super) async fn follow_their_lines(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deductions: each stands where its line does, and is paid back exactly once");
    let conn = app.db.read();
    let mut moved: BTreeMap<Uuid, i64> = BTreeMap::new();
    for row in overpayment_recovery::Entity::find()
        .filter(overpayment_recovery::Column::DeductionId.is_not_null())
        .all(conn)
        .await?
    {
        *moved.entry(row.deduction_id.unwrap_or_default()).or_insert(0) += row.amount;
    }
    for row in overpayment_deduction::Entity::find().all(conn).await? {
        let line = payment_line::Entity::find_by_id(row.line_id).one(conn).await?;
        let order = payment_order::Entity::find_by_id(row.order_id).one(conn).await?;
        let arrived = order.is_some_and(|order| matches!(order.status, OrderStatus::Settled | OrderStatus::Credited));
        let expected = match line.as_ref().map(|line| line.status) {
            Some(LineStatus::Draft) => Some(DeductionStatus::Draft),
            Some(LineStatus::Live) if arrived => Some(DeductionStatus::Settled),
            Some(LineStatus::Live) => Some(DeductionStatus::Taken),
            Some(LineStatus::Returned | LineStatus::Reissued | LineStatus::Cancelled) => {
                Some(DeductionStatus::GivenBack)
            }
            None => None,
        };
        check.look(expected == Some(row.status), || {
            format!(
                "deduction {}: {:?} of a line that says {expected:?}",
                row.id, row.status
            )
        });
        let kept = match row.status {
            DeductionStatus::Taken | DeductionStatus::Settled => row.amount,
            DeductionStatus::Draft | DeductionStatus::GivenBack => 0,
        };
        let paid_back = moved.remove(&row.id).unwrap_or(0);
        check.look(paid_back == kept, || {
            format!("deduction {}: {paid_back} moved against {kept}", row.id)
        });
        let case = overpayment_case::Entity::find_by_id(row.case_id).one(conn).await?;
        let own = case.is_some_and(|case| line.is_some_and(|line| line.person_id == case.person_id));
        check.look(own, || format!("deduction {} is of somebody else's line", row.id));
    }
    check.look(moved.is_empty(), || {
        "money moved for deductions that are not there".to_owned()
    });
    Ok(check)
}

/// No run keeps back more of a person's monthly lines than the law of its release allows.
pub(super) async fn keep_to_the_law(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deductions: no month gives more than the law's cap, nor what it protects");
    let conn = app.db.read();
    let mut by_run: BTreeMap<Uuid, BTreeMap<Uuid, i64>> = BTreeMap::new();
    for row in overpayment_deduction::Entity::find().all(conn).await? {
        *by_run
            .entry(row.pay_run_id)
            .or_default()
            .entry(row.line_id)
            .or_insert(0) += row.amount;
    }
    for (run_id, kept_back) in by_run {
        let Some(run) = pay_run::Entity::find_by_id(run_id).one(conn).await? else {
            continue;
        };
        if run.status == PayRunStatus::Cancelled {
            continue;
        }
        let people: Vec<Uuid> = payment_line::Entity::find()
            .filter(payment_line::Column::Id.is_in(kept_back.keys().copied()))
            .all(conn)
            .await?
            .into_iter()
            .map(|line| line.person_id)
            .collect();
        let lines = payment_line::Entity::find()
            .filter(payment_line::Column::PayRunId.eq(run_id))
            .filter(payment_line::Column::PersonId.is_in(people))
            .all(conn)
            .await?;
        let mut sums: BTreeMap<Uuid, (i64, i64)> = BTreeMap::new();
        for line in lines {
            let kept = kept_back.get(&line.id).copied().unwrap_or(0);
            let monthly = line.kind == LineKind::Regular && line.cover_month == run.cover_month;
            check.look(kept == 0 || (monthly && kept < line.amount), || {
                format!("line {}: {kept} kept back", line.id)
            });
            let sum = sums.entry(line.person_id).or_insert((0, 0));
            sum.0 += if monthly { line.amount } else { 0 };
            sum.1 += kept;
        }
        for (person, (monthly, kept)) in sums {
            let most = deduction::ceiling(app, &run, monthly).await?;
            check.look(kept <= most, || {
                format!("run {run_id}: {kept} kept back from person {person}, {most} allowed")
            });
        }
    }
    Ok(check)
}

/// All runs together are about to keep back no more of a case than is open of it.
pub(super) async fn never_exceed_what_is_open(app: &App) -> Result<Check, Error> {
    let mut check = Check::new("deductions: what runs are about to keep back of a case is open still");
    let conn = app.db.read();
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let runs = pay_run::Entity::find()
        .filter(pay_run::Column::Build.eq(Build::Done))
        .filter(pay_run::Column::Status.is_in(open))
        .all(conn)
        .await?;
    let mut drafted: BTreeMap<Uuid, i64> = BTreeMap::new();
    for run in runs {
        let rows = overpayment_deduction::Entity::find()
            .filter(overpayment_deduction::Column::PayRunId.eq(run.id))
            .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
            .all(conn)
            .await?;
        for row in rows {
            *drafted.entry(row.case_id).or_insert(0) += row.amount;
        }
    }
    for (case, amount) in drafted {
        let months = overpayment_month::Entity::find()
            .filter(overpayment_month::Column::CaseId.eq(case))
            .all(conn)
            .await?;
        let open: i64 = months
            .iter()
            .map(|month| month.decided.unwrap_or(0) - month.recovered)
            .sum();
        check.look(amount <= open, || {
            format!("case {case}: {amount} would be kept back of {open} that are open")
        });
    }
    Ok(check)
}
