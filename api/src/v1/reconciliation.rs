//! What reconciliation left for people.

use actix_web::{HttpResponse, get, post};
use serde::Deserialize;
use service::month_close::OpenItemView;
use service::page::Page;
use service::proposal::DecideProposal;
use service::reconciliation::{
    self, AmountDifferenceView, ListAgeing, ListSuspense, ProposeResolution, ProposeSettlement, ResolutionView,
    SettlementView, SuspenseLineView,
};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, PDF, SPREADSHEET, attachment};
use crate::auth::Caller;
use crate::extract::{Body, Path, Query};
use crate::once::Once;
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_ageing)
        .service(get_ageing_workbook)
        .service(get_ageing_paper)
        .service(list_suspense)
        .service(propose_resolution)
        .service(decide_resolution)
        .service(list_amount_differences)
        .service(propose_amount_settlement)
        .service(decide_amount_settlement);
}

/// Orders without an end, money to be paid again, lines in suspense, and what others have not answered, the oldest first
#[utoipa::path(tag = "reconciliation", params(ListAgeing), responses((status = 200, description = "A page", body = Page<OpenItemView>)))]
#[get("/reconciliation/ageing")]
async fn list_ageing(caller: Caller, query: Query<ListAgeing>) -> Answered {
    Answer::page(
        &caller,
        &reconciliation::ageing(caller.app(), &caller.actor, query.0).await?,
    )
}

/// How old what is listed must be.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OlderThan {
    /// Open for more than so many days; everything if left out.
    #[param(example = 0, minimum = 0)]
    older_than_days: Option<u32>,
}

/// The same of the whole province as a workbook, with whose money it is and where it was to go
#[utoipa::path(tag = "reconciliation", params(OlderThan), responses((status = 200, description = "The workbook", body = Vec<u8>,
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", example = json!("<binary>"))))]
#[get("/reconciliation/ageing.xlsx")]
async fn get_ageing_workbook(caller: Caller, query: Query<OlderThan>) -> Result<HttpResponse, Problem> {
    let older = query.0.older_than_days;
    let (name, bytes) = reconciliation::ageing_workbook(caller.app(), &caller.actor, older).await?;
    Ok(attachment(&name, SPREADSHEET, bytes))
}

/// The same of the whole province as a paper
#[utoipa::path(tag = "reconciliation", params(OlderThan),
    responses((status = 200, description = "The paper", body = Vec<u8>, content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/reconciliation/ageing.pdf")]
async fn get_ageing_paper(caller: Caller, query: Query<OlderThan>) -> Result<HttpResponse, Problem> {
    let older = query.0.older_than_days;
    let (name, bytes) = reconciliation::ageing_paper(caller.app(), &caller.actor, older).await?;
    Ok(attachment(&name, PDF, bytes))
}

/// Lines that wait for two people, beside the orders they speak of and what is proposed
#[utoipa::path(tag = "reconciliation", params(ListSuspense), responses((status = 200, description = "A page", body = Page<SuspenseLineView>)))]
#[get("/reconciliation/suspense")]
async fn list_suspense(caller: Caller, query: Query<ListSuspense>) -> Answered {
    Answer::page(
        &caller,
        &reconciliation::search_suspense(caller.app(), &caller.actor, query.0).await?,
    )
}

/// Proposes what comes of a line: the first of two people
#[utoipa::path(tag = "reconciliation", params(Once), request_body = ProposeResolution,
    responses((status = 200, description = "Proposed", body = ResolutionView)))]
#[post("/reconciliation/suspense/{id}/propose")]
async fn propose_resolution(once: Once, id: Path<Uuid>, body: Body<ProposeResolution>) -> Answered {
    once.run(
        async |app, actor| reconciliation::propose(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides what was proposed of a line: a second person; accepted, its order, money and run follow
#[utoipa::path(tag = "reconciliation", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = ResolutionView)))]
#[post("/reconciliation/suspense/{id}/decide")]
async fn decide_resolution(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| reconciliation::decide(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// What banks moved more or less than was ordered, with what is proposed: the open ones first
#[utoipa::path(tag = "reconciliation", responses((status = 200, description = "All of them", body = Page<AmountDifferenceView>)))]
#[get("/reconciliation/amount-differences")]
async fn list_amount_differences(caller: Caller) -> Answered {
    Answer::whole(reconciliation::differences(caller.app(), &caller.actor).await?)
}

/// Proposes what comes of a difference: the first of two people
#[utoipa::path(tag = "reconciliation", params(Once), request_body = ProposeSettlement,
    responses((status = 200, description = "Proposed", body = SettlementView)))]
#[post("/reconciliation/amount-differences/{id}/propose")]
async fn propose_amount_settlement(once: Once, id: Path<Uuid>, body: Body<ProposeSettlement>) -> Answered {
    once.run(
        async |app, actor| reconciliation::propose_settlement(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Decides what was proposed of a difference: a second person; accepted, its money moves
#[utoipa::path(tag = "reconciliation", params(Once), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = SettlementView)))]
#[post("/reconciliation/amount-differences/{id}/decide")]
async fn decide_amount_settlement(once: Once, id: Path<Uuid>, body: Body<DecideProposal>) -> Answered {
    once.run(
        async |app, actor| reconciliation::decide_settlement(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}
