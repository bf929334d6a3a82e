//! People as a run's lists show them, kept with the run.

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
            .table("pay_run_person")
            .col(uuid("pay_run_id"))
            .col(uuid("person_id"))
            .col(string("full_name"))
            .col(string("citizen_id"))
            .col(integer("birth_year"))
            .col(string("area_id"))
            .col(boolean("protected"))
            .col(big_integer("amount_before"))
            .primary_key(&mut primary_key(&["pay_run_id", "person_id"]));
        schema.create_table(table).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
