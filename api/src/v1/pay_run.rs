//! Pay runs: from what is owed in a month to orders.

use actix_web::{delete, get, post};
use serde::Deserialize;
use service::page::Page;
use service::pay_run::{
    self, CreatePayRun, ExcludePayment, HeldView, LineView, ListLines, ListPayRuns, PayRunView, PreviewView, ProofView,
};
use service::payment_file::{self, FileView};
use service::payment_order::{self, OrderView};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_pay_runs)
        .service(create_pay_run)
        .service(get_pay_run)
        .service(list_pay_run_lines)
        .service(list_pay_run_orders)
        .service(list_held_payments)
        .service(list_pay_run_files)
        .service(build_pay_run)
        .service(submit_pay_run)
        .service(approve_pay_run)
        .service(reject_pay_run)
        .service(release_pay_run)
        .service(cancel_pay_run)
        .service(preview_pay_run)
        .service(exclude_payment)
        .service(include_payment)
        .service(prove_pay_run_line);
}

/// Why something is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reject {
    /// The reason, kept in the audit trail.
    #[schema(example = "Sai số tài khoản ở ba dòng", max_length = 1000)]
    pub(crate) reason: String,
}

fn changed(view: PayRunView) -> Answered {
    // The clock and the calendar change its days, and the caller's areas its sums: its version is that of the run.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

fn building(view: PayRunView) -> Answered {
    Ok(Answer::accepted(format!("/v1/job-runs/{}", view.build_run_id), &view)?.version_and_rest(view.version))
}

/// Pay runs that fit, the newest month first
#[utoipa::path(tag = "pay_run", params(ListPayRuns), responses((status = 200, description = "A page", body = Page<PayRunView>)))]
#[get("/pay-runs")]
async fn list_pay_runs(caller: Caller, query: Query<ListPayRuns>) -> Answered {
    Answer::page(&caller, &pay_run::search(caller.app(), &caller.actor, query.0).await?)
}

/// Opens a run and starts building its lines
///
/// Regular runs of one month stand side by side where no area or channel is in two of them; one for everybody takes those
/// whom the others leave. A regular run is refused before the month in which its list is closed, unless the calendar says
/// that its month is paid early.
#[utoipa::path(tag = "pay_run", params(Once), request_body = CreatePayRun,
    responses((status = 202, description = "Opened; `Location` tells of the building", body = PayRunView)))]
#[post("/pay-runs")]
async fn create_pay_run(once: Once, body: Body<CreatePayRun>) -> Answered {
    once.run(async |app, actor| pay_run::create(app, actor, body.0).await, building)
        .await
}

/// One pay run
#[utoipa::path(tag = "pay_run", responses((status = 200, description = "The run", body = PayRunView)))]
#[get("/pay-runs/{id}")]
async fn get_pay_run(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(pay_run::get(caller.app(), &caller.actor, *id).await?)
}

/// The lines of a run that fit, in the caller's areas
#[utoipa::path(tag = "pay_run", params(ListLines), responses((status = 200, description = "A page", body = Page<LineView>)))]
#[get("/pay-runs/{id}/lines")]
async fn list_pay_run_lines(caller: Caller, id: Path<Uuid>, query: Query<ListLines>) -> Answered {
    Answer::page(
        &caller,
        &pay_run::search_lines(caller.app(), &caller.actor, *id, query.0).await?,
    )
}

/// The orders of a run, in the caller's areas
#[utoipa::path(tag = "pay_run", params(PageQuery), responses((status = 200, description = "A page", body = Page<OrderView>)))]
#[get("/pay-runs/{id}/orders")]
async fn list_pay_run_orders(caller: Caller, id: Path<Uuid>, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &payment_order::list(caller.app(), &caller.actor, *id, limit, cursor.as_deref()).await?,
    )
}

/// What is due and not paid in a run, and why
#[utoipa::path(tag = "pay_run", params(PageQuery), responses((status = 200, description = "A page", body = Page<HeldView>)))]
#[get("/pay-runs/{id}/held")]
async fn list_held_payments(caller: Caller, id: Path<Uuid>, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &pay_run::held(caller.app(), &caller.actor, *id, limit, cursor.as_deref()).await?,
    )
}

/// The files of a run
#[utoipa::path(tag = "pay_run", responses((status = 200, description = "All of them", body = Page<FileView>)))]
#[get("/pay-runs/{id}/files")]
async fn list_pay_run_files(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(payment_file::list(caller.app(), &caller.actor, *id).await?)
}

/// Builds the lines of a draft again
#[utoipa::path(tag = "pay_run", params(Once, IfMatch),
    responses((status = 202, description = "Begun; `Location` tells of it", body = PayRunView)))]
#[post("/pay-runs/{id}/build")]
async fn build_pay_run(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| pay_run::build(app, actor, *id, version.0).await,
        building,
    )
    .await
}

/// Freezes the lines, signs them as the maker and reserves the money
#[utoipa::path(tag = "pay_run", params(Once, IfMatch),
    responses((status = 200, description = "Submitted", body = PayRunView)))]
#[post("/pay-runs/{id}/submit")]
async fn submit_pay_run(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| pay_run::submit(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Signs a submitted run as the checker: a second person, or one of as many as its amount asks for
#[utoipa::path(tag = "pay_run", params(Once, IfMatch),
    responses((status = 200, description = "Approved, or still submitted while others must approve too", body = PayRunView)))]
#[post("/pay-runs/{id}/approve")]
async fn approve_pay_run(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| pay_run::approve(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Sends a submitted or approved run back to its maker: a draft again with its lines untouched, and the money free
#[utoipa::path(tag = "pay_run", params(Once, IfMatch), request_body = Reject,
    responses((status = 200, description = "Sent back", body = PayRunView)))]
#[post("/pay-runs/{id}/reject")]
async fn reject_pay_run(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Reject>) -> Answered {
    let reason = body.0.reason;
    once.run(
        async |app, actor| pay_run::reject(app, actor, *id, version.0, &reason).await,
        changed,
    )
    .await
}

/// Releases an approved run as a third person: its files are written
#[utoipa::path(tag = "pay_run", params(Once, IfMatch),
    responses((status = 200, description = "Released", body = PayRunView)))]
#[post("/pay-runs/{id}/release")]
async fn release_pay_run(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| pay_run::release(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Cancels a run that has not left the house: a draft by its maker, a submitted or approved one by an approver
#[utoipa::path(tag = "pay_run", params(Once, IfMatch), request_body = Reject,
    responses((status = 200, description = "Cancelled; its money is free again", body = PayRunView)))]
#[post("/pay-runs/{id}/cancel")]
async fn cancel_pay_run(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Reject>) -> Answered {
    let reason = body.0.reason;
    once.run(
        async |app, actor| pay_run::cancel(app, actor, *id, version.0, &reason).await,
        changed,
    )
    .await
}

/// A run at a glance: sums from every side, what differs from the month before, what is held
#[utoipa::path(tag = "pay_run", responses((status = 200, description = "In the caller's areas", body = PreviewView)))]
#[get("/pay-runs/{id}/preview")]
async fn preview_pay_run(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&pay_run::preview(caller.app(), &caller.actor, *id).await?)
}

/// Leaves a line, or everything of a person, out of a draft; it is held, and owed still
#[utoipa::path(tag = "pay_run", params(Once, IfMatch), request_body = ExcludePayment,
    responses((status = 200, description = "The run without it", body = PayRunView)))]
#[post("/pay-runs/{id}/exclusions")]
async fn exclude_payment(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<ExcludePayment>) -> Answered {
    once.run(
        async |app, actor| pay_run::exclude(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Takes in again what was left out of a draft
#[utoipa::path(tag = "pay_run", params(("id" = Uuid, Path), ("exclusion_id" = Uuid, Path), IfMatch),
    responses((status = 200, description = "The run with it", body = PayRunView)))]
#[delete("/pay-runs/{id}/exclusions/{exclusion_id}")]
async fn include_payment(caller: Caller, ids: Path<(Uuid, Uuid)>, version: IfMatch) -> Answered {
    let (id, exclusion) = *ids;
    changed(pay_run::include(caller.app(), &caller.actor, id, version.0, exclusion).await?)
}

/// The proof that a line is part of what was signed, without showing the others
#[utoipa::path(tag = "pay_run", params(("id" = Uuid, Path), ("line_id" = Uuid, Path)),
    responses((status = 200, description = "The way from the line to the digest", body = ProofView)))]
#[get("/pay-runs/{id}/lines/{line_id}/proof")]
async fn prove_pay_run_line(caller: Caller, ids: Path<(Uuid, Uuid)>) -> Answered {
    let (id, line) = *ids;
    Answer::ok(&pay_run::proof(caller.app(), &caller.actor, id, line).await?)
}
