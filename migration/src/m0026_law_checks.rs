//! What a draft was written on: the newest release of that day, and of a correction the body that it corrects.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for column in [integer_null("base_release"), string_null("corrected_hash")] {
            add_column(schema, "instrument", column).await?;
        }
        // Drafts of before stand on what was published when they were written; those of the catalogue know each other.
        let db = schema.get_connection();
        db.execute_unprepared(
            "UPDATE instrument SET base_release = (SELECT COALESCE(MAX(made.number), 0) FROM \"release\" AS made \
             WHERE made.published_at <= instrument.created_at) \
             WHERE release_number IS NULL AND drafted_by IS NOT NULL AND status <> 'published'",
        )
        .await?;
        let columns = ["base_release", "corrected_hash"];
        let base = Guard {
            name: "instrument_base_stays",
            table: "instrument",
            event: "UPDATE OF base_release, corrected_hash",
            when: &differs(&columns),
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, base).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
