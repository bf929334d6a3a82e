//! The signature over a file's manifest is kept from the first time it is made, and so is who of the treasury fetched a file.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const SIGNATURE: &str = "payment_file_signature";
const FETCH: &str = "payment_file_fetch";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        signatures(schema).await?;
        fetches(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// One for each file, over both forms of its manifest, with the key that made it.
async fn signatures(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(SIGNATURE)
        .col(uuid("file_id").primary_key())
        .col(string("algorithm"))
        .col(string("key_id"))
        .col(string("public_key"))
        .col(string_null("certificate"))
        .col(timestamp_with_time_zone_null("valid_until"))
        .col(string("manifest_sha256"))
        .col(blob("signature"))
        .col(string("ending"))
        .col(blob("file_signature"))
        .col(timestamp_with_time_zone("signed_at"))
        .foreign_key(&mut refers(SIGNATURE, "file_id", "payment_file", "id"));
    schema.create_table(table).await?;
    append_only(schema, SIGNATURE).await
}

/// The first time that each credential of the treasury took the bytes of a file.
async fn fetches(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(FETCH)
        .col(uuid("file_id"))
        .col(uuid("client_id"))
        .col(uuid_null("user_id"))
        .col(timestamp_with_time_zone("fetched_at"))
        .primary_key(&mut primary_key(&["file_id", "client_id"]))
        .foreign_key(&mut refers(FETCH, "file_id", "payment_file", "id"))
        .foreign_key(&mut refers(FETCH, "client_id", "client", "id"));
    schema.create_table(table).await?;
    append_only(schema, FETCH).await
}
