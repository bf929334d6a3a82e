//! What the benches of the whole program share: an installation per engine, its people, its officers, and the floor.

use std::path::Path;
use std::time::{Duration, Instant};

use domain::{Vnd, province};
use sea_orm::{ConnectionTrait, Statement, Value};
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::fund::{self, OpenFund, ProposeFund};
use service::installation::{self, FirstStart, Opening};
use service::job::{self, JobState};
use service::person::bulk::{self, ImportPersons};
use service::person::synthetic;
use service::proposal::{DecideProposal, Decision};
use service::reassessment::{self, Parameters};
use service::{Actor, App, Error, Role, law, treasury_proposal};
use worker::{Carrier, Running, Worker, WorkerOptions};

/// The program's own allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures on each engine that is there and wanted.
pub(crate) fn each_engine(measure: impl AsyncFn(&Path, Option<&str>, usize) -> Result<(), Error>) {
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

/// A sandbox on 20/8/2024 with a worker.
pub(crate) async fn open(folder: &Path, url: Option<&str>) -> Result<(App, Running), Error> {
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
    Ok((app, worker))
}

/// The people of a province and the funds that pay them.
pub(crate) async fn take_over(app: &App, people: usize) -> Result<(), Error> {
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
        let fund = OpenFund {
            code: "social_assistance".to_owned(),
            fiscal_year,
            source: fund::provincial(),
            name: "Trợ giúp xã hội".to_owned(),
            amount: Vnd::new(20_000_000 * i64::try_from(people).unwrap()).unwrap(),
        };
        opens_fund(app, fund).await?;
    }
    Ok(())
}

/// One person proposes a fund and another accepts it.
async fn opens_fund(app: &App, fund: OpenFund) -> Result<(), Error> {
    let (one, other) = (officer(app, Role::Preparer).await?, officer(app, Role::Approver).await?);
    let note = "bench".to_owned();
    let proposed = fund::propose_opening(
        app,
        &one,
        ProposeFund {
            fund,
            note: note.clone(),
        },
    )
    .await?;
    let accept = DecideProposal {
        proposal_id: proposed.id,
        decision: Decision::Accept,
        note,
    };
    treasury_proposal::decide(app, &other, proposed.id, proposed.version, accept).await?;
    Ok(())
}

/// Waits until no job is queued or running. It asks seldom: what is measured shares the machine with the question.
pub(crate) async fn idle(app: &App) -> Result<(), Error> {
    loop {
        let counts = job::open_counts(app).await?;
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
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Determines everybody for the first time, as a takeover does.
pub(crate) async fn determine(app: &App) -> Result<(), Error> {
    let parameters = Parameters {
        release: law::latest(app).await?,
        opening: true,
    };
    app.db
        .write(async |txn| reassessment::start(app, txn, parameters.clone(), "bench").await)
        .await?;
    idle(app).await
}

/// Who signs.
pub(crate) struct Office {
    pub(crate) preparer: Actor,
    pub(crate) approver: Actor,
    pub(crate) releaser: Actor,
}

impl Office {
    pub(crate) async fn open(app: &App) -> Result<Self, Error> {
        Ok(Self {
            preparer: officer(app, Role::Preparer).await?,
            approver: officer(app, Role::Approver).await?,
            releaser: officer(app, Role::Releaser).await?,
        })
    }
}

/// A new person of a role.
pub(crate) async fn officer(app: &App, role: Role) -> Result<Actor, Error> {
    let founder = Actor::system("bench");
    let name = role.code().to_owned();
    let user = access::create_user(
        app,
        &founder,
        CreateUser {
            name: name.clone(),
            staff_number: None,
        },
    )
    .await?;
    let grants = vec![NewGrant { role, area_id: None }];
    let client = CreateClient {
        name,
        user_id: Some(user.id),
        grants,
    };
    access::authenticate(app, &access::create_client(app, &founder, client).await?.key).await
}

/// The same number of rows of ten columns, put in by plain bulk insert.
pub(crate) async fn floor(app: &App, rows: u64) -> Result<Duration, Error> {
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
    let passed = start.elapsed();
    db.execute_unprepared("DROP TABLE floor").await?;
    Ok(passed)
}
