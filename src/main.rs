//! The program: composes the crates and decides nothing.

#[macro_use]
mod out;

mod bank_simulator;
mod calculate;
mod demo;
mod doctor;
mod openapi;
mod play;
mod serve;
mod settings;
mod verify;
mod year;

use std::io::IsTerminal;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use service::Error;
use tracing_subscriber::EnvFilter;

use crate::settings::{Listening, Storage};

/// The allocator of the program and of SQLite in it: a fifth of the time of both went into the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long the program waits at its end for work off the loop.
const LAST_WAIT: Duration = Duration::from_secs(5);

/// Social assistance for a Vietnamese province: law as data, entitlements, pay runs, bank files, emergency relief.
#[derive(Parser, Debug)]
#[command(name = "ansinh", version)]
struct Command {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    storage: StorageArgs,
}

/// Settings that every subcommand takes.
#[derive(clap::Args, Debug)]
struct StorageArgs {
    /// Settings file (TOML) with the long names below, as in chunk_people = 200; the environment and the command line
    /// win over it.
    #[arg(long, global = true, env = "ANSINH_CONFIG", value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    listening: Listening,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// API and worker in one process (the default).
    Serve,
    /// The API alone.
    Api,
    /// The worker alone.
    Worker,
    /// The whole main job on a synthetic province, then serves it.
    Demo(demo::Options),
    /// A whole year of months with banks that misbehave, each month closed, and the account of every đồng.
    Year(year::Options),
    /// What falls due to people, from case files; stores nothing.
    Calculate(calculate::Options),
    /// Brings the database up to date and seeds it.
    Migrate,
    /// Prints the OpenAPI document.
    Openapi,
    /// Looks at every invariant; exit status 1 where one does not hold.
    Verify,
    /// Says what is configured and whether it answers.
    Doctor,
    /// Plays the bank and the post office: takes payment files and answers them, well or badly.
    BankSimulator(bank_simulator::Options),
}

fn main() -> ExitCode {
    let command: Command = match settings::read::<Command, StorageArgs>() {
        Ok(command) => command,
        Err(text) => {
            eprintln!("{text}");
            return ExitCode::from(1);
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("ANSINH_LOG").unwrap_or_else(|_| EnvFilter::new("warn")))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Error::internal(error)),
    };
    let ended = runtime.block_on(run(command));
    // What waits for a mount that hangs would wait for ever.
    runtime.shutdown_timeout(LAST_WAIT);
    match ended {
        Ok(code) => code,
        Err(error) => failed(&error),
    }
}

async fn run(command: Command) -> Result<ExitCode, Error> {
    let StorageArgs { storage, listening, .. } = command.storage;
    match command.verb.unwrap_or(Verb::Serve) {
        Verb::Serve => {
            let app = storage.open(None).await?;
            serve::run(&storage, &listening, app).await
        }
        Verb::Api => serve::api(&storage, &listening, storage.open(None).await?).await,
        Verb::Worker => {
            let app = storage.open_started().await?;
            serve::worker(&storage, app).await
        }
        Verb::Demo(options) => demo::run(&storage, &listening, &options).await,
        Verb::Year(options) => year::run(&storage, &options).await,
        Verb::Calculate(options) => Ok(calculate::run(&options)),
        Verb::Migrate => {
            storage.migrate().await?;
            say!("Cơ sở dữ liệu đã sẵn sàng (the database is ready)");
            Ok(ExitCode::SUCCESS)
        }
        Verb::Openapi => {
            openapi::run();
            Ok(ExitCode::SUCCESS)
        }
        Verb::Verify => {
            let app = storage.open_existing().await?;
            let code = verify::run(&app).await;
            app.db.close().await?;
            code
        }
        Verb::Doctor => doctor::run(&storage).await,
        Verb::BankSimulator(options) => Ok(bank_simulator::run(&options).await),
    }
}

fn failed(error: &Error) -> ExitCode {
    let (vi, en) = error.code.title();
    eprintln!("{vi} ({en})");
    if let Some(detail) = &error.detail {
        eprintln!("  {}\n  {}", detail.vi, detail.en);
    }
    for field in &error.fields {
        eprintln!("  {}: {} ({})", field.pointer, field.message.vi, field.message.en);
    }
    if let Some(source) = &error.source {
        eprintln!("  {source}");
    }
    ExitCode::from(1)
}
