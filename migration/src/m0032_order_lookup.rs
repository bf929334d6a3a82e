//! Indexes to look single orders up by account and by state. References, UETRs, runs and the lines of a person have theirs.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        index(schema, "payment_order", &["account_number", "id"]).await?;
        index(schema, "payment_order", &["status", "id"]).await?;
        index(schema, "pay_run", &["cover_month", "created_at", "id"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
