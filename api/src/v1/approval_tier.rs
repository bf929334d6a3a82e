//! How many people must approve what.

use actix_web::{get, put};
use service::approval_tier::{self, SetTiers, TiersView};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::Body;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_approval_tiers).service(set_approval_tiers);
}

fn tiers(view: TiersView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// How many people must approve pay runs and relief requests, by amount
#[utoipa::path(tag = "approval_tier", responses((status = 200, description = "The tiers", body = TiersView)))]
#[get("/approval-tiers")]
async fn get_approval_tiers(caller: Caller) -> Answered {
    tiers(approval_tier::get(caller.app(), &caller.actor).await?)
}

/// Replaces the tiers; what is submitted already keeps those under which it was
#[utoipa::path(tag = "approval_tier", params(IfMatch), request_body = SetTiers,
    responses((status = 200, description = "The tiers", body = TiersView)))]
#[put("/approval-tiers")]
async fn set_approval_tiers(caller: Caller, version: IfMatch, body: Body<SetTiers>) -> Answered {
    tiers(approval_tier::set(caller.app(), &caller.actor, version.0, body.0).await?)
}
