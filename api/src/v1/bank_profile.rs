//! What banks take.

use actix_web::{get, post};
use service::bank_profile::{self, BankProfileView, ListProfileProposals, ProfileProposalView, ProposeProfile};
use service::page::Page;
use service::proposal::DecideProposal;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_bank_profiles)
        .service(get_bank_profile)
        .service(propose_bank_profile)
        .service(list_bank_profile_proposals)
        .service(get_bank_profile_proposal)
        .service(decide_bank_profile_proposal)
        .service(withdraw_bank_profile_proposal);
}

fn changed(view: BankProfileView) -> Answered {
    // A bank without a profile of its own has the default's, whose changes are not versions of the bank's.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

/// The default profile and those of single banks: format, columns, limits, names, debtor, result table
#[utoipa::path(tag = "bank_profile", responses((status = 200, description = "All of them", body = Page<BankProfileView>)))]
#[get("/bank-profiles")]
async fn list_bank_profiles(caller: Caller) -> Answered {
    Answer::whole(bank_profile::list(caller.app(), &caller.actor).await?)
}

/// The profile that holds for a bank
#[utoipa::path(tag = "bank_profile", params(("bank" = String, Path, description = "The bank's code, or `default`", example = "AGRIBANK")),
    responses((status = 200, description = "The profile", body = BankProfileView)))]
#[get("/bank-profiles/{bank}")]
async fn get_bank_profile(caller: Caller, bank: Path<String>) -> Answered {
    changed(bank_profile::get(caller.app(), &caller.actor, &bank).await?)
}

/// Proposes a profile for a bank, or the default: the first of two people; the body names what differs from the default
///
/// Nothing changes until another person accepts it. A second proposal for the same bank is refused while one is open.
#[utoipa::path(tag = "bank_profile", params(Once, IfMatch, ("bank" = String, Path, description = "The bank's code, or `default`", example = "AGRIBANK")),
    request_body = ProposeProfile,
    responses((status = 201, description = "Proposed", body = ProfileProposalView)))]
#[post("/bank-profiles/{bank}/propose")]
async fn propose_bank_profile(
    once: Once,
    bank: Path<String>,
    version: IfMatch,
    body: Body<ProposeProfile>,
) -> Answered {
    once.run(
        async |app, actor| bank_profile::propose(app, actor, &bank, version.0, body.0).await,
        |view| {
            let answer = Answer::created(format!("/v1/bank-profile-proposals/{}", view.id), &view)?;
            Ok(answer.version(view.version))
        },
    )
    .await
}

fn proposed(view: ProfileProposalView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Proposals of profiles, the newest first: the whole new terms, and what differs from those in force
#[utoipa::path(tag = "bank_profile", params(ListProfileProposals), responses((status = 200, description = "A page", body = Page<ProfileProposalView>)))]
#[get("/bank-profile-proposals")]
async fn list_bank_profile_proposals(caller: Caller, query: Query<ListProfileProposals>) -> Answered {
    Answer::page(
        &caller,
        &bank_profile::list_proposals(caller.app(), &caller.actor, query.0).await?,
    )
}

/// One of them
#[utoipa::path(tag = "bank_profile", responses((status = 200, description = "The proposal", body = ProfileProposalView)))]
#[get("/bank-profile-proposals/{id}")]
async fn get_bank_profile_proposal(caller: Caller, id: Path<Uuid>) -> Answered {
    proposed(bank_profile::get_proposal(caller.app(), &caller.actor, *id).await?)
}

/// Decides a proposal: a second person; accepted, it is the bank's new version
///
/// It holds for files planned from now on. A file planned before keeps the profile it was planned with.
#[utoipa::path(tag = "bank_profile", params(Once, IfMatch), request_body = DecideProposal,
    responses((status = 200, description = "Decided", body = ProfileProposalView)))]
#[post("/bank-profile-proposals/{id}/decide")]
async fn decide_bank_profile_proposal(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<DecideProposal>,
) -> Answered {
    once.run(
        async |app, actor| bank_profile::decide(app, actor, *id, version.0, body.0).await,
        proposed,
    )
    .await
}

/// Takes a proposal back: its author alone
#[utoipa::path(tag = "bank_profile", params(Once, IfMatch),
    responses((status = 200, description = "Withdrawn", body = ProfileProposalView)))]
#[post("/bank-profile-proposals/{id}/withdraw")]
async fn withdraw_bank_profile_proposal(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| bank_profile::withdraw(app, actor, *id, version.0).await,
        proposed,
    )
    .await
}
