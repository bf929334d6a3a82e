//! What banks and the post office answer.

use actix_web::{get, post};
use serde::Deserialize;
use service::bank_report::{self, BankReportView, Reading, ReadingMode, ReportLineView};
use service::page::Page;
use service::proposal::DecideProposal;
use service::reconciliation::{self, ProposeSetAside, SetAsideView};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, PageQuery, Path, Query, Upload, word};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_bank_reports)
        .service(upload_bank_report)
        .service(get_bank_report)
        .service(list_bank_report_lines)
        .service(list_reports_set_aside)
        .service(propose_report_set_aside)
        .service(decide_report_set_aside);
}

/// Reports, the newest first
#[utoipa::path(tag = "bank_report", params(PageQuery), responses((status = 200, description = "A page", body = Page<BankReportView>)))]
#[get("/bank-reports")]
async fn list_bank_reports(caller: Caller, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &bank_report::list(caller.app(), &caller.actor, limit, cursor.as_deref()).await?,
    )
}

/// The name of an uploaded file, and how to read it.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct UploadQuery {
    /// The name it came with.
    #[param(example = "pain002-AGRIBANK-2024-09-18.xml")]
    file_name: String,
    /// `strict`: what would need tolerance is refused; `lenient`: it is noted in the report. As the profile of the bank says
    /// if left out, which is `strict` unless it was changed. Neither judges the values within a line of a message by its
    /// schema.
    #[serde(default)]
    #[param(value_type = Option<String>, pattern = "^(strict|lenient)$", example = "strict")]
    mode: Option<ReadingMode>,
    /// The bank whose report it is, where the report itself does not tell; `POST` for the post office's list.
    #[param(example = "KLB")]
    bank: Option<String>,
}

/// Receives a report as the raw body: pain.002, camt.053, camt.054, a bank's result table or the post office's results
///
/// It is told apart by its content and reconciled in the background. The same bytes again change nothing, unless that
/// report was set aside; asked to be read as those of another bank, or in another mode, than the stored report, they are
/// refused (`report-read-otherwise`). A result table is CSV or XLSX with the headings of a bank's profile; the cash list of
/// the post office, filled in, is one too.
///
/// It is read by the profile of the bank whose files or orders it speaks of, strictly: a message in a namespace that the
/// profile does not list is refused, and so is whatever else would need tolerance. The report says which profile it was,
/// and what lenient reading tolerated.
///
/// A message of a version whose schema is known is held against that at the places that are read. Of a line (`Ntry`,
/// `TxDtls`, `TxInfAndSts`) only this is judged so: elements that are unknown, out of order or too many, unknown attributes,
/// and amounts without a currency. What else it lacks and what its values are is held against no schema, in either mode: a
/// line that can't be read for it has its own fault and waits for a person, and stops neither the file nor another line.
#[utoipa::path(tag = "bank_report", params(UploadQuery, Once),
    request_body(content = Vec<u8>, content_type = "application/octet-stream", example = json!("<binary>")),
    responses((status = 202, description = "Received; read `Location` until it is reconciled", body = BankReportView)))]
#[post("/bank-reports")]
async fn upload_bank_report(once: Once, query: Query<UploadQuery>, upload: Upload) -> Answered {
    once.run_by_content(
        async |app, actor| {
            let UploadQuery { file_name, mode, bank } = query.0;
            bank_report::upload_as(app, actor, &file_name, upload.0, Reading { mode, bank }).await
        },
        |view| Answer::accepted(format!("/v1/bank-reports/{}", view.id), &view),
    )
    .await
}

/// One report and how many of its lines were matched
///
/// While it is being reconciled, `progress` says how many of its `line_count` lines are judged and what came of them.
#[utoipa::path(tag = "bank_report", responses((status = 200, description = "The report", body = BankReportView)))]
#[get("/bank-reports/{id}")]
async fn get_bank_report(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&bank_report::get(caller.app(), &caller.actor, *id).await?)
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListLines {
    /// Of this outcome: `pending`, `matched`, `partial`, `amount_differs`, `unknown_reference`, `duplicate`, `late`,
    /// `returned` or `set_aside`.
    #[param(example = "amount_differs")]
    outcome: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// The lines of a report, in the caller's areas
///
/// They are there once the report is reconciled, each with what it came to.
#[utoipa::path(tag = "bank_report", params(ListLines), responses((status = 200, description = "A page", body = Page<ReportLineView>)))]
#[get("/bank-reports/{id}/lines")]
async fn list_bank_report_lines(caller: Caller, id: Path<Uuid>, query: Query<ListLines>) -> Answered {
    let ListLines { outcome, limit, cursor } = query.0;
    let outcome = outcome.map(|text| word("/outcome", text)).transpose()?;
    let page = bank_report::lines(caller.app(), &caller.actor, *id, outcome, limit, cursor.as_deref()).await?;
    Answer::page(&caller, &page)
}

/// What was proposed and decided of setting a report aside
#[utoipa::path(tag = "bank_report", responses((status = 200, description = "All of it", body = Page<SetAsideView>)))]
#[get("/bank-reports/{id}/set-aside")]
async fn list_reports_set_aside(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(reconciliation::set_asides(caller.app(), &caller.actor, *id).await?)
}

/// Proposes to set a report aside that was read as another bank's or in another mode: the first of two people
///
/// Only a report of which no line agrees with its order and from which nothing followed can be set aside.
#[utoipa::path(tag = "bank_report", params(Once), request_body = ProposeSetAside,
    responses((status = 200, description = "Proposed", body = SetAsideView)))]
#[post("/bank-reports/{id}/set-aside")]
async fn propose_report_set_aside(once: Once, id: Path<Uuid>, body: Body<ProposeSetAside>) -> Answered {
    once.run(
        async |app, actor| reconciliation::propose_set_aside(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides it: a second person; accepted, its lines end as set aside, and the file can be sent and read anew
#[utoipa::path(tag = "bank_report", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = SetAsideView)))]
#[post("/bank-reports/{id}/set-aside/decide")]
async fn decide_report_set_aside(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| reconciliation::decide_set_aside(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}
