//! `ansinh demo`: the main job on a synthetic province, from taking it over to the answers of the banks, through the
//! same verbs a person would use.

mod answers;
mod events;
mod explain;
mod story;
mod summary;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::builder::RangedU64ValueParser;
use service::Error;

use crate::play::{begun, first_start, office};
use crate::serve;
use crate::settings::{Listening, Storage};

/// The fewest people of a province: among fewer there may be nobody whose payment the story could explain.
const LEAST: u64 = 5;

/// Options of the demo.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// How many people the province has, at least 5: some must be paid for the story to explain.
    #[arg(long, default_value_t = 44_000, value_parser = RangedU64ValueParser::<usize>::new().range(LEAST..))]
    pub(crate) people: usize,
    /// Seed of the province: the same seed gives the same files, byte for byte.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the files go: `<cover month>/<name>` and `relief/<event>/<name>`.
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Where the answers of the simulated banks and post office go: `<day>/<name>`, and how they behave: `behaviour.json`.
    #[arg(long, default_value = "answers", value_name = "DIR")]
    pub(crate) answers: PathBuf,
    /// End after the summary instead of serving the province.
    #[arg(long)]
    pub(crate) exit: bool,
    /// Leave the jobs to workers started beside it (PostgreSQL and Redis).
    #[arg(long)]
    pub(crate) remote_worker: bool,
}

/// Runs the story, or says that this database has it already.
pub(crate) async fn run(storage: &Storage, listening: &Listening, options: &Options) -> Result<ExitCode, Error> {
    let key = format!("demo people={} seed={}", options.people, options.seed);
    let name = format!("demo {} {}", options.people, options.seed);
    let app = storage.open(Some(first_start(&name, options.seed)?)).await?;
    if begun(&app, &key).await? == story::DONE {
        say!("Bản thử {key} đã chạy xong trên dữ liệu này; không có gì thay đổi.");
        say!("This demo has run on this data already; nothing was changed.");
    } else {
        let worker = if options.remote_worker {
            None
        } else {
            Some(serve::start_worker(storage, &app, false).await?)
        };
        let told = story::tell(&app, options, &key).await;
        if let Some(worker) = worker {
            worker.stop().await;
        }
        let summary = told?;
        summary.print();
    }
    if options.exit {
        app.db.close().await?;
        return Ok(ExitCode::SUCCESS);
    }
    office::print_keys(&app).await?;
    serve::run(storage, listening, app).await
}
