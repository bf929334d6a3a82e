//! Is it alive, is it ready, what are its numbers.

use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use service::{Error, FieldError, ProblemCode, Text};
use utoipa::ToSchema;

use crate::context::Context;
use crate::metrics;
use crate::problem::Problem;

/// The state of the server.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// The program's version.
    #[schema(example = "0.1.0")]
    version: &'static str,
}

/// What the server needs, and whether it is there.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Readiness {
    /// All of it is there.
    ready: bool,
    /// Each by name.
    checks: Vec<Check>,
    /// What an operator should see to, though the server can answer.
    warnings: Vec<ReadinessWarning>,
}

/// One thing that an operator should see to.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReadinessWarning {
    /// What it is about: `signing_certificate` or `delivery_target`.
    #[schema(example = "signing_certificate")]
    name: &'static str,
    /// In words.
    message: Text,
}

/// One thing that the server needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// Its name: `database`, `migrations`, `redis`.
    #[schema(example = "database")]
    name: &'static str,
    /// Is it there?
    ok: bool,
}

/// Is the server alive?
#[utoipa::path(tag = "operation", responses((status = 200, description = "It is alive", body = Health)))]
#[get("/healthz")]
pub(crate) async fn get_health() -> HttpResponse {
    HttpResponse::Ok().json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Can the server answer: is the database there and up to date, and Redis where it is configured?
///
/// A certificate that expires and a delivery target that is not there are warnings: the server answers all the same.
#[utoipa::path(tag = "operation", responses(
    (status = 200, description = "It can", body = Readiness),
))]
#[get("/readyz")]
pub(crate) async fn get_readiness(context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let standing = service::readiness::of(&context.app).await;
    let mut checks = vec![
        Check {
            name: "database",
            ok: standing.database,
        },
        Check {
            name: "migrations",
            ok: standing.migrations,
        },
    ];
    for probe in context.probes.iter() {
        checks.push(Check {
            name: probe.name,
            ok: probe.answers().await,
        });
    }
    let missing = checks.iter().filter(|check| !check.ok).map(|check| {
        let pointer = format!("/{}", check.name);
        FieldError::new(pointer, "missing", "Chưa sẵn sàng", "it is not ready")
    });
    let missing: Vec<FieldError> = missing.collect();
    if missing.is_empty() {
        let known = [
            ("signing_certificate", standing.signing_certificate),
            ("delivery_target", standing.delivery_target),
        ];
        let warnings = known
            .into_iter()
            .filter_map(|(name, message)| message.map(|message| ReadinessWarning { name, message }));
        Ok(HttpResponse::Ok().json(Readiness {
            ready: true,
            checks,
            warnings: warnings.collect(),
        }))
    } else {
        Err(Problem(Error {
            fields: missing,
            ..Error::new(ProblemCode::Unavailable)
        }))
    }
}

/// The numbers of this process and of the installation, in the text format of Prometheus.
#[utoipa::path(tag = "operation", responses((status = 200, description = "Numbers", body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub(crate) async fn get_metrics(context: web::Data<Context>) -> Result<HttpResponse, Problem> {
    let mut text = context.metrics.render();
    let gauges = service::readiness::gauges(&context.app).await?;
    for (name, help, values) in gauges {
        metrics::gauge(&mut text, name, help, values);
    }
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(text))
}
