//! What pay runs keep back of a person's monthly money for cases whose decision stands.
//!
//! Plus and minus stay gross: a line is what the person has a right to, a deduction is what is kept back of it, and the
//! order pays the difference. A run keeps back only what its own fund had paid too much: its line is posted in full, and
//! what is kept back of it is that fund's own money. A deduction is `draft` in a run that may still be built anew, `taken`
//! at its release, `settled` when the rest of the line arrived, `given_back` when it came back: the instalment is then due
//! again. Only a case that is enforceable or recovering deducts; any step on its road sends an unreleased run back to draft,
//! and its maker reads which case it was. The one exception is an instalment that another run takes, or that comes back:
//! what a run keeps back stands as it was signed while all of it is open.

mod again;
mod back;
mod due;
mod follow;
mod go_on;
mod take;

use std::collections::BTreeMap;

use entity::enums::{CaseStatus, DeductionStatus};
use entity::{overpayment_case, overpayment_deduction, overpayment_instalment};
use sea_orm::sea_query::LockType;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

pub(crate) use self::again::take_again;
pub(crate) use self::back::gives_back;
pub(crate) use self::due::{Claims, Drafted, ceiling};
pub(crate) use self::follow::{Answers, follow};
pub(super) use self::go_on::go_on;
pub(crate) use self::take::take;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::{fund, pay_run};

/// How a case is locked for a change: a run that is being built, and keeps back for the case as it was before, does not wait
/// for it. That run is refused at its next step ([`require_standing`]).
pub(crate) const CASE: LockType = LockType::NoKeyUpdate;

/// What a run keeps back, in the order of lines and cases.
pub(crate) async fn of_run(
    conn: &impl ConnectionTrait,
    run: Uuid,
) -> Result<BTreeMap<Uuid, Vec<overpayment_deduction::Model>>, Error> {
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::PayRunId.eq(run))
        .order_by_asc(overpayment_deduction::Column::CaseId)
        .all(conn)
        .await?;
    let mut by_line: BTreeMap<Uuid, Vec<overpayment_deduction::Model>> = BTreeMap::new();
    for row in rows {
        by_line.entry(row.line_id).or_default().push(row);
    }
    Ok(by_line)
}

/// Refuses a run that keeps back for a case which is no longer as it was when the run was built.
pub(crate) async fn require_standing(txn: &Txn, run: Uuid) -> Result<(), Error> {
    let rows = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::PayRunId.eq(run))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .all(txn.conn())
        .await?;
    if rows.is_empty() {
        return Ok(());
    }
    let cases = overpayment_case::Entity::find()
        .filter(overpayment_case::Column::Id.is_in(rows.iter().map(|row| row.case_id)))
        .order_by_asc(overpayment_case::Column::Id)
        .lock(CASE)
        .all(txn.conn())
        .await?;
    let stands = |row: &overpayment_deduction::Model| {
        cases.iter().any(|case| {
            case.id == row.case_id
                && case.version == row.case_version
                && matches!(case.status, CaseStatus::Enforceable | CaseStatus::Recovering)
        })
    };
    if rows.iter().all(stands) {
        return Ok(());
    }
    Err(changed())
}

/// Is each case still at the version that its deduction, which a run is about to store, was reckoned from, and do other runs
/// keep back for it what they did then (`drafted`)? Until this transaction ends no other run stores what it keeps back for
/// these cases: of two that are built at once, one sees the other.
pub(crate) async fn are_current(
    txn: &Txn,
    run: Uuid,
    (rows, drafted): (&[overpayment_deduction::Model], &Drafted),
) -> Result<bool, Error> {
    let versions: BTreeMap<Uuid, i64> = rows.iter().map(|row| (row.case_id, row.case_version)).collect();
    let ids: Vec<Uuid> = versions.keys().copied().collect();
    for chunk in ids.chunks(5_000) {
        lock_plans(txn, chunk).await?;
        let now = due::drafted_elsewhere(txn.conn(), run, chunk).await?;
        if chunk.iter().any(|case| now.get(case) != drafted.get(case)) {
            return Ok(false);
        }
        let cases = overpayment_case::Entity::find()
            .filter(overpayment_case::Column::Id.is_in(chunk.iter().copied()))
            .all(txn.conn())
            .await?;
        if cases.iter().any(|case| versions.get(&case.id) != Some(&case.version)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Locks the plans of cases against who else stores what a run keeps back for them. A case itself may be in the hands of
/// somebody who waits for this run.
async fn lock_plans(txn: &Txn, cases: &[Uuid]) -> Result<(), Error> {
    use overpayment_instalment::Column as C;
    overpayment_instalment::Entity::find()
        .filter(C::CaseId.is_in(cases.iter().copied()))
        .order_by_asc(C::CaseId)
        .order_by_asc(C::Plan)
        .order_by_asc(C::DueMonth)
        .lock(LockType::NoKeyUpdate)
        .all(txn.conn())
        .await?;
    Ok(())
}

fn changed() -> Error {
    Error::because(
        ProblemCode::ContentChanged,
        "Hồ sơ thu hồi đã thay đổi sau khi lập danh sách; hãy lập lại",
        "a case that the run keeps back for has changed since; build the run again",
    )
}

/// Where a run keeps anything back, locks every fund before its own lines are posted: months are paid back to the funds
/// that had paid them, and other runs that keep back for the same cases go back to draft.
pub(crate) async fn lock_funds(txn: &Txn, run: Uuid) -> Result<(), Error> {
    let drafts = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::PayRunId.eq(run))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .count(txn.conn())
        .await?;
    if drafts > 0 {
        fund::lock_all(txn).await?;
    }
    Ok(())
}

/// Before the answers of a bank touch any order or line: locks the runs that may be sent back to draft, where the answers
/// send some back by themselves (`voids`) or bring deductions back.
pub(crate) async fn lock_runs_for(txn: &Txn, answers: &Answers, voids: bool) -> Result<(), Error> {
    if voids || !back::cases_of(txn, answers).await?.is_empty() {
        pay_run::lock_paying(txn).await?;
    }
    Ok(())
}

/// Before the answers of a bank move any money, under the runs of [`lock_runs_for`]: locks the cases of what comes back of
/// deductions, where there are any, and then every fund at once: orders, deductions, differences and runs that are
/// voided post to them in steps of their own.
pub(crate) async fn lock_for(txn: &Txn, answers: &Answers) -> Result<(), Error> {
    let cases = back::cases_of(txn, answers).await?;
    if !cases.is_empty() {
        overpayment_case::Entity::find()
            .filter(overpayment_case::Column::Id.is_in(cases))
            .order_by_asc(overpayment_case::Column::Id)
            .lock(CASE)
            .all(txn.conn())
            .await?;
    }
    fund::lock_all(txn).await
}

/// Refuses while money kept back for a case is still under way: nobody can say yet whether it stays paid back.
pub(super) async fn none_under_way(txn: &Txn, case: Uuid) -> Result<(), Error> {
    let under_way = overpayment_deduction::Entity::find()
        .filter(overpayment_deduction::Column::CaseId.eq(case))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Taken))
        .count(txn.conn())
        .await?;
    if under_way == 0 {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Khoản khấu trừ đang chờ kết quả của ngân hàng",
        "a deduction waits for the bank's answer",
    ))
}

/// The runs that keep back for a case and are not released.
pub(crate) async fn runs_drafting(txn: &Txn, case: Uuid) -> Result<Vec<Uuid>, Error> {
    let mut runs: Vec<Uuid> = overpayment_deduction::Entity::find()
        .select_only()
        .column(overpayment_deduction::Column::PayRunId)
        .filter(overpayment_deduction::Column::CaseId.eq(case))
        .filter(overpayment_deduction::Column::Status.eq(DeductionStatus::Draft))
        .into_tuple()
        .all(txn.conn())
        .await?;
    runs.sort_unstable();
    runs.dedup();
    Ok(runs)
}
