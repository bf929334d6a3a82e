//! The database of an installation, looked at from outside while the program runs.

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseBackend, DatabaseConnection, Statement};
use tokio::runtime::Runtime;

use crate::harness::{Place, until};

/// One session.
pub(super) struct Session {
    runtime: Runtime,
    connection: DatabaseConnection,
}

impl Session {
    /// Opens a session on a place whose schema is there.
    pub(super) fn open(place: &Place) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let mut options = ConnectOptions::new(place.database_url());
        options.max_connections(1).min_connections(1).sqlx_logging(false);
        let connection = runtime.block_on(Database::connect(options)).unwrap();
        Self { runtime, connection }
    }

    /// Is it the embedded engine?
    pub(super) fn is_sqlite(&self) -> bool {
        self.connection.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// Runs statements.
    pub(super) fn run(&self, sql: &str) {
        self.runtime
            .block_on(self.connection.execute_unprepared(sql))
            .unwrap_or_else(|error| panic!("{error} in {sql}"));
    }

    /// The rows of a query whose one column is text named `row`.
    pub(super) fn rows(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        let rows = self.runtime.block_on(self.connection.query_all_raw(statement));
        rows.unwrap_or_else(|error| panic!("{error} in {sql}"))
            .iter()
            .map(|row| row.try_get("", "row").unwrap())
            .collect()
    }

    /// How many rows there are after `FROM`.
    pub(super) fn count(&self, from: &str) -> u32 {
        let counted = self.rows(&format!("SELECT CAST(count(*) AS TEXT) AS \"row\" FROM {from}"));
        counted[0].parse().unwrap()
    }

    /// Waits for who writes to the embedded database one second, and no longer: where nobody writes but who is looked at.
    pub(super) fn be_impatient(&self) {
        if self.is_sqlite() {
            self.run("PRAGMA busy_timeout = 1000");
        }
    }

    /// Waits until the server has given up what a killed program had begun. An embedded database does so at once.
    pub(super) fn is_left_alone(&self) {
        let at_work = "pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' \
                       AND pid <> pg_backend_pid() AND xact_start IS NOT NULL";
        until("nothing is under way", || {
            (self.is_sqlite() || self.count(at_work) == 0).then_some(())
        });
    }

    /// Has somebody else been writing to the embedded database for as long as one waits for it, which is five seconds?
    pub(super) fn is_written_by_another(&self) -> bool {
        let writes = self.connection.execute_unprepared("BEGIN IMMEDIATE; ROLLBACK");
        self.runtime.block_on(writes).is_err()
    }
}
