//! Who calls: `Authorization: Bearer <key>`, asked before anything of the request is read.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use futures::future::{Ready, ready};
use service::{Actor, App, Error, ProblemCode, access};

use crate::context::Context;
use crate::head;
use crate::language::Language;
use crate::problem::Problem;
use crate::proxy;
use crate::rate::{Asking, Budget};

/// Where credentials are asked for; everything else is public.
const GUARDED: &str = "/v1/";
/// What opens without a credential too, as often as [`crate::rate::Rate`] allows.
pub(crate) const OPEN: &[&str] = &["/v1/calculations"];

/// Puts the actor with the request. A path that does not exist is 404 for everybody.
pub(crate) async fn authenticate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    if request.path().starts_with(GUARDED)
        && let Some(pattern) = request.match_pattern()
    {
        let actor = if OPEN.contains(&pattern.as_str()) {
            visitor(&request).await
        } else {
            actor_of(&request).await
        };
        match actor.and_then(|actor| in_budget(&request, &pattern, actor)) {
            Ok(actor) => {
                request.extensions_mut().insert(actor);
            }
            Err(error) => return Ok(request.error_response(Problem(error)).map_into_right_body()),
        }
    }
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}

/// Who asks for what is open to all. A credential that is given must be good.
async fn visitor(request: &ServiceRequest) -> Result<Actor, Error> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return actor_of(request).await;
    }
    let context = request
        .app_data::<web::Data<Context>>()
        .ok_or_else(|| Error::new(ProblemCode::Internal))?;
    context.app.sync_clock().await?;
    Ok(Actor::anonymous())
}

/// Counts the request against the budget that it draws on. How the caller stands then is told with the answer.
fn in_budget(request: &ServiceRequest, pattern: &str, actor: Actor) -> Result<Actor, Error> {
    let context = request
        .app_data::<web::Data<Context>>()
        .ok_or_else(|| Error::new(ProblemCode::Internal))?;
    let (asking, budget) = if actor.is_anonymous() {
        let peer = request
            .peer_addr()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
        let address = proxy::caller(peer, request.headers(), &context.proxies);
        (Asking::anonymous(address), Budget::Calculations)
    } else {
        (Asking::Client(actor.client_id), Budget::of(request.method(), pattern))
    };
    let quota = context.rate.ask(asking, budget, (context.stopwatch)());
    request.extensions_mut().insert(quota);
    if quota.is_allowed {
        Ok(actor)
    } else {
        Err(Error::new(ProblemCode::TooManyRequests))
    }
}

async fn actor_of(request: &ServiceRequest) -> Result<Actor, Error> {
    let refused = || Error::new(ProblemCode::Unauthenticated);
    let context = request
        .app_data::<web::Data<Context>>()
        .ok_or_else(|| Error::new(ProblemCode::Internal))?;
    let value = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let (scheme, key) = value.and_then(|value| value.split_once(' ')).ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    let context = context.clone();
    // In a sandbox another process may have moved the clock.
    context.app.sync_clock().await?;
    access::authenticate(&context.app, key.trim()).await
}

/// An authenticated request: the installation and who calls.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    context: web::Data<Context>,
    /// Who calls.
    pub(crate) actor: Actor,
    uri: actix_web::http::Uri,
    language: Language,
    headers_alone: bool,
}

impl Caller {
    /// The installation.
    pub(crate) fn app(&self) -> &App {
        &self.context.app
    }

    /// The language that is asked for.
    pub(crate) const fn language(&self) -> Language {
        self.language
    }

    /// Are they sent nothing but the headers?
    pub(crate) const fn takes_headers_alone(&self) -> bool {
        self.headers_alone
    }

    /// How long a request waits for another one with its key.
    pub(crate) fn key_patience(&self) -> Duration {
        self.context.key_patience
    }

    /// The path and query that was asked for.
    pub(crate) const fn uri(&self) -> &actix_web::http::Uri {
        &self.uri
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = request.extensions().get::<Actor>().cloned();
        let context = request.app_data::<web::Data<Context>>().cloned();
        ready(match (actor, context) {
            (Some(actor), Some(context)) => Ok(Self {
                context,
                actor,
                uri: request.uri().clone(),
                language: Language::of(request.headers()),
                headers_alone: head::is_asked(request),
            }),
            _ => Err(ProblemCode::Unauthenticated.into()),
        })
    }
}
