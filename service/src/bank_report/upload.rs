//! Receiving a report.

use std::sync::Arc;

use domain::bank::{BankProfiles, BankTable, ReadingMode};
use domain::bank_report::{self as report, Format, NamedLayout, Options, Report};
use domain::ids;
use entity::bank_report;
use entity::enums::{ReportFormat, ReportStatus};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_profile::{self, Current};
use crate::bank_report::content;
use crate::bank_report::refused::unreadable;
use crate::bank_report::terms::Terms;
use crate::bank_report::tolerated;
use crate::bank_report::view::{BankReportView, find};
use crate::clock::in_vietnam;
use crate::error::{Error, FieldError, ProblemCode};
use crate::job;
use crate::reconciliation::ReconcileReport;

/// How a report is to be read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Refuse what would need tolerance, or note it with the report; where nothing is said, as the profile of the bank
    /// says, which is strictly unless it was changed.
    pub mode: Option<ReadingMode>,
    /// The bank whose report it is; where none is given, the report itself must tell.
    pub bank: Option<String>,
}

impl Reading {
    /// Read in this mode, whatever the profile says.
    pub const fn in_mode(mode: ReadingMode) -> Self {
        Self {
            mode: Some(mode),
            bank: None,
        }
    }
}

/// Receives a report: pain.002, camt.053, camt.054, a bank's result table or the post office's results, told apart by
/// its content. It is read by the profile of its bank and stored as it came; a job reconciles it and stores each line with
/// what it came to. The same bytes again give the first report, unchanged, unless that report was set aside.
///
/// # Errors
/// `unreadable-bank-file` with the code of the refusal and the place where reading stopped; nothing is stored then.
/// `report-read-otherwise` where the same bytes are stored, and were read as those of another bank or in another mode
/// than is asked for now.
pub async fn upload(app: &App, actor: &Actor, file_name: &str, content: Vec<u8>) -> Result<BankReportView, Error> {
    upload_as(app, actor, file_name, content, Reading::default()).await
}

/// As [`upload`], read as asked for.
///
/// # Errors
/// As [`upload`]'s; `invalid` for a bank that there is not, a table of a bank without a result table, or a message of the
/// post office.
pub async fn upload_as(
    app: &App,
    actor: &Actor,
    file_name: &str,
    content: Vec<u8>,
    reading: Reading,
) -> Result<BankReportView, Error> {
    let scope = actor.require(Permission::BankReportWrite)?;
    // A report speaks of the orders of every area.
    actor.require_everywhere(Permission::BankReportWrite)?;
    let file_name = checked_name(file_name)?;
    let (content, sha256) = aside(move || {
        let sha256 = hex::encode(Sha256::digest(&content));
        (Arc::new(content), sha256)
    })
    .await?;
    if let Some(known) = by_hash(app.db.read(), &sha256).await? {
        return as_asked(find(app, &scope, known).await?, &reading);
    }
    let current = bank_profile::current(app.db.read()).await?;
    // Everything is read first: only what is in it says whose it is, and so how strictly it is to be read.
    let options = Options {
        strict: false,
        layouts: layouts(&current, reading.bank.as_deref(), &content)?,
        ..Options::default()
    };
    let (mut parsed, options, content) = read_and_pack(content, options).await?;
    let terms = Terms::of(app, &current, (&parsed, &options.layouts), &reading).await?;
    terms.hold(&mut parsed.header)?;
    let row = row(
        app,
        actor,
        (file_name, sha256.clone(), content),
        &parsed,
        terms,
        &options,
    )?;
    match store(app, actor, row).await {
        Ok(id) => as_asked(find(app, &scope, id).await?, &reading),
        // Two uploads of the same bytes at the same moment: the other was first.
        Err(error) if error.code == ProblemCode::AlreadyExists => match by_hash(app.db.read(), &sha256).await? {
            Some(known) => as_asked(find(app, &scope, known).await?, &reading),
            None => Err(error),
        },
        Err(error) => Err(error),
    }
}

/// What is kept of a report, without its id.
fn row(
    app: &App,
    actor: &Actor,
    (file_name, sha256, content): (String, String, Vec<u8>),
    parsed: &Report,
    terms: Terms,
    options: &Options,
) -> Result<bank_report::Model, Error> {
    Ok(bank_report::Model {
        id: Uuid::nil(),
        sha256,
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
        layout: layout_of(parsed, options)?,
        tolerated: tolerated::kept(&parsed.header),
        strict: terms.strict,
        bank: terms.bank,
        profile: Some(terms.profile),
        profile_version: Some(terms.version),
        namespace: parsed.header.namespace.clone(),
        marks_kept: false,
    })
}

/// The id of a report, from its bytes and how often these were set aside before. Its lines have theirs from it, and the
/// close of a month is signed over those that are open: one story has the same ids, whatever else ran beside it.
async fn id_of(app: &App, conn: &impl ConnectionTrait, row: &bank_report::Model) -> Result<Uuid, Error> {
    let earlier = bank_report::Entity::find()
        .filter(bank_report::Column::Sha256.eq(row.sha256.as_str()))
        .count(conn)
        .await?;
    let key = format!("{}:{earlier}", row.sha256);
    Ok(ids::uuid8_at(app.secret.ids(), "bank_report", &key, row.received_at))
}

/// Stores a report with the job that reconciles it, unless its bytes are there already; gives its id.
async fn store(app: &App, actor: &Actor, row: bank_report::Model) -> Result<Uuid, Error> {
    app.db
        .write(async |txn| {
            if let Some(known) = by_hash(txn.conn(), &row.sha256).await? {
                return Ok(known);
            }
            let id = id_of(app, txn.conn(), &row).await?;
            let row = bank_report::Model { id, ..row };
            let detail = json!({"sha256": row.sha256, "file_name": row.file_name, "lines": row.line_count,
                "strict": row.strict, "tolerated": row.tolerated, "bank": row.bank, "profile": row.profile,
                "profile_version": row.profile_version, "namespace": row.namespace});
            txn.insert_all::<bank_report::Entity>(vec![row]).await?;
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
        .await
}

/// A stored report to one who brings its bytes: read as is asked for now, or else refused with what differs.
fn as_asked(stored: BankReportView, reading: &Reading) -> Result<BankReportView, Error> {
    let mut fields = Vec::new();
    // A report of before that was kept says nothing of whose it is.
    let bank = reading.bank.as_deref().filter(|_| stored.profile.is_some());
    if let Some(bank) = bank.filter(|bank| stored.bank.as_deref() != Some(*bank)) {
        let (vi, en) = stored.bank.as_ref().map_or_else(
            || {
                (
                    "không rõ của ngân hàng nào".to_owned(),
                    "of no bank that is known".to_owned(),
                )
            },
            |own| (format!("của {own}"), format!("that of {own}")),
        );
        fields.push(FieldError::new(
            "/bank",
            "other_bank",
            format!("Báo cáo đã lưu được đọc là {vi}, lần này được nạp là của {bank}"),
            format!("the stored report was read as {en}, and now it is to be that of {bank}"),
        ));
    }
    let strict = stored.mode == "strict";
    if reading.mode.is_some_and(|mode| (mode == ReadingMode::Strict) != strict) {
        let words = |strict: bool| {
            if strict {
                ("chặt", "strictly")
            } else {
                ("rộng", "leniently")
            }
        };
        let ((was_vi, was_en), (now_vi, now_en)) = (words(strict), words(!strict));
        fields.push(FieldError::new(
            "/mode",
            "other_mode",
            format!("Báo cáo đã lưu được đọc {was_vi}, lần này yêu cầu đọc {now_vi}"),
            format!("the stored report was read {was_en}, and now it is to be read {now_en}"),
        ));
    }
    if fields.is_empty() {
        return Ok(stored);
    }
    let (id, name, day) = (
        stored.id,
        &stored.file_name,
        in_vietnam(stored.received_at).format("%d/%m/%Y"),
    );
    let error = Error::because(
        ProblemCode::ReportReadOtherwise,
        format!("Báo cáo {id} có cùng nội dung, nạp ngày {day} với tên {name}"),
        format!("report {id} has the same bytes; it was received on {day} as {name}"),
    );
    Err(Error { fields, ..error })
}

async fn by_hash(conn: &impl ConnectionTrait, sha256: &str) -> Result<Option<Uuid>, Error> {
    let known = bank_report::Entity::find()
        .select_only()
        .column(bank_report::Column::Id)
        .filter(bank_report::Column::Sha256.eq(sha256))
        // What two people set aside is read anew.
        .filter(bank_report::Column::Status.ne(ReportStatus::SetAside))
        .into_tuple()
        .one(conn)
        .await?;
    Ok(known)
}

/// The result tables that banks answer with; of one bank, if it is said whose the report is. A message needs none.
fn layouts(current: &Current, bank: Option<&str>, content: &[u8]) -> Result<Vec<NamedLayout>, Error> {
    if bank == Some(BankProfiles::POST) && is_message(content) {
        return Err(Error::field(
            "/bank",
            "no_message_of_the_post_office",
            "Bưu điện trả lời bằng danh sách, không gửi thông điệp XML",
            "the post office answers with its list, and sends no message",
        ));
    }
    let layouts = current.layouts(bank);
    let Some(bank) = bank.filter(|_| layouts.is_empty()) else {
        return Ok(layouts);
    };
    let table = BankTable::embedded().map_err(Error::internal)?;
    let known = table.current(bank).is_some_and(|own| own.code == bank);
    if !known && bank != BankProfiles::POST {
        return Err(Error::field(
            "/bank",
            "unknown_bank",
            format!("Không có ngân hàng nào mang mã {bank}"),
            format!("there is no bank of the code {bank}"),
        ));
    }
    if !is_message(content) {
        return Err(Error::field(
            "/bank",
            "no_result_table",
            format!("Mẫu của {bank} không có bảng kết quả"),
            format!("the profile of {bank} has no result table"),
        ));
    }
    Ok(layouts)
}

/// Is it XML, as far as the first character says?
fn is_message(content: &[u8]) -> bool {
    let plain = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    plain.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'<')
}

/// The layout that a table was read by, to be read by it again.
fn layout_of(parsed: &Report, options: &Options) -> Result<Option<String>, Error> {
    let Some(bank) = &parsed.header.layout else {
        return Ok(None);
    };
    let own = options.layouts.iter().find(|named| named.bank == *bank);
    Ok(own.map(serde_json::to_string).transpose()?)
}

/// Reads a report that is stored as it was read when it came.
pub(crate) async fn read_again(stored: bank_report::Model) -> Result<Report, Error> {
    let layout: Option<NamedLayout> = stored.layout.as_deref().map(serde_json::from_str).transpose()?;
    let options = Options {
        layouts: layout.into_iter().collect(),
        ..Options::default()
    };
    let received = aside(move || content::received(stored.content)).await??;
    let (parsed, _) = read(Arc::new(received), options).await?;
    Ok(parsed)
}

/// Does work off the threads that serve requests.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
}

/// Reads a report, and gives back how.
async fn read(content: Arc<Vec<u8>>, options: Options) -> Result<(Report, Options), Error> {
    let (parsed, options) = aside(move || (report::read(&content, &options), options)).await?;
    Ok((parsed.map_err(unreadable)?, options))
}

/// Reads a report while its bytes are packed to be kept.
async fn read_and_pack(content: Arc<Vec<u8>>, options: Options) -> Result<(Report, Options, Vec<u8>), Error> {
    let bytes = Arc::clone(&content);
    let (read, kept) = futures::join!(read(content, options), aside(move || content::keep(&bytes)));
    let (parsed, options) = read?;
    Ok((parsed, options, kept??))
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
