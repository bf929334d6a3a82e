//! Lines of the lists in which the post office says of cash that it was handed over, given back, or that nobody came for
//! it: what they told of orders before, and what two people may find by one of an order that came back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::bank::BankProfiles;
use domain::bank_report::{Format, Report};
use domain::payment_order::{Event, State};
use entity::enums::{LineOutcome, ReportFormat};
use entity::{bank_report, bank_report_line};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QuerySelect,
};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::booked;
use crate::reconciliation::judge::{Known, Lists};
use crate::reconciliation::load::IDS;
use crate::reconciliation::reading::NOT_COLLECTED;

/// The lists of the post office among reports.
fn of_post() -> Condition {
    Condition::any()
        .add(bank_report::Column::Format.eq(ReportFormat::PostResult))
        .add(bank_report::Column::Bank.eq(BankProfiles::POST))
}

/// A row of a list before, as it was kept.
#[derive(Debug, FromQueryResult)]
struct Row {
    order_id: Uuid,
    status_code: String,
    reason_code: Option<String>,
    outcome: LineOutcome,
    note: Option<String>,
    booked_on: Option<NaiveDate>,
}

/// What lists told before of those of some orders that are over; none where the report is no such list.
pub(super) async fn told(txn: &Txn, report: &Report, orders: &[Known]) -> Result<Option<BTreeMap<Uuid, Lists>>, Error> {
    use bank_report_line::Column as L;
    let filled_in = report.header.layout.as_deref() == Some(BankProfiles::POST);
    if !filled_in && report.header.format != Format::PostResult {
        return Ok(None);
    }
    let over = orders
        .iter()
        .filter(|order| order.state == State::Returned || order.state.is_paid());
    let over: Vec<Uuid> = over.map(|order| order.id).collect();
    let mut lists: BTreeMap<Uuid, Lists> = BTreeMap::new();
    for chunk in over.chunks(IDS) {
        let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
            .from(L::BankReportId)
            .to(bank_report::Column::Id);
        let rows: Vec<Row> = bank_report_line::Entity::find()
            .select_only()
            .columns([L::OrderId, L::StatusCode, L::ReasonCode])
            .columns([L::Outcome, L::Note, L::BookedOn])
            .join(JoinType::InnerJoin, report.into())
            .filter(L::OrderId.is_in(chunk.iter().copied()))
            .filter(L::Outcome.ne(LineOutcome::SetAside))
            .filter(of_post())
            .into_model()
            .all(txn.conn())
            .await?;
        for row in rows {
            let own = lists.entry(row.order_id).or_default();
            let uncollected = row.status_code == NOT_COLLECTED || row.reason_code.as_deref() == Some(NOT_COLLECTED);
            if row.outcome == LineOutcome::Returned {
                own.came_back(row.booked_on, uncollected);
            } else if row.note.as_deref() != Some(Finding::NotCollectedAfterAll.code()) {
                own.paid(row.booked_on);
            }
        }
    }
    Ok(Some(lists))
}

/// Is a line of such a list?
pub(super) async fn has(txn: &Txn, line: Uuid) -> Result<bool, Error> {
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(bank_report_line::Column::BankReportId)
        .to(bank_report::Column::Id);
    let own = bank_report_line::Entity::find()
        .join(JoinType::InnerJoin, report.into())
        .filter(bank_report_line::Column::Id.eq(line))
        .filter(of_post())
        .count(txn.conn())
        .await?;
    Ok(own > 0)
}

/// Does such a line, taken for good, make an order paid that came back? Not where any of its lines was paid again, or
/// cancelled, since: the payee then has more than was owed.
pub(super) async fn finds_paid(txn: &Txn, order: &Known, event: Event) -> Result<bool, Error> {
    if order.state != State::Returned || !matches!(event, Event::Settle | Event::Credit) {
        return Ok(false);
    }
    booked::waits_whole(txn, order.id).await
}
