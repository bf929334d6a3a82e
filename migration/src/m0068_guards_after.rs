//! PostgreSQL looks at what became of an order or a line, not at what is about to.
//!
//! A guard that stands before a change has it lock each row on its own first, and log that lock, whatever is changed of the
//! row: a release writes its log twice. The same guards stand after the change. They refuse it as they did, with all that
//! the statement changed, and what they look at is the row as it is stored.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Guards of rows (1) before (2) an update (16). None of them changes the row that it is asked about.
const MOVE: &str = r"DO $$ DECLARE own record; BEGIN
     FOR own IN SELECT t.tgname AS name, t.tgrelid::regclass AS place, pg_get_triggerdef(t.oid) AS made
         FROM pg_trigger AS t
         WHERE t.tgrelid IN ('payment_line'::regclass, 'payment_order'::regclass)
           AND NOT t.tgisinternal AND t.tgtype = 1 + 2 + 16
     LOOP
         EXECUTE format('DROP TRIGGER %I ON %s', own.name, own.place);
         EXECUTE regexp_replace(own.made, '^(CREATE TRIGGER \S+) BEFORE UPDATE', '\1 AFTER UPDATE');
     END LOOP; END $$";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        if db.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared(MOVE).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
