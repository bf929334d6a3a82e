//! What the bank's answers are about to give back of deductions, before it is posted.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::DeductionStatus;
use entity::{overpayment_deduction, overpayment_month, overpayment_recovery};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::follow::Answers;
use crate::db::Txn;
use crate::error::Error;
use crate::overpayment::Purse;
use crate::overpayment::carrier::{Carrier, share};

/// A month of an entitlement's component.
type Key = (Uuid, String, i32);

/// Rows in one statement.
const ROWS: usize = 5_000;

/// What following the answers posts back to the paid account for orders that come back, by fund and fiscal year, đồng: of each month
/// no more than its case has recovered, and no more than the ledger carries of it. What was refunded in money since is
/// not given back a second time.
pub(crate) async fn gives_back(txn: &Txn, answers: &Answers) -> Result<BTreeMap<Purse, i64>, Error> {
    let (deductions, cases) = coming_back(txn, answers).await?;
    if deductions.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut taken: BTreeMap<(Uuid, Key), i64> = BTreeMap::new();
    for chunk in deductions.chunks(ROWS) {
        let rows = overpayment_recovery::Entity::find()
            .filter(overpayment_recovery::Column::DeductionId.is_in(chunk.iter().copied()))
            .filter(overpayment_recovery::Column::Amount.gt(0))
            .all(txn.conn())
            .await?;
        for row in rows {
            let key = (row.entitlement_id, row.component, row.cover_month);
            *taken.entry((row.case_id, key)).or_insert(0) += row.amount;
        }
    }
    let mut given: BTreeMap<Key, i64> = BTreeMap::new();
    for month in months(txn, &cases).await? {
        let key = (month.entitlement_id, month.component, month.cover_month);
        if let Some(taken) = taken.get(&(month.case_id, key.clone())) {
            *given.entry(key).or_insert(0) += (*taken).min(month.recovered);
        }
    }
    let mut posted = posted(txn, &given).await?;
    let mut by_purse = BTreeMap::new();
    for (key, amount) in given {
        for (part, carrier) in share(amount, posted.remove(&key).unwrap_or_default()) {
            *by_purse.entry(carrier.purse(key.2)).or_insert(0) += part;
        }
    }
    Ok(by_purse)
}

/// The deductions that stand of orders that come back, and their cases.
async fn coming_back(txn: &Txn, answers: &Answers) -> Result<(Vec<Uuid>, Vec<Uuid>), Error> {
    use overpayment_deduction::Column as C;
    if answers.came_back.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut rows = overpayment_deduction::Entity::find()
        .filter(C::PayRunId.is_in(answers.runs.iter().copied()))
        .filter(C::Status.is_in([DeductionStatus::Taken, DeductionStatus::Settled]))
        .all(txn.conn())
        .await?;
    rows.retain(|row| answers.came_back.contains(&row.order_id));
    let cases: BTreeSet<Uuid> = rows.iter().map(|row| row.case_id).collect();
    let deductions = rows.into_iter().map(|row| row.id).collect();
    Ok((deductions, cases.into_iter().collect()))
}

async fn months(txn: &Txn, cases: &[Uuid]) -> Result<Vec<overpayment_month::Model>, Error> {
    let mut months = Vec::new();
    for chunk in cases.chunks(ROWS) {
        let rows = overpayment_month::Entity::find()
            .filter(overpayment_month::Column::CaseId.is_in(chunk.iter().copied()))
            .all(txn.conn())
            .await?;
        months.extend(rows);
    }
    Ok(months)
}

/// What each fund and year counts as paid back of each of these months.
async fn posted(txn: &Txn, months: &BTreeMap<Key, i64>) -> Result<BTreeMap<Key, BTreeMap<Carrier, i64>>, Error> {
    let entitlements: BTreeSet<Uuid> = months.keys().map(|(entitlement, ..)| *entitlement).collect();
    let entitlements: Vec<Uuid> = entitlements.into_iter().collect();
    let mut posted: BTreeMap<Key, BTreeMap<Carrier, i64>> = BTreeMap::new();
    for chunk in entitlements.chunks(ROWS) {
        let rows = overpayment_recovery::Entity::find()
            .filter(overpayment_recovery::Column::EntitlementId.is_in(chunk.iter().copied()))
            .all(txn.conn())
            .await?;
        for row in rows {
            let key = (row.entitlement_id, row.component, row.cover_month);
            let carrier = Carrier::new(row.fiscal_year, row.fund_code);
            *posted.entry(key).or_default().entry(carrier).or_insert(0) += row.posted;
        }
    }
    Ok(posted)
}
