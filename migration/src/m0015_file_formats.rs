//! What banks take as data of the installation, what each file was planned with, and how answers were read.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        profiles(schema).await?;
        // Files planned before are written with the profiles in the program.
        add_column(schema, "payment_file", string_null("terms")).await?;
        terms_stay(schema).await?;
        for column in [string_null("layout"), string_null("tolerated")] {
            add_column(schema, "bank_report", column).await?;
        }
        let mut strict = boolean("strict");
        strict.default(false);
        add_column(schema, "bank_report", strict).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Every version of a profile stays: files say with which one they were planned.
async fn profiles(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bank_profile")
        .col(string("bank"))
        .col(big_integer("version"))
        .col(string("profile"))
        .col(uuid_null("changed_by"))
        .col(timestamp_with_time_zone("changed_at"))
        .primary_key(&mut primary_key(&["bank", "version"]));
    schema.create_table(table).await?;
    append_only(schema, "bank_profile").await
}

/// What a file was planned with is what it is written with for ever.
async fn terms_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "payment_file_keeps_terms",
        table: "payment_file",
        event: "UPDATE OF terms",
        when: &differs(&["terms"]),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
