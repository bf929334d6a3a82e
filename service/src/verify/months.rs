//! Every đồng of every month: what was paid, is under way, waits or is asked back adds up to what is due.
//!
//! `paid + in flight + arrears pending - recoverable decided - waived - not recoverable = should`, per entitlement,
//! component and cover month. What was paid too much and is not decided yet stands beside what is decided.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use domain::reassessment::Owed;
use entity::enums::{ArrearsStatus, CaseStatus, LineStatus, OrderStatus};
use entity::{
    arrears, determination, overpayment_case, overpayment_month, overpayment_recovery, payment_line, payment_order,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::entitlement::periods::Rows;
use crate::entitlement::{bulk, periods};
use crate::error::Error;
use crate::reassessment;
use crate::verify::Check;

const CHUNK: usize = 5_000;

/// One month of one component of one entitlement, đồng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sums {
    should: i64,
    /// Settled or credited, or settled by a predecessor, less what was paid back.
    paid: i64,
    /// Sent or awaiting reissue.
    in_flight: i64,
    arrears: i64,
    /// Found and not decided.
    undecided: i64,
    /// Decided to be paid back, and not paid back.
    decided: i64,
    /// Forgiven or written off after it was decided.
    waived: i64,
    not_recoverable: i64,
}

impl Sums {
    const fn adds_up(self) -> bool {
        let claimed = self.undecided + self.decided + self.waived + self.not_recoverable;
        self.paid + self.in_flight + self.arrears - claimed == self.should
    }
}

type Key = (String, Month);
type Months = BTreeMap<Uuid, BTreeMap<Key, Sums>>;

/// The formula, month by month.
pub(super) async fn every_month_adds_up(app: &App) -> Result<Check, Error> {
    let mut check = Check::new(
        "months: paid + in flight + arrears pending - undecided - decided - waived - not recoverable = should",
    );
    let Some(taken) = reassessment::taken(app).await? else {
        return Ok(check);
    };
    let mut entitlements: Vec<Uuid> = determination::Entity::find()
        .select_only()
        .column(determination::Column::EntitlementId)
        .distinct()
        .into_tuple()
        .all(app.db.read())
        .await?;
    entitlements.sort_unstable();
    for chunk in entitlements.chunks(CHUNK) {
        let mut months = Months::new();
        lines(app, chunk, &mut months).await?;
        let ahead = taken.ahead(app.db.read(), chunk).await?;
        let taken = taken.by_entitlement(app.db.read(), chunk).await?;
        should(app, chunk, (&taken, &ahead), &mut months).await?;
        pending(app, chunk, &mut months).await?;
        claims(app, chunk, &mut months).await?;
        for (entitlement, own) in months {
            for ((component, month), sums) in own {
                check.look(sums.adds_up(), || {
                    format!("entitlement {entitlement} {component:?} {month}: {sums:?}")
                });
            }
        }
    }
    Ok(check)
}

fn at(months: &mut Months, entitlement: Uuid, component: String, month: Month) -> &mut Sums {
    let own = months.entry(entitlement).or_default();
    own.entry((component, month)).or_default()
}

fn of(number: i32) -> Result<Month, Error> {
    Month::from_yyyymm(number).map_err(Error::internal)
}

/// What is due up to the last month taken of each, in months that were taken of it ahead, and what the predecessor settled
/// of it.
async fn should(
    app: &App,
    chunk: &[Uuid],
    (taken, ahead): (&BTreeMap<Uuid, Month>, &BTreeMap<Uuid, BTreeSet<Month>>),
    months: &mut Months,
) -> Result<(), Error> {
    let conn = app.db.read();
    let Some(first_month) = app.first_month().await? else {
        return Ok(());
    };
    let rows = determination::Entity::find()
        .filter(determination::Column::EntitlementId.is_in(chunk.iter().copied()))
        .filter(
            Condition::any()
                .add(determination::Column::SupersededAt.is_null())
                .add(determination::Column::Opening.eq(true)),
        )
        .order_by_asc(determination::Column::Id)
        .all(conn)
        .await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let by_id = bulk::periods(conn, &ids).await?;
    settled(&rows, &by_id, first_month, months)?;
    let nothing = BTreeSet::new();
    for row in rows.iter().filter(|row| row.superseded_at.is_none()) {
        let Some(taken) = taken.get(&row.entitlement_id).copied() else {
            continue;
        };
        let ahead = ahead.get(&row.entitlement_id).unwrap_or(&nothing);
        let is_taken = |due: Month| due <= taken || ahead.contains(&due);
        let reached = ahead.last().map_or(taken, |last| taken.max(*last));
        let all = periods::owed(by_id.get(&row.id).map(Vec::as_slice).unwrap_or_default())?;
        let paid = months.get(&row.entitlement_id);
        let before_due = paid.map(|own| paid_before_due(own, &all, is_taken));
        for ((component, month), amount) in before_due.unwrap_or_default() {
            at(months, row.entitlement_id, component, month).should += amount;
        }
        for owed in all {
            // A month may have been paid that is not taken.
            let own = months.get(&row.entitlement_id).into_iter().flat_map(BTreeMap::keys);
            let paid = own.filter(|(component, month)| *component == owed.component && *month > taken);
            let paid: Vec<Month> = paid.map(|(_, month)| *month).collect();
            for month in paid {
                let counted = |due: Month| month <= reached && is_taken(due);
                if owed.falls_due(month).is_some_and(|due| due <= month && !counted(due)) {
                    at(months, row.entitlement_id, owed.component.clone(), month).should += owed.amount.dong();
                }
            }
            let last = owed.to.map_or(reached, |to| to.min(reached));
            for month in owed.from.through(last) {
                if owed.falls_due(month).is_some_and(is_taken) {
                    at(months, row.entitlement_id, owed.component.clone(), month).should += owed.amount.dong();
                }
            }
        }
    }
    Ok(())
}

/// What the predecessor settled: what fell due before the first month by what was known when it was taken over.
fn settled(
    rows: &[determination::Model],
    by_id: &BTreeMap<Uuid, Rows>,
    first_month: Month,
    months: &mut Months,
) -> Result<(), Error> {
    let last = first_month.previous();
    for row in rows.iter().filter(|row| row.opening) {
        for owed in periods::owed(by_id.get(&row.id).map(Vec::as_slice).unwrap_or_default())? {
            for month in owed.from.through(owed.to.map_or(last, |to| to.min(last))) {
                if owed.falls_due(month).is_some_and(|due| due < first_month) {
                    at(months, row.entitlement_id, owed.component.clone(), month).paid += owed.amount.dong();
                }
            }
        }
    }
    Ok(())
}

/// What was paid of a month before it falls due by now, by lines or by the predecessor: so much of all that falls due of it
/// later is due all the same, and no more. A đồng that was paid stands for one period alone, however many of a component
/// are for the month.
fn paid_before_due(paid: &BTreeMap<Key, Sums>, all: &[Owed], is_taken: impl Fn(Month) -> bool) -> Vec<(Key, i64)> {
    let later = |(component, month): &Key| -> i64 {
        let own = all.iter().filter(|owed| owed.component == *component);
        let put_off = own.filter(|owed| owed.falls_due(*month).is_some_and(|due| due > *month && !is_taken(due)));
        put_off.map(|owed| owed.amount.dong()).sum()
    };
    let stands = paid
        .iter()
        .map(|(key, sums)| (key.clone(), later(key).min(sums.paid + sums.in_flight)));
    stands.filter(|(_, amount)| *amount > 0).collect()
}

async fn lines(app: &App, chunk: &[Uuid], months: &mut Months) -> Result<(), Error> {
    use payment_line::Column as L;
    let conn = app.db.read();
    let rows: Vec<(Uuid, String, i32, i64, LineStatus, Option<Uuid>)> = payment_line::Entity::find()
        .select_only()
        .columns([
            L::EntitlementId,
            L::Component,
            L::CoverMonth,
            L::Amount,
            L::Status,
            L::OrderId,
        ])
        .filter(L::EntitlementId.is_in(chunk.iter().copied()))
        .filter(L::Status.is_in([LineStatus::Live, LineStatus::Returned]))
        .into_tuple()
        .all(conn)
        .await?;
    let orders: Vec<Uuid> = rows.iter().filter_map(|row| row.5).collect();
    let arrived = arrived(app, &orders).await?;
    for (entitlement, component, month, amount, status, order) in rows {
        let sums = at(months, entitlement, component, of(month)?);
        let there = status == LineStatus::Live && order.is_some_and(|order| arrived.contains(&order));
        *(if there { &mut sums.paid } else { &mut sums.in_flight }) += amount;
    }
    let recovered = overpayment_recovery::Entity::find()
        .filter(overpayment_recovery::Column::EntitlementId.is_in(chunk.iter().copied()))
        .all(conn)
        .await?;
    for row in recovered {
        at(months, row.entitlement_id, row.component, of(row.cover_month)?).paid -= row.amount;
    }
    Ok(())
}

async fn arrived(app: &App, orders: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
    let mut arrived = BTreeSet::new();
    for chunk in orders.chunks(CHUNK) {
        let ids: Vec<Uuid> = payment_order::Entity::find()
            .select_only()
            .column(payment_order::Column::Id)
            .filter(payment_order::Column::Id.is_in(chunk.iter().copied()))
            .filter(payment_order::Column::Status.is_in([OrderStatus::Settled, OrderStatus::Credited]))
            .into_tuple()
            .all(app.db.read())
            .await?;
        arrived.extend(ids);
    }
    Ok(arrived)
}

async fn pending(app: &App, chunk: &[Uuid], months: &mut Months) -> Result<(), Error> {
    let rows = arrears::Entity::find()
        .filter(arrears::Column::EntitlementId.is_in(chunk.iter().copied()))
        .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
        .all(app.db.read())
        .await?;
    for row in rows {
        at(months, row.entitlement_id, row.component, of(row.cover_month)?).arrears += row.amount;
    }
    Ok(())
}

/// What cases say of what was paid too much and is not paid back.
async fn claims(app: &App, chunk: &[Uuid], months: &mut Months) -> Result<(), Error> {
    let conn = app.db.read();
    let rows = overpayment_month::Entity::find()
        .filter(overpayment_month::Column::EntitlementId.is_in(chunk.iter().copied()))
        .all(conn)
        .await?;
    let ids: BTreeSet<Uuid> = rows.iter().map(|row| row.case_id).collect();
    let cases = overpayment_case::Entity::find()
        .filter(overpayment_case::Column::Id.is_in(ids))
        .all(conn)
        .await?;
    let statuses: BTreeMap<Uuid, CaseStatus> = cases.into_iter().map(|case| (case.id, case.status)).collect();
    for row in rows {
        let sums = at(months, row.entitlement_id, row.component, of(row.cover_month)?);
        let left = row.detected - row.recovered;
        let decided = row.decided.unwrap_or(0) - row.recovered;
        match statuses.get(&row.case_id) {
            Some(
                CaseStatus::Detected
                | CaseStatus::Classified
                | CaseStatus::NoticeServed
                | CaseStatus::Heard
                | CaseStatus::Proposed,
            ) => sums.undecided += left,
            Some(
                CaseStatus::Decided
                | CaseStatus::Appealed
                | CaseStatus::Enforceable
                | CaseStatus::Recovering
                | CaseStatus::Settled,
            ) => {
                sums.decided += decided;
                sums.not_recoverable += left - decided;
            }
            Some(CaseStatus::Waived | CaseStatus::WrittenOff) => {
                sums.waived += decided;
                sums.not_recoverable += left - decided;
            }
            Some(CaseStatus::NotRecoverable | CaseStatus::BelowMinimum | CaseStatus::TimeBarred) => {
                sums.not_recoverable += left;
            }
            Some(CaseStatus::Superseded) | None => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use domain::Vnd;
    use domain::reassessment::{Accounted, differences};

    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn owed(component: &str, due: &str, amount: i64) -> Owed {
        Owed {
            component: component.to_owned(),
            group: "5.6".to_owned(),
            provision: "NĐ 20/2021 Art 6(1)(e)".to_owned(),
            one_off: false,
            from: month("2024-09"),
            to: Some(month("2024-09")),
            due: Some(month(due)),
            amount: Vnd::new(amount).unwrap(),
        }
    }

    #[test]
    fn what_was_paid_stands_for_one_of_two_periods_of_a_component_in_a_month() {
        let all = [
            owed("", "2024-11", 300_000),
            owed("", "2024-12", 200_000),
            owed("other", "2024-12", 50_000),
        ];
        let taken = month("2024-10");
        let september = (String::new(), month("2024-09"));
        for (paid, stands) in [(100_000, 100_000), (350_000, 350_000), (600_000, 500_000), (-1, 0)] {
            let sums = Sums {
                paid,
                ..Sums::default()
            };
            let by_month = BTreeMap::from([(september.clone(), sums)]);
            let found = paid_before_due(&by_month, &all, |due| due <= taken);
            let sum: i64 = found.iter().map(|(_, amount)| amount).sum();
            assert_eq!(sum, stands, "{paid}");
            // What is found paid too much is what does not stand for anything.
            let lines = BTreeMap::from([(september.clone(), paid)]);
            let accounted = Accounted {
                lines: &lines,
                opening: &[],
                first_month: month("2024-09"),
                taken,
                ahead: &BTreeSet::new(),
            };
            let delta: i64 = differences(&all, accounted).iter().map(|own| own.delta).sum();
            assert_eq!(paid + delta, stands, "{paid}");
        }
    }
}
