//! A file that was debited, given back in one sum and debited once more: two people may find that its orders are paid after
//! all.
//!
//! Each order that came back with the sum, and waits to be paid again, is paid then. What was paid again meanwhile, or
//! cancelled, or found paid by a debit of its own, is not paid a second time: what the bank took of it stands as a
//! difference beside its order, until the bank makes it good or the fund bears it. What was decided is kept order by order.

use std::collections::{BTreeMap, BTreeSet};

use domain::payment_order::State;
use entity::enums::{BatchEntryKind, LineStatus, ProposalStatus, ResolutionKind};
use entity::{
    bank_report_line, batch_entry, pay_run, payment_line, payment_order, suspense_resolution, suspense_resolution_order,
};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::bank_report::{Finding, line_subject};
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::apply::{follow, lock_lines, refused, subject};
use crate::reconciliation::batch::{Entry, Told};
use crate::reconciliation::difference;
use crate::reconciliation::judge::{Judge, Known};
use crate::reconciliation::load;

/// Do people speak of a whole file: does the line tell of a second debit over one, and do they name no order?
pub(super) async fn is_meant(
    conn: &impl ConnectionTrait,
    line: &bank_report_line::Model,
    (kind, order): (ResolutionKind, Option<Uuid>),
) -> Result<bool, Error> {
    let second = line.note.as_deref() == Some(Finding::DuplicateLine.code()) && line.order_id.is_none();
    if kind != ResolutionKind::AcceptedAsPaid || order.is_some() || !second {
        return Ok(false);
    }
    let entry = batch_entry::Entity::find_by_id(line.id).one(conn).await?;
    Ok(entry.is_some_and(|own| own.kind == BatchEntryKind::Debit))
}

/// Refuses where a second debit does not pay what came back of its file.
///
/// # Errors
/// `illegal-transition`.
pub(super) async fn require(txn: &Txn, line: Uuid) -> Result<(), Error> {
    let entry = second(txn, line).await?;
    let (orders, told) = load::orders_of_file(txn, entry.file_id).await?;
    parts(txn, &entry, &orders, &told).await.map(|_| ())
}

/// The orders of the file are paid, with their money, their runs and what was kept back of them; those that are paid
/// otherwise by now get a difference each. All runs that this may change are locked, and the line is closed. Gives what
/// became of the orders.
pub(super) async fn carry_out(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    resolution: &suspense_resolution::Model,
) -> Result<Value, Error> {
    let line = resolution.line_id;
    let entry = second(txn, line).await?;
    let of_orders = payment_line::Column::OrderId.in_subquery(of_file(entry.file_id));
    lock_lines(txn, Condition::all().add(of_orders)).await?;
    let (orders, mut told) = load::orders_of_file(txn, entry.file_id).await?;
    let parts = parts(txn, &entry, &orders, &told).await?;
    keep(txn, resolution.id, &parts).await?;
    for order in &parts.paid {
        told.given_back.remove(&order.id);
    }
    *told.beside.entry(entry.file_id).or_insert(0) += sum(&parts.left);
    let mut firsts = Vec::with_capacity(parts.left.len());
    for order in &parts.left {
        let by = difference::first_told(txn, &told, order, (line, false)).await?;
        firsts.push((order, by));
    }
    let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
    for order in &parts.paid {
        // By the debit itself, as the first one had paid them: so the file ties.
        judge.put(order.id, State::Settled, None, &line_subject(line));
    }
    follow(app, txn, actor, runs, (&subject(resolution.id), judge), None).await?;
    for (order, by) in firsts {
        difference::beside(app, txn, actor, runs, (line, by), order).await?;
    }
    let left: Vec<Uuid> = parts.left.iter().map(|order| order.id).collect();
    Ok(json!({"id": entry.file_id, "paid": parts.paid.len(), "left": left}))
}

/// What a second debit comes to, order by order.
struct Parts {
    /// What came back and waits: it is paid.
    paid: Vec<Known>,
    /// What was paid again, cancelled or found paid meanwhile.
    left: Vec<Known>,
}

fn sum(orders: &[Known]) -> i64 {
    orders.iter().map(|order| order.amount).sum()
}

/// The debit, which is still a second one: what was told since may have made another thing of it.
async fn second(txn: &Txn, line: Uuid) -> Result<batch_entry::Model, Error> {
    let own = bank_report_line::Entity::find_by_id(line).one(txn.conn()).await?;
    let own = own.ok_or_else(Error::not_found)?;
    let entry = batch_entry::Entity::find_by_id(line).one(txn.conn()).await?;
    let entry = entry.filter(|_| own.note.as_deref() == Some(Finding::DuplicateLine.code()));
    entry.ok_or_else(|| {
        refused(
            "Dòng này không còn là lần ghi nợ thứ hai của cả tệp",
            "the line is no second debit over a file any more",
        )
    })
}

/// Did people close a second debit of a report by which what came back of its file is explained? Were it not there, what came
/// back would be the first one, and orders that are paid would be paid again.
pub(super) async fn explains_return(txn: &Txn, report: Uuid) -> Result<bool, Error> {
    let of_report = Query::select()
        .column(bank_report_line::Column::Id)
        .from(bank_report_line::Entity)
        .and_where(bank_report_line::Column::BankReportId.eq(report))
        .and_where(bank_report_line::Column::Note.eq(Finding::DuplicateLine.code()))
        .and_where(bank_report_line::Column::ResolvedAt.is_not_null())
        .to_owned();
    let files: Vec<Uuid> = batch_entry::Entity::find()
        .select_only()
        .column(batch_entry::Column::FileId)
        .filter(batch_entry::Column::LineId.in_subquery(of_report))
        .into_tuple()
        .all(txn.conn())
        .await?;
    for file in files.into_iter().collect::<BTreeSet<Uuid>>() {
        let (orders, mut told) = load::orders_of_file(txn, file).await?;
        told.by_people = false;
        told.entries.retain(|own| own.report != Some(report));
        let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
        judge.tie_files();
        if !judge.moved_ids().is_empty() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The ids of the orders of a file.
pub(super) fn of_file(file: Uuid) -> SelectStatement {
    Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .and_where(payment_order::Column::FileId.eq(file))
        .to_owned()
}

async fn parts(txn: &Txn, entry: &batch_entry::Model, orders: &[Known], told: &Told) -> Result<Parts, Error> {
    let back: Vec<&Known> = orders
        .iter()
        .filter(|order| told.given_back.contains(&order.id))
        .collect();
    let came_back: i64 = back.iter().map(|order| order.amount).sum();
    if back.is_empty() || !entry.booked || entry.amount != came_back {
        return Err(refused(
            "Khoản ghi nợ này không đúng bằng số tiền của cả tệp mà ngân hàng đã hoàn lại; chưa thể công nhận cho cả tệp",
            "the debit is not what came back of the whole file: it can't be taken for the payment of its orders",
        ));
    }
    let done_with = done_with(txn, entry.file_id).await?;
    let waits = |order: &Known| order.state == State::Returned && !done_with.contains(&order.id);
    let (paid, left): (Vec<&Known>, Vec<&Known>) = back.into_iter().partition(|order| waits(order));
    let owned = |orders: Vec<&Known>| orders.into_iter().cloned().collect();
    Ok(Parts {
        paid: owned(paid),
        left: owned(left),
    })
}

/// The orders of a file of which any line does not wait to be paid again.
async fn done_with(txn: &Txn, file: Uuid) -> Result<BTreeSet<Uuid>, Error> {
    let orders: Vec<Uuid> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::OrderId)
        .filter(payment_line::Column::OrderId.in_subquery(of_file(file)))
        .filter(payment_line::Column::Status.ne(LineStatus::Returned))
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(orders.into_iter().collect())
}

/// Keeps what was decided of each order: the database lets the lines of those that are paid live again by it.
async fn keep(txn: &Txn, resolution: Uuid, parts: &Parts) -> Result<(), Error> {
    let row = |order: &Known, paid: bool| suspense_resolution_order::Model {
        resolution_id: resolution,
        order_id: order.id,
        paid,
    };
    let paid = parts.paid.iter().map(|order| row(order, true));
    let left = parts.left.iter().map(|order| row(order, false));
    txn.insert_all::<suspense_resolution_order::Entity>(paid.chain(left).collect())
        .await
}

/// What two people took for good of some files: second debits for their payment, and returns for others than those before.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Their lines.
    pub(crate) lines: BTreeSet<Uuid>,
    /// What the debits took of orders that they do not pay: `(order, file, amount)`, đồng.
    pub(crate) left: Vec<(Uuid, Uuid, i64)>,
}

/// The lines of such debits, and of the returns of whole files that two people took for others than those before.
pub(crate) fn lines() -> SelectStatement {
    use suspense_resolution::Column as S;
    // Of a single order the resolution names it.
    Query::select()
        .column(S::LineId)
        .from(suspense_resolution::Entity)
        .and_where(S::Kind.is_in([ResolutionKind::AcceptedAsPaid, ResolutionKind::AcceptedAsReturned]))
        .and_where(S::Status.eq(ProposalStatus::Accepted))
        .and_where(S::OrderId.is_null())
        .to_owned()
}

/// What they took of some files.
pub(crate) async fn found(conn: &impl ConnectionTrait, files: &BTreeSet<Uuid>) -> Result<Found, Error> {
    use batch_entry::Column as B;
    use suspense_resolution_order::Column as P;
    let mut found = Found::default();
    let debits: Vec<(Uuid, Uuid)> = batch_entry::Entity::find()
        .select_only()
        .columns([B::LineId, B::FileId])
        .filter(B::FileId.is_in(files.iter().copied()))
        .filter(B::LineId.in_subquery(lines()))
        .into_tuple()
        .all(conn)
        .await?;
    if debits.is_empty() {
        return Ok(found);
    }
    let order = suspense_resolution_order::Entity::belongs_to(payment_order::Entity)
        .from(P::OrderId)
        .to(payment_order::Column::Id);
    let files: BTreeSet<Uuid> = debits.iter().map(|(_, file)| *file).collect();
    let left: Vec<(Uuid, Option<Uuid>, i64)> = suspense_resolution_order::Entity::find()
        .select_only()
        .columns([
            payment_order::Column::Id,
            payment_order::Column::FileId,
            payment_order::Column::Amount,
        ])
        .join(JoinType::InnerJoin, order.into())
        .filter(P::Paid.eq(false))
        .filter(payment_order::Column::FileId.is_in(files))
        .into_tuple()
        .all(conn)
        .await?;
    let left = left.into_iter();
    let left = left.filter_map(|(order, file, amount)| Some((order, file?, amount)));
    found.left = left.collect();
    found.lines = debits.into_iter().map(|(line, _)| line).collect();
    Ok(found)
}

/// What those among these entries took of orders that they do not pay, by file, đồng.
pub(super) async fn of_entries(txn: &Txn, entries: &[Entry]) -> Result<BTreeMap<Uuid, i64>, Error> {
    let files: BTreeSet<Uuid> = entries.iter().filter(|own| own.found).map(|own| own.file).collect();
    if files.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut beside = BTreeMap::new();
    for (_, file, amount) in found(txn.conn(), &files).await?.left {
        *beside.entry(file).or_insert(0) += amount;
    }
    Ok(beside)
}

/// The orders of which two people found that a second debit of their file pays them.
pub(crate) async fn orders_found_paid(conn: &impl ConnectionTrait) -> Result<Vec<Uuid>, Error> {
    use suspense_resolution_order::Column as P;
    let orders: Vec<Uuid> = suspense_resolution_order::Entity::find()
        .select_only()
        .column(P::OrderId)
        .filter(P::Paid.eq(true))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(orders)
}
