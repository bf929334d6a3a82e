//! What the ledger carries of months that were paid too much: which funds paid them, and what came back to each already.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::LineStatus;
use entity::{overpayment_month, overpayment_recovery, pay_run, payment_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::overpayment::carrier::{Carrier, share};
use crate::overpayment::{FUND, open_of};

/// A month of an entitlement's component.
type Key = (Uuid, String, i32);

/// A line or a recovery: its month, the amount, the fiscal year where it is fixed, and the fund.
type Row = (Uuid, String, i32, i64, Option<i32>, String);

/// Rows in one statement.
const ROWS: usize = 5_000;

/// What was paid for some months, and what of it came back.
#[derive(Debug, Default)]
pub(super) struct Carried {
    paid: BTreeMap<Key, BTreeMap<Carrier, i64>>,
    posted: BTreeMap<Key, BTreeMap<Carrier, i64>>,
}

impl Carried {
    /// Of these months, as the ledger has them now.
    pub(super) async fn load(conn: &impl ConnectionTrait, months: &[&overpayment_month::Model]) -> Result<Self, Error> {
        let keys: BTreeSet<Key> = months.iter().map(|month| key(month)).collect();
        let entitlements: BTreeSet<Uuid> = keys.iter().map(|(entitlement, ..)| *entitlement).collect();
        let entitlements: Vec<Uuid> = entitlements.into_iter().collect();
        let mut carried = Self::default();
        for chunk in entitlements.chunks(ROWS) {
            sum(&mut carried.paid, &keys, paid(conn, chunk).await?);
            sum(&mut carried.posted, &keys, posted(conn, chunk).await?);
        }
        Ok(carried)
    }

    /// The parts of an amount by the funds and fiscal years that the ledger carries it in, each with what of it is posted,
    /// with the amount's sign: those that paid the month, or that gave it to their source. What the ledger carries
    /// nothing of, since a predecessor had paid it, is with the last of them. What is kept back by a run of the fund `of`
    /// is that fund's alone; given back again it is taken from there first.
    pub(super) fn parts(
        &self,
        month: &overpayment_month::Model,
        amount: i64,
        of: Option<&str>,
    ) -> Vec<(i64, i64, Carrier)> {
        let key = key(month);
        let mut has: BTreeMap<Carrier, i64> = BTreeMap::new();
        if amount > 0 {
            has.extend(self.paid.get(&key).into_iter().flatten().map(own));
        }
        for (carrier, back) in self.posted.get(&key).into_iter().flatten() {
            *has.entry(carrier.clone()).or_insert(0) -= amount.signum() * back;
        }
        let (first, mut then): (BTreeMap<Carrier, i64>, BTreeMap<Carrier, i64>) = has
            .into_iter()
            .partition(|(carrier, _)| of.is_none_or(|fund| carrier.fund == fund));
        if amount > 0 {
            then.clear();
        }
        let last = first.keys().next_back().or_else(|| then.keys().next_back()).cloned();
        let mut parts = share(amount.abs(), first);
        let left = amount.abs() - parts.iter().map(|(part, _)| part).sum::<i64>();
        parts.extend(share(left, then));
        if parts.is_empty() {
            let own = last.unwrap_or_else(|| Carrier::new(None, of.unwrap_or(FUND).to_owned()));
            parts.push((0, own));
        }
        let carried: i64 = parts.iter().map(|(part, _)| part).sum();
        let end = parts.len();
        let parts = parts.into_iter().zip(1..).map(|((part, carrier), place)| {
            let rest = if place == end { amount.abs() - carried } else { 0 };
            (amount.signum() * (part + rest), amount.signum() * part, carrier)
        });
        parts.collect()
    }

    /// What of an open month is a fund's to keep back, đồng: a run of another pays the rest out of money that is not there.
    pub(super) fn share_of(&self, month: &overpayment_month::Model, fund: &str) -> i64 {
        let parts = self.parts(month, open_of(month).max(0), None).into_iter();
        parts
            .filter(|(.., carrier)| carrier.fund == fund)
            .map(|(part, ..)| part)
            .sum()
    }
}

fn key(month: &overpayment_month::Model) -> Key {
    (month.entitlement_id, month.component.clone(), month.cover_month)
}

fn own((carrier, amount): (&Carrier, &i64)) -> (Carrier, i64) {
    (carrier.clone(), *amount)
}

fn sum(into: &mut BTreeMap<Key, BTreeMap<Carrier, i64>>, keys: &BTreeSet<Key>, rows: Vec<Row>) {
    for (entitlement, component, cover_month, amount, fixed, fund) in rows {
        let key = (entitlement, component, cover_month);
        if keys.contains(&key) {
            let of_month = into.entry(key).or_default();
            *of_month.entry(Carrier::new(fixed, fund)).or_insert(0) += amount;
        }
    }
}

/// The lines that count as paid.
async fn paid(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<Vec<Row>, Error> {
    use payment_line::Column as C;
    let run = payment_line::Entity::belongs_to(pay_run::Entity)
        .from(C::PayRunId)
        .to(pay_run::Column::Id);
    let rows = payment_line::Entity::find()
        .select_only()
        .columns([C::EntitlementId, C::Component, C::CoverMonth, C::Amount, C::FiscalYear])
        .column(pay_run::Column::FundCode)
        .join(JoinType::InnerJoin, run.into())
        .filter(C::EntitlementId.is_in(entitlements.iter().copied()))
        .filter(C::Status.eq(LineStatus::Live))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows)
}

/// What came back, as it was posted.
async fn posted(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<Vec<Row>, Error> {
    use overpayment_recovery::Column as C;
    let rows = overpayment_recovery::Entity::find()
        .select_only()
        .columns([
            C::EntitlementId,
            C::Component,
            C::CoverMonth,
            C::Posted,
            C::FiscalYear,
            C::FundCode,
        ])
        .filter(C::EntitlementId.is_in(entitlements.iter().copied()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month() -> overpayment_month::Model {
        overpayment_month::Model {
            case_id: Uuid::from_u128(1),
            entitlement_id: Uuid::from_u128(2),
            component: String::new(),
            cover_month: 202_409,
            detected: 500,
            proposed: Some(500),
            decided: Some(500),
            recovered: 0,
            reason: None,
        }
    }

    fn carried() -> Carried {
        let of = |fund: &str| Carrier::new(None, fund.to_owned());
        let paid = BTreeMap::from([(of("donations"), 200), (of("social_assistance"), 300)]);
        Carried {
            paid: BTreeMap::from([(key(&month()), paid)]),
            posted: BTreeMap::new(),
        }
    }

    #[test]
    fn each_fund_keeps_back_what_it_paid() {
        let (carried, month) = (carried(), month());
        assert_eq!(carried.share_of(&month, "social_assistance"), 300);
        assert_eq!(carried.share_of(&month, "donations"), 200);
        assert_eq!(carried.share_of(&month, "relief"), 0);
        let own = carried.parts(&month, 150, Some("donations"));
        assert_eq!(own, [(150, 150, Carrier::new(None, "donations".to_owned()))]);
    }

    #[test]
    fn what_is_given_back_leaves_the_fund_that_kept_it_back() {
        let (mut carried, month) = (carried(), month());
        let all = carried.paid.clone();
        carried.posted = all;
        let own = carried.parts(&month, -250, Some("donations"));
        let of = |part: i64, fund: &str| (part, part, Carrier::new(None, fund.to_owned()));
        assert_eq!(own, [of(-200, "donations"), of(-50, "social_assistance")]);
    }
}
