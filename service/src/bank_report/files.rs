//! What a report says of whole files, as it is shown.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use entity::enums::LineOutcome;
use entity::{bank_report_file, bank_report_line};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::BankReportView;
use crate::actor::Scope;
use crate::bank_report::Finding;
use crate::error::{Error, Text};

/// So many statements are shown with a report; more of them only come from a file gone wrong, and those that wait are in
/// suspense all the same.
const SHOWN: i32 = 100;

/// What a report says of a whole payment file, or of a batch in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportFileView {
    /// Its place among what the report says of files: 1 is the group, then come the batches.
    #[schema(example = 1)]
    pub number: i32,
    /// `group` for the whole message, `batch` for one of its batches (PmtInf).
    #[schema(example = "group")]
    pub level: String,
    /// MsgId of our message, as the bank repeats it.
    pub message_id: Option<String>,
    /// PmtInfId of our batch, as the bank repeats it.
    pub batch: Option<String>,
    /// The status, as it stands.
    #[schema(example = "PART")]
    pub status: Option<String>,
    /// The reason's code, as it stands.
    pub reason: Option<String>,
    /// What the bank says in words.
    pub note: Option<String>,
    /// How many orders the bank says that it had, as it stands.
    #[schema(example = "1250")]
    pub told_count: Option<String>,
    /// The sum the bank says that it had, as it stands.
    #[schema(example = "937500000")]
    pub told_sum: Option<String>,
    /// The file; null where it is none of ours.
    pub payment_file_id: Option<Uuid>,
    /// How many orders the file has.
    pub own_count: Option<i64>,
    /// The sum of the file, đồng.
    pub own_sum: Option<i64>,
    /// What came of it: `matched`; `unknown_reference`, where the file is none of ours; `amount_differs`, where count or
    /// sum do; `pending`, where the status has no known meaning; `duplicate`, refused as sent twice or said twice;
    /// `late`, where it contradicts what is known of orders.
    #[schema(value_type = String)]
    pub outcome: LineOutcome,
    /// How many orders it moved.
    pub moved: i64,
    /// How many orders it contradicts.
    pub contradicted: i64,
    /// Why people have to look at it.
    pub finding: Option<String>,
    /// The same in words.
    pub finding_text: Option<Text>,
    /// The line in suspense that stands for it.
    pub line_id: Option<Uuid>,
    /// When two people closed that.
    pub resolved_at: Option<DateTime<Utc>>,
}

type Row = (bank_report_file::Model, Option<bank_report_line::Model>);

fn view((row, line): Row) -> ReportFileView {
    // A later answer explained it, and its line waits for nobody.
    let explained = line.as_ref().is_some_and(|line| line.note.is_none());
    let finding = row.finding.filter(|_| !explained);
    let text = finding.as_deref().and_then(Finding::from_code).map(Finding::text);
    ReportFileView {
        number: row.number,
        level: if row.of_batch { "batch" } else { "group" }.to_owned(),
        message_id: row.message_id,
        batch: row.batch,
        status: row.status,
        reason: row.reason,
        note: row.note,
        told_count: row.told_count,
        told_sum: row.told_sum,
        payment_file_id: row.file_id,
        own_count: row.own_count,
        own_sum: row.own_sum,
        // What could not be told when it was read ends as what two people made of it.
        outcome: line
            .as_ref()
            .filter(|line| line.resolved_at.is_some() || explained)
            .map_or(row.outcome, |line| line.outcome),
        moved: row.moved,
        contradicted: row.contradicted,
        finding,
        finding_text: text,
        line_id: row.line_id,
        resolved_at: line.and_then(|line| line.resolved_at),
    }
}

async fn rows(conn: &impl ConnectionTrait, which: Select<bank_report_file::Entity>) -> Result<Vec<Row>, Error> {
    let files = which.order_by_asc(bank_report_file::Column::Number).all(conn).await?;
    let ids = files.iter().filter_map(|row| row.line_id);
    let lines = bank_report_line::Entity::find()
        .filter(bank_report_line::Column::Id.is_in(ids))
        .all(conn)
        .await?;
    let mut lines: BTreeMap<Uuid, bank_report_line::Model> = lines.into_iter().map(|line| (line.id, line)).collect();
    let rows = files.into_iter().map(|row| {
        let line = row.line_id.and_then(|line| lines.remove(&line));
        (row, line)
    });
    Ok(rows.collect())
}

/// Puts what reports say of whole files beside them. A file has orders of many areas: only who sees the whole province
/// sees what is said of it.
pub(super) async fn put(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    reports: &mut [BankReportView],
) -> Result<(), Error> {
    if !scope.is_everywhere() || reports.is_empty() {
        return Ok(());
    }
    let which = bank_report_file::Entity::find()
        .filter(bank_report_file::Column::BankReportId.is_in(reports.iter().map(|report| report.id)))
        .filter(bank_report_file::Column::Number.lte(SHOWN));
    for row in rows(conn, which).await? {
        let of = row.0.bank_report_id;
        if let Some(report) = reports.iter_mut().find(|report| report.id == of) {
            report.files.push(view(row));
        }
    }
    Ok(())
}

/// What is said of whole files, by the lines in suspense that stand for it.
pub(crate) async fn files_of_lines(
    conn: &impl ConnectionTrait,
    lines: &[Uuid],
) -> Result<BTreeMap<Uuid, ReportFileView>, Error> {
    let which = bank_report_file::Entity::find().filter(bank_report_file::Column::LineId.is_in(lines.iter().copied()));
    let rows = rows(conn, which).await?.into_iter();
    Ok(rows.filter_map(|row| Some((row.0.line_id?, view(row)))).collect())
}
