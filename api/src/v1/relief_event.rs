//! Disasters and accidents.

use actix_web::{get, post};
use serde::Deserialize;
use service::page::Page;
use service::relief_event::{self, DeclareEvent, EventView};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::etag::IfMatch;
use crate::extract::{Body, Path, word};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_relief_events)
        .service(declare_relief_event)
        .service(get_relief_event)
        .service(advance_relief_event);
}

/// Moves an event on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// `recovery` or `closed`; never back.
    #[schema(example = "recovery")]
    status: String,
}

/// Events, the newest first
#[utoipa::path(tag = "relief_event", responses((status = 200, description = "All of them", body = Page<EventView>)))]
#[get("/relief-events")]
async fn list_relief_events(caller: Caller) -> Answered {
    Answer::whole(relief_event::list(caller.app(), &caller.actor).await?)
}

/// Declares an event; requests may be filed for it at once
#[utoipa::path(tag = "relief_event", params(Once), request_body = DeclareEvent,
    responses((status = 201, description = "Declared", body = EventView)))]
#[post("/relief-events")]
async fn declare_relief_event(once: Once, body: Body<DeclareEvent>) -> Answered {
    once.run(
        async |app, actor| relief_event::declare(app, actor, body.0).await,
        |view| Ok(Answer::created(format!("/v1/relief-events/{}", view.id), &view)?.version(view.version)),
    )
    .await
}

/// One event
#[utoipa::path(tag = "relief_event", responses((status = 200, description = "The event", body = EventView)))]
#[get("/relief-events/{id}")]
async fn get_relief_event(caller: Caller, id: Path<Uuid>) -> Answered {
    let view = relief_event::get(caller.app(), &caller.actor, *id).await?;
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Moves an event on: active, recovery, closed
#[utoipa::path(tag = "relief_event", params(Once, IfMatch), request_body = Advance,
    responses((status = 200, description = "Moved on", body = EventView)))]
#[post("/relief-events/{id}/advance")]
async fn advance_relief_event(once: Once, id: Path<Uuid>, version: IfMatch, body: Body<Advance>) -> Answered {
    let status = word("/status", body.0.status)?;
    once.run(
        async |app, actor| relief_event::advance(app, actor, *id, version.0, status).await,
        |view| Ok(Answer::ok(&view)?.version(view.version)),
    )
    .await
}
