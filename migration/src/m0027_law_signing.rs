//! Whoever drafted or edited an instrument neither approves nor publishes it, whoever submitted it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // The subject of an act names the id as 32 hexadecimal digits.
        let id = |column: &str| match schema.get_connection().get_database_backend() {
            DbBackend::Postgres => format!("'instrument:' || replace({column}::text, '-', '')"),
            _ => format!("'instrument:' || lower(hex({column}))"),
        };
        let drafted = format!(
            "NOT EXISTS (SELECT 1 FROM instrument_revision AS own
               WHERE own.drafted_by = NEW.user_id AND {} = NEW.subject)
             AND NOT EXISTS (SELECT 1 FROM instrument AS own
               WHERE own.drafted_by = NEW.user_id AND {} = NEW.subject)",
            id("own.instrument_id"),
            id("own.id")
        );
        let guard = Guard {
            name: "approval_act_not_by_a_drafter",
            table: "approval_act",
            event: "INSERT",
            when: "NEW.act IN ('approve', 'release') AND NEW.subject LIKE 'instrument:%'",
            unless: Some(&drafted),
            refusal: Refusal::NotApproved,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
