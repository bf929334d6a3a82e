//! Funds and their postings.

use actix_web::{get, post};
use service::fund::{self, FundView, OpenFund, PostingView, ReservationView};
use service::page::Page;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Body, PageQuery, Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_funds)
        .service(open_fund)
        .service(list_postings)
        .service(list_reservations);
}

/// Funds by code and fiscal year, and where their money stands
#[utoipa::path(tag = "fund", responses((status = 200, description = "All of them", body = Page<FundView>)))]
#[get("/funds")]
async fn list_funds(caller: Caller) -> Answered {
    Answer::whole(fund::list(caller.app(), &caller.actor).await?)
}

/// Opens a fund for a fiscal year with its estimate
#[utoipa::path(tag = "fund", params(Once), request_body = OpenFund,
    responses((status = 201, description = "Opened", body = FundView)))]
#[post("/funds")]
async fn open_fund(once: Once, body: Body<OpenFund>) -> Answered {
    once.run(
        async |app, actor| fund::open(app, actor, body.0).await,
        |view| Answer::created(format!("/v1/funds/{}/postings", view.id), &view),
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
