//! Other runs that keep back for a case of which one instalment was just taken, or came back.
//!
//! Each run was built beside the others: it keeps back nothing that another one does. So the release of one of them
//! changes nothing of what the rest may keep back, and what people have signed of them stands. What no longer fits, of
//! what is open of the case, of what its plan asks for by the run's month and of what the run's own fund had paid of it,
//! goes back to its maker.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use domain::overpayment::due_by;
use entity::enums::{Build, CaseStatus, DeductionStatus, PayRunStatus};
use entity::{overpayment_case, overpayment_deduction};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::overpayment::carried::Carried;
use crate::overpayment::deduction::due::plans;
use crate::overpayment::{months_of, open_of};
use crate::pay_run;

/// The runs in which what they keep back for the case still holds, as the case is now; their deductions say so. Those
/// that more people have signed come first, then the earlier months. Unreleased runs and the case are locked.
pub(in crate::overpayment) async fn go_on(txn: &Txn, case: &overpayment_case::Model) -> Result<BTreeSet<Uuid>, Error> {
    let mut standing = BTreeSet::new();
    if !matches!(case.status, CaseStatus::Enforceable | CaseStatus::Recovering) {
        return Ok(standing);
    }
    let mut by_run: BTreeMap<Uuid, Vec<overpayment_deduction::Model>> = BTreeMap::new();
    for row in drafts(txn, case).await? {
        by_run.entry(row.pay_run_id).or_default().push(row);
    }
    if by_run.is_empty() {
        return Ok(standing);
    }
    let open = [PayRunStatus::Draft, PayRunStatus::Submitted, PayRunStatus::Approved];
    let mut runs = entity::pay_run::Entity::find()
        .filter(entity::pay_run::Column::Id.is_in(by_run.keys().copied()))
        .filter(entity::pay_run::Column::Build.eq(Build::Done))
        .filter(entity::pay_run::Column::Status.is_in(open))
        .all(txn.conn())
        .await?;
    runs.sort_by_key(|run| (Reverse(run.status), run.cover_month, run.sequence, run.id));
    let months = months_of(txn.conn(), &[case.id]).await?;
    let carried = Carried::load(txn.conn(), &months.iter().collect::<Vec<_>>()).await?;
    let mut plans = plans(txn.conn(), std::slice::from_ref(case)).await?;
    let plan = plans.remove(&case.id).unwrap_or_default();
    let recovered: i64 = months.iter().map(|month| month.recovered).sum();
    let open: i64 = months.iter().map(open_of).sum();
    let due = |month: Month| due_by(&plan, month, recovered - case.recovered_before_plan, open);
    let reached = last_month(txn, case.id).await?;
    let mut left = open;
    let mut by_month: BTreeMap<Month, i64> = BTreeMap::new();
    let mut shares: BTreeMap<String, i64> = BTreeMap::new();
    for run in runs {
        let rows = by_run.remove(&run.id).unwrap_or_default();
        let amount: i64 = rows.iter().map(|row| row.amount).sum();
        let fund = pay_run::fund_code(&run);
        let share = shares
            .entry(fund.to_owned())
            .or_insert_with(|| months.iter().map(|month| carried.share_of(month, fund)).sum());
        // What a later month has kept back already was of the instalments up to that month.
        let own = pay_run::cover_month(&run)?;
        let mut with = by_month.clone();
        *with.entry(reached.map_or(own, |last| last.max(own))).or_insert(0) += amount;
        // A row that rests on an older version was not reckoned beside what was taken meanwhile.
        let known = rows.iter().all(|row| row.case_version + 1 == case.version);
        if known && amount <= left && amount <= *share && within(&with, due) {
            by_month = with;
            left -= amount;
            *share -= amount;
            restate(txn, rows, case.version).await?;
            standing.insert(run.id);
        }
    }
    Ok(standing)
}

/// Is what is kept back up to each month due by then?
fn within(by_month: &BTreeMap<Month, i64>, due: impl Fn(Month) -> i64) -> bool {
    let mut sum = 0;
    by_month.iter().all(|(month, amount)| {
        sum += amount;
        sum <= due(*month)
    })
}

/// The last month whose run has kept something back for the case that has not come back.
async fn last_month(txn: &Txn, case: Uuid) -> Result<Option<Month>, Error> {
    use overpayment_deduction::Column as C;
    let of_run = overpayment_deduction::Entity::belongs_to(entity::pay_run::Entity)
        .from(C::PayRunId)
        .to(entity::pay_run::Column::Id);
    let months: Vec<i32> = overpayment_deduction::Entity::find()
        .select_only()
        .column(entity::pay_run::Column::CoverMonth)
        .join(JoinType::InnerJoin, of_run.into())
        .filter(C::CaseId.eq(case))
        .filter(C::Status.is_in([DeductionStatus::Taken, DeductionStatus::Settled]))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let last = months.into_iter().max().map(Month::from_yyyymm);
    last.transpose().map_err(Error::internal)
}

async fn drafts(txn: &Txn, case: &overpayment_case::Model) -> Result<Vec<overpayment_deduction::Model>, Error> {
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::CaseId.eq(case.id))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .all(txn.conn())
        .await?;
    Ok(rows)
}

/// Writes the same deductions as of a version of their case. No column of a deduction changes: a draft is replaced, and
/// the database looks at it as it looks at a new one.
async fn restate(txn: &Txn, rows: Vec<overpayment_deduction::Model>, case_version: i64) -> Result<(), Error> {
    overpayment_deduction::Entity::delete_many()
        .filter(overpayment_deduction::Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(txn.conn())
        .await?;
    let rows = rows
        .into_iter()
        .map(|row| overpayment_deduction::Model { case_version, ..row });
    txn.insert_all::<overpayment_deduction::Entity>(rows.collect()).await
}
