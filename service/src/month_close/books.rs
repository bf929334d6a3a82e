//! What there is of some orders: their lines, their files and the last step of their history, read by the set.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::{Channel, LineStatus, OrderStatus, PayRunStatus, Standing};
use entity::{overpayment_deduction, pay_run, payment_line, payment_order, payment_order_history};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::fund::fiscal_year;
use crate::payment_order::set_apart;

/// A line, as the tie counts it.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) id: Uuid,
    pub(crate) order: Option<Uuid>,
    pub(crate) run: Uuid,
    /// The fiscal year whose fund carries it.
    pub(crate) fiscal_year: i32,
    pub(crate) amount: i64,
    pub(crate) kept_back: i64,
    pub(crate) status: LineStatus,
    pub(crate) area_id: String,
    pub(crate) group: String,
}

impl Line {
    /// What the order pays of it, đồng.
    pub(crate) const fn net(&self) -> i64 {
        self.amount - self.kept_back
    }
}

/// An order beside the last step of its history.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) run: Uuid,
    pub(crate) reference: String,
    pub(crate) channel: Channel,
    pub(crate) bank_code: Option<String>,
    pub(crate) amount: i64,
    pub(crate) area_id: String,
    pub(crate) file: Option<Uuid>,
    pub(crate) status: OrderStatus,
    pub(crate) reason: Option<String>,
    pub(crate) last: Option<(OrderStatus, DateTime<Utc>)>,
}

/// Which orders.
#[derive(Clone, Debug)]
pub(crate) enum Which {
    /// Those of these runs.
    Runs(Vec<Uuid>),
    /// These.
    Orders(Vec<Uuid>),
    /// Those that left the house and have no good end; the runs that are not over, as [`Which::open`] finds them.
    Open(Vec<Uuid>),
}

/// What is under way until its bank says how it ended: only orders of runs that are not over.
const UNDER_WAY: [OrderStatus; 2] = [OrderStatus::Extracted, OrderStatus::Accepted];
/// What is open until it ends, or is paid again, however long ago.
const OPEN: [OrderStatus; 3] = [OrderStatus::Unknown, OrderStatus::Rejected, OrderStatus::Returned];

impl Which {
    /// Those that left the house and have no good end. A run is closed when none of its orders is under way, and no order
    /// is under way again: of the many orders of past runs only those are read that stand in an index.
    pub(crate) async fn open(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        let runs = pay_run::Entity::find()
            .select_only()
            .column(pay_run::Column::Id)
            .filter(pay_run::Column::Status.is_in([
                PayRunStatus::Approved,
                PayRunStatus::Released,
                PayRunStatus::Settling,
            ]))
            .into_tuple()
            .all(conn)
            .await?;
        Ok(Self::Open(runs))
    }

    fn orders(&self) -> Condition {
        use payment_order::Column as C;
        match self {
            Self::Runs(runs) => Condition::all().add(C::PayRunId.is_in(runs.iter().copied())),
            Self::Orders(ids) => Condition::all().add(C::Id.is_in(ids.iter().copied())),
            Self::Open(runs) => {
                let under_way = Condition::all()
                    .add(C::PayRunId.is_in(runs.iter().copied()))
                    .add(C::Status.is_in(UNDER_WAY));
                Condition::any().add(set_apart(&OPEN)).add(under_way)
            }
        }
    }

    fn order_ids(&self) -> SelectStatement {
        Query::select()
            .column(payment_order::Column::Id)
            .from(payment_order::Entity)
            .cond_where(self.orders())
            .to_owned()
    }

    fn lines(&self) -> Condition {
        match self {
            // A line that has lost its order is looked for too.
            Self::Runs(runs) => Condition::all().add(payment_line::Column::PayRunId.is_in(runs.iter().copied())),
            _ => Condition::all().add(payment_line::Column::OrderId.in_subquery(self.order_ids())),
        }
    }
}

/// The orders, their lines and their runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Books {
    pub(crate) runs: BTreeMap<Uuid, pay_run::Model>,
    pub(crate) orders: BTreeMap<Uuid, Order>,
    pub(crate) lines: Vec<Line>,
}

impl Books {
    /// Reads them.
    pub(crate) async fn load(conn: &impl ConnectionTrait, which: &Which) -> Result<Self, Error> {
        let orders = orders(conn, which).await?;
        let lines = lines(conn, which).await?;
        let ids: Vec<Uuid> = match which {
            Which::Runs(runs) => runs.clone(),
            _ => orders.values().map(|order| order.run).collect(),
        };
        let runs = runs(conn, ids).await?;
        Ok(Self { runs, orders, lines })
    }

    /// Where a line stands; none where it is none of a payment that left the house.
    pub(crate) fn standing(&self, line: &Line) -> Option<Standing> {
        let order = self.orders.get(&line.order?)?;
        standing(order.status, line.status)
    }

    /// Where the đồng of each order stand.
    pub(crate) fn standings(&self) -> BTreeMap<Uuid, BTreeMap<Standing, i64>> {
        let mut all: BTreeMap<Uuid, BTreeMap<Standing, i64>> = BTreeMap::new();
        for line in &self.lines {
            if let (Some(order), Some(standing)) = (line.order, self.standing(line)) {
                *all.entry(order).or_default().entry(standing).or_insert(0) += line.net();
            }
        }
        all
    }
}

/// Where a line of an order stands.
pub(crate) const fn standing(order: OrderStatus, line: LineStatus) -> Option<Standing> {
    use OrderStatus as O;
    match (order, line) {
        (O::Rejected | O::Returned, LineStatus::Cancelled) => Some(Standing::Cancelled),
        (_, LineStatus::Draft | LineStatus::Cancelled) => None,
        (_, LineStatus::Reissued) => Some(Standing::Reissued),
        (O::Approved | O::Extracted | O::Accepted, _) => Some(Standing::InFlight),
        (O::Unknown, _) => Some(Standing::Unknown),
        (O::Settled, _) => Some(Standing::Settled),
        (O::Credited, _) => Some(Standing::Credited),
        (O::Rejected | O::Returned, _) => Some(Standing::ToReissue),
    }
}

async fn runs(conn: &impl ConnectionTrait, mut ids: Vec<Uuid>) -> Result<BTreeMap<Uuid, pay_run::Model>, Error> {
    ids.sort_unstable();
    ids.dedup();
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(5_000) {
        let rows = pay_run::Entity::find()
            .filter(pay_run::Column::Id.is_in(chunk.iter().copied()))
            .all(conn)
            .await?;
        found.extend(rows.into_iter().map(|run| (run.id, run)));
    }
    Ok(found)
}

type OrderRow = (
    Uuid,
    Uuid,
    String,
    Channel,
    Option<String>,
    i64,
    String,
    Option<Uuid>,
    OrderStatus,
    Option<String>,
);

async fn orders(conn: &impl ConnectionTrait, which: &Which) -> Result<BTreeMap<Uuid, Order>, Error> {
    use payment_order::Column as C;
    let rows: Vec<OrderRow> = payment_order::Entity::find()
        .select_only()
        .columns([
            C::Id,
            C::PayRunId,
            C::Reference,
            C::Channel,
            C::BankCode,
            C::Amount,
            C::AreaId,
            C::FileId,
            C::Status,
            C::Reason,
        ])
        .filter(which.orders())
        .into_tuple()
        .all(conn)
        .await?;
    let mut orders: BTreeMap<Uuid, Order> = rows
        .into_iter()
        .map(
            |(id, run, reference, channel, bank_code, amount, area_id, file, status, reason)| {
                let order = Order {
                    run,
                    reference,
                    channel,
                    bank_code,
                    amount,
                    area_id,
                    file,
                    status,
                    reason,
                    last: None,
                };
                (id, order)
            },
        )
        .collect();
    let steps: Vec<(Uuid, OrderStatus, DateTime<Utc>)> = payment_order_history::Entity::find()
        .select_only()
        .columns([
            payment_order_history::Column::OrderId,
            payment_order_history::Column::ToStatus,
            payment_order_history::Column::At,
        ])
        .filter(payment_order_history::Column::OrderId.in_subquery(which.order_ids()))
        .order_by_asc(payment_order_history::Column::OrderId)
        .order_by_asc(payment_order_history::Column::Sequence)
        .into_tuple()
        .all(conn)
        .await?;
    for (id, status, at) in steps {
        if let Some(order) = orders.get_mut(&id) {
            order.last = Some((status, at));
        }
    }
    Ok(orders)
}

type LineRow = (
    Uuid,
    Uuid,
    Option<Uuid>,
    i32,
    Option<i32>,
    i64,
    LineStatus,
    String,
    String,
);

async fn lines(conn: &impl ConnectionTrait, which: &Which) -> Result<Vec<Line>, Error> {
    use payment_line::Column as C;
    let rows: Vec<LineRow> = payment_line::Entity::find()
        .select_only()
        .columns([
            C::Id,
            C::PayRunId,
            C::OrderId,
            C::CoverMonth,
            C::FiscalYear,
            C::Amount,
            C::Status,
            C::AreaId,
            C::GroupCode,
        ])
        .filter(which.lines())
        .into_tuple()
        .all(conn)
        .await?;
    let deductions: Vec<(Uuid, i64)> = overpayment_deduction::Entity::find()
        .select_only()
        .columns([
            overpayment_deduction::Column::LineId,
            overpayment_deduction::Column::Amount,
        ])
        .filter(overpayment_deduction::Column::OrderId.in_subquery(which.order_ids()))
        .into_tuple()
        .all(conn)
        .await?;
    let mut kept: BTreeMap<Uuid, i64> = BTreeMap::new();
    for (line, amount) in deductions {
        *kept.entry(line).or_insert(0) += amount;
    }
    let lines = rows.into_iter().map(
        |(id, run, order, cover_month, fixed, amount, status, area_id, group)| Line {
            kept_back: kept.get(&id).copied().unwrap_or(0),
            id,
            order,
            run,
            fiscal_year: fiscal_year(cover_month, fixed),
            amount,
            status,
            area_id,
            group,
        },
    );
    Ok(lines.collect())
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::PostgresQueryBuilder;

    use super::*;

    #[test]
    fn what_is_open_is_read_by_indexes_and_never_among_all_orders() {
        let asked = Which::Open(vec![Uuid::nil()])
            .order_ids()
            .to_string(PostgresQueryBuilder);
        for part in [
            "\"payment_order\".\"set_apart\" IN ('unknown', 'rejected', 'returned')",
            "OR (\"payment_order\".\"pay_run_id\" IN ('00000000-0000-0000-0000-000000000000') AND",
            "\"payment_order\".\"status\" IN ('extracted', 'accepted')",
        ] {
            assert!(asked.contains(part), "{part} in {asked}");
        }
    }
}
