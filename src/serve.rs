//! `ansinh serve`, `ansinh api`, `ansinh worker`: the long-running forms of the program.

use std::process::ExitCode;
use std::time::Duration;

use service::{App, Error};
use tokio::signal::unix::{SignalKind, signal};

use crate::settings::{Listening, Storage};

/// API and worker in one process, until SIGTERM or Ctrl-C.
pub(crate) async fn run(storage: &Storage, listening: &Listening, app: App) -> Result<ExitCode, Error> {
    let worker = start_worker(storage, &app, true).await?;
    let server = start_api(storage, listening, &app).await?;
    stopped().await?;
    server.stop().await?;
    worker.stop().await;
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The API alone.
pub(crate) async fn api(storage: &Storage, listening: &Listening, app: App) -> Result<ExitCode, Error> {
    let server = start_api(storage, listening, &app).await?;
    stopped().await?;
    server.stop().await?;
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// The worker alone.
pub(crate) async fn worker(storage: &Storage, app: App) -> Result<ExitCode, Error> {
    let worker = start_worker(storage, &app, true).await?;
    say!("Tiến trình nền {} đang chạy", worker.name());
    stopped().await?;
    worker.stop().await;
    app.db.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Starts the worker in this process.
pub(crate) async fn start_worker(storage: &Storage, app: &App, schedules: bool) -> Result<worker::Running, Error> {
    let carrier = storage.carrier(app).await?;
    let options = worker::WorkerOptions {
        schedules,
        ..worker::WorkerOptions::default()
    };
    worker::Worker::start(app.clone(), carrier, options).await
}

async fn start_api(storage: &Storage, listening: &Listening, app: &App) -> Result<api::Running, Error> {
    let options = api::ServerOptions {
        listen: listening.listen.to_string(),
        cors: listening.cors_origins.clone(),
        probes: probes(storage, app),
        anonymous_per_minute: listening.anonymous_per_minute,
        budgets: api::Budgets {
            reads: listening.reads_per_minute,
            writes: listening.writes_per_minute,
            uploads: listening.uploads_per_minute,
        },
        trusted_proxies: listening.trusted_proxies.clone(),
        ..api::ServerOptions::default()
    };
    let first_key = service::access::bootstrap(app).await?;
    let server = api::Server::start(app.clone(), options).await?;
    say!("An Sinh: http://{}/docs", server.addr);
    if let Some(key) = first_key {
        say!("Khóa quản trị đầu tiên, chỉ hiện một lần (first administrator key, shown once):");
        say!("  {key}");
    }
    Ok(server)
}

/// What must answer besides the database before the API is ready: Redis, where it is configured.
fn probes(storage: &Storage, app: &App) -> Vec<api::Probe> {
    let (storage, app) = (storage.clone(), app.clone());
    let configured = storage.redis_url.is_some();
    let redis = api::Probe::new("redis", move || {
        let (storage, app) = (storage.clone(), app.clone());
        Box::pin(async move {
            let asked = async { storage.carrier(&app).await?.ping().await };
            tokio::time::timeout(Duration::from_secs(2), asked)
                .await
                .is_ok_and(|answer| answer.is_ok())
        })
    });
    configured.then_some(redis).into_iter().collect()
}

async fn stopped() -> Result<(), Error> {
    let mut terminated = signal(SignalKind::terminate()).map_err(Error::internal)?;
    tokio::select! {
        _ = terminated.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Error::internal)?,
    }
    Ok(())
}
