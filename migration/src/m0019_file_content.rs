//! The bytes of payment files, kept as they were built.

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
        payment_file_content(schema).await?;
        content_stays(schema).await?;
        orders_change_in_place(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn payment_file_content(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payment_file_content")
        .col(uuid("file_id"))
        .col(integer("part"))
        .col(blob("bytes"))
        .primary_key(&mut primary_key(&["file_id", "part"]))
        .foreign_key(&mut refers("payment_file_content", "file_id", "payment_file", "id"));
    schema.create_table(table).await?;
    // The bytes are compressed already.
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ALTER TABLE payment_file_content ALTER COLUMN bytes SET STORAGE EXTERNAL")
            .await?;
    }
    Ok(())
}

/// Bytes come before their file is built and stay from then on, and so do its hash and its size.
async fn content_stays(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    append_only(schema, "payment_file_content").await?;
    let guard = Guard {
        name: "payment_file_content_before_it_is_built",
        table: "payment_file_content",
        event: "INSERT",
        when: "TRUE",
        unless: Some("EXISTS (SELECT 1 FROM payment_file WHERE id = NEW.file_id AND status = 'pending')"),
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await?;
    let columns = ["sha256", "size"];
    let guard = Guard {
        name: "payment_file_keeps_hash",
        table: "payment_file",
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.sha256 IS NOT NULL AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// Every order of a run changes its status several times. No index holds status or version: with room left on their pages
/// PostgreSQL changes such rows in place, without a new entry in each index.
async fn orders_change_in_place(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared("ALTER TABLE payment_order SET (fillfactor = 50)")
            .await?;
    }
    Ok(())
}
