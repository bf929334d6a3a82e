//! What banks say about people, to be looked into.

use actix_web::{get, post};
use service::page::Page;
use service::registry_finding::{self, ConfirmFinding, DismissFinding, ListFindings, RegistryFindingView};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_registry_findings)
        .service(confirm_registry_finding)
        .service(dismiss_registry_finding);
}

fn changed(view: RegistryFindingView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Findings about people in the caller's areas
#[utoipa::path(tag = "registry_finding", params(ListFindings), responses((status = 200, description = "A page", body = Page<RegistryFindingView>)))]
#[get("/registry-findings")]
async fn list_registry_findings(caller: Caller, query: Query<ListFindings>) -> Answered {
    Answer::page(
        &caller,
        &registry_finding::list(caller.app(), &caller.actor, query.0).await?,
    )
}

/// Confirms a death: it is recorded, and the person reassessed
#[utoipa::path(tag = "registry_finding", params(Once, IfMatch), request_body = ConfirmFinding,
    responses((status = 200, description = "Confirmed", body = RegistryFindingView)))]
#[post("/registry-findings/{id}/confirm")]
async fn confirm_registry_finding(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<ConfirmFinding>,
) -> Answered {
    once.run(
        async |app, actor| registry_finding::confirm(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}

/// Dismisses a finding: payments go on
#[utoipa::path(tag = "registry_finding", params(Once, IfMatch), request_body = DismissFinding,
    responses((status = 200, description = "Dismissed", body = RegistryFindingView)))]
#[post("/registry-findings/{id}/dismiss")]
async fn dismiss_registry_finding(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<DismissFinding>,
) -> Answered {
    once.run(
        async |app, actor| registry_finding::dismiss(app, actor, *id, version.0, body.0).await,
        changed,
    )
    .await
}
