//! SQLite too keeps the states that few orders are in apart, as m0033 does for PostgreSQL: those that whole runs pass
//! through stand in no index, so that a release changes none.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        if db.get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        for sql in [
            "DROP INDEX ix_payment_order_status_id",
            "ALTER TABLE payment_order ADD COLUMN set_apart varchar GENERATED ALWAYS AS \
             (CASE WHEN status IN ('unknown', 'rejected', 'returned') THEN status END) VIRTUAL",
            "CREATE INDEX ix_payment_order_status_id ON payment_order (set_apart, id) WHERE set_apart IS NOT NULL",
        ] {
            db.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
