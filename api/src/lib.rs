//! The REST API: handlers extract, call one verb of the service, and convert. Nothing is decided here.
//!
//! `frame` is the outermost layer (request ids, problems, headers), `auth` asks who calls, `filter` refuses query
//! parameters that nobody declared, and `v1` has one file per resource. The OpenAPI document is collected from the handlers,
//! so a route that is not in it can't be mounted.

mod accept;
mod answer;
mod auth;
mod context;
mod cors;
mod docs;
mod etag;
mod example;
mod extract;
mod fault;
mod filter;
mod frame;
mod head;
mod language;
mod metrics;
mod once;
mod openapi;
mod probes;
mod problem;
mod proxy;
mod rate;
mod server;
mod strict_json;
mod treasury;
mod v1;

pub use context::Probe;
pub use openapi::{openapi, openapi_text};
pub use proxy::Network;
pub use rate::Budgets;
pub use server::{Running, Server, ServerOptions};

use utoipa_actix_web::service_config::ServiceConfig;

/// Every route.
fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(probes::get_health)
        .service(probes::get_readiness)
        .service(probes::get_metrics)
        .service(docs::list_problems)
        .service(docs::get_problem)
        .service(utoipa_actix_web::scope("/v1").configure(v1::routes));
}
