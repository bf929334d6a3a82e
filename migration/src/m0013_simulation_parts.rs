//! Simulations in chunks, and of a sample.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table("simulation_part")
            .col(uuid("simulation_id"))
            .col(integer("position"))
            .col(json_binary("counted"))
            .primary_key(&mut primary_key(&["simulation_id", "position"]));
        schema.create_table(table).await?;
        add_column(schema, "simulation", big_integer_null("sample")).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
