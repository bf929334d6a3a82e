//! What people are entitled to, and why.

use actix_web::get;
use chrono::{DateTime, Utc};
use domain::Month;
use serde::Deserialize;
use service::Text;
use service::entitlement::{self, EntitlementView};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Path, Query};

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(list_entitlements).service(explain_entitlement);
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

/// An entitlement explained to the person: facts, periods, amounts and provisions
#[utoipa::path(tag = "person", responses((status = 200, description = "In both languages", body = Text)))]
#[get("/entitlements/{id}/explanation")]
async fn explain_entitlement(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&entitlement::explain(caller.app(), &caller.actor, *id).await?)
}
