//! Deliveries of payment files.

use actix_web::{get, post};
use serde::Deserialize;
use service::delivery::{self, DeliveryView, RecallDeliveryView};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Path, Query, word};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_deliveries)
        .service(check_delivery)
        .service(list_file_deliveries)
        .service(deliver_payment_file)
        .service(list_recall_deliveries)
        .service(deliver_recall)
        .service(check_recall);
}

/// Which deliveries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListDeliveries {
    /// Of this status: `queued`, `sent`, `acknowledged`, `unknown` or `failed`.
    #[param(example = "unknown")]
    status: Option<String>,
    /// Rows of the page, 1 to 200; 50 if left out.
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Deliveries of payment files, the newest first
#[utoipa::path(tag = "payment_file", params(ListDeliveries),
    responses((status = 200, description = "A page", body = Page<DeliveryView>)))]
#[get("/deliveries")]
async fn list_deliveries(caller: Caller, query: Query<ListDeliveries>) -> Answered {
    let ListDeliveries { status, limit, cursor } = query.0;
    let status = status.map(|text| word("/status", text)).transpose()?;
    let page = delivery::list(caller.app(), &caller.actor, status, limit, cursor.as_deref()).await?;
    Answer::page(&caller, &page)
}

/// Looks at the target of a delivery and for the receiver's acknowledgement
///
/// An unknown delivery whose bytes are there was sent; one that is not there failed and may be sent again, the same as
/// before. Nothing is sent by asking.
#[utoipa::path(tag = "payment_file", params(Once),
    responses((status = 200, description = "The delivery as it stands now", body = DeliveryView)))]
#[post("/deliveries/{id}/check")]
async fn check_delivery(once: Once, id: Path<Uuid>) -> Answered {
    // The target may be slow: no transaction stays open while it is asked.
    once.run_by_content(
        async |app, actor| delivery::check(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// The deliveries of a file, the first attempt first
#[utoipa::path(tag = "payment_file", responses((status = 200, description = "All of them", body = Page<DeliveryView>)))]
#[get("/payment-files/{id}/deliveries")]
async fn list_file_deliveries(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(delivery::of_file(caller.app(), &caller.actor, *id).await?)
}

/// Sends a file over the configured channel, or again after every earlier attempt failed
///
/// It goes out with the same bytes, name and MsgId each time, and never while the outcome of an earlier attempt is
/// unknown: check that one first. A withdrawn file is sent no more, nor one with an order that was answered: its receiver
/// has it (`illegal-transition`).
#[utoipa::path(tag = "payment_file", params(Once),
    responses((status = 200, description = "It is queued", body = DeliveryView)))]
#[post("/payment-files/{id}/deliver")]
async fn deliver_payment_file(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| delivery::deliver(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// The deliveries of a request to recall an order, the first attempt first
///
/// Once two people have agreed on it, it goes out by itself where there is a channel and its bank reads messages.
#[utoipa::path(tag = "payment_order",
    responses((status = 200, description = "All of them", body = Page<RecallDeliveryView>)))]
#[get("/recalls/{id}/deliveries")]
async fn list_recall_deliveries(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::whole(delivery::of_recall(caller.app(), &caller.actor, *id).await?)
}

/// Sends a request to recall an order over the configured channel, or again after every earlier attempt failed
///
/// It goes out with the same bytes and name each time, and never while the outcome of an earlier attempt is unknown:
/// check that one first.
#[utoipa::path(tag = "payment_order", params(Once),
    responses((status = 200, description = "It is queued", body = RecallDeliveryView)))]
#[post("/recalls/{id}/deliver")]
async fn deliver_recall(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| delivery::deliver_recall(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Looks at the target of the last delivery of a recall and for the receiver's acknowledgement
///
/// Nothing is sent by asking.
#[utoipa::path(tag = "payment_order", params(Once),
    responses((status = 200, description = "The delivery as it stands now", body = RecallDeliveryView)))]
#[post("/recalls/{id}/check")]
async fn check_recall(once: Once, id: Path<Uuid>) -> Answered {
    // The target may be slow: no transaction stays open while it is asked.
    once.run_by_content(
        async |app, actor| delivery::check_recall(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}
