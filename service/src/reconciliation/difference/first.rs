//! What told of the first debit, or return, of an order that is debited, or comes back, once more.

use entity::enums::{BatchEntryKind, LineOutcome, ReportFormat};
use entity::{bank_report, bank_report_line};
use sea_orm::{ColumnTrait, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::book::format_of;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::batch::{Entry, Told};
use crate::reconciliation::judge::Known;
use crate::reconciliation::settle;

/// Which entry over its whole file told of the first debit of an order that came back with the file, or of that return;
/// none where lines of the order's own told the same. The further one is told by `line`.
pub(in crate::reconciliation) async fn first_told(
    txn: &Txn,
    told: &Told,
    order: &Known,
    (line, returned): (Uuid, bool),
) -> Result<Option<Uuid>, Error> {
    use bank_report_line::Column as L;
    let Some(file) = order.file_id.filter(|_| told.given_back.contains(&order.id)) else {
        return Ok(None);
    };
    let (kind, outcome) = if returned {
        (BatchEntryKind::Credit, LineOutcome::Returned)
    } else {
        (BatchEntryKind::Debit, LineOutcome::Matched)
    };
    let format = format_of(txn, line).await?;
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let own = bank_report_line::Entity::find()
        .join(JoinType::InnerJoin, report.into())
        .filter(L::OrderId.eq(order.id))
        .filter(L::Outcome.eq(outcome))
        .filter(L::StatusCode.eq("BOOK"))
        .filter(settle::as_read())
        .filter(bank_report::Column::Format.eq(format))
        .count(txn.conn())
        .await?;
    if own > 0 {
        return Ok(None);
    }
    let over = told.entries.iter().filter(|own| {
        own.file == file && own.kind == kind && own.booked && !own.found && own.now.outcome == LineOutcome::Matched
    });
    let by_same = |own: &&Entry| own.statement == (format == ReportFormat::Camt053);
    Ok(over.max_by_key(by_same).map(|own| own.line))
}
