//! Running the program.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DbErr, Statement};
use tempfile::TempDir;

/// Where an installation lives.
pub(super) struct Place {
    folder: TempDir,
    servers: Option<(String, String)>,
}

impl Place {
    /// The embedded database in a new folder.
    pub(super) fn embedded() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            servers: None,
        }
    }

    /// A new database on the PostgreSQL that `tests/run` started, and its Redis.
    pub(super) fn servers() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("ANSINH_TEST_POSTGRES").expect("the tests are run by tests/run");
        let redis = std::env::var("ANSINH_TEST_REDIS").expect("the tests are run by tests/run");
        let name = format!("story_{}_{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        on(async {
            let connection = Database::connect(&server).await?;
            connection
                .execute_unprepared(&format!("CREATE DATABASE {name}"))
                .await?;
            connection.close().await
        })
        .unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        let place = Self {
            folder: TempDir::new().unwrap(),
            servers: Some((format!("{base}/{name}"), redis)),
        };
        assert!(place.command("migrate").status().unwrap().success());
        place
    }

    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ansinh"));
        command
            .arg(verb)
            .current_dir(self.folder.path())
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL");
        match &self.servers {
            Some((database, redis)) => command.env("DATABASE_URL", database).env("REDIS_URL", redis),
            None => command.env("ANSINH_DATA", self.folder.path().join("data")),
        };
        command
    }
}

/// A told story and its files.
pub(super) struct Story {
    pub(super) out: PathBuf,
    answers: PathBuf,
    _folder: TempDir,
}

impl Story {
    /// Tells the story to its end.
    pub(super) fn told(place: &Place, options: &[&str]) -> Self {
        let folder = TempDir::new().unwrap();
        let story = Self {
            out: folder.path().join("out"),
            answers: folder.path().join("answers"),
            _folder: folder,
        };
        demo(place, &story, options);
        story
    }
}

/// Runs the demo to its end and gives what it printed.
pub(super) fn demo(place: &Place, story: &Story, options: &[&str]) -> String {
    let output = place
        .command("demo")
        .args(["--people", super::PEOPLE, "--seed", "7", "--exit"])
        .arg("--out")
        .arg(&story.out)
        .arg("--answers")
        .arg(&story.answers)
        .args(options)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{printed}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    printed
}

/// Does every invariant hold?
pub(super) fn verify(place: &Place) -> bool {
    place
        .command("verify")
        .stdout(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Starts a worker beside the program.
pub(super) fn worker(place: &Place) -> (Child, String) {
    let child = place
        .command("worker")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    (child, place.servers.as_ref().unwrap().0.clone())
}

/// Kills a worker, as `kill -9` does, once jobs of a pay run are under way.
pub(super) fn kill_when_busy(worker: Option<(Child, String)>) {
    let (mut child, database) = worker.unwrap();
    on(async {
        let connection = Database::connect(&database).await?;
        let busy = "SELECT 1 AS one FROM job WHERE kind = 'build_pay_run_chunk' LIMIT 1";
        loop {
            let row = connection
                .query_one_raw(Statement::from_string(DatabaseBackend::Postgres, busy))
                .await;
            if row.is_ok_and(|row| row.is_some()) {
                break;
            }
            tokio::task::yield_now().await;
        }
        connection.close().await
    })
    .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Ends a worker.
pub(super) fn end((mut child, _): (Child, String)) {
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Runs SQL on an embedded database, as somebody with the file might.
pub(super) fn alter(place: &Place, sql: &str) -> Result<(), DbErr> {
    let url = format!("sqlite:{}", place.folder.path().join("data/ansinh.sqlite").display());
    on(async {
        let connection = Database::connect(&url).await?;
        let done = connection.execute_unprepared(sql).await;
        connection.close().await?;
        done.map(drop)
    })
}

/// The triggers of a table of an embedded database.
pub(super) fn triggers(place: &Place, table: &str) -> Vec<String> {
    let url = format!("sqlite:{}", place.folder.path().join("data/ansinh.sqlite").display());
    let sql = format!("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
    on(async {
        let connection = Database::connect(&url).await?;
        let rows = connection
            .query_all_raw(Statement::from_string(DatabaseBackend::Sqlite, sql))
            .await?;
        connection.close().await?;
        rows.iter().map(|row| row.try_get::<String>("", "name")).collect()
    })
    .unwrap()
}

fn on<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}
