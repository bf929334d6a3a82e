//! Entries over whole payment files, and the indexes that answers of banks really use.

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
        batch_entry(schema).await?;
        open_lines(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What a line says of a whole file stays as the bank told it; what it came to stands on the line.
async fn batch_entry(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("batch_entry")
        .col(uuid("line_id").primary_key())
        .col(uuid("file_id"))
        .col(string("kind"))
        .col(boolean("booked"))
        .col(big_integer("amount"))
        .foreign_key(&mut refers("batch_entry", "line_id", "bank_report_line", "id"))
        .foreign_key(&mut refers("batch_entry", "file_id", "payment_file", "id"));
    schema.create_table(table).await?;
    index(schema, "batch_entry", &["file_id"]).await?;
    append_only(schema, "batch_entry").await
}

/// Every line of every report paid for an index over outcomes that no query reads; the lists are of open lines alone.
async fn open_lines(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut outcomes = Index::drop();
    outcomes
        .name("ix_bank_report_line_outcome_id")
        .table("bank_report_line");
    schema.drop_index(outcomes).await?;
    for (name, columns) in [
        ("ix_bank_report_line_open", ["bank_report_id", "position"]),
        ("ix_bank_report_line_open_note", ["note", "order_id"]),
    ] {
        let open = Expr::cust("note IS NOT NULL AND resolved_at IS NULL");
        index_where(schema, name, "bank_report_line", &columns, open).await?;
    }
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        // Every line is written twice, when it comes and when it is reconciled, and every order some times more. With
        // room on the page the later times touch no index.
        for (table, full) in [("bank_report_line", 45), ("payment_order", 50)] {
            let sql = format!("ALTER TABLE {table} SET (fillfactor = {full})");
            db.execute_unprepared(&sql).await?;
        }
    }
    Ok(())
}
