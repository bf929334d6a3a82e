//! Entitlements, determinations, arrears and overpayments.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        entitlement(schema).await?;
        determination(schema).await?;
        determination_period(schema).await?;
        reassessment_outcome(schema).await?;
        arrears(schema).await?;
        overpayment(schema).await?;
        append_only(schema, "determination_period").await?;
        no_delete(schema, "determination").await?;
        superseded_once(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn entitlement(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("entitlement")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("benefit"))
        .foreign_key(&mut refers("entitlement", "person_id", "person", "id"));
    schema.create_table(table).await?;
    unique(schema, "entitlement", &["person_id", "benefit"]).await?;
    index(schema, "entitlement", &["benefit", "person_id"]).await?;
    Ok(())
}

async fn determination(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("determination")
        .col(uuid("id").primary_key())
        .col(uuid("entitlement_id"))
        .col(integer("sequence"))
        .col(integer("first_release"))
        .col(big_integer("evidence_rev"))
        .col(boolean("opening"))
        .col(string("content_hash"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone_null("superseded_at"));
    schema.create_table(table).await?;
    unique(schema, "determination", &["entitlement_id", "sequence"]).await?;
    index_where(
        schema,
        "ix_determination_current",
        "determination",
        &["entitlement_id"],
        Expr::col("superseded_at").is_null(),
    )
    .await?;
    Ok(())
}

async fn determination_period(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("determination_period")
        .col(uuid("determination_id"))
        .col(integer("position"))
        .col(string("component"))
        .col(string("kind"))
        .col(integer("from_month"))
        .col(integer_null("to_month"))
        .col(integer_null("due_month"))
        .col(string("group_code"))
        .col(big_integer("amount"))
        .col(string("provision"))
        .col(string_null("reason"))
        .primary_key(&mut primary_key(&["determination_id", "position"]));
    schema.create_table(table).await?;
    Ok(())
}

async fn reassessment_outcome(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("reassessment_outcome")
        .col(uuid("job_run_id"))
        .col(uuid("person_id"))
        .col(string("outcome"))
        .col(string_null("reason"))
        .primary_key(&mut primary_key(&["job_run_id", "person_id"]));
    schema.create_table(table).await?;
    Ok(())
}

async fn arrears(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("arrears")
        .col(uuid("id").primary_key())
        .col(uuid("entitlement_id"))
        .col(uuid("person_id"))
        .col(string("component"))
        .col(integer("cover_month"))
        .col(uuid("determination_id"))
        .col(big_integer("amount"))
        .col(string("group_code"))
        .col(string("provision"))
        .col(string("kind"))
        .col(string("status"))
        .col(timestamp_with_time_zone("created_at"))
        .check(("arrears_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    unique_where(
        schema,
        "ux_arrears",
        "arrears",
        &["entitlement_id", "component", "cover_month", "determination_id"],
        Expr::cust("status <> 'cancelled'"),
    )
    .await?;
    index(schema, "arrears", &["status", "person_id"]).await?;
    index(schema, "arrears", &["person_id"]).await?;
    Ok(())
}

async fn overpayment(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment")
        .col(uuid("id").primary_key())
        .col(uuid("entitlement_id"))
        .col(uuid("person_id"))
        .col(string("component"))
        .col(integer("cover_month"))
        .col(uuid("determination_id"))
        .col(big_integer("amount"))
        .col(string("cause"))
        .col(string("status"))
        .col(timestamp_with_time_zone("created_at"))
        .check(("overpayment_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    unique_where(
        schema,
        "ux_overpayment",
        "overpayment",
        &["entitlement_id", "component", "cover_month", "determination_id"],
        Expr::cust("status <> 'superseded'"),
    )
    .await?;
    index(schema, "overpayment", &["person_id"]).await?;
    Ok(())
}

/// A determination changes once: when it is superseded.
async fn superseded_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        "id",
        "entitlement_id",
        "sequence",
        "first_release",
        "evidence_rev",
        "opening",
        "content_hash",
        "recorded_at",
    ];
    let again = differs(&["superseded_at"]);
    let guard = Guard {
        name: "determination_superseded_once",
        table: "determination",
        event: "UPDATE",
        when: &format!("{} OR (OLD.superseded_at IS NOT NULL AND {again})", differs(&columns)),
        unless: None,
        refusal: Refusal::AppendOnly,
    };
    refuse(schema, guard).await
}
