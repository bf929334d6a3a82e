//! Who may act, what was done, and who approved it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        installation(schema).await?;
        user_account(schema).await?;
        client(schema).await?;
        access_grant(schema).await?;
        audit_event(schema).await?;
        audit_head(schema).await?;
        idempotency_key(schema).await?;
        approval_act(schema).await?;
        append_only(schema, "audit_event").await?;
        append_only(schema, "approval_act").await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn installation(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("installation")
        .col(integer("id").primary_key())
        .col(blob("secret"))
        .col(timestamp_with_time_zone("created_at"))
        .col(integer_null("first_month"))
        .col(boolean("sandbox"))
        .col(timestamp_with_time_zone_null("sandbox_now"))
        .col(string_null("seed_key"))
        .col(integer("demo_step"))
        .check(("installation_is_one", Expr::col("id").eq(1)));
    schema.create_table(table).await?;
    Ok(())
}

async fn user_account(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("user_account")
        .col(uuid("id").primary_key())
        .col(string("name"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("disabled_at"));
    schema.create_table(table).await?;
    Ok(())
}

async fn client(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("client")
        .col(uuid("id").primary_key())
        .col(string("name"))
        .col(string("kind"))
        .col(uuid_null("user_id"))
        .col(string("key_prefix"))
        .col(string("key_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .foreign_key(&mut refers("client", "user_id", "user_account", "id"))
        .check((
            "client_of_a_person",
            Expr::col("kind").ne("person").or(Expr::col("user_id").is_not_null()),
        ));
    schema.create_table(table).await?;
    unique(schema, "client", &["key_hash"]).await?;
    index(schema, "client", &["user_id"]).await?;
    Ok(())
}

async fn access_grant(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("access_grant")
        .col(uuid("id").primary_key())
        .col(uuid("client_id"))
        .col(string("role"))
        .col(string_null("area_id"))
        .col(timestamp_with_time_zone("granted_at"))
        .col(timestamp_with_time_zone_null("ended_at"))
        .foreign_key(&mut refers("access_grant", "client_id", "client", "id"));
    schema.create_table(table).await?;
    unique(schema, "access_grant", &["client_id", "role", "area_id"]).await?;
    unique_where(
        schema,
        "ux_access_grant_province",
        "access_grant",
        &["client_id", "role"],
        Expr::col("area_id").is_null(),
    )
    .await?;
    index(schema, "access_grant", &["area_id"]).await?;
    Ok(())
}

async fn audit_event(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("audit_event")
        .col(big_integer("seq").primary_key())
        .col(timestamp_with_time_zone("at"))
        .col(string("actor"))
        .col(uuid_null("user_id"))
        .col(string("action"))
        .col(string("subject"))
        .col(json_binary("detail"))
        .col(string("prev_hash"))
        .col(string("hash"));
    schema.create_table(table).await?;
    index(schema, "audit_event", &["subject", "seq"]).await?;
    index(schema, "audit_event", &["user_id"]).await?;
    Ok(())
}

async fn audit_head(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("audit_head")
        .col(integer("id").primary_key())
        .col(big_integer("seq"))
        .col(string("hash"))
        .check(("audit_head_is_one", Expr::col("id").eq(1)));
    schema.create_table(table).await?;
    Ok(())
}

async fn idempotency_key(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("idempotency_key")
        .col(uuid("client_id"))
        .col(string("operation"))
        .col(string("key"))
        .col(string("fingerprint"))
        .col(integer("status"))
        .col(string("body"))
        .col(string("content_type"))
        .col(json_binary("headers"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(&mut primary_key(&["client_id", "operation", "key"]));
    schema.create_table(table).await?;
    index(schema, "idempotency_key", &["created_at"]).await?;
    Ok(())
}

async fn approval_act(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("approval_act")
        .col(uuid("id").primary_key())
        .col(string("subject"))
        .col(big_integer("revision"))
        .col(string("act"))
        .col(uuid("user_id"))
        .col(string("digest"))
        .col(timestamp_with_time_zone("at"))
        .foreign_key(&mut refers("approval_act", "user_id", "user_account", "id"));
    schema.create_table(table).await?;
    unique(schema, "approval_act", &["subject", "revision", "act"]).await?;
    unique(schema, "approval_act", &["subject", "revision", "user_id"]).await?;
    index(schema, "approval_act", &["user_id"]).await?;
    Ok(())
}
