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

use std::time::{Duration, Instant};

use domain::{Month, Vnd, province};
use sea_orm::{ConnectionTrait, Statement, Value};
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::fund::{self, OpenFund};
use service::installation::{self, FirstStart, Opening};
use service::job::{self, JobState};
use service::pay_run::{self, CreatePayRun, PayRunView};
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::reassessment::{self, Parameters};
use service::{Actor, App, Error, Role, law};
use worker::{Carrier, Worker, WorkerOptions};

fn main() {
    let people = std::env::var("ANSINH_BENCH_PEOPLE").map_or(44_000, |text| text.parse().unwrap());
    let only = std::env::var("ANSINH_BENCH_ENGINE").ok();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    if only.as_deref() != Some("postgres") {
        let folder = tempfile::tempdir().unwrap();
        println!("SQLite, {people} people");
        runtime.block_on(measure(folder.path(), None, people)).unwrap();
    }
    match std::env::var("ANSINH_TEST_POSTGRES") {
        Ok(server) if only.as_deref() != Some("sqlite") => {
            let folder = tempfile::tempdir().unwrap();
            println!("PostgreSQL, {people} people");
            runtime.block_on(async {
                let url = new_database(&server).await;
                measure(folder.path(), Some(&url), people).await.unwrap();
            });
        }
        Ok(_) => {}
        Err(_) => println!("PostgreSQL is not measured: ANSINH_TEST_POSTGRES names no server"),
    }
}

/// A new database beside the one a server's address names.
async fn new_database(server: &str) -> String {
    let name = format!("ansinh_bench_{}", std::process::id());
    let db = sea_orm::Database::connect(server).await.unwrap();
    db.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

async fn measure(folder: &std::path::Path, url: Option<&str>, people: usize) -> Result<(), Error> {
    let opening = Opening {
        database_url: url,
        folder,
        sandbox: true,
        first_start: Some(FirstStart {
            now: "2024-08-20T07:00:00Z".parse().unwrap(),
            secret: vec![7; 32],
            seed: 1,
        }),
    };
    let app = installation::open(opening).await?;
    let carrier = match (url, std::env::var("ANSINH_TEST_REDIS")) {
        (Some(_), Ok(redis)) => Carrier::redis(&redis, &app).await?,
        _ => Carrier::in_process(),
    };
    let worker = Worker::start(app.clone(), carrier, WorkerOptions::default()).await?;
    let office = Office::open(&app).await?;
    let mut clock = Stages { last: Instant::now() };

    take_over(&app, people).await?;
    clock.stage("import", people as u64);
    let parameters = Parameters {
        release: law::latest(&app).await?,
        opening: true,
    };
    app.db
        .write(async |txn| reassessment::start(&app, txn, parameters.clone(), "bench").await)
        .await?;
    idle(&app).await?;
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

async fn take_over(app: &App, people: usize) -> Result<(), Error> {
    let founder = Actor::system("bench");
    let mut source = province::generate(people, 1);
    loop {
        let persons: Vec<_> = source
            .by_ref()
            .take(4_000)
            .map(|own| synthetic::new_person(&own))
            .collect::<Result<_, _>>()?;
        if persons.is_empty() {
            break;
        }
        bulk::import(app, &founder, ImportPersons { opening: true, persons }).await?;
    }
    for fiscal_year in [2023, 2024] {
        let open = OpenFund {
            code: "social_assistance".to_owned(),
            fiscal_year,
            source: fund::provincial(),
            name: "Trợ giúp xã hội".to_owned(),
            amount: Vnd::new(20_000_000 * i64::try_from(people).unwrap()).unwrap(),
        };
        fund::open(app, &founder, open).await?;
    }
    Ok(())
}

/// A regular run from draft to files; how long its lines took to build.
async fn take(app: &App, office: &Office, month: Month, clock: &mut Stages) -> Result<(PayRunView, Duration), Error> {
    let pay_date = month.first_day();
    clock.last = Instant::now();
    let run = pay_run::create(
        app,
        &office.preparer,
        CreatePayRun {
            cover_month: month,
            pay_date,
        },
    )
    .await?;
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
    law::submit(app, &office.preparer, draft.id, version().await?).await?;
    law::approve(app, &office.approver, draft.id, version().await?).await?;
    let version = version().await?;
    clock.last = Instant::now();
    law::publish(app, &office.releaser, draft.id, version).await?;
    idle(app).await
}

/// Waits until no job is queued or running.
async fn idle(app: &App) -> Result<(), Error> {
    loop {
        let counts = job::counts(app).await?;
        assert!(
            counts
                .iter()
                .all(|((_, state), count)| *state != JobState::Dead || *count == 0),
            "a job is dead"
        );
        let open = |state: &JobState| matches!(state, JobState::Queued | JobState::Running);
        if counts.iter().all(|((_, state), count)| !open(state) || *count == 0) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
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

struct Office {
    preparer: Actor,
    approver: Actor,
    releaser: Actor,
}

impl Office {
    async fn open(app: &App) -> Result<Self, Error> {
        Ok(Self {
            preparer: officer(app, Role::Preparer).await?,
            approver: officer(app, Role::Approver).await?,
            releaser: officer(app, Role::Releaser).await?,
        })
    }
}

async fn officer(app: &App, role: Role) -> Result<Actor, Error> {
    let founder = Actor::system("bench");
    let name = role.code().to_owned();
    let user = access::create_user(app, &founder, CreateUser { name: name.clone() }).await?;
    let grants = vec![NewGrant { role, area_id: None }];
    let client = CreateClient {
        name,
        user_id: Some(user.id),
        grants,
    };
    access::authenticate(app, &access::create_client(app, &founder, client).await?.key).await
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
        const AT_ONCE: u64 = 500;
        let db = app.db.owner();
        db.execute_unprepared("DROP TABLE IF EXISTS floor").await?;
        let columns: Vec<String> = (0..10)
            .map(|i| format!("c{i} {}", if i < 5 { "TEXT" } else { "BIGINT" }))
            .collect();
        db.execute_unprepared(&format!("CREATE TABLE floor ({})", columns.join(", ")))
            .await?;
        let start = Instant::now();
        app.db
            .write(async |txn| {
                let mut left = rows;
                while left > 0 {
                    let taken = left.min(AT_ONCE);
                    // SQLite looks a numbered place up by its name, in quadratic time.
                    let place = |number| {
                        if app.db.is_sqlite() {
                            "?".to_owned()
                        } else {
                            format!("${number}")
                        }
                    };
                    let row = |row| {
                        (1..=10)
                            .map(|column| place(row * 10 + column))
                            .collect::<Vec<_>>()
                            .join(",")
                    };
                    let places: Vec<String> = (0..taken).map(|own| format!("({})", row(own))).collect();
                    let sql = format!("INSERT INTO floor VALUES {}", places.join(","));
                    let values = (0..taken * 10).map(|i| match i % 10 {
                        column if column < 5 => Value::from(format!("{:032x}", left + i)),
                        _ => Value::from(i64::try_from(i).unwrap()),
                    });
                    let backend = txn.conn().get_database_backend();
                    txn.conn()
                        .execute_raw(Statement::from_sql_and_values(backend, sql, values))
                        .await?;
                    left -= taken;
                }
                Ok(())
            })
            .await?;
        println!(
            "    floor: {rows} rows inserted      {:>8.2} s",
            start.elapsed().as_secs_f64()
        );
        db.execute_unprepared("DROP TABLE floor").await?;
        self.last = Instant::now();
        Ok(())
    }
}
