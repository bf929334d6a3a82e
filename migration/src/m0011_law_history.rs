//! Every revision of an instrument, its official text, corrections of what was published, and what a simulation
//! stands on.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        revisions(schema).await?;
        texts(schema).await?;
        for column in [
            string_null("text_sha256"),
            uuid_null("corrects"),
            string_null("correction_reason"),
        ] {
            add_column(schema, "instrument", column).await?;
        }
        for column in [string_null("body_hash"), integer_null("base_release")] {
            add_column(schema, "simulation", column).await?;
        }
        published_stays(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn revisions(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("instrument_revision")
        .col(uuid("instrument_id"))
        .col(big_integer("revision"))
        .col(json_binary("body"))
        .col(string("body_hash"))
        .col(uuid_null("drafted_by"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(&mut primary_key(&["instrument_id", "revision"]))
        .foreign_key(&mut refers("instrument_revision", "instrument_id", "instrument", "id"));
    schema.create_table(table).await?;
    append_only(schema, "instrument_revision").await
}

async fn texts(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("legal_text")
        .col(string("sha256").primary_key())
        .col(big_integer("size"))
        .col(blob("content"))
        .col(timestamp_with_time_zone("stored_at"));
    schema.create_table(table).await?;
    append_only(schema, "legal_text").await
}

/// The text of a published instrument is attached once, and a correction stays the correction of what it corrects.
async fn published_stays(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let text = Guard {
        name: "instrument_text_stays",
        table: "instrument",
        event: "UPDATE OF text_sha256",
        when: "OLD.status = 'published' AND OLD.text_sha256 IS NOT NULL AND (OLD.text_sha256 IS DISTINCT FROM NEW.text_sha256)",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, text).await?;
    let columns = ["corrects", "correction_reason"];
    let correction = Guard {
        name: "instrument_correction_stays",
        table: "instrument",
        event: "UPDATE OF corrects, correction_reason",
        when: &differs(&columns),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, correction).await
}
