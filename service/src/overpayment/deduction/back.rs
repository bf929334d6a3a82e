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
    let mut taken: BTreeMap<(Uuid, Key), BTreeMap<String, i64>> = BTreeMap::new();
    for chunk in deductions.chunks(ROWS) {
        let rows = overpayment_recovery::Entity::find()
            .filter(overpayment_recovery::Column::DeductionId.is_in(chunk.iter().copied()))
            .filter(overpayment_recovery::Column::Amount.gt(0))
            .all(txn.conn())
            .await?;
        for row in rows {
            let key = (row.entitlement_id, row.component, row.cover_month);
            let by_fund = taken.entry((row.case_id, key)).or_default();
            *by_fund.entry(row.fund_code).or_insert(0) += row.amount;
        }
    }
    let mut given: BTreeMap<Key, BTreeMap<String, i64>> = BTreeMap::new();
    for month in months(txn, &cases).await? {
        let key = (month.entitlement_id, month.component, month.cover_month);
        let mut left = month.recovered;
        for (fund, taken) in taken.get(&(month.case_id, key.clone())).into_iter().flatten() {
            let part = left.min(*taken);
            left -= part;
            let by_fund = given.entry(key.clone()).or_default();
            *by_fund.entry(fund.clone()).or_insert(0) += part;
        }
    }
    let mut posted = posted(txn, &given).await?;
    let mut by_purse = BTreeMap::new();
    for (key, by_fund) in given {
        let mut has = posted.remove(&key).unwrap_or_default();
        for (fund, amount) in by_fund {
            for (part, carrier) in from_own_first(amount, &has, &fund) {
                *by_purse.entry(carrier.purse(key.2)).or_insert(0) += part;
                if let Some(left) = has.get_mut(&carrier) {
                    *left -= part;
                }
            }
        }
    }
    Ok(by_purse)
}

/// Shares out what is given back, first over what the fund that had kept it back counts as paid back.
fn from_own_first(amount: i64, has: &BTreeMap<Carrier, i64>, fund: &str) -> Vec<(i64, Carrier)> {
    let (own, others): (BTreeMap<Carrier, i64>, BTreeMap<Carrier, i64>) =
        has.clone().into_iter().partition(|(carrier, _)| carrier.fund == fund);
    let mut parts = share(amount, own);
    let left = amount - parts.iter().map(|(part, _)| part).sum::<i64>();
    parts.extend(share(left, others));
    parts
}

/// The cases of deductions that come back with these orders, or are taken again with them.
pub(super) async fn cases_of(txn: &Txn, answers: &Answers) -> Result<Vec<Uuid>, Error> {
    let mut cases: BTreeSet<Uuid> = coming_back(txn, answers).await?.1.into_iter().collect();
    let again = super::again::given_back(txn, &answers.overruled).await?;
    cases.extend(again.into_iter().map(|row| row.case_id));
    Ok(cases.into_iter().collect())
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
async fn posted<T: Sync>(txn: &Txn, months: &BTreeMap<Key, T>) -> Result<BTreeMap<Key, BTreeMap<Carrier, i64>>, Error> {
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
