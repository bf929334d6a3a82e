//! Instruments, releases and simulations.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        instrument(schema).await?;
        release(schema).await?;
        simulation(schema).await?;
        append_only(schema, "release").await?;
        published_by_two(schema).await?;
        published_stays(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn instrument(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("instrument")
        .col(uuid("id").primary_key())
        .col(string("number"))
        .col(string("title"))
        .col(string("issuer"))
        .col(date("issued_on"))
        .col(date("in_force_from"))
        .col(string("status"))
        .col(json_binary("body"))
        .col(string("body_hash"))
        .col(big_integer("revision"))
        .col(big_integer("version"))
        .col(integer_null("catalogue_order"))
        .col(integer_null("release_number"))
        .col(uuid_null("drafted_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"));
    schema.create_table(table).await?;
    unique(schema, "instrument", &["number"]).await?;
    index(schema, "instrument", &["status"]).await?;
    Ok(())
}

async fn release(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("release")
        .col(integer("number").primary_key())
        .col(uuid("instrument_id"))
        .col(timestamp_with_time_zone("published_at"))
        .col(uuid_null("published_by"))
        .col(integer("reach_back_month"))
        .col(string("digest"))
        .foreign_key(&mut refers("release", "instrument_id", "instrument", "id"));
    schema.create_table(table).await?;
    unique(schema, "release", &["instrument_id"]).await?;
    Ok(())
}

async fn simulation(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("simulation")
        .col(uuid("id").primary_key())
        .col(uuid("instrument_id"))
        .col(big_integer("revision"))
        .col(uuid_null("job_run_id"))
        .col(string("status"))
        .col(json_binary_null("result"))
        .col(string_null("digest"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .foreign_key(&mut refers("simulation", "instrument_id", "instrument", "id"));
    schema.create_table(table).await?;
    index(schema, "simulation", &["instrument_id", "revision"]).await?;
    Ok(())
}

/// An instrument drafted here is published by one person only after another has submitted it. The built-in
/// catalogue holds law in force, which nobody here decides.
async fn published_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let proof = two_people(schema, "instrument", "'approve'", "body_hash");
    let when = "NEW.status = 'published' AND NEW.catalogue_order IS NULL";
    let columns = ["status", "revision", "body_hash", "catalogue_order"];
    proven(schema, "instrument", ("instrument_published", when, &columns), &proof).await
}

/// What was published is never edited, and nothing drafted here becomes part of the catalogue.
async fn published_stays(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        "number",
        "issuer",
        "issued_on",
        "in_force_from",
        "body",
        "body_hash",
        "revision",
    ];
    let published = Guard {
        name: "instrument_published_stays",
        table: "instrument",
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status = 'published' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, published).await?;
    let catalogue = Guard {
        name: "instrument_joins_no_catalogue",
        table: "instrument",
        event: "UPDATE OF catalogue_order",
        when: "OLD.catalogue_order IS NULL AND NEW.catalogue_order IS NOT NULL",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, catalogue).await
}
