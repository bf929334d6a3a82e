//! Approval binds to orders and files too: their seal is kept with the plan of the run, and stays as it was approved.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Runs approved before have none: they are approved again, or have left the house.
        add_column(schema, "pay_run_plan", string_null("approved")).await?;
        let guard = Guard {
            name: "pay_run_plan_keeps_approved",
            table: "pay_run_plan",
            event: "UPDATE OF approved",
            when: "OLD.approved IS NOT NULL AND OLD.approved IS DISTINCT FROM NEW.approved",
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
