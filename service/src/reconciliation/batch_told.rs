//! What reports before said of whole files, as the judge needs it.

use std::collections::{BTreeMap, BTreeSet};

use domain::payment_order::{Event, group_status_meaning};
use entity::enums::{BatchEntryKind, LineOutcome, OrderStatus, ReportStatus};
use entity::{bank_report, bank_report_file, bank_report_line, batch_entry, payment_order, payment_order_event};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::bank_report::{Finding, line_subject};
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::batch::{Entry, Refusal, Told, mark};
use crate::reconciliation::batch_rows;
use crate::reconciliation::earlier;
use crate::reconciliation::load::IDS;
use crate::reconciliation::{second_debit, settle};

/// Statuses that say of an order that it is under way, and no more.
const UNDER_WAY: [&str; 9] = ["RCVD", "PDNG", "FUTR", "ACTC", "ACCP", "ACFC", "ACSP", "ACWC", "ACWP"];

/// What reports before said of whole files. `over`: does the report at hand tell of whole files too?
pub(super) async fn told(txn: &Txn, files: &BTreeSet<Uuid>, (statement, over): (bool, bool)) -> Result<Told, Error> {
    let mut entries = batch_rows::entries(txn.conn(), files).await?;
    marks(txn, &mut entries, (statement, over)).await?;
    let by_batch = settled_by(txn, &entries).await?;
    let files: BTreeSet<Uuid> = if over {
        files.clone()
    } else {
        entries.iter().map(|own| own.file).collect()
    };
    let given_back = given_back(txn.conn(), &files).await?;
    Ok(Told {
        statement,
        by_batch,
        given_back: given_back.into_iter().map(|(order, ..)| order).collect(),
        beside: second_debit::of_entries(txn, &entries).await?,
        refusals: refusals(txn, &files).await?,
        entries,
        ..Told::default()
    })
}

/// Reads the marks of entries that an earlier release did not keep, where one teller tells of several debits or several
/// credits of one file, or may do so now.
async fn marks(txn: &Txn, entries: &mut [Entry], (statement, over): (bool, bool)) -> Result<(), Error> {
    let unread = entries.iter().filter(|own| own.unread.is_some());
    let unread: BTreeSet<Uuid> = unread.filter_map(|own| own.report).collect();
    if unread.is_empty() {
        return Ok(());
    }
    let mut alike: BTreeMap<(Uuid, BatchEntryKind, bool), Vec<Uuid>> = BTreeMap::new();
    let told = entries.iter().filter(|own| own.kind != BatchEntryKind::Refund);
    for own in told.filter(|own| own.booked) {
        let reports = alike.entry((own.file, own.kind, own.statement)).or_default();
        reports.extend(own.report);
    }
    alike.retain(|(.., told_by), reports| reports.len() > 1 || (over && *told_by == statement));
    let asked = alike.into_values().flatten().filter(|own| unread.contains(own));
    let asked: BTreeSet<Uuid> = asked.collect();
    for report in asked {
        let lines = earlier::lines(txn, report).await?;
        for own in entries.iter_mut().filter(|own| own.report == Some(report)) {
            let line = own.unread.and_then(|place| lines.get(&place));
            own.mark = line.and_then(mark);
            own.day = line.and_then(|line| line.booked_on);
        }
    }
    Ok(())
}

/// The orders of files that came back with the whole of their file: `(order, file, amount)`. What the file's entries did
/// last counts: those that people found paid since are among them.
pub(crate) async fn given_back(
    conn: &impl ConnectionTrait,
    files: &BTreeSet<Uuid>,
) -> Result<Vec<(Uuid, Uuid, i64)>, Error> {
    use batch_entry::Column as B;
    use payment_order::Column as O;
    use payment_order_event::Column as E;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let entries: Vec<(Uuid, Uuid, BatchEntryKind)> = batch_entry::Entity::find()
        .select_only()
        .columns([B::LineId, B::FileId, B::Kind])
        .filter(B::FileId.is_in(files.iter().copied()))
        .filter(B::Kind.ne(BatchEntryKind::Refund))
        .into_tuple()
        .all(conn)
        .await?;
    let credits = entries.iter().filter(|(.., kind)| *kind == BatchEntryKind::Credit);
    let credited: BTreeSet<Uuid> = credits.map(|(_, file, _)| *file).collect();
    if credited.is_empty() {
        return Ok(Vec::new());
    }
    let own = entries.iter().filter(|(_, file, _)| credited.contains(file));
    let sources: Vec<String> = own.map(|(line, ..)| line_subject(*line)).collect();
    let orders: Vec<(Uuid, Uuid, i64)> = payment_order::Entity::find()
        .select_only()
        .columns([O::Id, O::FileId, O::Amount])
        .filter(O::FileId.is_in(credited))
        .filter(O::Status.is_in([OrderStatus::Settled, OrderStatus::Credited, OrderStatus::Returned]))
        .into_tuple()
        .all(conn)
        .await?;
    let mut last: BTreeMap<Uuid, OrderStatus> = BTreeMap::new();
    let ids: Vec<Uuid> = orders.iter().map(|(order, ..)| *order).collect();
    for chunk in ids.chunks(IDS) {
        let steps: Vec<(Uuid, OrderStatus)> = payment_order_event::Entity::find()
            .select_only()
            .columns([E::OrderId, E::ToStatus])
            .filter(E::OrderId.is_in(chunk.iter().copied()))
            .filter(E::ToStatus.is_in([OrderStatus::Settled, OrderStatus::Returned]))
            .filter(E::Source.is_in(sources.iter().cloned()))
            .order_by_asc(E::Sequence)
            .into_tuple()
            .all(conn)
            .await?;
        last.extend(steps);
    }
    let back = |order: &Uuid| last.get(order) == Some(&OrderStatus::Returned);
    Ok(orders.into_iter().filter(|(order, ..)| back(order)).collect())
}

/// The refusals of whole files that reports told before; one that was set aside says nothing.
async fn refusals(txn: &Txn, files: &BTreeSet<Uuid>) -> Result<Vec<Refusal>, Error> {
    use bank_report_file::Column as F;
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let aside = Query::select()
        .column(bank_report::Column::Id)
        .from(bank_report::Entity)
        .and_where(bank_report::Column::Status.eq(ReportStatus::SetAside))
        .to_owned();
    let rows = bank_report_file::Entity::find()
        .filter(F::FileId.is_in(files.iter().copied()))
        .filter(F::BankReportId.not_in_subquery(aside))
        .filter(F::Status.is_not_null())
        .order_by_asc(F::BankReportId)
        .order_by_asc(F::Number)
        .all(txn.conn())
        .await?;
    let lines = rows.iter().filter_map(|row| row.line_id);
    let waiting: Vec<Uuid> = bank_report_line::Entity::find()
        .select_only()
        .column(bank_report_line::Column::Id)
        .filter(bank_report_line::Column::Id.is_in(lines))
        .filter(bank_report_line::Column::Note.eq(Finding::FileContradicts.code()))
        .filter(bank_report_line::Column::ResolvedAt.is_null())
        .into_tuple()
        .all(txn.conn())
        .await?;
    let refused = rows.into_iter().filter_map(|row| {
        let status = row.status?;
        // What speaks of another count or sum was applied to nothing.
        let applied = [Finding::FileContradicts, Finding::DuplicateReason].map(Finding::code);
        if row.finding.is_some_and(|own| !applied.contains(&own.as_str()))
            || group_status_meaning(&status).event() != Some(Event::Reject)
        {
            return None;
        }
        Some(Refusal {
            file: row.file_id?,
            report: row.bank_report_id,
            reason: row.reason.unwrap_or_else(|| status.to_lowercase()),
            contradicts: row.line_id.filter(|line| waiting.contains(line)),
        })
    });
    Ok(refused.collect())
}

/// The orders settled by one of the debits, of which no line of their own says that they are paid.
async fn settled_by(txn: &Txn, entries: &[Entry]) -> Result<BTreeSet<Uuid>, Error> {
    use bank_report_line::Column as L;
    use payment_order_event::Column as E;
    let debits = entries.iter().filter(|own| own.kind == BatchEntryKind::Debit);
    let debits: Vec<&Entry> = debits.collect();
    if debits.is_empty() {
        return Ok(BTreeSet::new());
    }
    let files: BTreeSet<Uuid> = debits.iter().map(|own| own.file).collect();
    let of_files = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(payment_order::Column::FileId.is_in(files))
        .and_where(payment_order::Column::Status.eq(OrderStatus::Settled))
        .to_owned();
    let settled: Vec<Uuid> = payment_order_event::Entity::find()
        .select_only()
        .column(E::OrderId)
        .filter(E::OrderId.in_subquery(of_files))
        .filter(E::ToStatus.eq(OrderStatus::Settled))
        .filter(E::Source.is_in(debits.iter().map(|own| line_subject(own.line))))
        .into_tuple()
        .all(txn.conn())
        .await?;
    let mut by_batch: BTreeSet<Uuid> = settled.iter().copied().collect();
    for chunk in settled.chunks(IDS) {
        let paid: Vec<Uuid> = bank_report_line::Entity::find()
            .select_only()
            .column_as(L::OrderId, "paid")
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .filter(L::Outcome.eq(LineOutcome::Matched))
            .filter(settle::as_read())
            .filter(L::StatusCode.is_not_in(UNDER_WAY))
            .into_tuple()
            .all(txn.conn())
            .await?;
        for order in paid {
            by_batch.remove(&order);
        }
    }
    Ok(by_batch)
}
