//! What reconciliation left for a person.

use actix_web::{get, post};
use service::bank_report::ReportLineView;
use service::page::Page;
use service::reconciliation::{self, ResolveLine, SuspenseLineView};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_suspense).service(resolve_suspense_line);
}

/// Lines that wait for a person, beside the orders they speak of
#[utoipa::path(tag = "reconciliation", params(PageQuery), responses((status = 200, description = "A page", body = Page<SuspenseLineView>)))]
#[get("/reconciliation/suspense")]
async fn list_suspense(caller: Caller, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &reconciliation::suspense(caller.app(), &caller.actor, limit, cursor.as_deref()).await?,
    )
}

/// Takes a line off the list, with a note; it moves neither orders nor money
#[utoipa::path(tag = "reconciliation", params(Once), request_body = ResolveLine,
    responses((status = 200, description = "Resolved", body = ReportLineView)))]
#[post("/reconciliation/suspense/{id}/resolve")]
async fn resolve_suspense_line(once: Once, id: Path<Uuid>, body: Body<ResolveLine>) -> Answered {
    once.run(
        async |app, actor| reconciliation::resolve(app, actor, *id, body.0).await,
        |view| Answer::ok(&view),
    )
    .await
}
