//! What reports say of whole files, and the orders that a line without a reference may speak of.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        bank_report_file(schema).await?;
        suspense_candidate(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// It stays as the bank told it, with what it came to. Where people have to look, a line in suspense stands for it, which
/// two of them close as any other.
async fn bank_report_file(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "bank_report_file";
    let mut table = Table::create();
    table
        .table(name)
        .col(uuid("id").primary_key())
        .col(uuid("bank_report_id"))
        .col(integer("number"))
        .col(boolean("of_batch"))
        .col(string_null("message_id"))
        .col(string_null("batch"))
        .col(string_null("status"))
        .col(string_null("reason"))
        .col(string_null("note"))
        .col(string_null("told_count"))
        .col(string_null("told_sum"))
        .col(uuid_null("file_id"))
        .col(big_integer_null("own_count"))
        .col(big_integer_null("own_sum"))
        .col(string("outcome"))
        .col(big_integer("moved"))
        .col(big_integer("contradicted"))
        .col(string_null("finding"))
        .col(uuid_null("line_id"))
        .check((
            "bank_report_file_waits_on_a_line",
            Expr::cust("(finding IS NULL) = (line_id IS NULL)"),
        ))
        // What contradicts orders, or is of no file, never passes in silence.
        .check((
            "bank_report_file_contradiction_waits",
            Expr::cust("contradicted = 0 OR finding IS NOT NULL"),
        ))
        .foreign_key(&mut refers(name, "bank_report_id", "bank_report", "id"))
        .foreign_key(&mut refers(name, "file_id", "payment_file", "id"))
        .foreign_key(&mut refers(name, "line_id", "bank_report_line", "id"));
    schema.create_table(table).await?;
    unique(schema, name, &["bank_report_id", "number"]).await?;
    let waits = Expr::col("line_id").is_not_null();
    unique_where(schema, "ux_bank_report_file_line", name, &["line_id"], waits).await?;
    append_only(schema, name).await
}

/// No index over the banks' references of orders stands beside it: it would be written with each order that is paid, and
/// is asked for by a few lines a year.
async fn suspense_candidate(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let name = "suspense_candidate";
    let mut table = Table::create();
    table
        .table(name)
        .col(uuid("line_id"))
        .col(uuid("order_id"))
        .primary_key(&mut primary_key(&["line_id", "order_id"]))
        .foreign_key(&mut refers(name, "line_id", "bank_report_line", "id"))
        .foreign_key(&mut refers(name, "order_id", "payment_order", "id"));
    schema.create_table(table).await?;
    append_only(schema, name).await
}
