//! The bank's debits and credits over whole files, for the tie.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{BatchEntryKind, DifferenceStatus, LineOutcome, ReportFormat};
use entity::{bank_report, bank_report_line, batch_entry};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::error::Error;
use crate::month_close::books::Books;
use crate::reconciliation::{amount_differences, given_back, lines_found_of_files, second_debits, second_debits_told};

/// What was debited over a whole file, and what came back over it, by the kind of report.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    pub(super) debits: BTreeMap<ReportFormat, i64>,
    credits: BTreeMap<ReportFormat, i64>,
    /// Of the orders that came back with the whole file.
    pub(super) given_back: i64,
    /// What second debits that two people took for good took of orders that they do not pay: a difference beside each.
    beside: i64,
    /// So much of it as two people have not found made good.
    owed: i64,
}

impl Batch {
    /// A statement tells once more what notifications told; each of them may tell of a second debit.
    pub(super) fn debited(&self) -> i64 {
        self.debits.values().copied().max().unwrap_or(0)
    }

    pub(super) fn came_back(&self) -> i64 {
        self.credits.values().copied().max().unwrap_or(0)
    }

    /// What should have been moved, with what is owed of what was taken beside the orders, and what was debited less what
    /// came back, đồng; none where the two agree. All of what was taken beside them may have come back before people say
    /// so, or stand there still; of a part they say which.
    pub(super) fn differs(&self, accepted: i64) -> Option<(i64, i64)> {
        let moved = self.debited() - self.came_back();
        let owed = accepted + self.owed;
        let agrees = [owed, accepted, accepted + self.beside].contains(&moved);
        (!agrees).then_some((owed, moved))
    }
}

/// The debits and credits over whole files that tie, what two people took for good, and second debits: they left our account
/// too, as far as anybody knows, whatever people closed them as.
pub(super) async fn batches(conn: &impl ConnectionTrait, books: &Books) -> Result<BTreeMap<Uuid, Batch>, Error> {
    use bank_report_line::Column as L;
    use batch_entry::Column as C;
    let files: BTreeSet<Uuid> = books.orders.values().filter_map(|order| order.file).collect();
    let line = batch_entry::Entity::belongs_to(bank_report_line::Entity)
        .from(C::LineId)
        .to(L::Id);
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let rows: Vec<(Uuid, BatchEntryKind, i64, ReportFormat)> = batch_entry::Entity::find()
        .select_only()
        .columns([C::FileId, C::Kind, C::Amount])
        .column(bank_report::Column::Format)
        .join(JoinType::InnerJoin, line.into())
        .join(JoinType::InnerJoin, report.into())
        .filter(C::FileId.is_in(files.iter().copied()))
        .filter(C::Kind.ne(BatchEntryKind::Refund))
        .filter(C::Booked.eq(true))
        .filter(
            Condition::any()
                .add(as_told())
                .add(second_debits_told())
                .add(C::LineId.in_subquery(lines_found_of_files())),
        )
        .into_tuple()
        .all(conn)
        .await?;
    let mut batches: BTreeMap<Uuid, Batch> = BTreeMap::new();
    for (file, kind, amount, format) in rows {
        let own = batches.entry(file).or_default();
        match kind {
            BatchEntryKind::Debit => *own.debits.entry(format).or_insert(0) += amount,
            _ => *own.credits.entry(format).or_insert(0) += amount,
        }
    }
    for (_, file, amount) in given_back(conn, &files).await? {
        if let Some(own) = batches.get_mut(&file) {
            own.given_back += amount;
        }
    }
    let found = second_debits(conn, &files).await?;
    let orders: Vec<Uuid> = found.left.iter().map(|(order, ..)| *order).collect();
    let settled = amount_differences(conn, Some(&orders)).await?.into_iter();
    let settled = settled.filter(|row| row.line_id.is_some_and(|line| found.lines.contains(&line)));
    let good = settled.filter(|row| row.status == DifferenceStatus::MadeGood);
    let good: BTreeSet<Uuid> = good.map(|row| row.order_id).collect();
    for (order, file, amount) in found.left {
        if let Some(own) = batches.get_mut(&file) {
            own.beside += amount;
            own.owed += if good.contains(&order) { 0 } else { amount };
        }
    }
    Ok(batches)
}

/// What ties, and was not closed by people.
fn as_told() -> Condition {
    use bank_report_line::Column as L;
    Condition::all()
        .add(L::ResolvedAt.is_null())
        .add(L::Outcome.eq(LineOutcome::Matched))
}
