//! Serving: bind, run, stop.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App, HttpRequest, HttpServer, web};
use service::{Error, ProblemCode};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::context::{Context, JSON_LIMIT, Probe, UPLOAD_LIMIT};
use crate::docs::DocumentText;
use crate::filter::{self, Filters};
use crate::frame::frame;
use crate::metrics::Metrics;
use crate::openapi::{Allowed, openapi};
use crate::problem::Problem;
use crate::proxy::Network;
use crate::rate::{ANONYMOUS_PER_MINUTE, Budgets, Rate};
use crate::{auth, docs, routes, treasury};

/// How the API is served.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Where to listen, such as `127.0.0.1:8080`; port 0 takes a free one.
    pub listen: String,
    /// Origins of web pages that may call; `*` for any. None by default.
    pub cors: Vec<String>,
    /// The most bytes of a JSON body.
    pub json_limit: usize,
    /// The most bytes of an uploaded file.
    pub upload_limit: usize,
    /// What must answer before the API is ready, besides the database.
    pub probes: Vec<Probe>,
    /// Threads that serve; none: one per core.
    pub threads: Option<usize>,
    /// How long a request waits for another one with its `Idempotency-Key`.
    pub key_patience: Duration,
    /// Calculations a minute of a caller without a credential, by its address; 0 closes the calculator to them.
    pub anonymous_per_minute: u32,
    /// Requests a minute of a credential, by what they do.
    pub budgets: Budgets,
    /// The time by which requests a minute are counted: that of the machine, unless told otherwise.
    pub stopwatch: fn() -> Instant,
    /// Proxies in front of the API: behind them callers without a credential are told apart by `X-Forwarded-For` or
    /// `Forwarded`, which anybody else may write as they like. None by default.
    pub trusted_proxies: Vec<Network>,
    /// How long a stop waits for requests that are being answered, in seconds.
    pub patience_seconds: u64,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            cors: Vec::new(),
            json_limit: JSON_LIMIT,
            upload_limit: UPLOAD_LIMIT,
            probes: Vec::new(),
            threads: None,
            key_patience: Duration::from_secs(20),
            anonymous_per_minute: ANONYMOUS_PER_MINUTE,
            budgets: Budgets::default(),
            stopwatch: Instant::now,
            trusted_proxies: Vec::new(),
            patience_seconds: 30,
        }
    }
}

/// Starts the API.
#[derive(Debug)]
pub struct Server;

impl Server {
    /// Binds and serves in the background of the current runtime.
    pub async fn start(app: service::App, options: ServerOptions) -> Result<Running, Error> {
        let document = openapi();
        let allowed = web::Data::new(Allowed::from_document(&document));
        let filters = web::Data::new(Filters::from_document(&document));
        let text = web::Data::new(DocumentText(Arc::from(document.to_string())));
        let context = web::Data::new(Context {
            app,
            cors: options.cors.into(),
            json_limit: options.json_limit,
            upload_limit: options.upload_limit,
            key_patience: options.key_patience,
            probes: options.probes.into(),
            metrics: Arc::new(Metrics::default()),
            rate: Arc::new(Rate::new(options.anonymous_per_minute, options.budgets)),
            stopwatch: options.stopwatch,
            proxies: options.trusted_proxies.into(),
        });
        let mut server = HttpServer::new(move || {
            let (app, _) = App::new()
                .into_utoipa_app()
                .app_data(context.clone())
                .app_data(allowed.clone())
                .app_data(filters.clone())
                .app_data(text.clone())
                .configure(routes)
                .split_for_parts();
            app.service(docs::get_document)
                .service(docs::to_docs)
                .service(docs::front)
                .configure(treasury::routes)
                .service(SwaggerUi::new("/docs/{_:.*}").config(docs_page()))
                .default_service(web::to(nothing))
                // Inside of it, whoever has no credential is told that first.
                .wrap(from_fn(filter::refuse_unknown))
                .wrap(from_fn(auth::authenticate))
                // Inside the frame, which makes a problem of its refusal too.
                .wrap(Compress::default())
                .wrap(from_fn(frame))
        })
        .disable_signals()
        .shutdown_timeout(options.patience_seconds)
        .client_request_timeout(Duration::from_secs(20));
        if let Some(threads) = options.threads {
            server = server.workers(threads);
        }
        let server = server
            .bind(&options.listen)
            .map_err(|error| Error::internal(format!("can't listen on {}: {error}", options.listen)))?;
        let addr = *server
            .addrs()
            .first()
            .ok_or_else(|| Error::internal("no address to listen on"))?;
        let running = server.run();
        let handle = running.handle();
        let task = tokio::spawn(running);
        Ok(Running { addr, handle, task })
    }
}

/// How the document is shown. Left to itself the page would, under any public name, send the document's address to a
/// validator on the internet.
fn docs_page() -> Config<'static> {
    Config::from("/openapi.json").validator_url("none")
}

/// What is not routed: an unknown path, or a known one by another method.
async fn nothing(request: HttpRequest, allowed: web::Data<Allowed>) -> Result<&'static str, Problem> {
    let pattern = request.match_pattern().unwrap_or_default();
    let known = allowed.of(&pattern).is_some();
    Err(if known {
        ProblemCode::MethodNotAllowed
    } else {
        ProblemCode::NotFound
    }
    .into())
}

/// A running API.
#[derive(Debug)]
pub struct Running {
    /// Where it listens.
    pub addr: SocketAddr,
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Stops: no new connections, requests under way are answered.
    pub async fn stop(self) -> Result<(), Error> {
        self.handle.stop(true).await;
        self.task.await.map_err(Error::internal)?.map_err(Error::internal)
    }
}
