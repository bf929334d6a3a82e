//! Running the program.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait, Database, DatabaseBackend, DbErr, Statement};
use tempfile::TempDir;

use crate::harness::{Place, Process};

/// A told story and its files.
pub(crate) struct Story {
    /// The files the program wrote.
    pub(crate) out: PathBuf,
    /// What the banks and the post office answered.
    pub(crate) answers: PathBuf,
    _folder: TempDir,
}

impl Story {
    /// A story that is still to be told.
    pub(crate) fn untold() -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            out: folder.path().join("out"),
            answers: folder.path().join("answers"),
            _folder: folder,
        }
    }

    /// Tells the story to its end.
    pub(crate) fn told(place: &Place, options: &[&str]) -> Self {
        let story = Self::untold();
        story.tell(place, options);
        story
    }

    /// Runs the demo to its end and gives what it printed.
    pub(crate) fn tell(&self, place: &Place, options: &[&str]) -> String {
        let output = self.command(place, options).output().unwrap();
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{printed}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        printed
    }

    /// Runs the demo beside the test.
    pub(crate) fn begin(&self, place: &Place, options: &[&str]) -> Process {
        Process::start(self.command(place, options))
    }

    fn command(&self, place: &Place, options: &[&str]) -> Command {
        let mut command = place.command("demo");
        command
            .args(["--people", super::PEOPLE, "--seed", "7", "--exit"])
            .arg("--out")
            .arg(&self.out)
            .arg("--answers")
            .arg(&self.answers)
            .args(options);
        command
    }
}

/// Does every invariant hold?
pub(crate) fn verify(place: &Place) -> bool {
    place
        .command("verify")
        .stdout(Stdio::null())
        .status()
        .unwrap()
        .success()
}

/// Kills a worker, as `kill -9` does, once jobs of a pay run are under way.
pub(super) fn kill_when_busy(place: &Place, worker: Process) {
    on(async {
        let connection = Database::connect(place.database_url()).await?;
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
    worker.kill();
}

/// Runs SQL on an embedded database, as somebody with the file might.
pub(crate) fn alter(place: &Place, sql: &str) -> Result<(), DbErr> {
    on(async {
        let connection = Database::connect(place.database_url()).await?;
        let done = connection.execute_unprepared(sql).await;
        connection.close().await?;
        done.map(drop)
    })
}

/// The one number, named `number`, of a query; 0 where there is none.
pub(crate) fn number(place: &Place, sql: &str) -> i64 {
    on(async {
        let connection = Database::connect(place.database_url()).await?;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await?.unwrap();
        let number = row.try_get::<Option<i64>>("", "number")?.unwrap_or(0);
        connection.close().await?;
        Ok(number)
    })
    .unwrap()
}

/// The triggers of a table of an embedded database.
pub(crate) fn triggers(place: &Place, table: &str) -> Vec<String> {
    let sql = format!("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
    on(async {
        let connection = Database::connect(place.database_url()).await?;
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
