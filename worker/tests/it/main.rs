//! Durable jobs, on both engines: SQLite with the channel, PostgreSQL with Redis.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that fails panics"
)]

mod jobs;
mod lost;
mod redis;
mod runs;

use std::collections::BTreeMap;
use std::future::Future;
use std::path::Path;
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use service::installation::{Opening, open};
use service::job::{self, Job, JobContext, JobFilter, JobState, JobView, Kinds, Pace, Queue, run};
use service::{Actor, App, Db, Error, ProblemCode};
use tempfile::TempDir;
use tokio::sync::watch;
use uuid::Uuid;
use worker::{Carrier, Running, Worker, WorkerOptions};

/// Runs each test on both engines. A server that is missing is a failure: `tests/run` brings it.
macro_rules! on_both_engines {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::Bench::sqlite().await).await })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() { super::$name($crate::Bench::postgres().await).await })+
        }
    };
}
pub(crate) use on_both_engines;

/// An installation of its own, and what carries its jobs.
pub(crate) struct Bench {
    pub(crate) app: App,
    redis: Option<String>,
    folder: TempDir,
}

impl Bench {
    pub(crate) async fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            app: installation(None, folder.path()).await,
            redis: None,
            folder,
        }
    }

    pub(crate) async fn postgres() -> Self {
        let server = std::env::var("ANSINH_TEST_POSTGRES").expect("the tests are run by tests/run");
        let redis = std::env::var("ANSINH_TEST_REDIS").expect("the tests are run by tests/run");
        let name = format!("worker_{}", service::ids::Ids::System.next().simple());
        let owner = Db::connect(&server).await.unwrap();
        owner
            .owner()
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        owner.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let folder = TempDir::new().unwrap();
        let app = installation(Some(&format!("{base}/{name}")), folder.path()).await;
        Self {
            app,
            redis: Some(redis),
            folder,
        }
    }

    /// The same installation with a Redis of one's own.
    pub(crate) fn with_redis(mut self, url: String) -> Self {
        self.redis = Some(url);
        self
    }

    pub(crate) async fn carrier(&self) -> Carrier {
        match &self.redis {
            Some(url) => Carrier::redis(url, &self.app).await.unwrap(),
            None => Carrier::in_process(),
        }
    }

    pub(crate) async fn start(&self, options: WorkerOptions) -> Running {
        Worker::start(self.app.clone(), self.carrier().await, options)
            .await
            .unwrap()
    }

    pub(crate) async fn enqueue(&self, job: &impl Job) -> bool {
        self.app
            .db
            .write(async |txn| job::enqueue(txn, job).await)
            .await
            .unwrap()
    }

    /// The job of this key, as the API shows it.
    pub(crate) async fn job(&self, natural_key: &str) -> Option<JobView> {
        let mut after = None;
        loop {
            let filter = JobFilter {
                limit: Some(200),
                after,
                ..JobFilter::default()
            };
            let page = job::list(&self.app, &operator(), filter).await.unwrap();
            let found = page.items.into_iter().find(|job| job.natural_key == natural_key);
            if found.is_some() || page.next.is_none() {
                return found;
            }
            after = page.next;
        }
    }

    /// Waits until the job of this key is in this state.
    pub(crate) async fn until(&self, natural_key: &str, state: JobState) -> JobView {
        until(async || self.job(natural_key).await.filter(|job| job.status == state)).await
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

async fn installation(database_url: Option<&str>, folder: &Path) -> App {
    open(Opening {
        database_url,
        folder,
        sandbox: false,
        first_start: None,
    })
    .await
    .unwrap()
}

pub(crate) fn operator() -> Actor {
    Actor::system("test")
}

/// How long anything may take to come about.
pub(crate) const PATIENCE: Duration = Duration::from_secs(600);

/// Waits until there is something.
pub(crate) async fn until<T>(mut look: impl AsyncFnMut() -> Option<T>) -> T {
    tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it never came about")
}

/// Options with the test's jobs, and a pace of milliseconds. Leases run out where a test says so, and not because a machine
/// stood still for a while.
pub(crate) fn options() -> WorkerOptions {
    let pace = Pace {
        lease: PATIENCE,
        republish: Duration::from_secs(2),
        first_retry: Duration::from_millis(5),
        ..Pace::default()
    };
    WorkerOptions {
        kinds: KINDS,
        pace,
        tick: Duration::from_millis(20),
        schedules: false,
        ..WorkerOptions::default()
    }
}

pub(crate) const KINDS: Kinds = service::job_kinds![Errand, Hung, Part, After];

/// What an errand does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Does {
    Nothing,
    /// Fails so many times in a way that may heal.
    FailsFirst(i32),
    /// Fails in a way that no retry heals.
    IsRefused,
    Panics,
    /// Waits for its gate.
    Waits,
    /// Waits for its gate, then commits its effect and its end together.
    WaitsThenCommits,
}

/// A job of the tests.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Errand {
    pub(crate) key: String,
    pub(crate) does: Does,
}

impl Errand {
    pub(crate) fn new(does: Does) -> Self {
        Self {
            key: format!("errand:{}", service::ids::Ids::System.next()),
            does,
        }
    }
}

impl Job for Errand {
    const KIND: &'static str = "errand";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = PATIENCE;
    const MAX_ATTEMPTS: i32 = 3;

    fn natural_key(&self) -> String {
        self.key.clone()
    }

    async fn run(&self, app: &App, ctx: &JobContext) -> Result<(), Error> {
        note(&self.key, ctx);
        match self.does {
            Does::Nothing => Ok(()),
            Does::FailsFirst(times) if ctx.attempt <= times => Err(Error::new(ProblemCode::Unavailable)),
            Does::FailsFirst(_) => Ok(()),
            Does::IsRefused => Err(Error::field("/amount", "too_big", "quá lớn", "too big")),
            Does::Panics => panic!("a fault in the program"),
            Does::Waits => {
                pass(&self.key).await;
                Ok(())
            }
            Does::WaitsThenCommits => {
                pass(&self.key).await;
                app.db
                    .write(async |txn| {
                        job::enqueue(
                            txn,
                            &After {
                                key: format!("effect:{}:{}", self.key, ctx.attempt),
                            },
                        )
                        .await?;
                        ctx.finish_in(txn).await
                    })
                    .await
            }
        }
    }
}

/// A job that never ends.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hung {
    pub(crate) key: String,
}

impl Job for Hung {
    const KIND: &'static str = "hung";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_millis(100);

    fn natural_key(&self) -> String {
        self.key.clone()
    }

    async fn run(&self, _: &App, ctx: &JobContext) -> Result<(), Error> {
        note(&self.key, ctx);
        std::future::pending().await
    }
}

/// What follows something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct After {
    pub(crate) key: String,
}

impl Job for After {
    const KIND: &'static str = "after";
    const QUEUE: Queue = Queue::Relief;

    fn natural_key(&self) -> String {
        self.key.clone()
    }

    async fn run(&self, _: &App, ctx: &JobContext) -> Result<(), Error> {
        note(&self.key, ctx);
        Ok(())
    }
}

/// A part of a run. Its payload says how its units come out, and whether it waits for its gate.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) run: Uuid,
    pub(crate) position: i32,
}

/// The payload of a [`Part`].
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Units {
    pub(crate) counts: run::Counts,
    pub(crate) gate: Option<String>,
}

impl Job for Part {
    const KIND: &'static str = "part";
    const QUEUE: Queue = Queue::Reassessment;
    const MAX_ATTEMPTS: i32 = 2;

    fn natural_key(&self) -> String {
        format!("part:{}:{}", self.run, self.position)
    }

    async fn run(&self, app: &App, ctx: &JobContext) -> Result<(), Error> {
        let Some(payload) = run::chunk(app, self.run, self.position).await? else {
            return Ok(());
        };
        let units: Units = serde_json::from_value(payload)?;
        note(&self.natural_key(), ctx);
        if let Some(gate) = &units.gate {
            pass(gate).await;
        }
        app.db
            .write(async |txn| {
                job::enqueue(
                    txn,
                    &After {
                        key: format!("effect:{}", self.natural_key()),
                    },
                )
                .await?;
                run::chunk_done(txn, ctx, self.run, self.position, units.counts)
                    .await
                    .map(drop)
            })
            .await
    }
}

/// The attempt and the worker of each run.
type Runs = Vec<(i32, String)>;

static NOTES: LazyLock<Mutex<BTreeMap<String, Runs>>> = LazyLock::new(Mutex::default);
static GATES: LazyLock<Mutex<BTreeMap<String, watch::Sender<bool>>>> = LazyLock::new(Mutex::default);

fn note(key: &str, ctx: &JobContext) {
    NOTES
        .lock()
        .unwrap()
        .entry(key.to_owned())
        .or_default()
        .push((ctx.attempt, ctx.worker.clone()));
}

/// The runs of a job so far: attempt and worker.
pub(crate) fn runs_of(key: &str) -> Runs {
    NOTES.lock().unwrap().get(key).cloned().unwrap_or_default()
}

/// Waits until the job has begun so many times.
pub(crate) async fn begun(key: &str, times: usize) {
    until(async || (runs_of(key).len() >= times).then_some(())).await;
}

fn gate(key: &str) -> watch::Sender<bool> {
    GATES
        .lock()
        .unwrap()
        .entry(key.to_owned())
        .or_insert_with(|| watch::channel(false).0)
        .clone()
}

fn pass(key: &str) -> impl Future<Output = ()> + Send + use<> {
    let gate = gate(key);
    async move {
        gate.subscribe().wait_for(|open| *open).await.unwrap();
    }
}

/// Lets through what waits at this gate, now and later.
pub(crate) fn open_gate(key: &str) {
    gate(key).send_replace(true);
}
