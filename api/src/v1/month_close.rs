//! The close of a month with the three-way tie.

use actix_web::{HttpResponse, get, post};
use domain::Month;
use service::month_close::{self, CloseMonth, MonthCloseView, OpenItemView, TieView};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered, PDF, SPREADSHEET, attachment};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_month_closes)
        .service(get_month_close)
        .service(prepare_month_close)
        .service(confirm_month_close)
        .service(get_month_tie)
        .service(list_month_open_items)
        .service(get_month_workbook)
        .service(get_month_paper);
}

fn changed(view: MonthCloseView) -> Answered {
    // Its version is that of what was prepared: whoever holds its tag is told all the same that it no longer stands,
    // what it would carry now, and by how many days it is late.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

/// Every close, the latest month first
#[utoipa::path(tag = "month_close", responses((status = 200, description = "All of them", body = Page<MonthCloseView>)))]
#[get("/month-closes")]
async fn list_month_closes(caller: Caller) -> Answered {
    Answer::whole(month_close::list(caller.app(), &caller.actor).await?)
}

/// The close of a month
#[utoipa::path(tag = "month_close", params(("month" = String, Path, description = "The cover month", example = "2024-09")),
    responses((status = 200, description = "The close", body = MonthCloseView)))]
#[get("/month-closes/{month}")]
async fn get_month_close(caller: Caller, month: Path<Month>) -> Answered {
    changed(month_close::get(caller.app(), &caller.actor, *month).await?)
}

/// Prepares the close of a month and signs its tie: the first of two people
#[utoipa::path(tag = "month_close", params(("month" = String, Path, description = "The cover month", example = "2024-09"), Once),
    request_body = CloseMonth, responses((status = 200, description = "Prepared", body = MonthCloseView)))]
#[post("/month-closes/{month}")]
async fn prepare_month_close(once: Once, month: Path<Month>, body: Body<CloseMonth>) -> Answered {
    once.run(
        async |app, actor| month_close::close(app, actor, *month, body.0).await,
        changed,
    )
    .await
}

/// Confirms a prepared close: a second person; it never changes again
#[utoipa::path(tag = "month_close",
    params(("month" = String, Path, description = "The cover month", example = "2024-09"), Once, IfMatch),
    responses((status = 200, description = "Closed", body = MonthCloseView)))]
#[post("/month-closes/{month}/confirm")]
async fn confirm_month_close(once: Once, month: Path<Month>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| month_close::confirm(app, actor, *month, version.0).await,
        changed,
    )
    .await
}

/// The three-way tie as it stands now: lines, files and answers of a cover month, and what changed in closed months
#[utoipa::path(tag = "month_close", params(("month" = String, Path, description = "The cover month", example = "2024-09")),
    responses((status = 200, description = "The tie", body = TieView)))]
#[get("/month-closes/{month}/tie")]
async fn get_month_tie(caller: Caller, month: Path<Month>) -> Answered {
    Answer::ok(&month_close::tie(caller.app(), &caller.actor, *month).await?)
}

/// What was open when a month was closed, with its age on that day and why; before the second person signs, what is open now
#[utoipa::path(tag = "month_close",
    params(("month" = String, Path, description = "The cover month", example = "2024-09"), PageQuery),
    responses((status = 200, description = "A page", body = Page<OpenItemView>)))]
#[get("/month-closes/{month}/open-items")]
async fn list_month_open_items(caller: Caller, month: Path<Month>, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    let page = month_close::open_items(caller.app(), &caller.actor, *month, limit, cursor.as_deref()).await?;
    Answer::page(&caller, &page)
}

/// The report of a month's close as a workbook; a draft while it waits for the second person
#[utoipa::path(tag = "month_close", params(("month" = String, Path, description = "The cover month", example = "2024-09")),
    responses((status = 200, description = "The workbook", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("<binary>"))))]
#[get("/month-closes/{month}/report.xlsx")]
async fn get_month_workbook(caller: Caller, month: Path<Month>) -> Result<HttpResponse, Problem> {
    let (name, bytes) = month_close::workbook(caller.app(), &caller.actor, *month).await?;
    Ok(attachment(&name, SPREADSHEET, bytes))
}

/// The report of a month's close as a paper to be signed; a draft while it waits for the second person
#[utoipa::path(tag = "month_close", params(("month" = String, Path, description = "The cover month", example = "2024-09")),
    responses((status = 200, description = "The paper", body = Vec<u8>, content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/month-closes/{month}/report.pdf")]
async fn get_month_paper(caller: Caller, month: Path<Month>) -> Result<HttpResponse, Problem> {
    let (name, bytes) = month_close::paper(caller.app(), &caller.actor, *month).await?;
    Ok(attachment(&name, PDF, bytes))
}
