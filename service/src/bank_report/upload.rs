//! Receiving a report.

use domain::bank_report::{self as report, Format, NamedLayout, Options, Report, ReportError};
use entity::bank_report;
use entity::enums::{ReportFormat, ReportStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_profile;
use crate::bank_report::view::{BankReportView, find};
use crate::error::{Error, FieldError, ProblemCode};
use crate::job;
use crate::reconciliation::ReconcileReport;

/// How a report is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Refuse what would need tolerance; lenient reading notes it in the report.
    pub strict: bool,
    /// The bank whose result table it is; where none is given, the headings must tell.
    pub bank: Option<String>,
}

/// Receives a report: pain.002, camt.053, camt.054, a bank's result table or the post office's results, told apart by
/// its content. It is stored with its lines and reconciled by a job. The same bytes again give the first report,
/// unchanged, however they are to be read.
///
/// # Errors
/// `unreadable-bank-file` with the code of the refusal and the place where reading stopped; nothing is stored then.
pub async fn upload(app: &App, actor: &Actor, file_name: &str, content: Vec<u8>) -> Result<BankReportView, Error> {
    upload_as(app, actor, file_name, content, Reading::default()).await
}

/// As [`upload`], read as asked for.
///
/// # Errors
/// As [`upload`]'s; `invalid` for a bank without a result table.
pub async fn upload_as(
    app: &App,
    actor: &Actor,
    file_name: &str,
    content: Vec<u8>,
    reading: Reading,
) -> Result<BankReportView, Error> {
    let scope = actor.require(Permission::BankReportWrite)?;
    if !scope.is_everywhere() {
        // A report speaks of the orders of every area.
        return Err(Error::new(ProblemCode::Forbidden));
    }
    let file_name = checked_name(file_name)?;
    let sha256 = hex::encode(Sha256::digest(&content));
    if let Some(known) = by_hash(app.db.read(), &sha256).await? {
        return find(app, known).await;
    }
    let layouts = layouts(app, reading.bank.as_deref()).await?;
    let options = Options {
        strict: reading.strict,
        layouts,
        ..Options::default()
    };
    let (content, parsed, options) = read(content, options).await?;
    let layout = layout_of(&parsed, &options)?;
    let stored = app
        .db
        .write(async |txn| {
            if let Some(known) = by_hash(txn.conn(), &sha256).await? {
                return Ok(known);
            }
            let id = app.ids.next();
            let row = bank_report::Model {
                id,
                sha256: sha256.clone(),
                file_name,
                format: format(parsed.header.format),
                message_id: parsed.header.message_id.clone(),
                received_at: app.clock.now(),
                received_by: actor.user_id,
                status: ReportStatus::Received,
                line_count: i64::try_from(parsed.lines.len()).map_err(Error::internal)?,
                matched: 0,
                suspense: 0,
                content,
                layout,
                tolerated: tolerated(&parsed),
                strict: reading.strict,
            };
            let detail = json!({"sha256": row.sha256, "file_name": row.file_name, "lines": row.line_count,
                "strict": row.strict, "tolerated": row.tolerated});
            txn.insert_all::<bank_report::Entity>(vec![row]).await?;
            super::lines::insert(app, txn, id, parsed.lines).await?;
            job::enqueue(txn, &ReconcileReport { report: id }).await?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "bank_report.upload",
                super::subject(id),
                detail,
            ));
            Ok(id)
        })
        .await;
    match stored {
        Ok(id) => find(app, id).await,
        // Two uploads of the same bytes at the same moment: the other was first.
        Err(error) if error.code == ProblemCode::AlreadyExists => match by_hash(app.db.read(), &sha256).await? {
            Some(known) => find(app, known).await,
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

async fn by_hash(conn: &impl ConnectionTrait, sha256: &str) -> Result<Option<Uuid>, Error> {
    let known = bank_report::Entity::find()
        .select_only()
        .column(bank_report::Column::Id)
        .filter(bank_report::Column::Sha256.eq(sha256))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(known)
}

/// The result tables that banks answer with; of one bank, if it is said whose the report is.
async fn layouts(app: &App, bank: Option<&str>) -> Result<Vec<NamedLayout>, Error> {
    let layouts = bank_profile::current(app.db.read()).await?.layouts(bank);
    if bank.is_some() && layouts.is_empty() {
        return Err(Error::field(
            "/bank",
            "no_result_table",
            "Mẫu của ngân hàng này không có bảng kết quả",
            "the profile of this bank has no result table",
        ));
    }
    Ok(layouts)
}

/// The layout that a table was read by, to be read by it again.
fn layout_of(parsed: &Report, options: &Options) -> Result<Option<String>, Error> {
    let Some(bank) = &parsed.header.layout else {
        return Ok(None);
    };
    let own = options.layouts.iter().find(|named| named.bank == *bank);
    Ok(own.map(serde_json::to_string).transpose()?)
}

fn tolerated(parsed: &Report) -> Option<String> {
    let codes: Vec<&str> = parsed.header.tolerated.iter().map(|what| what.code()).collect();
    (!codes.is_empty()).then(|| codes.join(","))
}

/// Reads a report that is stored as it was read when it came.
pub(crate) async fn read_again(stored: bank_report::Model) -> Result<Report, Error> {
    let layout: Option<NamedLayout> = stored.layout.as_deref().map(serde_json::from_str).transpose()?;
    let options = Options {
        layouts: layout.into_iter().collect(),
        ..Options::default()
    };
    let (_, parsed, _) = read(stored.content, options).await?;
    Ok(parsed)
}

/// Reads a report off the threads that serve requests, and gives its bytes back.
async fn read(content: Vec<u8>, options: Options) -> Result<(Vec<u8>, Report, Options), Error> {
    let reading = tokio::task::spawn_blocking(move || {
        let parsed = report::read(&content, &options);
        (content, parsed, options)
    });
    let (content, parsed, options) = reading.await.map_err(Error::internal)?;
    Ok((content, parsed.map_err(refused)?, options))
}

fn refused(error: ReportError) -> Error {
    let (line, offset, code) = (error.line, error.offset, error.refusal.code());
    let vi = format!("Không đọc được từ dòng {line}, byte {offset}: {code}");
    let en = format!("reading stopped at line {line}, byte {offset}: {code}");
    Error {
        fields: vec![FieldError::new("/content", code, vi.clone(), en.clone())],
        ..Error::because(ProblemCode::UnreadableBankFile, vi, en)
    }
}

const fn format(format: Format) -> ReportFormat {
    match format {
        Format::Pain002 => ReportFormat::Pain002,
        Format::Camt054 => ReportFormat::Camt054,
        Format::Camt053 => ReportFormat::Camt053,
        Format::PostResult => ReportFormat::PostResult,
        Format::Camt029 => ReportFormat::Camt029,
        Format::ResultTable => ReportFormat::ResultTable,
    }
}

/// Only the last part of a path, without what would garble a list.
fn checked_name(name: &str) -> Result<String, Error> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > 200 || name.chars().any(char::is_control) {
        return Err(Error::field(
            "/file_name",
            "invalid",
            "Tên tệp phải có từ 1 đến 200 ký tự in được",
            "a file name has 1 to 200 printable characters",
        ));
    }
    Ok(name.to_owned())
}
