//! What queries run on: the pool, or the open transaction of a request that writes once ([`crate::idempotency`]).

use std::pin::Pin;
use std::sync::Arc;

use futures::stream::BoxStream;
use sea_orm::entity::prelude::async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};

use crate::db::Txn;

/// A connection for reading.
#[derive(Clone, Debug)]
pub struct Reader {
    pool: DatabaseConnection,
    inside: Option<Arc<Txn>>,
}

impl Reader {
    /// Reads what is committed.
    pub(crate) const fn pool(pool: DatabaseConnection) -> Self {
        Self { pool, inside: None }
    }

    /// Reads what is committed or written in this transaction.
    pub(crate) fn inside(&self, txn: Arc<Txn>) -> Self {
        Self {
            pool: self.pool.clone(),
            inside: Some(txn),
        }
    }

    /// Reads what is committed, whatever a transaction has written.
    pub(crate) fn beside(&self) -> Self {
        Self::pool(self.pool.clone())
    }

    /// Ends the connections of the pool.
    pub(crate) async fn close(self) -> Result<(), DbErr> {
        self.pool.close().await
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        match &self.inside {
            Some(txn) => txn.conn().execute_raw(statement).await,
            None => self.pool.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        match &self.inside {
            Some(txn) => txn.conn().execute_unprepared(sql).await,
            None => self.pool.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.inside {
            Some(txn) => txn.conn().query_one_raw(statement).await,
            None => self.pool.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.inside {
            Some(txn) => txn.conn().query_all_raw(statement).await,
            None => self.pool.query_all_raw(statement).await,
        }
    }
}

impl StreamTrait for Reader {
    type Stream<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;

    fn get_database_backend(&self) -> DbBackend {
        self.pool.get_database_backend()
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        Box::pin(async move {
            let stream: Self::Stream<'a> = match &self.inside {
                Some(txn) => Box::pin(txn.conn().stream_raw(statement).await?),
                None => Box::pin(self.pool.stream_raw(statement).await?),
            };
            Ok(stream)
        })
    }
}
