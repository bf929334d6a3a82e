//! What reports say of whole files, kept with the report; what waits for people gets a line in suspense.

use domain::Vnd;
use domain::bank_report::{Report, parse_amount};
use entity::enums::ResolutionKind;
use entity::{bank_report, bank_report_file, bank_report_line};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::whole_file::Judged;

fn count(number: usize) -> Result<i64, Error> {
    i64::try_from(number).map_err(Error::internal)
}

/// Keeps what was judged, once the report is reconciled. The lines of statements that wait stand behind all others.
pub(super) async fn store(
    app: &App,
    txn: &Txn,
    (report_id, report): (Uuid, &Report),
    judged: Vec<Judged>,
) -> Result<(), Error> {
    let (mut rows, mut lines) = (Vec::with_capacity(judged.len()), Vec::new());
    for own in judged {
        let behind = count(report.lines.len())? + count(own.said.number)?;
        let place = u32::try_from(behind).map_err(Error::internal)?;
        let line_id = own.finding.map(|_| domain::ids::part(report_id, place));
        let row = row(app.ids.next(), report_id, line_id, own)?;
        if let Some(line_id) = line_id {
            lines.push(line(line_id, i32::try_from(behind).map_err(Error::internal)?, &row));
        }
        rows.push(row);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let waiting = count(lines.len())?;
    txn.insert_all::<bank_report_line::Entity>(lines).await?;
    txn.insert_all::<bank_report_file::Entity>(rows).await?;
    bank_report::Entity::update_many()
        .col_expr(
            bank_report::Column::Suspense,
            Expr::col(bank_report::Column::Suspense).add(waiting),
        )
        .filter(bank_report::Column::Id.eq(report_id))
        .exec(txn.conn())
        .await?;
    Ok(())
}

fn row(id: Uuid, report: Uuid, line_id: Option<Uuid>, own: Judged) -> Result<bank_report_file::Model, Error> {
    let said = own.said;
    Ok(bank_report_file::Model {
        id,
        bank_report_id: report,
        number: i32::try_from(said.number).map_err(Error::internal)?,
        of_batch: said.of_batch,
        message_id: said.message_id,
        batch: said.batch,
        status: said.status,
        reason: said.reason,
        note: said.note,
        told_count: said.count,
        told_sum: said.sum,
        file_id: said.file,
        own_count: own.size.map(|(count, _)| count),
        own_sum: own.size.map(|(_, sum)| sum),
        outcome: own.outcome,
        moved: count(own.moved)?,
        contradicted: count(own.contradicted)?,
        finding: own.finding.map(|finding| finding.code().to_owned()),
        line_id,
    })
}

/// The line in suspense of a statement.
fn line(id: Uuid, position: i32, row: &bank_report_file::Model) -> bank_report_line::Model {
    bank_report_line::Model {
        id,
        bank_report_id: row.bank_report_id,
        position,
        reference: None,
        uetr: None,
        amount: row.told_sum.as_deref().and_then(parse_amount).map(Vnd::dong),
        status_code: row.status.clone().unwrap_or_default(),
        reason_code: row.reason.clone(),
        account: None,
        outcome: row.outcome,
        order_id: None,
        note: row.finding.clone(),
        resolved_by: None,
        resolved_at: None,
        booked_on: None,
    }
}

/// Does a line in suspense stand for what was said of a whole file?
pub(super) async fn stands_for_file(conn: &impl ConnectionTrait, line: Uuid) -> Result<bool, Error> {
    let row = bank_report_file::Entity::find()
        .filter(bank_report_file::Column::LineId.eq(line))
        .one(conn)
        .await?;
    Ok(row.is_some())
}

/// What may come of a line: one that stands for a whole file moves no order by itself, and only such a one is closed
/// because it was looked into.
///
/// # Errors
/// `invalid` for any other resolution.
pub(super) fn check(of_file: bool, resolution: ResolutionKind) -> Result<(), Error> {
    use ResolutionKind as R;
    match (of_file, resolution) {
        (true, R::NotOurs | R::BankResends | R::LookedInto) => Ok(()),
        (true, _) => Err(Error::field(
            "/resolution",
            "whole_file",
            "Ngân hàng nói về cả tệp: cách xử lý này không áp dụng cho cả tệp",
            "the bank speaks of a whole file: no single order follows from it",
        )),
        (false, R::LookedInto) => Err(Error::field(
            "/resolution",
            "single_line",
            "Cách xử lý này chỉ dành cho điều ngân hàng nói về cả tệp",
            "only what a bank says of a whole file is closed like this",
        )),
        (false, _) => Ok(()),
    }
}
