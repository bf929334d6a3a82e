//! What the program reminds people of: days of the calendar, orders without an answer, invariants that do not hold.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("reminder")
            .col(uuid("id").primary_key())
            .col(string("kind"))
            .col(string("subject"))
            .col(date("raised_on"))
            .col(date_null("due_on"))
            .col(date("seen_on"))
            .col(date_null("ended_on"))
            .col(json_binary("detail"));
        schema.create_table(table).await?;
        // Of one thing one is open, however often and by how many workers it is looked at.
        unique_where(
            schema,
            "ux_reminder_open",
            "reminder",
            &["kind", "subject"],
            Expr::col("ended_on").is_null(),
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
