//! How many people must approve what.

use actix_web::{get, post};
use service::approval_tier::{self, ProposeTiers, TiersView};
use service::treasury_proposal::TreasuryProposalView;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::Body;
use crate::once::Once;
use crate::v1::treasury_proposal;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_approval_tiers).service(propose_approval_tiers);
}

/// How many people must approve pay runs and relief requests, by amount
#[utoipa::path(tag = "approval_tier", responses((status = 200, description = "The tiers", body = TiersView)))]
#[get("/approval-tiers")]
async fn get_approval_tiers(caller: Caller) -> Answered {
    let view = approval_tier::get(caller.app(), &caller.actor).await?;
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Proposes other tiers: the first of two people
///
/// Those in force stay until another person accepts it at `/v1/treasury-proposals`; what is submitted by then keeps those
/// under which it was.
#[utoipa::path(tag = "approval_tier", params(Once, IfMatch), request_body = ProposeTiers,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/approval-tiers/propose")]
async fn propose_approval_tiers(once: Once, version: IfMatch, body: Body<ProposeTiers>) -> Answered {
    once.run(
        async |app, actor| approval_tier::propose(app, actor, version.0, body.0).await,
        treasury_proposal::made,
    )
    .await
}
