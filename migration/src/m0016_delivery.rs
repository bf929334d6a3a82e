//! The deliveries of payment files, and the sessions of the treasury desk.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        delivery(schema).await?;
        let columns = [
            "id",
            "file_id",
            "attempt",
            "channel",
            "sha256",
            "target_name",
            "created_at",
        ];
        immutable(schema, "delivery", &columns).await?;
        no_delete(schema, "delivery").await?;
        of_the_built_bytes(schema).await?;
        no_way_back(schema).await?;
        treasury_session(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn delivery(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("delivery")
        .col(uuid("id").primary_key())
        .col(uuid("file_id"))
        .col(integer("attempt"))
        .col(string("channel"))
        .col(string("status"))
        .col(string("sha256"))
        .col(string("target_name"))
        .col(timestamp_with_time_zone_null("began_at"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .col(string_null("error"))
        .col(string_null("detail"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("delivery", "file_id", "payment_file", "id"));
    schema.create_table(table).await?;
    unique(schema, "delivery", &["file_id", "attempt"]).await?;
    // One delivery of a file at a time: another one only where every earlier one failed.
    unique_where(
        schema,
        "ux_delivery_live",
        "delivery",
        &["file_id"],
        Expr::col("status").ne("failed"),
    )
    .await?;
    index(schema, "delivery", &["created_at", "id"]).await
}

/// Only the bytes a file was built with leave the house.
async fn of_the_built_bytes(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "delivery_of_built_bytes",
        table: "delivery",
        event: "INSERT",
        when: "TRUE",
        unless: Some(
            "EXISTS (SELECT 1 FROM payment_file WHERE payment_file.id = NEW.file_id AND payment_file.sha256 = NEW.sha256)",
        ),
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// What failed or was acknowledged stays so, and what was sent is neither waiting nor unknown again.
async fn no_way_back(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "delivery_no_way_back",
        table: "delivery",
        event: "UPDATE OF status",
        when: "(OLD.status IN ('failed', 'acknowledged') AND NEW.status <> OLD.status) \
               OR (NEW.status = 'queued' AND OLD.status <> 'queued') OR (NEW.status = 'unknown' AND OLD.status = 'sent')",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn treasury_session(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("treasury_session")
        .col(string("token_hash").primary_key())
        .col(uuid("client_id"))
        .col(string("key_hash"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(&mut refers("treasury_session", "client_id", "client", "id"));
    schema.create_table(table).await?;
    index(schema, "treasury_session", &["expires_at"]).await
}
