//! Where a delivery went, and the signature that went with it: settings change, and neither of the two may change with
//! them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Deliveries of before do not know their target: they are asked about by the channel alone.
        add_column(schema, "delivery", string_null("target")).await?;
        add_column(schema, "delivery", string_null("signature_name")).await?;
        add_column(schema, "delivery", blob_null("signature")).await?;
        keeps(
            schema,
            "delivery_keeps_target",
            "target",
            "OLD.began_at IS NOT NULL AND OLD.target IS NOT NULL AND NEW.target IS DISTINCT FROM OLD.target",
        )
        .await?;
        keeps(
            schema,
            "delivery_keeps_signature",
            "signature_name, signature",
            "OLD.signature_name IS NOT NULL AND (NEW.signature_name IS DISTINCT FROM OLD.signature_name \
             OR NEW.signature IS DISTINCT FROM OLD.signature)",
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn keeps(schema: &SchemaManager<'_>, name: &str, columns: &str, when: &str) -> Result<(), DbErr> {
    let guard = Guard {
        name,
        table: "delivery",
        event: &format!("UPDATE OF {columns}"),
        when,
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
