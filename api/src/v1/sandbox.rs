//! The sandbox clock.

use actix_web::{get, put};
use service::sandbox::{self, ClockView, SetClock};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::Body;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config.service(get_sandbox_clock).service(set_sandbox_clock);
}

/// Where the sandbox clock stands
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The clock", body = ClockView)))]
#[get("/sandbox/clock")]
async fn get_sandbox_clock(caller: Caller) -> Answered {
    Answer::ok(&sandbox::clock(caller.app(), &caller.actor)?)
}

/// Moves the sandbox clock on, never back; refused outside a sandbox
#[utoipa::path(tag = "sandbox", request_body = SetClock, responses((status = 200, description = "The clock", body = ClockView)))]
#[put("/sandbox/clock")]
async fn set_sandbox_clock(caller: Caller, body: Body<SetClock>) -> Answered {
    Answer::ok(&sandbox::set_clock(caller.app(), &caller.actor, body.0).await?)
}
