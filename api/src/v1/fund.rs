//! Funds and their postings.

use actix_web::{get, post};
use service::fund::{
    self, ForecastView, FundLinesView, FundView, PostingView, ProposeFund, ProposeFundLines, ProposeReduction,
    ProposeTransfer, ReservationView, TransferView,
};
use service::page::Page;
use service::treasury_proposal::TreasuryProposalView;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;
use crate::v1::pay_run::Reject;
use crate::v1::treasury_proposal;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_funds)
        .service(propose_fund)
        .service(list_postings)
        .service(list_reservations)
        .service(forecast_fund)
        .service(get_fund_lines)
        .service(propose_fund_lines)
        .service(propose_fund_reduction)
        .service(list_fund_transfers)
        .service(propose_fund_transfer)
        .service(get_fund_transfer)
        .service(approve_fund_transfer)
        .service(reject_fund_transfer);
}

/// Funds by code and fiscal year, and where their money stands
#[utoipa::path(tag = "fund", responses((status = 200, description = "All of them", body = Page<FundView>)))]
#[get("/funds")]
async fn list_funds(caller: Caller) -> Answered {
    Answer::whole(fund::list(caller.app(), &caller.actor).await?)
}

/// Proposes to open a fund for a fiscal year with its estimate: the first of two people
///
/// There is no fund, and nothing of it to be spent, until another person accepts it at `/v1/treasury-proposals`.
#[utoipa::path(tag = "fund", params(Once), request_body = ProposeFund,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/funds/propose")]
async fn propose_fund(once: Once, body: Body<ProposeFund>) -> Answered {
    once.run(
        async |app, actor| fund::propose_opening(app, actor, body.0).await,
        treasury_proposal::made,
    )
    .await
}

/// The postings of a fund, oldest first
#[utoipa::path(tag = "fund", params(PageQuery), responses((status = 200, description = "A page", body = Page<PostingView>)))]
#[get("/funds/{id}/postings")]
async fn list_postings(caller: Caller, id: Path<Uuid>, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &fund::postings(caller.app(), &caller.actor, *id, limit, cursor.as_deref()).await?,
    )
}

/// For which runs a fund holds money
#[utoipa::path(tag = "fund", responses((status = 200, description = "All of them", body = Page<ReservationView>)))]
#[get("/funds/{id}/reservations")]
async fn list_reservations(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(fund::reservations(caller.app(), &caller.actor, *id).await?)
}

/// How long a fund lasts if nothing changes: month by month from the current determinations
#[utoipa::path(tag = "fund", responses((status = 200, description = "The months still to be paid", body = ForecastView)))]
#[get("/funds/{id}/forecast")]
async fn forecast_fund(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&fund::forecast(caller.app(), &caller.actor, *id).await?)
}

/// The lines of a fund's estimate under the codes of the state budget
#[utoipa::path(tag = "fund", responses((status = 200, description = "The lines", body = FundLinesView)))]
#[get("/funds/{id}/lines")]
async fn get_fund_lines(caller: Caller, id: Path<Uuid>) -> Answered {
    let view = fund::lines(caller.app(), &caller.actor, *id).await?;
    // Transfers and cuts change the estimate, and runs what is drawn on it: its version is that of the lines.
    Ok(Answer::ok(&view)?.version_and_rest(view.version))
}

/// Proposes other lines of a fund's estimate, all at once: the first of two people
///
/// Together they are no more than the estimate, and none has less than what is drawn on it. Those the fund has stay until
/// another person accepts it at `/v1/treasury-proposals`.
#[utoipa::path(tag = "fund", params(Once, IfMatch), request_body = ProposeFundLines,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/funds/{id}/lines/propose")]
async fn propose_fund_lines(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<ProposeFundLines>) -> Answered {
    once.run(
        async |app, actor| fund::propose_lines(app, actor, *id, version.0, body.0).await,
        treasury_proposal::made,
    )
    .await
}

/// Proposes less money for a fund, by a decision of the finance office: the first of two people
///
/// Its estimate is cut, or what is not spent goes back to its source at the end of the year. No more than is free, of the
/// fund and of each line; what is reserved, committed, on its way or paid stays. Lines that are given are as they stand
/// afterwards. The fund has all of it until another person accepts it at `/v1/treasury-proposals`.
#[utoipa::path(tag = "fund", params(Once, IfMatch), request_body = ProposeReduction,
    responses((status = 201, description = "Proposed", body = TreasuryProposalView)))]
#[post("/funds/{id}/reductions/propose")]
async fn propose_fund_reduction(
    once: Once,
    id: Path<Uuid>,
    version: IfMatch,
    body: Body<ProposeReduction>,
) -> Answered {
    once.run(
        async |app, actor| fund::propose_reduction(app, actor, *id, version.0, body.0).await,
        treasury_proposal::made,
    )
    .await
}

fn decided(view: TransferView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Supplementary allotments and transfers between funds, the newest first
#[utoipa::path(tag = "fund", params(PageQuery), responses((status = 200, description = "A page", body = Page<TransferView>)))]
#[get("/fund-transfers")]
async fn list_fund_transfers(caller: Caller, query: Query<PageQuery>) -> Answered {
    let PageQuery { limit, cursor } = query.0;
    Answer::page(
        &caller,
        &fund::transfers(caller.app(), &caller.actor, limit, cursor.as_deref()).await?,
    )
}

/// Proposes more money for a fund, from its source or from another fund; nothing moves yet
#[utoipa::path(tag = "fund", params(Once), request_body = ProposeTransfer,
    responses((status = 201, description = "Proposed", body = TransferView)))]
#[post("/fund-transfers")]
async fn propose_fund_transfer(once: Once, body: Body<ProposeTransfer>) -> Answered {
    once.run(
        async |app, actor| fund::propose(app, actor, body.0).await,
        |view| {
            let answer = Answer::created(format!("/v1/fund-transfers/{}", view.id), &view)?;
            Ok(answer.version(view.version))
        },
    )
    .await
}

/// One of them
#[utoipa::path(tag = "fund", responses((status = 200, description = "The transfer", body = TransferView)))]
#[get("/fund-transfers/{id}")]
async fn get_fund_transfer(caller: Caller, id: Path<Uuid>) -> Answered {
    decided(fund::transfer(caller.app(), &caller.actor, *id).await?)
}

/// Approves what another person proposed: it is posted
#[utoipa::path(tag = "fund", params(Once, IfMatch),
    responses((status = 200, description = "Approved", body = TransferView)))]
#[post("/fund-transfers/{id}/approve")]
async fn approve_fund_transfer(once: Once, id: Path<Uuid>, version: IfMatch) -> Answered {
    once.run(
        async |app, actor| fund::approve_transfer(app, actor, *id, version.0).await,
        decided,
    )
    .await
}

/// Turns down what another person proposed
#[utoipa::path(tag = "fund", params(Once, IfMatch), request_body = Reject,
    responses((status = 200, description = "Turned down", body = TransferView)))]
#[post("/fund-transfers/{id}/reject")]
async fn reject_fund_transfer(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Reject>) -> Answered {
    let reason = body.0.reason;
    once.run(
        async |app, actor| fund::reject_transfer(app, actor, *id, version.0, &reason).await,
        decided,
    )
    .await
}
