//! Whose profile a report was read by, and in which namespace it came.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for column in ["bank", "profile", "namespace"] {
            add_column(schema, "bank_report", string_null(column)).await?;
        }
        add_column(schema, "bank_report", big_integer_null("profile_version")).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
