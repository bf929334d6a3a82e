//! People, households, evidence, programs and payees.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        person(schema).await?;
        household(schema).await?;
        household_member(schema).await?;
        residence(schema).await?;
        evidence(schema).await?;
        program(schema).await?;
        application(schema).await?;
        decision(schema).await?;
        enrollment(schema).await?;
        payee_account(schema).await?;
        payee(schema).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn person(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("person")
        .col(uuid("id").primary_key())
        .col(string_null("citizen_id"))
        .col(string("full_name"))
        .col(string("search_key"))
        .col(date("birth_date"))
        .col(boolean("birth_year_only"))
        .col(string("sex"))
        .col(date_null("death_date"))
        .col(string("area_id"))
        .col(boolean("protected"))
        .col(big_integer("evidence_rev"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"));
    schema.create_table(table).await?;
    unique(schema, "person", &["citizen_id"]).await?;
    index(schema, "person", &["area_id", "id"]).await?;
    index(schema, "person", &["birth_date"]).await?;
    search_index(schema).await?;
    Ok(())
}

async fn household(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("household")
        .col(uuid("id").primary_key())
        .col(string("area_id"))
        .col(string("address"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"));
    schema.create_table(table).await?;
    index(schema, "household", &["area_id", "id"]).await?;
    Ok(())
}

async fn household_member(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("household_member")
        .col(uuid("id").primary_key())
        .col(uuid("household_id"))
        .col(uuid("person_id"))
        .col(string("relation"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .foreign_key(&mut refers("household_member", "household_id", "household", "id"))
        .foreign_key(&mut refers("household_member", "person_id", "person", "id"));
    schema.create_table(table).await?;
    index(schema, "household_member", &["household_id"]).await?;
    index(schema, "household_member", &["person_id"]).await?;
    Ok(())
}

async fn residence(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("residence")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("area_code"))
        .col(string("setting"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone_null("superseded_at"))
        .foreign_key(&mut refers("residence", "person_id", "person", "id"));
    schema.create_table(table).await?;
    index(schema, "residence", &["person_id"]).await?;
    Ok(())
}

async fn evidence(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("evidence")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("kind"))
        .col(json_binary("value"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .col(string("change"))
        .col(string_null("document"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone_null("superseded_at"))
        .foreign_key(&mut refers("evidence", "person_id", "person", "id"));
    schema.create_table(table).await?;
    index(schema, "evidence", &["person_id"]).await?;
    index(schema, "evidence", &["kind", "person_id"]).await?;
    Ok(())
}

async fn program(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("program")
        .col(uuid("id").primary_key())
        .col(string("code"))
        .col(string("name_vi"))
        .col(string("name_en"))
        .col(string("kind"))
        .col(string_null("benefit"))
        .col(string("legal_basis"))
        .col(string("responsible_unit"))
        .col(string("fund_code"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .col(string("status"))
        .col(big_integer("version"));
    schema.create_table(table).await?;
    unique(schema, "program", &["code"]).await?;
    Ok(())
}

async fn application(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("application")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("benefit"))
        .col(date("filed_on"))
        .col(string("status"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers("application", "person_id", "person", "id"));
    schema.create_table(table).await?;
    index(schema, "application", &["person_id"]).await?;
    Ok(())
}

async fn decision(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("decision")
        .col(uuid("id").primary_key())
        .col(uuid_null("application_id"))
        .col(uuid("person_id"))
        .col(string("benefit"))
        .col(string("number"))
        .col(date("signed_on"))
        .col(string("outcome"))
        .col(string_null("note"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone_null("superseded_at"))
        .foreign_key(&mut refers("decision", "application_id", "application", "id"))
        .foreign_key(&mut refers("decision", "person_id", "person", "id"));
    schema.create_table(table).await?;
    index(schema, "decision", &["application_id"]).await?;
    index(schema, "decision", &["person_id"]).await?;
    Ok(())
}

async fn enrollment(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("enrollment")
        .col(uuid("id").primary_key())
        .col(uuid("program_id"))
        .col(uuid("person_id"))
        .col(uuid("decision_id"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .col(string("status"))
        .foreign_key(&mut refers("enrollment", "program_id", "program", "id"))
        .foreign_key(&mut refers("enrollment", "person_id", "person", "id"));
    schema.create_table(table).await?;
    unique(schema, "enrollment", &["program_id", "person_id", "decision_id"]).await?;
    index(schema, "enrollment", &["person_id"]).await?;
    Ok(())
}

async fn payee_account(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payee_account")
        .col(uuid("id").primary_key())
        .col(string("channel"))
        .col(string_null("bank_code"))
        .col(string("account_number"))
        .col(string("account_key"))
        .col(string("holder_name"))
        .col(string_null("holder_citizen_id"))
        .col(string_null("post_office"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"));
    schema.create_table(table).await?;
    unique(schema, "payee_account", &["account_key"]).await?;
    Ok(())
}

async fn payee(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("payee")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string_null("benefit"))
        .col(uuid("payee_account_id"))
        .col(string("relation"))
        .col(date("from_date"))
        .col(date_null("to_date"))
        .col(string("status"))
        .col(timestamp_with_time_zone("recorded_at"))
        .col(timestamp_with_time_zone_null("superseded_at"))
        .foreign_key(&mut refers("payee", "person_id", "person", "id"))
        .foreign_key(&mut refers("payee", "payee_account_id", "payee_account", "id"));
    schema.create_table(table).await?;
    index(schema, "payee", &["person_id"]).await?;
    index(schema, "payee", &["payee_account_id"]).await?;
    Ok(())
}
/// Names are searched by their beginning, which PostgreSQL's index serves in any collation only if told so.
async fn search_index(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let by_prefix = match db.get_database_backend() {
        DbBackend::Postgres => " varchar_pattern_ops",
        _ => "",
    };
    let sql = format!("CREATE INDEX ix_person_search_key ON person (search_key{by_prefix})");
    db.execute_unprepared(&sql).await.map(drop)
}
