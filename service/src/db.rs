//! The database: one way to read, one way to write.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ActiveModelTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    EntityTrait, IntoActiveModel, Iterable, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::audit;
use crate::error::Error;

/// Both pools. On SQLite the write pool has one connection, so writers queue in order instead of failing.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    /// Rung after each commit: there may be a job to publish.
    pub committed: Arc<Notify>,
}

/// One write transaction. What is recorded in its audit trail is chained at its very end.
#[derive(Debug)]
pub struct Txn {
    transaction: DatabaseTransaction,
    trail: Mutex<Vec<audit::Event>>,
}

impl Db {
    /// Opens a database: `postgres://...` or `sqlite:FILE`.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let committed = Arc::new(Notify::new());
        if url.starts_with("postgres") {
            let pool = Database::connect(options(url, 20)).await?;
            return Ok(Self {
                read: pool.clone(),
                write: pool,
                committed,
            });
        }
        let write = Database::connect(sqlite(url, 1)).await?;
        let read = Database::connect(sqlite(url, 8)).await?;
        Ok(Self { read, write, committed })
    }

    /// Opens the embedded database in a folder, made if missing.
    pub async fn embedded(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
        Self::connect(&format!("sqlite:{}", folder.join("ansinh.sqlite").display())).await
    }

    /// For reading: each query sees what is committed.
    pub const fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For migrations and maintenance alone.
    pub const fn owner(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Is it the embedded engine?
    pub fn is_sqlite(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Sqlite
    }

    /// Does the work in one transaction, with its audit events chained last. No HTTP, no file work, no other write inside.
    pub async fn write<T>(&self, work: impl for<'t> AsyncFnOnce(&'t Txn) -> Result<T, Error>) -> Result<T, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let txn = Txn {
            transaction: self.write.begin_with_options(options).await?,
            trail: Mutex::default(),
        };
        let done = work(&txn).await?;
        let Txn { transaction, trail } = txn;
        audit::chain(&transaction, trail.into_inner().unwrap_or_else(PoisonError::into_inner)).await?;
        transaction.commit().await?;
        self.committed.notify_one();
        Ok(done)
    }

    /// Ends all connections; an embedded database is then one file.
    pub async fn close(self) -> Result<(), Error> {
        if self.is_sqlite() {
            self.write.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await?;
        }
        self.read.close().await?;
        self.write.close().await?;
        Ok(())
    }
}

impl Txn {
    /// The connection, for queries.
    pub const fn conn(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Notes what was done; it is chained when the transaction ends.
    pub fn audit(&self, event: audit::Event) {
        self.trail.lock().unwrap_or_else(PoisonError::into_inner).push(event);
    }

    /// Inserts many rows in chunks below both engines' limits of bind parameters.
    pub async fn insert_all<E>(&self, rows: Vec<E::Model>) -> Result<(), Error>
    where
        E: EntityTrait,
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelTrait<Entity = E> + Send,
    {
        let per_statement = (20_000 / E::Column::iter().count().max(1)).clamp(1, 1_000);
        let mut rows = rows
            .into_iter()
            .map(|row| row.into_active_model().reset_all())
            .peekable();
        while rows.peek().is_some() {
            let chunk: Vec<_> = rows.by_ref().take(per_statement).collect();
            E::insert_many(chunk).exec_without_returning(self.conn()).await?;
        }
        Ok(())
    }
}

fn options(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options
        .sqlx_logging(false)
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(30));
    options
}

fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .pragma("cache_size", "-65536")
            .pragma("temp_store", "MEMORY")
    });
    options
}
