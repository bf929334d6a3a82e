//! What tells one entry of a bank from another is kept where it is asked for: with an entry over a whole file the bank's
//! reference, with each line its day. Reports that were reconciled before kept neither.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_column(schema, "batch_entry", string_null("bank_reference")).await?;
        add_column(schema, "bank_report_line", date_null("booked_on")).await?;
        // A line may have no day, and an entry no reference: the report says whether what it has was kept.
        add_column(schema, "bank_report", boolean("marks_kept").default(false).take()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
