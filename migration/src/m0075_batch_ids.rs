//! The id of a file's one batch (PmtInfId) is kept with the file, as that of its message is: both are unique for ever and
//! stay.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Files approved before have none: it is derived from their run and name.
        add_column(schema, "payment_file", string_null("batch_id")).await?;
        unique(schema, "payment_file", &["batch_id"]).await?;
        let guard = Guard {
            name: "payment_file_keeps_ids",
            table: "payment_file",
            event: "UPDATE OF message_id, batch_id",
            when: "OLD.message_id IS DISTINCT FROM NEW.message_id OR OLD.batch_id IS DISTINCT FROM NEW.batch_id",
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
