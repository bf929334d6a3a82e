//! `ansinh demo`: the main job on a synthetic province, from taking it over to the answers of the banks, through the
//! same verbs a person would use.

mod answers;
mod events;
mod explain;
mod files;
mod law;
mod office;
mod pay_run;
mod relief;
mod story;
mod summary;
mod wait;

use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, FixedOffset};
use clap::Args;
use service::installation::FirstStart;
use service::{App, Error};
use sha2::{Digest, Sha256};

pub(crate) use files::put;
pub(crate) use summary::grouped;
pub(crate) use wait::bar;

use crate::serve;
use crate::settings::{Listening, Storage};

/// Options of the demo.
#[derive(Args, Clone, Debug)]
pub(crate) struct Options {
    /// How many people the province has.
    #[arg(long, default_value_t = 44_000)]
    pub(crate) people: usize,
    /// Seed of the province: the same seed gives the same files, byte for byte.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Where the files go: `<cover month>/<name>` and `relief/<event>/<name>`.
    #[arg(long, default_value = "out", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Where the synthetic answers of the banks and the post office go.
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
    let app = storage.open(Some(first_start(options)?)).await?;
    let key = format!("demo people={} seed={}", options.people, options.seed);
    let state = service::installation::demo_state(&app).await?;
    if state.key.as_ref().is_some_and(|known| *known != key) || (state.key.is_none() && !state.pristine) {
        return Err(Error::because(
            service::ProblemCode::Conflict,
            "Cơ sở dữ liệu này đã chứa dữ liệu khác; hãy chọn --data khác",
            "this database holds something else; choose another --data",
        ));
    }
    if state.step == story::DONE {
        println!("Bản thử {key} đã chạy xong trên dữ liệu này; không có gì thay đổi.");
        println!("This demo has run on this data already; nothing was changed.");
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

/// The clock stands on the morning of 20/8/2024; secret and ids follow from the seed.
fn first_start(options: &Options) -> Result<FirstStart, Error> {
    let secret = Sha256::digest(format!("ansinh demo {} {}", options.people, options.seed));
    Ok(FirstStart {
        now: at("2024-08-20T08:00:00+07:00")?.to_utc(),
        secret: secret.to_vec(),
        seed: options.seed,
    })
}

/// An instant of the story.
fn at(text: &str) -> Result<DateTime<FixedOffset>, Error> {
    DateTime::parse_from_rfc3339(text).map_err(Error::internal)
}

/// Lets the clock of the story go on to an instant, never back. What a step writes bears that instant, so that a demo
/// that goes on after an interruption, when the clock is further, writes the same bytes.
async fn advance(app: &App, text: &str) -> Result<DateTime<FixedOffset>, Error> {
    let next = at(text)?;
    if next > app.clock.now() {
        app.set_clock(next.to_utc()).await?;
    }
    Ok(next)
}
