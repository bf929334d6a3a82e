//! The main job stage by stage on each engine, beside the floor of the same number of rows put in by plain bulk insert.
//!
//! `cargo bench --bench main_job` measures the embedded engine; with `ANSINH_TEST_POSTGRES` (and `ANSINH_TEST_REDIS`)
//! PostgreSQL too. `ANSINH_BENCH_PEOPLE` says how many people (44,000), `ANSINH_BENCH_ENGINE` which engine alone;
//! with `ANSINH_BENCH_RUNS=none` no pay runs are taken, only the two reassessments.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a measurement: it may stop at the first fault, and rates are floats"
)]

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use domain::Month;
use sea_orm::{ConnectionTrait, Statement};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::{App, Error, installation, law};
use support::{Office, determine, each_engine, idle, open, take_over};

fn main() {
    each_engine(async |folder: &Path, url: Option<&str>, people| measure(folder, url, people).await);
}

async fn measure(folder: &Path, url: Option<&str>, people: usize) -> Result<(), Error> {
    let (app, worker) = open(folder, url).await?;
    let office = Office::open(&app).await?;
    let mut clock = Stages { last: Instant::now() };

    take_over(&app, people).await?;
    clock.stage("import", people as u64);
    determine(&app).await?;
    clock.stage("opening determination", people as u64);
    let before = rows_determined(&app).await?;
    clock.floor(&app, before).await?;

    installation::set_first_month(&app, Month::new(2024, 9).unwrap()).await?;
    let pays = std::env::var("ANSINH_BENCH_RUNS").ok().as_deref() != Some("none");
    if pays {
        let (run, _) = take(&app, &office, Month::new(2024, 9).unwrap(), &mut clock).await?;
        clock.floor(&app, u64::try_from(run.line_count).unwrap()).await?;
    }

    app.set_clock("2024-09-23T02:00:00Z".parse().unwrap()).await?;
    publish(&app, &office, &mut clock).await?;
    let reassessed = clock.stage("reassessment", people as u64);
    let after = rows_determined(&app).await?;
    clock.floor(&app, after - before).await?;

    if pays {
        app.set_clock("2024-09-24T02:00:00Z".parse().unwrap()).await?;
        let (run, built) = take(&app, &office, Month::new(2024, 10).unwrap(), &mut clock).await?;
        clock.floor(&app, u64::try_from(run.line_count).unwrap()).await?;
        println!(
            "  from the published resolution to the last pay line: {:.2} s",
            (reassessed + built).as_secs_f64()
        );
    }
    worker.stop().await;
    app.db.close().await
}

/// A regular run from draft to files; how long its lines took to build.
async fn take(app: &App, office: &Office, month: Month, clock: &mut Stages) -> Result<(PayRunView, Duration), Error> {
    let pay_date = month.first_day();
    clock.last = Instant::now();
    let run = pay_run::create(app, &office.preparer, CreatePayRun::regular(month, pay_date)).await?;
    idle(app).await?;
    let run = pay_run::get(app, &office.preparer, run.id).await?;
    let lines = u64::try_from(run.line_count).unwrap();
    let built = clock.stage("pay run: lines built", lines);
    let run = pay_run::submit(app, &office.preparer, run.id, run.version).await?;
    clock.stage("pay run: submitted", lines);
    let run = pay_run::approve(app, &office.approver, run.id, run.version).await?;
    clock.stage("pay run: approved", lines);
    let run = pay_run::release(app, &office.releaser, run.id, run.version).await?;
    clock.stage("pay run: released", lines);
    idle(app).await?;
    clock.stage("pay run: files", lines);
    Ok((run, built))
}

/// Takes the resolution of 23/9/2024 from draft to published and waits for its reassessment, which starts the clock.
async fn publish(app: &App, office: &Office, clock: &mut Stages) -> Result<(), Error> {
    let day = app.clock.today();
    let drafts = law::list(app, &office.preparer).await?;
    let draft = drafts.into_iter().find(|own| own.issued_on == day).unwrap();
    law::check(app, &office.preparer, draft.id).await?;
    clock.last = Instant::now();
    law::simulate(app, &office.preparer, draft.id, None).await?;
    idle(app).await?;
    clock.stage("simulation", 0);
    let version = async || -> Result<i64, Error> { Ok(law::get(app, &office.preparer, draft.id).await?.version) };
    let read = law::SignInstrument {
        simulation: law::simulation(app, &office.approver, draft.id, None).await?.summary.id,
    };
    law::submit(app, &office.preparer, draft.id, version().await?, Some(read)).await?;
    law::approve(app, &office.approver, draft.id, version().await?, read).await?;
    let version = version().await?;
    clock.last = Instant::now();
    law::publish(app, &office.releaser, draft.id, version, read).await?;
    idle(app).await
}

async fn rows_determined(app: &App) -> Result<u64, Error> {
    let sql = "SELECT (SELECT COUNT(*) FROM determination) + (SELECT COUNT(*) FROM determination_period)";
    let backend = app.db.read().get_database_backend();
    let row = app
        .db
        .read()
        .query_one_raw(Statement::from_string(backend, sql))
        .await?
        .unwrap();
    Ok(u64::try_from(row.try_get_by_index::<i64>(0)?).unwrap())
}

/// The most memory this program held since it was asked last, MiB, where the system tells (Linux).
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let peak = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    peak.unwrap_or_default() / 1_024
}

struct Stages {
    last: Instant,
}

impl Stages {
    /// Prints what passed since the last stage ended.
    fn stage(&mut self, what: &str, units: u64) -> Duration {
        let passed = self.last.elapsed();
        let rate = units as f64 / passed.as_secs_f64();
        let (seconds, memory) = (passed.as_secs_f64(), peak_memory());
        println!("  {what:32} {seconds:>8.2} s {rate:>9.0} a second {memory:>6} MiB at most");
        self.last = Instant::now();
        passed
    }
    /// The same number of rows of ten columns, put in by plain bulk insert.
    async fn floor(&mut self, app: &App, rows: u64) -> Result<(), Error> {
        let seconds = support::floor(app, rows).await?.as_secs_f64();
        println!("    floor: {rows} rows inserted      {seconds:>8.2} s");
        self.last = Instant::now();
        Ok(())
    }
}
