//! Which other system proposed that somebody receives a person's money, or filed an application: who gave that system its
//! key has seen it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for (table, column, guard) in [
            ("payee", "proposing_client", "payee_keeps_proposing_client"),
            ("application", "filing_client", "application_keeps_filing_client"),
        ] {
            // What was proposed before has none: the audit trail has the name of the system alone.
            add_column(schema, table, uuid_null(column)).await?;
            let guard = Guard {
                name: guard,
                table,
                event: &format!("UPDATE OF {column}"),
                when: &differs(&[column]),
                unless: None,
                refusal: Refusal::Immutable,
            };
            refuse(schema, guard).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
