//! Jobs and their progress.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        job(schema).await?;
        job_run(schema).await?;
        job_chunk(schema).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn job(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("job")
        .col(uuid("id").primary_key())
        .col(string("queue"))
        .col(string("kind"))
        .col(json_binary("payload"))
        .col(string("natural_key"))
        .col(string("status"))
        .col(integer("attempts"))
        .col(integer("max_attempts"))
        .col(timestamp_with_time_zone("run_at"))
        .col(timestamp_with_time_zone_null("lease_until"))
        .col(string_null("locked_by"))
        .col(timestamp_with_time_zone_null("published_until"))
        .col(string_null("last_error"))
        .col(uuid_null("job_run_id"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("done_at"));
    schema.create_table(table).await?;
    unique(schema, "job", &["natural_key"]).await?;
    index(schema, "job", &["status", "run_at"]).await?;
    index(schema, "job", &["status", "lease_until"]).await?;
    index(schema, "job", &["job_run_id"]).await?;
    Ok(())
}

async fn job_run(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("job_run")
        .col(uuid("id").primary_key())
        .col(string("kind"))
        .col(string("natural_key"))
        .col(string("subject"))
        .col(string("status"))
        .col(big_integer("total"))
        .col(big_integer("done"))
        .col(big_integer("changed"))
        .col(big_integer("unchanged"))
        .col(big_integer("held"))
        .col(big_integer("failed"))
        .col(json_binary("parameters"))
        .col(json_binary_null("result"))
        .col(string("requested_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("started_at"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .col(big_integer("version"));
    schema.create_table(table).await?;
    unique(schema, "job_run", &["natural_key"]).await?;
    index(schema, "job_run", &["status", "id"]).await?;
    index(schema, "job_run", &["subject"]).await?;
    Ok(())
}

async fn job_chunk(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("job_chunk")
        .col(uuid("job_run_id"))
        .col(integer("position"))
        .col(string("status"))
        .col(json_binary("payload"))
        .col(big_integer("done"))
        .col(big_integer("changed"))
        .col(big_integer("unchanged"))
        .col(big_integer("held"))
        .col(big_integer("failed"))
        .col(timestamp_with_time_zone_null("finished_at"))
        .primary_key(&mut primary_key(&["job_run_id", "position"]));
    schema.create_table(table).await?;
    Ok(())
}
