//! The beneficiary an order is for, where the payee's bank wants beneficiaries of one account apart. Which lines make one
//! order is decided once, when they are written.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Orders of before are for everybody of their account: they name nobody.
        add_column(schema, "payment_order", string_null("beneficiary_code")).await?;
        let columns = ["beneficiary_code"];
        let guard = Guard {
            name: "payment_order_keeps_beneficiary",
            table: "payment_order",
            event: "UPDATE OF beneficiary_code",
            when: &differs(&columns),
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await?;
        lines_keep_their_order(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What was signed as one order is not split later, nor what was signed as several merged.
async fn lines_keep_their_order(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "payment_line_keeps_order",
        table: "payment_line",
        event: "UPDATE OF order_id",
        when: "OLD.order_id IS NOT NULL AND OLD.order_id IS DISTINCT FROM NEW.order_id",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
