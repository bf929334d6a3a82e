//! Second debits of single orders that came back: two people took a credit for the return of one, and its order stays paid.

use std::collections::BTreeMap;

use entity::enums::{ProposalStatus, ReportFormat, ResolutionKind};
use entity::{amount_difference, bank_report, bank_report_line, suspense_resolution};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::error::Error;
use crate::month_close::books::Books;

/// What a credit is found to be that comes back of an order which was debited more often.
const FOUND: [Finding; 2] = [Finding::LateAnswer, Finding::DuplicateReason];

/// Line, report, order, finding, kind of report, amount.
type Row = (Uuid, Uuid, Option<Uuid>, Option<String>, ReportFormat, Option<i64>);

/// What two people took for money that came back of these orders, by order and kind of report, đồng. What a difference
/// tells of already is not among it. Two entries of one report count as those of two. What a bank calls a duplicate, which
/// nobody holds against what the report says beside it, counts once in each.
pub(super) async fn came_back(
    conn: &impl ConnectionTrait,
    books: &Books,
) -> Result<BTreeMap<(Uuid, ReportFormat), i64>, Error> {
    use bank_report_line::Column as L;
    use suspense_resolution::Column as S;
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(L::BankReportId)
        .to(bank_report::Column::Id);
    let taken = Query::select()
        .column(S::LineId)
        .from(suspense_resolution::Entity)
        .and_where(S::Status.eq(ProposalStatus::Accepted))
        .and_where(S::Kind.is_in([ResolutionKind::AcceptedAsPaid, ResolutionKind::AcceptedAsReturned]))
        .to_owned();
    let differing = Query::select()
        .column(amount_difference::Column::LineId)
        .from(amount_difference::Entity)
        .and_where(amount_difference::Column::LineId.is_not_null())
        .to_owned();
    let rows: Vec<Row> = bank_report_line::Entity::find()
        .select_only()
        .columns([L::Id, L::BankReportId, L::OrderId, L::Note])
        .column(bank_report::Column::Format)
        .column(L::Amount)
        .join(JoinType::InnerJoin, report.into())
        .filter(L::Note.is_in(FOUND.map(Finding::code)))
        .filter(L::StatusCode.eq("BOOK"))
        // An entry with a reason is money that comes back.
        .filter(L::ReasonCode.is_not_null())
        .filter(bank_report::Column::Format.is_in([ReportFormat::Camt053, ReportFormat::Camt054]))
        .filter(L::Id.in_subquery(taken))
        .filter(L::Id.not_in_subquery(differing))
        .into_tuple()
        .all(conn)
        .await?;
    let mut entries: BTreeMap<(Uuid, Uuid), (ReportFormat, i64)> = BTreeMap::new();
    for (line, report, order, note, format, amount) in rows {
        if let (Some(order), Some(amount)) = (order.filter(|own| books.orders.contains_key(own)), amount) {
            let duplicate = note.as_deref() == Some(Finding::DuplicateReason.code());
            entries.insert((order, if duplicate { report } else { line }), (format, amount));
        }
    }
    let mut back: BTreeMap<(Uuid, ReportFormat), i64> = BTreeMap::new();
    for ((order, _), (format, amount)) in entries {
        *back.entry((order, format)).or_insert(0) += amount;
    }
    Ok(back)
}
