//! Areas and banks.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        area(schema).await?;
        area_successor(schema).await?;
        bank(schema).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn area(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("area")
        .col(string("id").primary_key())
        .col(string("code"))
        .col(string("name"))
        .col(string("level"))
        .col(string("kind"))
        .col(string_null("area_type"))
        .col(string_null("parent_id"))
        .col(date("valid_from"))
        .col(date_null("valid_to"));
    schema.create_table(table).await?;
    index(schema, "area", &["code"]).await?;
    index(schema, "area", &["parent_id"]).await?;
    Ok(())
}

async fn area_successor(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("area_successor")
        .col(string("old_id"))
        .col(string("new_id"))
        .col(string("coverage"))
        .col(boolean("is_default"))
        .primary_key(&mut primary_key(&["old_id", "new_id"]))
        .foreign_key(&mut refers("area_successor", "old_id", "area", "id"))
        .foreign_key(&mut refers("area_successor", "new_id", "area", "id"));
    schema.create_table(table).await?;
    index(schema, "area_successor", &["new_id"]).await?;
    Ok(())
}

async fn bank(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bank")
        .col(string("code").primary_key())
        .col(string("bin"))
        .col(string("name"))
        .col(string("short_name"))
        .col(string_null("bic"))
        .col(boolean("deprecated"));
    schema.create_table(table).await?;
    index(schema, "bank", &["bin"]).await?;
    Ok(())
}
