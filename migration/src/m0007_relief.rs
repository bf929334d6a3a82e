//! Emergency relief.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        relief_event(schema).await?;
        relief_request(schema).await?;
        relief_claim(schema).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn relief_event(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("relief_event")
        .col(uuid("id").primary_key())
        .col(string("code"))
        .col(string("name"))
        .col(string("kind"))
        .col(date("happened_on"))
        .col(string("status"))
        .col(json_binary("area_ids"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"));
    schema.create_table(table).await?;
    unique(schema, "relief_event", &["code"]).await?;
    Ok(())
}

async fn relief_request(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("relief_request")
        .col(uuid("id").primary_key())
        .col(uuid("relief_event_id"))
        .col(string("area_id"))
        .col(string("reference"))
        .col(uuid_null("submitted_by"))
        .col(string("status"))
        .col(big_integer("revision"))
        .col(big_integer("total"))
        .col(string_null("digest"))
        .col(timestamp_with_time_zone_null("sla_due_at"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(timestamp_with_time_zone_null("verified_at"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(uuid_null("pay_run_id"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("relief_request", "relief_event_id", "relief_event", "id"));
    schema.create_table(table).await?;
    unique(schema, "relief_request", &["relief_event_id", "area_id", "reference"]).await?;
    index(schema, "relief_request", &["area_id", "id"]).await?;
    index(schema, "relief_request", &["status", "sla_due_at"]).await?;
    Ok(())
}

async fn relief_claim(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("relief_claim")
        .col(uuid("id").primary_key())
        .col(uuid("relief_request_id"))
        .col(uuid_null("person_id"))
        .col(uuid_null("household_id"))
        .col(string("victim_name"))
        .col(string_null("citizen_id"))
        .col(string("kind"))
        .col(json_binary("circumstances"))
        .col(big_integer("amount"))
        .col(big_integer("rice_grams"))
        .col(big_integer("top_up"))
        .col(string("provision"))
        .col(uuid_null("payee_account_id"))
        .col(uuid_null("duplicate_of"))
        .col(string("status"))
        .col(string_null("note"))
        .foreign_key(&mut refers("relief_claim", "relief_request_id", "relief_request", "id"))
        .foreign_key(&mut refers("relief_claim", "person_id", "person", "id"))
        .foreign_key(&mut refers("relief_claim", "household_id", "household", "id"));
    schema.create_table(table).await?;
    index(schema, "relief_claim", &["relief_request_id", "id"]).await?;
    index(schema, "relief_claim", &["person_id"]).await?;
    index(schema, "relief_claim", &["household_id"]).await?;
    index(schema, "relief_claim", &["citizen_id"]).await?;
    Ok(())
}
