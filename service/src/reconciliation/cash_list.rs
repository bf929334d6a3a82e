//! Lines of the lists in which the post office says of cash that it was handed over or that nobody came for it: what two
//! people may find by one of an order that came back.

use domain::bank::BankProfiles;
use domain::payment_order::{Event, State};
use entity::enums::{LineStatus, ReportFormat};
use entity::{bank_report, bank_report_line, payment_line};
use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::Known;

/// Is a line of such a list?
pub(super) async fn has(txn: &Txn, line: Uuid) -> Result<bool, Error> {
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(bank_report_line::Column::BankReportId)
        .to(bank_report::Column::Id);
    let of_post = Condition::any()
        .add(bank_report::Column::Format.eq(ReportFormat::PostResult))
        .add(bank_report::Column::Bank.eq(BankProfiles::POST));
    let own = bank_report_line::Entity::find()
        .join(JoinType::InnerJoin, report.into())
        .filter(bank_report_line::Column::Id.eq(line))
        .filter(of_post)
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
    let others = payment_line::Entity::find()
        .filter(payment_line::Column::OrderId.eq(order.id))
        .filter(payment_line::Column::Status.ne(LineStatus::Returned))
        .count(txn.conn())
        .await?;
    Ok(others == 0)
}
