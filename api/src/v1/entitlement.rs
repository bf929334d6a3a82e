//! What people are entitled to, and why.

use actix_web::{HttpResponse, get};
use chrono::{DateTime, Utc};
use domain::Month;
use serde::Deserialize;
use service::entitlement::{self, ComparisonView, DeterminationView, EntitlementView, ExplanationView};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered, PDF, attachment};
use crate::auth::Caller;
use crate::extract::{Path, Query};
use crate::problem::Problem;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_entitlements)
        .service(explain_entitlement)
        .service(list_determinations)
        .service(compare_determinations)
        .service(print_decision)
        .service(print_change_notice);
}

/// Which months, and as known when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListEntitlements {
    /// First month.
    #[param(value_type = Option<String>, example = "2024-01")]
    from: Option<Month>,
    /// Last month.
    #[param(value_type = Option<String>, example = "2024-12")]
    to: Option<Month>,
    /// As it was known at this instant; now if left out.
    known_at: Option<DateTime<Utc>>,
}

/// What a person is entitled to, in the caller's areas
#[utoipa::path(tag = "person", params(ListEntitlements), responses((status = 200, description = "By benefit", body = Page<EntitlementView>)))]
#[get("/persons/{id}/entitlements")]
async fn list_entitlements(caller: Caller, id: Path<Uuid>, query: Query<ListEntitlements>) -> Answered {
    let ListEntitlements { from, to, known_at } = query.0;
    Answer::whole(entitlement::list(caller.app(), &caller.actor, *id, (from, to), known_at).await?)
}

/// Which two determinations.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CompareDeterminations {
    /// Number of the earlier; the one before the later if left out.
    #[param(example = 1)]
    before: Option<i32>,
    /// Number of the later; the one that stands if left out.
    #[param(example = 2)]
    after: Option<i32>,
}

/// Which determination.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PrintDecision {
    /// Its number; the one that stands if left out.
    #[param(example = 1)]
    sequence: Option<i32>,
}

/// An entitlement explained to the person, down to article, value of law, fact and the paper it rests on
#[utoipa::path(tag = "person", responses((status = 200, description = "In both languages", body = ExplanationView)))]
#[get("/entitlements/{id}/explanation")]
async fn explain_entitlement(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&entitlement::explain(caller.app(), &caller.actor, *id).await?)
}

/// The determinations of an entitlement, the newest first
#[utoipa::path(tag = "person", responses((status = 200, description = "Every one, none is ever overwritten", body = Page<DeterminationView>)))]
#[get("/entitlements/{id}/determinations")]
async fn list_determinations(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(entitlement::determinations(caller.app(), &caller.actor, *id).await?)
}

/// What changed between two determinations and why: which release of law, which record
#[utoipa::path(tag = "person", params(CompareDeterminations),
    responses((status = 200, description = "In both languages", body = ComparisonView)))]
#[get("/entitlements/{id}/comparison")]
async fn compare_determinations(caller: Caller, id: Path<Uuid>, query: Query<CompareDeterminations>) -> Answered {
    let CompareDeterminations { before, after } = query.0;
    Answer::ok(&entitlement::compare(caller.app(), &caller.actor, *id, (before, after)).await?)
}

/// The decision on an entitlement to be printed, made from the trace of its amounts; the same bytes each time
#[utoipa::path(tag = "person", params(PrintDecision), responses((status = 200, description = "PDF", body = Vec<u8>,
    content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/entitlements/{id}/decision.pdf")]
async fn print_decision(caller: Caller, id: Path<Uuid>, query: Query<PrintDecision>) -> Result<HttpResponse, Problem> {
    let bytes = entitlement::decision(caller.app(), &caller.actor, *id, query.0.sequence).await?;
    Ok(attachment("decision.pdf", PDF, bytes))
}

/// The notice of what changed and why to be printed; the same bytes each time
#[utoipa::path(tag = "person", params(CompareDeterminations), responses((status = 200, description = "PDF",
    body = Vec<u8>, content_type = "application/pdf", example = json!("<binary>"))))]
#[get("/entitlements/{id}/change-notice.pdf")]
async fn print_change_notice(
    caller: Caller,
    id: Path<Uuid>,
    query: Query<CompareDeterminations>,
) -> Result<HttpResponse, Problem> {
    let CompareDeterminations { before, after } = query.0;
    let bytes = entitlement::notice(caller.app(), &caller.actor, *id, (before, after)).await?;
    Ok(attachment("change-notice.pdf", PDF, bytes))
}
