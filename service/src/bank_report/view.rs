//! Reading reports and their lines.

use chrono::{DateTime, Utc};
use entity::enums::{LineOutcome, ReportFormat, ReportStatus};
use entity::{bank_report, bank_report_line, payment_order};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::bank_report::Finding;
use crate::bank_report::files::{self, ReportFileView};
use crate::bank_report::tolerated::{self, SchemaFaultView};
use crate::bank_report::two_banks;
use crate::error::{Error, Text};
use crate::page::{Page, Window};
use crate::reconciliation::ReportProgress;

/// A report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct BankReportView {
    /// Id.
    pub id: Uuid,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// The name it came with.
    pub file_name: String,
    /// What it is: `pain002`, `camt053`, `camt054`, `camt029`, `post_result` or `result_table`.
    #[schema(value_type = String)]
    pub format: ReportFormat,
    /// The bank's own id of it.
    pub message_id: Option<String>,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// `received` until its lines are reconciled; `set_aside` where two people decided that it was read wrongly.
    #[schema(value_type = String)]
    pub status: ReportStatus,
    /// How many lines, in the caller's areas.
    pub line_count: i64,
    /// How many lines found their order and agree with it, returns included.
    pub matched: i64,
    /// How many lines wait for a person, and how much of what it says of whole files.
    pub suspense: i64,
    /// What a payment status report says of whole files, the first hundred statements; nothing before it was reconciled,
    /// and for who sees a part of the province.
    pub files: Vec<ReportFileView>,
    /// How it was read: `strict`, as files are unless whoever brings one or the profile of its bank says otherwise, or
    /// `lenient`.
    #[schema(example = "strict")]
    pub mode: String,
    /// What lenient reading tolerated, of the set `bank_report_tolerance` of the vocabulary.
    pub tolerated: Vec<String>,
    /// Where a message was not as the schema of ISO 20022 has it and was read leniently all the same: the first place of
    /// each kind.
    pub schema_faults: Vec<SchemaFaultView>,
    /// The bank that it came from, `POST` for the post office; null where it did not say, or spoke of several.
    #[schema(example = "AGRIBANK")]
    pub bank: Option<String>,
    /// The profile by which it was read: the bank's own, `default` or `POST`; null for reports of before that was kept.
    #[schema(example = "AGRIBANK")]
    pub profile: Option<String>,
    /// The version of the profile; 0 is the one in the program.
    #[schema(example = 0)]
    pub profile_version: Option<i64>,
    /// The namespace of a message of ISO 20022, as it stands.
    #[schema(example = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10")]
    pub namespace: Option<String>,
    /// How far it is while its lines are being judged; null before and after, and for who sees a part of the province.
    pub progress: Option<ReportProgress>,
}

/// A report as its row says, without the content.
#[derive(FromQueryResult)]
struct Head {
    id: Uuid,
    sha256: String,
    file_name: String,
    format: ReportFormat,
    message_id: Option<String>,
    received_at: DateTime<Utc>,
    status: ReportStatus,
    line_count: i64,
    matched: i64,
    suspense: i64,
    tolerated: Option<String>,
    strict: bool,
    bank: Option<String>,
    profile: Option<String>,
    profile_version: Option<i64>,
    namespace: Option<String>,
}

impl From<Head> for BankReportView {
    fn from(head: Head) -> Self {
        let kept = head.tolerated.unwrap_or_default();
        Self {
            id: head.id,
            sha256: head.sha256,
            file_name: head.file_name,
            format: head.format,
            message_id: head.message_id,
            received_at: head.received_at,
            status: head.status,
            line_count: head.line_count,
            matched: head.matched,
            suspense: head.suspense,
            files: Vec::new(),
            mode: if head.strict { "strict" } else { "lenient" }.to_owned(),
            tolerated: tolerated::codes(&kept),
            schema_faults: tolerated::schema_faults(&kept),
            bank: head.bank,
            profile: head.profile,
            profile_version: head.profile_version,
            namespace: head.namespace,
            progress: None,
        }
    }
}

/// A line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReportLineView {
    /// Id.
    pub id: Uuid,
    /// The report.
    pub report_id: Uuid,
    /// Its place in the report, from 1.
    pub position: i32,
    /// Our reference, as the bank repeats it.
    pub reference: Option<String>,
    /// UETR.
    pub uetr: Option<Uuid>,
    /// Đồng.
    pub amount: Option<i64>,
    /// The status, as it stands.
    pub status: String,
    /// The reason's code, as it stands.
    pub reason: Option<String>,
    /// The payee's account.
    pub account: Option<String>,
    /// What came of it: `matched`, `partial`, `amount_differs`, `unknown_reference`, `duplicate`, `late`, `returned`;
    /// `pending` where only a person can say; `set_aside` with its whole report.
    #[schema(value_type = String)]
    pub outcome: LineOutcome,
    /// The order it speaks of.
    pub order_id: Option<Uuid>,
    /// Why a person has to look at it.
    pub finding: Option<String>,
    /// The same in words.
    pub finding_text: Option<Text>,
    /// Who looked at it.
    pub resolved_by: Option<Uuid>,
    /// When.
    pub resolved_at: Option<DateTime<Utc>>,
}

/// A line as it is shown.
pub(crate) fn line_view(row: bank_report_line::Model) -> ReportLineView {
    let text = row.note.as_deref().and_then(Finding::from_code).map(Finding::text);
    ReportLineView {
        id: row.id,
        report_id: row.bank_report_id,
        position: row.position,
        reference: row.reference,
        uetr: row.uetr,
        amount: row.amount,
        status: row.status_code,
        reason: row.reason_code,
        account: row.account,
        outcome: row.outcome,
        order_id: row.order_id,
        finding: row.note,
        finding_text: text,
        resolved_by: row.resolved_by,
        resolved_at: row.resolved_at,
    }
}

/// Lines that a scope covers: those of its areas' orders. What fits no order belongs to the province.
pub(crate) fn visible(scope: &Scope) -> Condition {
    if scope.is_everywhere() {
        return Condition::all();
    }
    let own = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(scope.condition(Expr::col(payment_order::Column::AreaId)))
        .to_owned();
    Condition::all().add(bank_report_line::Column::OrderId.in_subquery(own))
}

/// Every column but the content, which can be large.
fn heads() -> Select<bank_report::Entity> {
    use bank_report::Column as C;
    bank_report::Entity::find().select_only().columns([
        C::Id,
        C::Sha256,
        C::FileName,
        C::Format,
        C::MessageId,
        C::ReceivedAt,
        C::Status,
        C::LineCount,
        C::Matched,
        C::Suspense,
        C::Tolerated,
        C::Strict,
        C::Bank,
        C::Profile,
        C::ProfileVersion,
        C::Namespace,
    ])
}

/// Reports in which a scope covers a line.
fn with_visible_lines(scope: &Scope) -> Condition {
    if scope.is_everywhere() {
        return Condition::all();
    }
    let own = Query::select()
        .column(bank_report_line::Column::BankReportId)
        .from(bank_report_line::Entity)
        .cond_where(visible(scope))
        .to_owned();
    Condition::all().add(bank_report::Column::Id.in_subquery(own))
}

/// The counts of reports, over the lines that a scope covers alone.
async fn count_visible(app: &App, scope: &Scope, reports: &mut [BankReportView]) -> Result<(), Error> {
    use bank_report_line::Column as C;
    if scope.is_everywhere() || reports.is_empty() {
        return Ok(());
    }
    let ids = reports.iter().map(|report| report.id);
    let rows: Vec<(Uuid, LineOutcome, Option<String>)> = bank_report_line::Entity::find()
        .select_only()
        .columns([C::BankReportId, C::Outcome, C::Note])
        .filter(C::BankReportId.is_in(ids))
        .filter(visible(scope))
        .into_tuple()
        .all(app.db.read())
        .await?;
    for report in reports {
        let own = || rows.iter().filter(|(id, ..)| *id == report.id);
        let agrees = |outcome| matches!(outcome, LineOutcome::Matched | LineOutcome::Returned);
        let count = |number: usize| i64::try_from(number).map_err(Error::internal);
        report.line_count = count(own().count())?;
        report.matched = count(own().filter(|(_, outcome, _)| agrees(*outcome)).count())?;
        report.suspense = count(own().filter(|(.., note)| note.is_some()).count())?;
    }
    Ok(())
}

/// How far those are that are being reconciled. Their counts are over all areas.
async fn watch(app: &App, scope: &Scope, reports: &mut [BankReportView]) -> Result<(), Error> {
    if !scope.is_everywhere() {
        return Ok(());
    }
    for report in reports.iter_mut().filter(|report| report.is_open()) {
        report.progress = app.watch.progress(app.db.read(), report.id).await?;
    }
    Ok(())
}

/// A report as the whole province sees it, `scope` of which covers everything.
pub(super) async fn find(app: &App, scope: &Scope, id: Uuid) -> Result<BankReportView, Error> {
    let mut report = [find_in_scope(app, scope, id).await?];
    files::put(app.db.read(), scope, &mut report).await?;
    let [report] = report;
    Ok(report)
}

pub(super) async fn find_in_scope(app: &App, scope: &Scope, id: Uuid) -> Result<BankReportView, Error> {
    heads()
        .filter(bank_report::Column::Id.eq(id))
        .filter(with_visible_lines(scope))
        .into_model::<Head>()
        .one(app.db.read())
        .await?
        .map(BankReportView::from)
        .ok_or_else(Error::not_found)
}

/// One report; of an area, where it speaks of its orders, and then of them alone.
pub async fn get(app: &App, actor: &Actor, id: Uuid) -> Result<BankReportView, Error> {
    let scope = actor.require(Permission::BankReportRead)?;
    let mut report = [find_in_scope(app, &scope, id).await?];
    count_visible(app, &scope, &mut report).await?;
    watch(app, &scope, &mut report).await?;
    files::put(app.db.read(), &scope, &mut report).await?;
    let [report] = report;
    Ok(report)
}

/// The reports that speak of the caller's areas, newest first.
pub async fn list(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<BankReportView>, Error> {
    use bank_report::Column as C;
    let scope = actor.require(Permission::BankReportRead)?;
    let window = Window::<(DateTime<Utc>, Uuid)>::of(app, "bank_reports", &(), limit, cursor)?;
    let mut query = heads()
        .filter(with_visible_lines(&scope))
        .order_by_desc(C::ReceivedAt)
        .order_by_desc(C::Id)
        .limit(window.fetch());
    if let Some((at, id)) = window.after {
        let same = Condition::all().add(C::ReceivedAt.eq(at)).add(C::Id.lt(id));
        query = query.filter(Condition::any().add(C::ReceivedAt.lt(at)).add(same));
    }
    let rows = query.into_model::<Head>().all(app.db.read()).await?;
    let rows: Vec<BankReportView> = rows.into_iter().map(BankReportView::from).collect();
    let mut page = window.page(rows, |report| (report.received_at, report.id))?;
    count_visible(app, &scope, &mut page.items).await?;
    watch(app, &scope, &mut page.items).await?;
    files::put(app.db.read(), &scope, &mut page.items).await?;
    Ok(page)
}

/// The lines of a report inside the caller's areas, in the order of the file; of one outcome, if asked for. They are there
/// once the report is reconciled, each with what it came to.
pub async fn lines(
    app: &App,
    actor: &Actor,
    id: Uuid,
    outcome: Option<LineOutcome>,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<ReportLineView>, Error> {
    use bank_report_line::Column as C;
    let scope = actor.require(Permission::BankReportRead)?;
    let report = find_in_scope(app, &scope, id).await?;
    let window = Window::<i32>::of(app, "bank_report_lines", &(id, outcome), limit, cursor)?;
    let mut query = bank_report_line::Entity::find()
        .filter(C::BankReportId.eq(id))
        // Behind them stands in suspense what is said of whole files.
        .filter(C::Position.lte(report.line_count))
        .filter(visible(&scope))
        .order_by_asc(C::Position)
        .limit(window.fetch());
    if let Some(outcome) = outcome {
        query = query.filter(C::Outcome.eq(outcome));
    }
    if let Some(after) = window.after {
        query = query.filter(C::Position.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let mut lines: Vec<ReportLineView> = rows.into_iter().map(line_view).collect();
    two_banks::name(app.db.read(), &mut lines.iter_mut().collect::<Vec<_>>()).await?;
    window.page(lines, |line: &ReportLineView| line.position)
}
