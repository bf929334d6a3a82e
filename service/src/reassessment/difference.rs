//! The money side of a changed determination: arrears that flow into the next pay run, and potential overpayments
//! that wait for a person.

use std::collections::{BTreeMap, BTreeSet};

use domain::Month;
use domain::reassessment::{Accounted, Difference, Owed, differences, settled};
use entity::enums::{ArrearsKind, ArrearsStatus, LineStatus};
use entity::{arrears, payment_line};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::entitlement::bulk::{self, New};
use crate::entitlement::periods::{self, Rows};
use crate::error::Error;
use crate::job::JobContext;
use crate::overpayment::{self, Excess};
use crate::pay_run::Owed as Waiting;
use crate::reassessment::Taken;
use crate::reassessment::stamp::{Stamp, meanwhile};
use crate::reassessment::taken::first_month;

/// Entitlements whose differences are reckoned and written in one transaction.
const TOGETHER: usize = 500;

/// A changed entitlement and its differences.
#[derive(Clone, Debug)]
pub(super) struct Change {
    entitlement_id: Uuid,
    person_id: Uuid,
    determination_id: Uuid,
    differences: Vec<Difference>,
}

/// The differences of every changed determination.
pub(super) async fn changes(app: &App, determinations: &[New]) -> Result<Vec<Change>, Error> {
    let now: Vec<(Uuid, Rows)> = determinations
        .iter()
        .map(|new| (new.entitlement_id, new.rows.clone()))
        .collect();
    let first_month = app.first_month().await?;
    // A new entitlement is not stored yet: its benefit is known here alone.
    let mut by_entitlement = match first_month {
        Some(first_month) if !now.is_empty() => {
            let taken = Taken::load(app.db.read(), first_month).await?;
            let ids: Vec<Uuid> = determinations.iter().map(|new| new.entitlement_id).collect();
            let ahead = taken.ahead(app.db.read(), &ids).await?;
            let own = |new: &New| (new.entitlement_id, taken.of(new.benefit.code()));
            let last = determinations.iter().map(own).collect();
            up_to(app.db.read(), &now, first_month, (&last, &ahead)).await?
        }
        _ => BTreeMap::new(),
    };
    let changes = determinations.iter().map(|new| Change {
        entitlement_id: new.entitlement_id,
        person_id: new.person_id,
        determination_id: new.determination_id,
        differences: by_entitlement.remove(&new.entitlement_id).unwrap_or_default(),
    });
    Ok(changes.collect())
}

/// For each entitlement, what its periods owe up to the last month taken of its benefit and no line accounts for, or the
/// reverse.
pub async fn open_differences(app: &App, now: &[(Uuid, Rows)]) -> Result<BTreeMap<Uuid, Vec<Difference>>, Error> {
    reckon(app.db.read(), now).await
}

async fn reckon(conn: &impl ConnectionTrait, now: &[(Uuid, Rows)]) -> Result<BTreeMap<Uuid, Vec<Difference>>, Error> {
    let Some(first_month) = first_month(conn).await? else {
        return Ok(BTreeMap::new());
    };
    if now.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<Uuid> = now.iter().map(|(entitlement_id, _)| *entitlement_id).collect();
    let taken = Taken::load(conn, first_month).await?;
    let (last, ahead) = (taken.by_entitlement(conn, &ids).await?, taken.ahead(conn, &ids).await?);
    up_to(conn, now, first_month, (&last, &ahead)).await
}

/// The same with the last month taken of each, and those that were taken of it ahead.
async fn up_to(
    conn: &impl ConnectionTrait,
    now: &[(Uuid, Rows)],
    first_month: Month,
    (taken, ahead): (&BTreeMap<Uuid, Month>, &BTreeMap<Uuid, BTreeSet<Month>>),
) -> Result<BTreeMap<Uuid, Vec<Difference>>, Error> {
    let ids: Vec<Uuid> = now.iter().map(|(entitlement_id, _)| *entitlement_id).collect();
    let lines = accounted_lines(conn, &ids).await?;
    let openings = opening_amounts(conn, &ids).await?;
    let nothing = (BTreeMap::new(), Vec::new(), BTreeSet::new());
    let mut by_entitlement = BTreeMap::new();
    for (entitlement_id, rows) in now {
        let accounted = Accounted {
            lines: lines.get(entitlement_id).unwrap_or(&nothing.0),
            opening: openings.get(entitlement_id).unwrap_or(&nothing.1),
            first_month,
            taken: taken
                .get(entitlement_id)
                .copied()
                .unwrap_or_else(|| first_month.previous()),
            ahead: ahead.get(entitlement_id).unwrap_or(&nothing.2),
        };
        by_entitlement.insert(*entitlement_id, differences(&periods::owed(rows)?, accounted));
    }
    Ok(by_entitlement)
}

/// Records the open differences of unchanged entitlements anew: after a release, what the run held is still owed. Some
/// entitlements at a time, and where the rows of one refuse it, each by itself: it keeps nobody else from what they are
/// owed.
///
/// # Errors
/// The first refusal, once all the others are written; it may all be done again.
pub async fn refresh_differences(app: &App, entitlements: &[Uuid], context: &JobContext) -> Result<(), Error> {
    let mut refused = None;
    for chunk in entitlements.chunks(TOGETHER) {
        match refresh(app, chunk).await {
            Err(error) if !error.is_retryable() => {
                for one in chunk {
                    match refresh(app, std::slice::from_ref(one)).await {
                        Err(error) if !error.is_retryable() => {
                            refused.get_or_insert(error);
                        }
                        done => done?,
                    }
                }
            }
            done => done?,
        }
    }
    match refused {
        Some(error) => Err(error),
        None => app.db.write(async |txn| context.finish_in(txn).await).await,
    }
}

/// Reads, reckons and writes in one transaction: no release and no reassessment of these people comes between.
async fn refresh(app: &App, entitlements: &[Uuid]) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            let standing = bulk::lock_standing(txn, entitlements).await?;
            let heads = bulk::heads(txn.conn(), entitlements).await?;
            let mut ids: Vec<Uuid> = heads.iter().map(|(_, _, id)| *id).collect();
            ids.sort_unstable();
            if ids != standing {
                // Somebody was determined anew while this waited.
                return Err(meanwhile());
            }
            if ids.is_empty() {
                return Ok(());
            }
            // A release that is under way is over once its run is locked here, and then it is seen. Only a run whose lines
            // would pay something else than what is owed goes back to its maker.
            crate::pay_run::lock_unreleased(txn).await?;
            let mut rows = bulk::periods(txn.conn(), &ids).await?;
            let now: Vec<(Uuid, Rows)> = heads
                .iter()
                .map(|(entitlement, _, id)| (*entitlement, rows.remove(id).unwrap_or_default()))
                .collect();
            let mut by_entitlement = reckon(txn.conn(), &now).await?;
            let changes: Vec<Change> = heads
                .into_iter()
                .map(|(entitlement_id, person_id, determination_id)| Change {
                    entitlement_id,
                    person_id,
                    determination_id,
                    differences: by_entitlement.remove(&entitlement_id).unwrap_or_default(),
                })
                .collect();
            replace_waiting(app, txn, &changes).await
        })
        .await
}

type Lines = BTreeMap<(String, Month), i64>;

/// What lines stand against, by entitlement: paid and not paid back, in flight and awaiting reissue. A reissued line
/// is replaced by its reissue; lines of runs not yet released are drafts, which the next build replaces.
async fn accounted_lines(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<BTreeMap<Uuid, Lines>, Error> {
    let mut by_entitlement: BTreeMap<Uuid, Lines> = BTreeMap::new();
    for chunk in entitlements.chunks(5_000) {
        let rows: Vec<(Uuid, String, i32, i64)> = payment_line::Entity::find()
            .select_only()
            .columns([
                payment_line::Column::EntitlementId,
                payment_line::Column::Component,
                payment_line::Column::CoverMonth,
                payment_line::Column::Amount,
            ])
            .filter(payment_line::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(payment_line::Column::Status.is_in([LineStatus::Live, LineStatus::Returned]))
            .into_tuple()
            .all(conn)
            .await?;
        for (entitlement_id, component, cover_month, amount) in rows {
            let month = Month::from_yyyymm(cover_month).map_err(Error::internal)?;
            *by_entitlement
                .entry(entitlement_id)
                .or_default()
                .entry((component, month))
                .or_insert(0) += amount;
        }
        for (entitlement_id, component, cover_month, amount) in overpayment::recovered(conn, chunk).await? {
            let month = Month::from_yyyymm(cover_month).map_err(Error::internal)?;
            *by_entitlement
                .entry(entitlement_id)
                .or_default()
                .entry((component, month))
                .or_insert(0) -= amount;
        }
    }
    Ok(by_entitlement)
}

/// What was paid of these entitlements, by entitlement: what lines stand against, and what the predecessor settled of the
/// months before the first, đồng.
pub(crate) async fn paid(conn: &impl ConnectionTrait, entitlements: &[Uuid]) -> Result<BTreeMap<Uuid, Lines>, Error> {
    let mut paid = accounted_lines(conn, entitlements).await?;
    let Some(first_month) = first_month(conn).await? else {
        return Ok(paid);
    };
    for (entitlement, opening) in opening_amounts(conn, entitlements).await? {
        let own = paid.entry(entitlement).or_default();
        for owed in settled(&opening, first_month) {
            let last = owed.to.unwrap_or_else(|| first_month.previous());
            for month in owed.from.through(last) {
                *own.entry((owed.component.clone(), month)).or_insert(0) += owed.amount.dong();
            }
        }
    }
    Ok(paid)
}

async fn opening_amounts(
    conn: &impl ConnectionTrait,
    entitlements: &[Uuid],
) -> Result<BTreeMap<Uuid, Vec<Owed>>, Error> {
    let openings = bulk::openings(conn, entitlements).await?;
    let ids: Vec<Uuid> = openings.values().copied().collect();
    let rows = bulk::periods(conn, &ids).await?;
    let amounts = openings
        .into_iter()
        .filter_map(|(entitlement_id, id)| Some((entitlement_id, rows.get(&id)?)));
    amounts
        .map(|(entitlement_id, rows)| Ok((entitlement_id, periods::owed(rows)?)))
        .collect()
}

/// Writes what follows from determinations that changed: pending arrears and detected overpayments are replaced, and every
/// run that is not yet released must be built again.
///
/// # Errors
/// `unavailable` where what they were reckoned on, at `stamp`, has changed since.
pub(super) async fn store(app: &App, txn: &Txn, changes: &[Change], stamp: Stamp) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    // A release that is under way is over once its run is locked here, and then it is seen.
    crate::pay_run::void_unreleased(app, txn).await?;
    stamp.require(txn).await?;
    replace(app, txn, changes).await
}

/// The same where no determination changed, but what is accounted for did.
async fn replace_waiting(app: &App, txn: &Txn, changes: &[Change]) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let mut before = Waiting::new();
    let ids: Vec<Uuid> = changes.iter().map(|change| change.entitlement_id).collect();
    for chunk in ids.chunks(5_000) {
        let rows = arrears::Entity::find()
            .filter(arrears::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
            .all(txn.conn())
            .await?;
        for row in rows {
            let key = (row.entitlement_id, row.component, row.cover_month);
            before.entry(key).or_insert((row.determination_id, 0)).1 += row.amount;
        }
    }
    let mut after = Waiting::new();
    for change in changes {
        for own in change.differences.iter().filter(|own| own.delta > 0) {
            let key = (change.entitlement_id, own.component.clone(), own.cover_month.yyyymm());
            after.entry(key).or_insert((change.determination_id, 0)).1 += own.delta;
        }
    }
    crate::pay_run::void_paying_otherwise(app, txn, &before, &after).await?;
    replace(app, txn, changes).await
}

async fn replace(app: &App, txn: &Txn, changes: &[Change]) -> Result<(), Error> {
    let at = app.clock.now();
    let ids: Vec<Uuid> = changes.iter().map(|change| change.entitlement_id).collect();
    for chunk in ids.chunks(5_000) {
        arrears::Entity::update_many()
            .col_expr(arrears::Column::Status, Expr::value(ArrearsStatus::Cancelled))
            .filter(arrears::Column::EntitlementId.is_in(chunk.iter().copied()))
            .filter(arrears::Column::Status.eq(ArrearsStatus::Pending))
            .exec(txn.conn())
            .await?;
    }
    let (mut owed, mut excess) = (Vec::new(), Vec::new());
    for change in changes {
        for difference in &change.differences {
            if difference.delta > 0 {
                owed.push(arrears::Model {
                    id: app.ids.next(),
                    entitlement_id: change.entitlement_id,
                    person_id: change.person_id,
                    component: difference.component.clone(),
                    cover_month: difference.cover_month.yyyymm(),
                    determination_id: change.determination_id,
                    amount: difference.delta,
                    group_code: difference.group.clone(),
                    provision: difference.provision.clone(),
                    kind: if difference.one_off {
                        ArrearsKind::OneOff
                    } else {
                        ArrearsKind::Arrears
                    },
                    status: ArrearsStatus::Pending,
                    created_at: at,
                });
            } else {
                excess.push(Excess {
                    entitlement_id: change.entitlement_id,
                    person_id: change.person_id,
                    determination_id: change.determination_id,
                    component: difference.component.clone(),
                    cover_month: difference.cover_month.yyyymm(),
                    amount: -difference.delta,
                });
            }
        }
    }
    txn.insert_all::<arrears::Entity>(owed).await?;
    overpayment::replace(app, txn, &ids, excess).await
}
