//! The database: one way to read, one way to write.
//!
//! What is committed is on disk before anybody acts on it: bytes leave the house only after the commit that says so, and
//! the ids in them follow natural keys. If a commit could be lost with the power, the same reference might stand for other
//! content at a bank. So every commit of the writer is synced, on either engine; a commit costs one sync, and large work
//! commits by the chunk.

mod refused;
mod settle;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ColumnType, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DatabaseTransaction, DbBackend, EntityTrait, IdenStatic, IntoActiveModel, Iterable, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use tokio::sync::Notify;

use crate::audit;
use crate::error::Error;
use crate::lasting::Lasting;
use crate::reader::Reader;
use crate::rows;

/// Both pools. On SQLite the write pool has one connection, so writers queue in order instead of failing. On PostgreSQL
/// writers wait for each other's rows on connections of their own: who holds the rows may still read.
#[derive(Clone, Debug)]
pub struct Db {
    read: Reader,
    write: DatabaseConnection,
    /// The transaction that all writes of one request share ([`Db::opened`]).
    open: Option<Arc<Txn>>,
    /// Rung after each commit: there may be a job to publish.
    pub committed: Arc<Notify>,
}

/// One write transaction. What is recorded in its audit trail is chained at its very end.
#[derive(Debug)]
pub struct Txn {
    transaction: DatabaseTransaction,
    trail: Mutex<Vec<audit::Event>>,
    /// What is chained instead where the transaction is given up.
    refusals: Mutex<Vec<audit::Event>>,
    failed: AtomicBool,
}

impl Db {
    /// Opens a database: `postgres://...` or `sqlite:FILE`.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        Self::connect_with(url, CONNECTIONS).await
    }

    /// The same with at most so many connections to PostgreSQL, half of them for reading.
    pub async fn connect_with(url: &str, connections: u32) -> Result<Self, Error> {
        let committed = Arc::new(Notify::new());
        if url.starts_with("postgres") {
            let (reading, writing) = (connections / 2, connections - connections / 2);
            return Ok(Self {
                read: Reader::pool(Database::connect(postgres(url, reading.max(1))).await?),
                write: Database::connect(postgres(url, writing.max(1))).await?,
                open: None,
                committed,
            });
        }
        // In a write-ahead log NORMAL syncs at checkpoints alone, and commits since the last one may be gone after a power
        // failure; FULL syncs the log at each commit. Readers write nothing.
        let write = Database::connect(sqlite(url, 1, WRITER_CACHE, SqliteSynchronous::Full)).await?;
        let read = Database::connect(sqlite(url, 8, READER_CACHE, SqliteSynchronous::Normal)).await?;
        Ok(Self {
            read: Reader::pool(read),
            write,
            open: None,
            committed,
        })
    }

    /// Opens the embedded database in a folder, made if missing.
    pub async fn embedded(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
        Self::connect(&crate::installation::embedded_url(folder)).await
    }

    /// For reading: each query sees what is committed, and what an open transaction of the same request has written.
    pub const fn read(&self) -> &Reader {
        &self.read
    }

    /// For reading while a transaction works: what was committed before it, and nothing that it writes. Only for what the
    /// transaction has locked, so that nobody else changes it meanwhile.
    pub(crate) fn beside(&self) -> Reader {
        self.read.beside()
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
    ///
    /// It may be dropped at any await. Before its `COMMIT` it is rolled back as a whole: the driver asks for that before
    /// the connection goes back to the pool. Work that fails may leave word of it ([`Txn::refuse`]). From its `COMMIT` on it
    /// is carried through, unheard. The end of a job and the key of a request stand in the transaction of their effects: who
    /// tries again waits for that one, and sees it.
    ///
    /// On PostgreSQL rows are locked in one order by everybody, so that nobody waits in a circle. Who needs rows of several
    /// steps locks them step by step, each step in one statement, even where it learns later that it did not need them all:
    ///
    /// 1. what the step itself is about and nobody locks later: a proposal, a report, a request and event of relief, the
    ///    determinations that are reckoned with;
    /// 2. programs, shared, by id;
    /// 3. runs that are released, by id (`reconciliation`), then runs that are not, by id
    ///    (`pay_run::lock_unreleased` and its sisters);
    /// 4. findings of the registry, then orders and lines of runs that are released;
    /// 5. cases of overpayments, by id; only under the lock of the unreleased runs, and not against who only refers to one;
    /// 6. funds, by code from the last to the first and then by id (`fund::lock`, or `fund::lock_all` for who can't say yet
    ///    which): once for all that the transaction posts, for to post is to lock;
    /// 7. differences of single orders, under the lock of their fund;
    /// 8. the head of the audit chain, at the commit.
    ///
    /// Who builds a run locks the plans of the cases that it keeps back for, by case, before its lines: against others who
    /// build, and nobody else does (`overpayment::deduction::are_current`).
    ///
    /// One that is left: a run that was made while a report is read, which tells of a death or of a debit over a file, is
    /// waited for with funds in hand.
    pub async fn write<T>(&self, work: impl for<'t> AsyncFnOnce(&'t Txn) -> Result<T, Error>) -> Result<T, Error> {
        if let Some(txn) = &self.open {
            let done = work(txn).await;
            if done.is_err() {
                txn.failed.store(true, Ordering::SeqCst);
            }
            return done;
        }
        let txn = self.begin().await?;
        let done = work(&txn).await;
        match done {
            Ok(done) => {
                self.commit(txn).await?;
                Ok(done)
            }
            Err(error) => {
                self.give_up(txn).await;
                Err(error)
            }
        }
    }

    /// The same database with one transaction open: reads look into it, and everything written through it is committed
    /// together by [`Db::commit_opened`], or not at all.
    pub(crate) async fn opened(&self) -> Result<Self, Error> {
        let txn = Arc::new(self.begin().await?);
        Ok(Self {
            read: self.read.inside(Arc::clone(&txn)),
            write: self.write.clone(),
            open: Some(txn),
            committed: Arc::clone(&self.committed),
        })
    }

    /// Commits what was written through an [opened](Db::opened) database. A write that failed inside spoils the whole.
    pub(crate) async fn commit_opened(self) -> Result<(), Error> {
        let Self {
            read,
            open,
            write,
            committed,
        } = self;
        drop(read);
        let txn = open.ok_or_else(|| Error::internal("no transaction is open"))?;
        let txn = Arc::into_inner(txn).ok_or_else(|| Error::internal("the transaction is still in use"))?;
        if txn.failed.load(Ordering::SeqCst) {
            return Err(Error::internal("a write inside the transaction failed"));
        }
        Self {
            read: Reader::pool(write.clone()),
            write,
            open: None,
            committed,
        }
        .commit(txn)
        .await
    }

    async fn begin(&self) -> Result<Txn, Error> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let transaction = if self.is_sqlite() {
            // The thread of the connection rolls back what it began for nobody.
            self.write.begin_with_options(options).await?
        } else {
            let pool = self.write.clone();
            Lasting::new(async move { pool.begin_with_options(options).await }).await?
        };
        Ok(Txn {
            transaction,
            trail: Mutex::default(),
            refusals: Mutex::default(),
            failed: AtomicBool::new(false),
        })
    }

    async fn commit(&self, txn: Txn) -> Result<(), Error> {
        let Txn { transaction, trail, .. } = txn;
        audit::chain(&transaction, trail.into_inner().unwrap_or_else(PoisonError::into_inner)).await?;
        let committed = Arc::clone(&self.committed);
        let end = async move {
            transaction.commit().await?;
            committed.notify_one();
            Ok::<(), Error>(())
        };
        Lasting::new(end).await
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
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let per_statement = (20_000 / columns.len().max(1)).clamp(1, 1_000);
        let backend = self.conn().get_database_backend();
        if let (DbBackend::Postgres, Some(types)) = (backend, array_types::<E>(&columns)) {
            let values = rows.into_iter().flat_map(|row| {
                let mut row = row.into_active_model();
                let values = columns.iter().filter_map(|column| row.take(*column).into_value());
                values.collect::<Vec<_>>()
            });
            return rows::run(self, &types, values, |source| insert_from::<E>(&columns, source)).await;
        }
        let (mut sql, mut sql_rows) = (String::new(), 0);
        let mut rows = rows.into_iter();
        loop {
            let mut values = Vec::with_capacity(per_statement.min(rows.len()) * columns.len());
            let mut taken = 0;
            for row in rows.by_ref().take(per_statement) {
                let mut row = row.into_active_model();
                values.extend(columns.iter().filter_map(|column| row.take(*column).into_value()));
                taken += 1;
            }
            if taken == 0 {
                return Ok(());
            }
            if sql_rows != taken {
                (sql, sql_rows) = (insert_sql::<E>(backend, &columns, taken), taken);
            }
            self.conn()
                .execute_raw(Statement::from_sql_and_values(backend, &sql, values))
                .await?;
        }
    }
}

/// PostgreSQL's types of the columns, if each is one that arrays of rows hold.
fn array_types<E: EntityTrait>(columns: &[E::Column]) -> Option<Vec<&'static str>> {
    let types = columns.iter().map(|column| match column.def().get_column_type() {
        ColumnType::Uuid => Some("uuid"),
        ColumnType::Integer => Some("int4"),
        ColumnType::BigInteger => Some("int8"),
        ColumnType::Boolean => Some("bool"),
        ColumnType::String(_) | ColumnType::Text => Some("text"),
        ColumnType::Date => Some("date"),
        ColumnType::TimestampWithTimeZone => Some("timestamptz"),
        ColumnType::JsonBinary => Some("jsonb"),
        _ => None,
    });
    types.collect()
}

/// `INSERT INTO table (columns) SELECT ... FROM rows`.
fn insert_from<E: EntityTrait>(columns: &[E::Column], source: &str) -> String {
    let names: Vec<String> = columns.iter().map(|own| format!("\"{}\"", own.as_str())).collect();
    let (table, names) = (E::default().table_name().to_owned(), names.join(", "));
    format!("INSERT INTO \"{table}\" ({names}) SELECT v.* FROM {source}")
}

/// `INSERT INTO table (columns) VALUES (...), ...`: written once for statements of equal length, where the query builder
/// would spell each anew.
fn insert_sql<E: EntityTrait>(backend: DbBackend, columns: &[E::Column], rows: usize) -> String {
    let names: Vec<String> = columns
        .iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    let mut sql = format!(
        "INSERT INTO \"{}\" ({}) VALUES ",
        E::default().table_name(),
        names.join(", ")
    );
    let mut parameter = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ", (" });
        for position in 0..columns.len() {
            parameter += 1;
            if position > 0 {
                sql.push_str(", ");
            }
            if backend == DbBackend::Sqlite {
                sql.push('?');
            } else {
                sql.push('$');
                sql.push_str(&parameter.to_string());
            }
        }
        sql.push(')');
    }
    sql
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

/// Connections to PostgreSQL.
const CONNECTIONS: u32 = 20;

/// How long the server lets a transaction wait for its program. A write never does: what waits so long belongs to a
/// program that hangs, and its locks must not stand.
const IDLE_IN_TRANSACTION: &str = "10min";

fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = options(url, connections);
    options.map_sqlx_postgres_opts(|own| {
        own.options([
            ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION),
            // Whatever the server or the database is set to: a commit that was answered is on its disk.
            ("synchronous_commit", "on"),
        ])
    });
    options
}

/// Page caches of SQLite, KiB: the one writer changes pages of indexes all over the registry, readers mostly pass by.
const WRITER_CACHE: u32 = 262_144;
const READER_CACHE: u32 = 65_536;

fn sqlite(url: &str, connections: u32, cache: u32, synchronous: SqliteSynchronous) -> ConnectOptions {
    let mut options = options(url, connections);
    options.map_sqlx_sqlite_opts(move |sqlite| {
        sqlite
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(synchronous)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(30))
            .pragma("cache_size", format!("-{cache}"))
            // Pages that many transactions change are copied back once for all of them: 64 MiB of log at most.
            .pragma("wal_autocheckpoint", "16384")
            .pragma("temp_store", "MEMORY")
            // A commit empties the page caches of the other connections; mapped pages stay where they are.
            .pragma("mmap_size", "2147418112")
            .row_buffer_size(1_000)
    });
    options
}
