//! The orders of each file are sealed by the approval, and cash lists too are prepared before it: what is prepared is kept
//! by file.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Files approved before have none: the seal of their run is looked at.
        add_column(schema, "payment_file", string_null("seal")).await?;
        let guard = Guard {
            name: "payment_file_keeps_seal",
            table: "payment_file",
            event: "UPDATE OF seal",
            when: "OLD.seal IS DISTINCT FROM NEW.seal",
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await?;
        prepared_list(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What an earlier release prepared is written anew.
async fn prepared_list(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    schema
        .drop_table(Table::drop().table("prepared_list").to_owned())
        .await?;
    let mut table = Table::create();
    table
        .table("prepared_list")
        .col(uuid("pay_run_id"))
        .col(uuid("file_id"))
        .col(integer("part"))
        .col(uuid("seal"))
        .col(blob("bytes"))
        .primary_key(&mut primary_key(&["pay_run_id", "file_id", "part"]))
        .foreign_key(&mut refers("prepared_list", "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await?;
    // The bytes are compressed already.
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ALTER TABLE prepared_list ALTER COLUMN bytes SET STORAGE EXTERNAL")
            .await?;
    }
    Ok(())
}
