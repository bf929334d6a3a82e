//! Requests for emergency relief, from the commune to the payment.

use actix_web::{get, post};
use service::page::Page;
use service::relief_request::{self, ClaimView, RequestView, SubmitRequest};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;
use crate::v1::pay_run::Reject;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_relief_requests)
        .service(submit_relief_request)
        .service(get_relief_request)
        .service(list_relief_claims)
        .service(verify_relief_request)
        .service(approve_relief_request)
        .service(reject_relief_request);
}

fn changed(view: RequestView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Requests in the caller's areas, the newest first
#[utoipa::path(tag = "relief_request", params(PageQuery), responses((status = 200, description = "A page", body = Page<RequestView>)))]
#[get("/relief-requests")]
async fn list_relief_requests(caller: Caller, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &relief_request::list(caller.app(), &caller.actor, limit, cursor.as_deref()).await?,
    )
}

/// Files a request with its claims and submits it; the same reference again gives the first
#[utoipa::path(tag = "relief_request", params(Once), request_body = SubmitRequest,
    responses((status = 201, description = "Submitted", body = RequestView)))]
#[post("/relief-requests")]
async fn submit_relief_request(once: Once, body: Body<SubmitRequest>) -> Answered {
    once.run(
        async |app, actor| relief_request::submit(app, actor, body.0).await,
        |view| Ok(Answer::created(format!("/v1/relief-requests/{}", view.id), &view)?.version(view.version)),
    )
    .await
}

/// One request
#[utoipa::path(tag = "relief_request", responses((status = 200, description = "The request", body = RequestView)))]
#[get("/relief-requests/{id}")]
async fn get_relief_request(caller: Caller, id: Path<Uuid>) -> Answered {
    changed(relief_request::get(caller.app(), &caller.actor, *id).await?)
}

/// The claims of a request with their amounts
#[utoipa::path(tag = "relief_request", responses((status = 200, description = "All of them", body = Page<ClaimView>)))]
#[get("/relief-requests/{id}/claims")]
async fn list_relief_claims(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(relief_request::claims(caller.app(), &caller.actor, *id).await?)
}

/// Verifies a submitted request: a second person
#[utoipa::path(tag = "relief_request", params(Once, IfMatch),
    responses((status = 200, description = "Verified", body = RequestView)))]
#[post("/relief-requests/{id}/verify")]
async fn verify_relief_request(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| relief_request::verify(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Approves a verified request: a third person; it is paid on the fast track
#[utoipa::path(tag = "relief_request", params(Once, IfMatch),
    responses((status = 200, description = "Approved", body = RequestView)))]
#[post("/relief-requests/{id}/approve")]
async fn approve_relief_request(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| relief_request::approve(app, actor, *id, version.0).await,
        changed,
    )
    .await
}

/// Turns a request down, with a reason
#[utoipa::path(tag = "relief_request", params(Once, IfMatch), request_body = Reject,
    responses((status = 200, description = "Rejected", body = RequestView)))]
#[post("/relief-requests/{id}/reject")]
async fn reject_relief_request(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Reject>) -> Answered {
    let reason = body.0.reason;
    once.run(
        async |app, actor| relief_request::reject(app, actor, *id, version.0, &reason).await,
        changed,
    )
    .await
}
