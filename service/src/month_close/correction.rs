//! What changed in closed months since they were closed: late returns and credits, reissues, cancellations.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use domain::Month;
use entity::enums::{CloseStatus, Standing};
use entity::{month_close, month_close_correction, month_close_order, pay_run, payment_order, payment_order_history};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::month_close::books::{Books, Which};
use crate::month_close::open_item::is_released;
use crate::month_close::view::Correction;

/// Ids in one statement.
const IDS: usize = 5_000;

/// The clocks of processes differ by less: what came after a close may bear a somewhat earlier time than that.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);

/// The closed months by their close.
pub(crate) async fn closed(conn: &impl ConnectionTrait) -> Result<BTreeMap<i32, month_close::Model>, Error> {
    let rows = month_close::Entity::find()
        .filter(month_close::Column::Status.eq(CloseStatus::Closed))
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(|row| (row.month, row)).collect())
}

/// What stands in no close yet, of every closed month but one.
pub(crate) async fn pending(conn: &impl ConnectionTrait, but: Option<Month>) -> Result<Vec<Correction>, Error> {
    let mut closes = closed(conn).await?;
    // Each close carries whatever had changed by then.
    let Some(since) = closes.values().filter_map(|close| close.closed_at).max() else {
        return Ok(Vec::new());
    };
    if let Some(but) = but {
        closes.remove(&but.yyyymm());
    }
    if closes.is_empty() {
        return Ok(Vec::new());
    }
    let candidates = candidates(conn, since).await?;
    let mut corrections = Vec::new();
    for chunk in candidates.chunks(IDS) {
        let mut books = Books::load(conn, &Which::Orders(chunk.to_vec())).await?;
        books
            .orders
            .retain(|_, order| books.runs.get(&order.run).is_some_and(is_released));
        let known = known(conn, &closes, chunk).await?;
        let mut now = books.standings();
        for (id, order) in &books.orders {
            let Some(month) = books.runs.get(&order.run).map(|run| run.cover_month) else {
                continue;
            };
            if !closes.contains_key(&month) {
                continue;
            }
            let mut deltas = now.remove(id).unwrap_or_default();
            for (standing, amount) in known.get(&(month, *id)).into_iter().flatten() {
                *deltas.entry(*standing).or_insert(0) -= amount;
            }
            let month = Month::from_yyyymm(month).map_err(Error::internal)?;
            let changed = deltas.into_iter().filter(|(_, amount)| *amount != 0);
            corrections.extend(changed.map(|(standing, amount)| Correction {
                month,
                order_id: *id,
                reference: order.reference.clone(),
                standing,
                amount,
            }));
        }
    }
    corrections.sort();
    Ok(corrections)
}

/// The orders that can stand elsewhere than the closes say: those with news since, and those that waited for a reissue. News
/// of a little earlier are looked at too: another process may have told them, by its own clock, after the close.
async fn candidates(conn: &impl ConnectionTrait, since: DateTime<Utc>) -> Result<Vec<Uuid>, Error> {
    let since = since.checked_sub_signed(CLOCKS).unwrap_or(since);
    let news: Vec<Uuid> = payment_order_history::Entity::find()
        .select_only()
        .column(payment_order_history::Column::OrderId)
        .distinct()
        .filter(payment_order_history::Column::At.gte(since))
        .into_tuple()
        .all(conn)
        .await?;
    let waited: Vec<Uuid> = month_close_order::Entity::find()
        .select_only()
        .column(month_close_order::Column::OrderId)
        .filter(month_close_order::Column::Standing.eq(Standing::ToReissue))
        .into_tuple()
        .all(conn)
        .await?;
    let came_back: Vec<Uuid> = month_close_correction::Entity::find()
        .select_only()
        .column(month_close_correction::Column::OrderId)
        .distinct()
        .filter(month_close_correction::Column::Standing.eq(Standing::ToReissue))
        .into_tuple()
        .all(conn)
        .await?;
    let all: BTreeSet<Uuid> = news.into_iter().chain(waited).chain(came_back).collect();
    Ok(all.into_iter().collect())
}

/// Where closes say that orders stand: the snapshot of their month and every correction of it since.
pub(crate) async fn known(
    conn: &impl ConnectionTrait,
    closes: &BTreeMap<i32, month_close::Model>,
    orders: &[Uuid],
) -> Result<BTreeMap<(i32, Uuid), BTreeMap<Standing, i64>>, Error> {
    let month_of: BTreeMap<Uuid, i32> = closes.values().map(|close| (close.id, close.month)).collect();
    let mut known: BTreeMap<(i32, Uuid), BTreeMap<Standing, i64>> = BTreeMap::new();
    let snapshot = month_close_order::Entity::find()
        .filter(month_close_order::Column::OrderId.is_in(orders.iter().copied()))
        .all(conn)
        .await?;
    for row in snapshot {
        if let Some(month) = month_of.get(&row.close_id) {
            let own = known.entry((*month, row.order_id)).or_default();
            *own.entry(row.standing).or_insert(0) += row.amount;
        }
    }
    let corrections = month_close_correction::Entity::find()
        .filter(month_close_correction::Column::OrderId.is_in(orders.iter().copied()))
        .all(conn)
        .await?;
    for row in corrections {
        let own = known.entry((row.of_month, row.order_id)).or_default();
        *own.entry(row.standing).or_insert(0) += row.amount;
    }
    Ok(known)
}

/// Every order of a month's runs, released or not.
pub(crate) async fn orders_of(conn: &impl ConnectionTrait, month: i32) -> Result<Vec<Uuid>, Error> {
    let runs = Query::select()
        .column(pay_run::Column::Id)
        .from(pay_run::Entity)
        .cond_where(pay_run::Column::CoverMonth.eq(month))
        .to_owned();
    let ids = payment_order::Entity::find()
        .select_only()
        .column(payment_order::Column::Id)
        .filter(payment_order::Column::PayRunId.in_subquery(runs))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(ids)
}

/// The references of orders.
pub(crate) async fn references(conn: &impl ConnectionTrait, close: Uuid) -> Result<BTreeMap<Uuid, String>, Error> {
    let correction = payment_order::Entity::belongs_to(month_close_correction::Entity)
        .from(payment_order::Column::Id)
        .to(month_close_correction::Column::OrderId);
    let rows: Vec<(Uuid, String)> = payment_order::Entity::find()
        .select_only()
        .columns([payment_order::Column::Id, payment_order::Column::Reference])
        .join(JoinType::InnerJoin, correction.into())
        .filter(month_close_correction::Column::CloseId.eq(close))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}
