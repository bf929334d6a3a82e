//! What a report speaks of, read by the set.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use domain::bank::BankProfiles;
use domain::bank_report::{Format, Report};
use entity::enums::{FileKind, LineOutcome, OrderStatus, ReportFormat};
use entity::{bank_report, bank_report_line, pay_run, pay_run_step, payment_file, payment_order};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Value};
use uuid::Uuid;

use crate::app::App;
use crate::bank_report::current_code;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::fiscal_year;
use crate::pay_run::RELEASED;
use crate::reconciliation::batch::Told;
use crate::reconciliation::batch_told;
use crate::reconciliation::booked;
use crate::reconciliation::judge::{Judge, Known, Nameless};
use crate::reconciliation::reading::of_batch;
use crate::reconciliation::retold;
use crate::reconciliation::state::state;
use crate::reconciliation::whole_file::{self, Said};
use crate::rows;

/// Ids in one statement: below both engines' limits of bind parameters.
pub(super) const IDS: usize = 10_000;

/// The released runs, locked in the order of their ids: reports are reconciled one after the other.
pub(super) async fn runs(txn: &Txn) -> Result<BTreeMap<Uuid, pay_run::Model>, Error> {
    let rows = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in(RELEASED))
        .order_by_asc(pay_run::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    Ok(rows.into_iter().map(|run| (run.id, run)).collect())
}

/// The files that the bank of a report has nothing to say of: those that went to another one, or to the post office. None
/// where nobody knows whose the report is.
pub(super) async fn of_others(txn: &Txn, bank: Option<&str>) -> Result<BTreeSet<Uuid>, Error> {
    let Some(bank) = bank else {
        return Ok(BTreeSet::new());
    };
    let rows: Vec<(Uuid, FileKind, Option<String>)> = payment_file::Entity::find()
        .select_only()
        .columns([
            payment_file::Column::Id,
            payment_file::Column::Kind,
            payment_file::Column::BankCode,
        ])
        .into_tuple()
        .all(txn.conn())
        .await?;
    let mut others = BTreeSet::new();
    for (id, kind, code) in rows {
        let own = match code {
            Some(code) => Some(current_code(code)?),
            None if kind == FileKind::PostList => Some(BankProfiles::POST.to_owned()),
            None => None,
        };
        if own.is_some_and(|own| own != bank) {
            others.insert(id);
        }
    }
    Ok(others)
}

/// The files of released runs by their batch (PmtInfId), and what the report says of whole files. Files of other banks
/// (`others`) are none that it can speak of.
pub(super) async fn files(
    app: &App,
    txn: &Txn,
    (runs, others): (&BTreeMap<Uuid, pay_run::Model>, &BTreeSet<Uuid>),
    report: &Report,
) -> Result<(BTreeMap<String, Uuid>, Vec<Said>), Error> {
    let header = &report.header;
    let speaks_of_files = header.group_status.is_some()
        || header.original_message_id.is_some()
        || !header.batches.is_empty()
        || report.lines.iter().any(|line| of_batch(line).is_some());
    if !speaks_of_files {
        return Ok((BTreeMap::new(), Vec::new()));
    }
    let mut by_batch = BTreeMap::new();
    for file in crate::pay_run::names_in(app, txn.conn(), runs).await? {
        let Some(message) = file.message.filter(|_| !others.contains(&file.id)) else {
            continue;
        };
        by_batch.insert(file.batch, file.id);
        // A statement may name the whole message where the file has one batch.
        by_batch.insert(message, file.id);
    }
    let said = whole_file::said(report, &by_batch);
    Ok((by_batch, said))
}

/// The files a report speaks of as wholes: those of its header and those of one debit over a batch.
pub(super) fn whole_files(report: &Report, by_batch: &BTreeMap<String, Uuid>, said: &[Said]) -> Vec<Uuid> {
    let debits = report.lines.iter().filter(|line| of_batch(line).is_some());
    let debited = debits.filter_map(|line| line.batch.as_ref().and_then(|batch| by_batch.get(batch)));
    let told = said.iter().filter(|own| own.speaks()).filter_map(|own| own.file);
    let mut files: Vec<Uuid> = debited.copied().chain(told).collect();
    files.sort_unstable();
    files.dedup();
    files
}

/// The orders the report names by reference or UETR, those it may speak of without, and those of the files it speaks of.
///
/// Where entries are held against the file of an order, all of the file's orders are read, and the file is added to
/// `files`.
pub(super) async fn orders(
    txn: &Txn,
    report: &Report,
    (nameless, files): (&Nameless, &mut Vec<Uuid>),
) -> Result<(Vec<Known>, Told), Error> {
    let nameless = nameless.orders().cloned();
    let mut found: BTreeMap<Uuid, Known> = nameless.map(|order| (order.id, order)).collect();
    let named: BTreeSet<Uuid> = report.lines.iter().filter_map(|line| line.uetr).collect();
    collect_named(txn, &mut found, ("uetr", "uuid"), named.into_iter().map(Value::from)).await?;
    // A UETR is found faster than a text, and nearly always has the reference with it.
    let met: HashSet<&str> = found.values().map(|order| order.reference.as_str()).collect();
    let named = report.lines.iter().filter_map(|line| line.reference.as_deref());
    let missing: BTreeSet<&str> = named.filter(|reference| !met.contains(reference)).collect();
    let missing: Vec<Value> = missing.into_iter().map(Value::from).collect();
    collect_named(txn, &mut found, ("reference", "text"), missing).await?;
    if !files.is_empty() {
        collect(
            txn,
            &mut found,
            payment_order::Column::FileId.is_in(files.iter().copied()),
        )
        .await?;
    }
    let met: BTreeSet<Uuid> = found.values().filter_map(|order| order.file_id).collect();
    let statement = report.header.format == Format::Camt053;
    let over = report.lines.iter().any(|line| of_batch(line).is_some());
    let mut told = batch_told::told(txn, &met, (statement, over)).await?;
    let mut more = told.files();
    more.retain(|file| !files.contains(file));
    if !more.is_empty() {
        let which = payment_order::Column::FileId.is_in(more.iter().copied());
        collect(txn, &mut found, which).await?;
        files.extend(more);
    }
    told.booked = booked::of(txn, report, &found).await?;
    told.retold = retold::of(txn, report, &found).await?;
    Ok((found.into_values().collect(), told))
}

/// Some orders by their ids.
pub(super) async fn orders_by_id(txn: &Txn, ids: &[Uuid]) -> Result<Vec<Known>, Error> {
    let mut found = BTreeMap::new();
    for chunk in ids.chunks(IDS) {
        collect(txn, &mut found, payment_order::Column::Id.is_in(chunk.iter().copied())).await?;
    }
    Ok(found.into_values().collect())
}

/// One order, with the others of its file where entries are held against that file: `(orders, entries)`.
pub(super) async fn order_in_file(txn: &Txn, order: Uuid) -> Result<(Vec<Known>, Told), Error> {
    let mut found = BTreeMap::new();
    collect(txn, &mut found, payment_order::Column::Id.eq(order)).await?;
    let met: BTreeSet<Uuid> = found.values().filter_map(|order| order.file_id).collect();
    let mut told = batch_told::told(txn, &met, (false, false)).await?;
    told.by_people = true;
    told.debited_again = booked::debited_again(txn, order).await?;
    let files: Vec<Uuid> = told.files().into_iter().collect();
    if !files.is_empty() {
        let which = payment_order::Column::FileId.is_in(files.iter().copied());
        collect(txn, &mut found, which).await?;
    }
    Ok((found.into_values().collect(), told))
}

/// Every order of a file, with what is known of the file, where two people decide of the whole of it: `(orders, entries)`.
pub(super) async fn orders_of_file(txn: &Txn, file: Uuid) -> Result<(Vec<Known>, Told), Error> {
    let mut told = batch_told::told(txn, &BTreeSet::from([file]), (false, false)).await?;
    told.by_people = true;
    let mut found = BTreeMap::new();
    collect(txn, &mut found, payment_order::Column::FileId.eq(file)).await?;
    Ok((found.into_values().collect(), told))
}

type OrderRow = (
    Uuid,
    Uuid,
    Option<Uuid>,
    String,
    Uuid,
    String,
    i64,
    OrderStatus,
    Option<String>,
    Option<String>,
);

/// Adds the orders that a statement finds.
pub(super) async fn collect(
    txn: &Txn,
    found: &mut BTreeMap<Uuid, Known>,
    which: sea_orm::sea_query::SimpleExpr,
) -> Result<(), Error> {
    use payment_order::Column as C;
    let rows: Vec<OrderRow> = payment_order::Entity::find()
        .select_only()
        .columns([
            C::Id,
            C::PayRunId,
            C::FileId,
            C::Reference,
            C::Uetr,
            C::AccountNumber,
            C::Amount,
            C::Status,
            C::Reason,
            C::BankReference,
        ])
        .filter(which)
        .filter(crate::payment_order::made())
        .into_tuple()
        .all(txn.conn())
        .await?;
    found.extend(rows.into_iter().map(known));
    Ok(())
}

/// Adds the orders that have one of some values in a column, as [`crate::payment_order::made`] says.
async fn collect_named(
    txn: &Txn,
    found: &mut BTreeMap<Uuid, Known>,
    (column, of): (&str, &str),
    named: impl IntoIterator<Item = Value>,
) -> Result<(), Error> {
    let statement = |source: &str| {
        format!(
            "SELECT o.id, o.pay_run_id, o.file_id, o.reference, o.uetr, o.account_number, o.amount, o.status, o.reason, \
             o.bank_reference FROM {source} JOIN payment_order AS o ON o.{column} = v.column1 \
             WHERE o.pay_run_id NOT IN (SELECT id FROM pay_run WHERE approved_at IS NULL)"
        )
    };
    let rows: Vec<OrderRow> = rows::find(txn, &[of], named, statement).await?;
    found.extend(rows.into_iter().map(known));
    Ok(())
}

fn known(row: OrderRow) -> (Uuid, Known) {
    let (id, pay_run_id, file_id, reference, uetr, account, amount, status, reason, bank_reference) = row;
    let known = Known {
        id,
        pay_run_id,
        file_id,
        reference,
        uetr,
        account,
        amount,
        state: state(status),
        reason,
        bank_reference,
    };
    (id, known)
}

/// Of the orders of these files which the bank has taken, and said nothing more of, those that a line of their own names.
pub(super) async fn taken_by_line(txn: &Txn, files: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, Error> {
    use bank_report_line::Column as L;
    if files.is_empty() {
        return Ok(BTreeSet::new());
    }
    let accepted = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(payment_order::Column::FileId.is_in(files.iter().copied()))
        .and_where(payment_order::Column::Status.eq(OrderStatus::Accepted))
        .to_owned();
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let named: Vec<Uuid> = bank_report_line::Entity::find()
        .select_only()
        .column(L::OrderId)
        .join(JoinType::InnerJoin, report.into())
        .filter(L::OrderId.in_subquery(accepted))
        .filter(L::Outcome.eq(LineOutcome::Matched))
        // The answer to a recall says nothing of where the order stands.
        .filter(bank_report::Column::Format.ne(ReportFormat::Camt029))
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(named.into_iter().collect())
}

/// The number of the last step in the history of each moved order: its own, or one that its whole run took.
pub(super) async fn last_steps(txn: &Txn, judge: &Judge) -> Result<BTreeMap<Uuid, i32>, Error> {
    let of_runs: Vec<(Uuid, i32)> = pay_run_step::Entity::find()
        .select_only()
        .columns([pay_run_step::Column::PayRunId, pay_run_step::Column::Sequence])
        .filter(pay_run_step::Column::PayRunId.is_in(judge.runs()))
        .order_by_asc(pay_run_step::Column::Sequence)
        .into_tuple()
        .all(txn.conn())
        .await?;
    let of_runs: BTreeMap<Uuid, i32> = of_runs.into_iter().collect();
    let statement = |source: &str| {
        format!(
            "SELECT v.column1, (SELECT MAX(sequence) FROM payment_order_event WHERE order_id = v.column1) FROM {source}"
        )
    };
    let orders = judge.moved_ids().into_iter().map(Value::from);
    let own: Vec<(Uuid, Option<i32>)> = rows::find(txn, &["uuid"], orders, statement).await?;
    let own: BTreeMap<Uuid, Option<i32>> = own.into_iter().collect();
    let last = judge.moved().filter_map(|(_, order)| {
        let own = own.get(&order.id).copied().flatten();
        let last = own.max(of_runs.get(&order.pay_run_id).copied())?;
        Some((order.id, last))
    });
    Ok(last.collect())
}

/// The lines of some orders: `(order, fiscal year, amount)`.
pub(super) async fn amounts(txn: &Txn, orders: &[Uuid]) -> Result<Vec<(Uuid, i32, i64)>, Error> {
    let statement = |source: &str| {
        format!(
            "SELECT l.order_id, l.cover_month, l.fiscal_year, l.amount FROM {source} \
             JOIN payment_line AS l ON l.order_id = v.column1"
        )
    };
    let orders = orders.iter().copied().map(Value::from);
    let rows: Vec<(Uuid, i32, Option<i32>, i64)> = rows::find(txn, &["uuid"], orders, statement).await?;
    let rows = rows.into_iter();
    let rows = rows.map(|(order, month, fixed, amount)| (order, fiscal_year(month, fixed), amount));
    Ok(rows.collect())
}
