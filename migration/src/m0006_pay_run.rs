//! Funds, the ledger, pay runs, orders, files and bank reports.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        fund(schema).await?;
        fund_balance(schema).await?;
        posting(schema).await?;
        pay_run(schema).await?;
        payment_line(schema).await?;
        held_payment(schema).await?;
        payment_order(schema).await?;
        payment_order_event(schema).await?;
        payment_file(schema).await?;
        bank_report(schema).await?;
        bank_report_line(schema).await?;
        append_only(schema, "posting").await?;
        append_only(schema, "payment_order_event").await?;
        approved_by_two(schema).await?;
        lines_stay(schema).await?;
        orders_stay(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn fund(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("fund")
        .col(uuid("id").primary_key())
        .col(string("code"))
        .col(integer("fiscal_year"))
        .col(string("source"))
        .col(string("name"))
        .col(big_integer("version"));
    schema.create_table(table).await?;
    unique(schema, "fund", &["code", "fiscal_year"]).await?;
    Ok(())
}

async fn fund_balance(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("fund_balance")
        .col(uuid("fund_id"))
        .col(string("account"))
        .col(big_integer("amount"))
        .primary_key(&mut primary_key(&["fund_id", "account"]))
        .foreign_key(&mut refers("fund_balance", "fund_id", "fund", "id"))
        .check((
            "fund_balance_not_overspent",
            Expr::col("amount").gte(0).or(Expr::col("account").eq("source")),
        ));
    schema.create_table(table).await?;
    Ok(())
}

async fn posting(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("posting")
        .col(uuid("id").primary_key())
        .col(string("batch"))
        .col(integer("position"))
        .col(uuid("fund_id"))
        .col(string("account"))
        .col(big_integer("amount"))
        .col(timestamp_with_time_zone("at"))
        .foreign_key(&mut refers("posting", "fund_id", "fund", "id"));
    schema.create_table(table).await?;
    unique(schema, "posting", &["batch", "position"]).await?;
    index(schema, "posting", &["fund_id", "at"]).await?;
    Ok(())
}

async fn pay_run(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("pay_run")
        .col(uuid("id").primary_key())
        .col(string("kind"))
        .col(integer("cover_month"))
        .col(integer("sequence"))
        .col(date("pay_date"))
        .col(integer("release_number"))
        .col(big_integer("evidence_watermark"))
        .col(string("status"))
        .col(string("build"))
        .col(big_integer("revision"))
        .col(big_integer("line_count"))
        .col(big_integer("total"))
        .col(string_null("digest"))
        .col(uuid_null("made_by"))
        .col(timestamp_with_time_zone_null("submitted_at"))
        .col(timestamp_with_time_zone_null("approved_at"))
        .col(timestamp_with_time_zone_null("released_at"))
        .col(uuid_null("relief_event_id"))
        .col(uuid_null("fund_id"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("pay_run", "release_number", "release", "number"))
        .foreign_key(&mut refers("pay_run", "fund_id", "fund", "id"));
    schema.create_table(table).await?;
    unique(schema, "pay_run", &["kind", "cover_month", "sequence"]).await?;
    Ok(())
}

async fn payment_line(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payment_line")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(uuid("entitlement_id"))
        .col(uuid("person_id"))
        .col(string("component"))
        .col(string("kind"))
        .col(integer("cover_month"))
        .col(integer("sequence"))
        .col(string("group_code"))
        .col(big_integer("amount"))
        .col(string("provision"))
        .col(uuid_null("determination_id"))
        .col(uuid("payee_account_id"))
        .col(string("area_id"))
        .col(uuid_null("order_id"))
        .col(string("status"))
        .check(("payment_line_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    unique_where(
        schema,
        "ux_payment_line_regular",
        "payment_line",
        &["entitlement_id", "component", "cover_month"],
        Expr::cust("kind = 'regular' AND status <> 'cancelled'"),
    )
    .await?;
    unique_where(
        schema,
        "ux_payment_line_arrears",
        "payment_line",
        &["entitlement_id", "component", "cover_month", "determination_id"],
        Expr::cust("kind IN ('arrears', 'one_off') AND status <> 'cancelled'"),
    )
    .await?;
    index(schema, "payment_line", &["pay_run_id", "id"]).await?;
    index(schema, "payment_line", &["person_id"]).await?;
    index(schema, "payment_line", &["entitlement_id", "cover_month"]).await?;
    index_where(
        schema,
        "ix_payment_line_order",
        "payment_line",
        &["order_id"],
        Expr::col("order_id").is_not_null(),
    )
    .await?;
    Ok(())
}

async fn held_payment(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("held_payment")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(uuid("person_id"))
        .col(uuid("entitlement_id"))
        .col(string("component"))
        .col(integer("cover_month"))
        .col(big_integer("amount"))
        .col(string("reason"))
        .col(string("area_id"))
        .foreign_key(&mut refers("held_payment", "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await?;
    index(schema, "held_payment", &["pay_run_id", "id"]).await?;
    index(schema, "held_payment", &["person_id"]).await?;
    Ok(())
}

async fn payment_order(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payment_order")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(uuid("payee_account_id"))
        .col(string("reference"))
        .col(uuid("uetr"))
        .col(string("channel"))
        .col(string_null("bank_code"))
        .col(string("account_number"))
        .col(string("name"))
        .col(string("holder_name"))
        .col(big_integer("amount"))
        .col(integer("line_count"))
        .col(string("area_id"))
        .col(uuid_null("file_id"))
        .col(uuid_null("reissue_of"))
        .col(string("status"))
        .col(string_null("reason"))
        .col(string_null("bank_reference"))
        .col(big_integer("version"))
        .check(("payment_order_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    unique(schema, "payment_order", &["reference"]).await?;
    unique(schema, "payment_order", &["uetr"]).await?;
    index(schema, "payment_order", &["pay_run_id", "id"]).await?;
    index(schema, "payment_order", &["payee_account_id"]).await?;
    index(schema, "payment_order", &["file_id"]).await?;
    index_where(
        schema,
        "ix_payment_order_reissue",
        "payment_order",
        &["reissue_of"],
        Expr::col("reissue_of").is_not_null(),
    )
    .await?;
    Ok(())
}

async fn payment_order_event(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payment_order_event")
        .col(uuid("order_id"))
        .col(integer("sequence"))
        .col(string_null("from_status"))
        .col(string("to_status"))
        .col(string_null("reason"))
        .col(string("source"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(&mut primary_key(&["order_id", "sequence"]));
    schema.create_table(table).await?;
    Ok(())
}

async fn payment_file(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payment_file")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(string("name"))
        .col(string("kind"))
        .col(string_null("bank_code"))
        .col(string_null("message_id"))
        .col(big_integer("order_count"))
        .col(big_integer("sum"))
        .col(string("account_hash_total"))
        .col(string_null("sha256"))
        .col(big_integer_null("size"))
        .col(string("status"))
        .col(uuid_null("acknowledged_by"))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .col(integer("position"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("payment_file", "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await?;
    unique(schema, "payment_file", &["message_id"]).await?;
    unique(schema, "payment_file", &["pay_run_id", "name"]).await?;
    Ok(())
}

async fn bank_report(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bank_report")
        .col(uuid("id").primary_key())
        .col(string("sha256"))
        .col(string("file_name"))
        .col(string("format"))
        .col(string_null("message_id"))
        .col(timestamp_with_time_zone("received_at"))
        .col(uuid_null("received_by"))
        .col(string("status"))
        .col(big_integer("line_count"))
        .col(big_integer("matched"))
        .col(big_integer("suspense"))
        .col(blob("content"));
    schema.create_table(table).await?;
    unique(schema, "bank_report", &["sha256"]).await?;
    index(schema, "bank_report", &["message_id"]).await?;
    Ok(())
}

async fn bank_report_line(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bank_report_line")
        .col(uuid("id").primary_key())
        .col(uuid("bank_report_id"))
        .col(integer("position"))
        .col(string_null("reference"))
        .col(uuid_null("uetr"))
        .col(big_integer_null("amount"))
        .col(string("status_code"))
        .col(string_null("reason_code"))
        .col(string_null("account"))
        .col(string("outcome"))
        .col(uuid_null("order_id"))
        .col(string_null("note"))
        .col(uuid_null("resolved_by"))
        .col(timestamp_with_time_zone_null("resolved_at"));
    schema.create_table(table).await?;
    unique(schema, "bank_report_line", &["bank_report_id", "position"]).await?;
    index(schema, "bank_report_line", &["outcome", "id"]).await?;
    index_where(
        schema,
        "ix_bank_report_line_order",
        "bank_report_line",
        &["order_id"],
        Expr::col("order_id").is_not_null(),
    )
    .await?;
    Ok(())
}

/// A run is approved by another person than its maker, and released by a third; all act on one revision, and
/// change one line and the digest of the acts is no longer that of the run.
async fn approved_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = ["status", "revision", "digest"];
    let approved = two_people(schema, "pay_run", "'approve', 'check'", "digest");
    let when = "NEW.status = 'approved'";
    proven(schema, "pay_run", ("pay_run_approved", when, &columns), &approved).await?;
    let released = format!("{approved} AND {}", act(schema, "pay_run", "release", "digest"));
    let when = "NEW.status IN ('released', 'settling', 'closed')";
    proven(schema, "pay_run", ("pay_run_released", when, &columns), &released).await
}

/// A line is replaced while it is a draft, and afterwards only its status and order change.
async fn lines_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        "id",
        "pay_run_id",
        "entitlement_id",
        "person_id",
        "component",
        "kind",
        "cover_month",
        "sequence",
        "amount",
        "determination_id",
        "payee_account_id",
    ];
    immutable(schema, "payment_line", &columns).await?;
    delete_only(schema, "payment_line", "draft").await?;
    let guard = Guard {
        name: "payment_line_released_stays",
        table: "payment_line",
        event: "UPDATE OF status",
        when: "NEW.status = 'draft' AND OLD.status <> 'draft'",
        unless: Some(
            "NOT EXISTS (SELECT 1 FROM pay_run WHERE id = NEW.pay_run_id AND status IN ('released', 'settling', 'closed'))",
        ),
        refusal: Refusal::NotDraft,
    };
    refuse(schema, guard).await
}

/// An order says for ever whom it pays, how much, and under which reference.
async fn orders_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        "id",
        "pay_run_id",
        "payee_account_id",
        "reference",
        "uetr",
        "channel",
        "bank_code",
        "account_number",
        "name",
        "holder_name",
        "amount",
        "reissue_of",
    ];
    immutable(schema, "payment_order", &columns).await?;
    delete_only(schema, "payment_order", "approved").await
}
