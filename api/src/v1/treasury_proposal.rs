//! What one person proposes of funds, approval tiers and the calendar of payments, and another decides.

use actix_web::{get, post};
use service::page::Page;
use service::proposal::DecideProposal;
use service::treasury_proposal::{self, ListTreasuryProposals, TreasuryProposalView};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_treasury_proposals)
        .service(get_treasury_proposal)
        .service(decide_treasury_proposal)
        .service(withdraw_treasury_proposal);
}

/// A proposal just made.
pub(super) fn made(view: TreasuryProposalView) -> Answered {
    let answer = Answer::created(format!("/v1/treasury-proposals/{}", view.id), &view)?;
    Ok(answer.version(view.version))
}

fn proposed(view: TreasuryProposalView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Proposals of funds and their lines, approval tiers and days of the calendar, the newest first: `status=proposed` waits for a second person
#[utoipa::path(tag = "treasury_proposal", params(ListTreasuryProposals), responses((status = 200, description = "A page", body = Page<TreasuryProposalView>)))]
#[get("/treasury-proposals")]
async fn list_treasury_proposals(caller: Caller, query: Query<ListTreasuryProposals>) -> Answered {
    Answer::page(
        &caller,
        &treasury_proposal::list(caller.app(), &caller.actor, query.0).await?,
    )
}

/// One of them
#[utoipa::path(tag = "treasury_proposal", responses((status = 200, description = "The proposal", body = TreasuryProposalView)))]
#[get("/treasury-proposals/{id}")]
async fn get_treasury_proposal(caller: Caller, id: Path<Uuid>) -> Answered {
    proposed(treasury_proposal::get(caller.app(), &caller.actor, *id).await?)
}

/// Decides a proposal: a second person; accepted, exactly what was proposed holds from now on
///
/// Refused as stale where what it would replace has changed since it was proposed.
#[utoipa::path(tag = "treasury_proposal", params(Once, IfMatch), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = TreasuryProposalView)))]
#[post("/treasury-proposals/{id}/decide")]
async fn decide_treasury_proposal(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<DecideProposal>,
) -> Answered {
    once.run(
        async |app, actor| treasury_proposal::decide(app, actor, *id, version.0, body.0).await,
        proposed,
    )
    .await
}

/// Takes a proposal back: its author alone
#[utoipa::path(tag = "treasury_proposal", params(Once, IfMatch),
    responses((status = 200, description = "Withdrawn", body = TreasuryProposalView)))]
#[post("/treasury-proposals/{id}/withdraw")]
async fn withdraw_treasury_proposal(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| treasury_proposal::withdraw(app, actor, *id, version.0).await,
        proposed,
    )
    .await
}
