//! What a report speaks of, read by the set.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank_report::{Format, Report};
use domain::ids;
use domain::payment_order::{Event, group_status_meaning};
use entity::enums::{OrderStatus, PayRunStatus};
use entity::{bank_report_line, pay_run, payment_file, payment_line, payment_order, payment_order_event};
use sea_orm::sea_query::{Query, UnionType};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::fiscal_year;
use crate::reconciliation::batch::Told;
use crate::reconciliation::batch_rows;
use crate::reconciliation::judge::{Known, Nameless};
use crate::reconciliation::reading::of_batch;
use crate::reconciliation::state::state;

/// Ids in one statement: below both engines' limits of bind parameters.
pub(super) const IDS: usize = 10_000;

/// What a report says of a whole file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Whole {
    pub(super) file: Uuid,
    pub(super) event: Event,
    pub(super) reason: Option<String>,
}

/// A line as it was stored when its report came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct StoredLine {
    pub(super) id: Uuid,
    pub(super) position: i32,
    /// The order of its reference, if there was one.
    pub(super) order: Option<Uuid>,
}

/// The lines of a report, in the order of the file.
pub(super) async fn stored(txn: &Txn, report: Uuid) -> Result<Vec<StoredLine>, Error> {
    use bank_report_line::Column as C;
    let rows: Vec<(i32, Uuid, Option<Uuid>)> = bank_report_line::Entity::find()
        .select_only()
        .columns([C::Position, C::Id, C::OrderId])
        .filter(C::BankReportId.eq(report))
        .order_by_asc(C::Position)
        .into_tuple()
        .all(txn.conn())
        .await?;
    let lines = rows
        .into_iter()
        .map(|(position, id, order)| StoredLine { id, position, order });
    Ok(lines.collect())
}

/// The released runs, locked in the order of their ids: reports are reconciled one after the other.
pub(super) async fn runs(txn: &Txn) -> Result<BTreeMap<Uuid, pay_run::Model>, Error> {
    let released = [PayRunStatus::Released, PayRunStatus::Settling, PayRunStatus::Closed];
    let rows = pay_run::Entity::find()
        .filter(pay_run::Column::Status.is_in(released))
        .order_by_asc(pay_run::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    Ok(rows.into_iter().map(|run| (run.id, run)).collect())
}

/// The files of released runs by their batch (PmtInfId), and what the report says of whole files.
pub(super) async fn files(
    app: &App,
    txn: &Txn,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    report: &Report,
) -> Result<(BTreeMap<String, Uuid>, Vec<Whole>), Error> {
    let header = &report.header;
    let speaks_of_files = header.group_status.is_some()
        || !header.batches.is_empty()
        || report.lines.iter().any(|line| of_batch(line).is_some());
    if !speaks_of_files {
        return Ok((BTreeMap::new(), Vec::new()));
    }
    let rows = payment_file::Entity::find()
        .filter(payment_file::Column::PayRunId.is_in(runs.keys().copied()))
        .filter(payment_file::Column::MessageId.is_not_null())
        .all(txn.conn())
        .await?;
    let mut by_message = BTreeMap::new();
    let mut by_batch = BTreeMap::new();
    for file in rows {
        if let Some(run) = runs.get(&file.pay_run_id) {
            let key = format!("{}:{}", crate::pay_run::natural_key(run), file.name);
            by_batch.insert(ids::reference(app.secret.ids(), "payment_information", &key), file.id);
        }
        if let Some(message) = file.message_id {
            // A statement may name the whole message where the file has one batch.
            by_batch.insert(message.clone(), file.id);
            by_message.insert(message, file.id);
        }
    }
    let answered = header
        .original_message_id
        .as_ref()
        .and_then(|id| by_message.get(id))
        .copied();
    let mut wholes: Vec<Whole> = Vec::new();
    let said = header
        .batches
        .iter()
        .map(|batch| {
            let file = batch.batch.as_ref().and_then(|batch| by_batch.get(batch)).copied();
            (file.or(answered), Some(&batch.status), &batch.reason)
        })
        .chain([(answered, header.group_status.as_ref(), &header.group_reason)]);
    for (file, status, reason) in said {
        let (Some(file), Some(status)) = (file, status) else {
            continue;
        };
        // A batch is nearer to its orders than the group.
        if wholes.iter().any(|whole| whole.file == file) {
            continue;
        }
        if let Some(event) = group_status_meaning(status).event() {
            let reason = reason
                .clone()
                .or_else(|| (event == Event::Reject).then(|| status.to_lowercase()));
            wholes.push(Whole { file, event, reason });
        }
    }
    Ok((by_batch, wholes))
}

/// The files a report speaks of as wholes: those of its header and those of one debit over a batch.
pub(super) fn whole_files(report: &Report, by_batch: &BTreeMap<String, Uuid>, wholes: &[Whole]) -> Vec<Uuid> {
    let debits = report.lines.iter().filter(|line| of_batch(line).is_some());
    let debited = debits.filter_map(|line| line.batch.as_ref().and_then(|batch| by_batch.get(batch)));
    let mut files: Vec<Uuid> = debited.copied().chain(wholes.iter().map(|whole| whole.file)).collect();
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
    report_id: Uuid,
    report: &Report,
    (nameless, files): (&Nameless, &mut Vec<Uuid>),
) -> Result<(Vec<Known>, Told), Error> {
    let nameless = nameless.values().flatten().cloned();
    let mut found: BTreeMap<Uuid, Known> = nameless.map(|order| (order.id, order)).collect();
    let references = Query::select()
        .column(bank_report_line::Column::Reference)
        .from(bank_report_line::Entity)
        .cond_where(bank_report_line::Column::BankReportId.eq(report_id))
        .and_where(bank_report_line::Column::Reference.is_not_null())
        .to_owned();
    collect(
        txn,
        &mut found,
        payment_order::Column::Reference.in_subquery(references),
    )
    .await?;
    if !files.is_empty() {
        collect(
            txn,
            &mut found,
            payment_order::Column::FileId.is_in(files.iter().copied()),
        )
        .await?;
    }
    let met: BTreeSet<Uuid> = found.values().map(|order| order.uetr).collect();
    let named: BTreeSet<Uuid> = report.lines.iter().filter_map(|line| line.uetr).collect();
    let missing: Vec<Uuid> = named.difference(&met).copied().collect();
    for chunk in missing.chunks(IDS) {
        collect(
            txn,
            &mut found,
            payment_order::Column::Uetr.is_in(chunk.iter().copied()),
        )
        .await?;
    }
    let met: BTreeSet<Uuid> = found.values().filter_map(|order| order.file_id).collect();
    let statement = report.header.format == Format::Camt053;
    let told = batch_rows::told(txn, &met, statement).await?;
    let mut more = told.files();
    more.retain(|file| !files.contains(file));
    if !more.is_empty() {
        let which = payment_order::Column::FileId.is_in(more.iter().copied());
        collect(txn, &mut found, which).await?;
        files.extend(more);
    }
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

/// One order, with the others of its file where entries are held against that file: `(orders, files, entries)`.
pub(super) async fn order_in_file(txn: &Txn, order: Uuid) -> Result<(Vec<Known>, Vec<Uuid>, Told), Error> {
    let mut found = BTreeMap::new();
    collect(txn, &mut found, payment_order::Column::Id.eq(order)).await?;
    let met: BTreeSet<Uuid> = found.values().filter_map(|order| order.file_id).collect();
    let told = batch_rows::told(txn, &met, false).await?;
    let files: Vec<Uuid> = told.files().into_iter().collect();
    if !files.is_empty() {
        let which = payment_order::Column::FileId.is_in(files.iter().copied());
        collect(txn, &mut found, which).await?;
    }
    Ok((found.into_values().collect(), files, told))
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
        .into_tuple()
        .all(txn.conn())
        .await?;
    for (id, pay_run_id, file_id, reference, uetr, account, amount, status, reason, bank_reference) in rows {
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
        found.insert(id, known);
    }
    Ok(())
}

/// Which rows of another table belong to the orders that the report's lines (as stored by now) and files name.
fn of_answered(column: impl ColumnTrait, report_id: Uuid, files: &[Uuid]) -> Condition {
    let mut answered = Query::select()
        .column(bank_report_line::Column::OrderId)
        .from(bank_report_line::Entity)
        .cond_where(bank_report_line::Column::BankReportId.eq(report_id))
        .and_where(bank_report_line::Column::OrderId.is_not_null())
        .to_owned();
    if !files.is_empty() {
        let whole = Query::select()
            .column(payment_order::Column::Id)
            .from(payment_order::Entity)
            .cond_where(payment_order::Column::FileId.is_in(files.iter().copied()))
            .to_owned();
        // One list: either of two would be looked for in every row of the table.
        answered.union(UnionType::Distinct, whole);
    }
    Condition::all().add(column.in_subquery(answered))
}

/// The number of the last step in the history of each order.
pub(super) async fn last_steps(txn: &Txn, report_id: Uuid, files: &[Uuid]) -> Result<BTreeMap<Uuid, i32>, Error> {
    use payment_order_event::Column as C;
    let query: Select<payment_order_event::Entity> = payment_order_event::Entity::find()
        .select_only()
        .column(C::OrderId)
        .column_as(C::Sequence.max(), "last")
        .filter(of_answered(C::OrderId, report_id, files))
        .group_by(C::OrderId);
    let rows: Vec<(Uuid, i32)> = query.into_tuple().all(txn.conn()).await?;
    Ok(rows.into_iter().collect())
}

/// The number of the last step of one order.
pub(super) async fn last_step(txn: &Txn, order: Uuid) -> Result<BTreeMap<Uuid, i32>, Error> {
    use payment_order_event::Column as C;
    let last: Option<i32> = payment_order_event::Entity::find()
        .select_only()
        .column(C::Sequence)
        .filter(C::OrderId.eq(order))
        .order_by_desc(C::Sequence)
        .into_tuple()
        .one(txn.conn())
        .await?;
    Ok(last.map(|last| (order, last)).into_iter().collect())
}

/// The lines of one order: `(order, fiscal year, amount)`.
pub(super) async fn amounts_of(txn: &Txn, order: Uuid) -> Result<Vec<(Uuid, i32, i64)>, Error> {
    use payment_line::Column as C;
    let rows: Vec<(i32, Option<i32>, i64)> = payment_line::Entity::find()
        .select_only()
        .columns([C::CoverMonth, C::FiscalYear, C::Amount])
        .filter(C::OrderId.eq(order))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let rows = rows.into_iter();
    let rows = rows.map(|(month, fixed, amount)| (order, fiscal_year(month, fixed), amount));
    Ok(rows.collect())
}

/// The lines of the orders: `(order, fiscal year, amount)`.
pub(super) async fn amounts(txn: &Txn, report_id: Uuid, files: &[Uuid]) -> Result<Vec<(Uuid, i32, i64)>, Error> {
    use payment_line::Column as C;
    let rows: Vec<(Uuid, i32, Option<i32>, i64)> = payment_line::Entity::find()
        .select_only()
        .columns([C::OrderId, C::CoverMonth, C::FiscalYear, C::Amount])
        .filter(of_answered(C::OrderId, report_id, files))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let rows = rows.into_iter();
    let rows = rows.map(|(order, month, fixed, amount)| (order, fiscal_year(month, fixed), amount));
    Ok(rows.collect())
}
