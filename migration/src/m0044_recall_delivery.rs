//! The deliveries of requests to recall orders: what leaves the house for a bank leaves it in one way.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "recall_delivery";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        recall_delivery(schema).await?;
        let columns = [
            "id",
            "recall_id",
            "attempt",
            "channel",
            "sha256",
            "target_name",
            "created_at",
        ];
        immutable(schema, TABLE, &columns).await?;
        no_delete(schema, TABLE).await?;
        guards(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn recall_delivery(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("id").primary_key())
        .col(uuid("recall_id"))
        .col(integer("attempt"))
        .col(string("channel"))
        .col(string("status"))
        .col(string("sha256"))
        .col(string("target_name"))
        .col(string("target"))
        .col(timestamp_with_time_zone_null("began_at"))
        .col(timestamp_with_time_zone_null("sent_at"))
        .col(timestamp_with_time_zone_null("acknowledged_at"))
        .col(string_null("error"))
        .col(string_null("detail"))
        .col(string_null("signature_name"))
        .col(blob_null("signature"))
        .col(big_integer("version"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut refers(TABLE, "recall_id", "recall", "id"));
    schema.create_table(table).await?;
    unique(schema, TABLE, &["recall_id", "attempt"]).await?;
    // One at a time: another one only where every earlier one failed.
    unique_where(
        schema,
        "ux_recall_delivery_live",
        TABLE,
        &["recall_id"],
        Expr::col("status").ne("failed"),
    )
    .await?;
    index(schema, TABLE, &["status"]).await
}

async fn guards(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = |name: &'static str, event: &'static str, when: &'static str, unless, refusal| Guard {
        name,
        table: TABLE,
        event,
        when,
        unless,
        refusal,
    };
    // Nothing is asked of a bank that two people have not agreed on.
    let accepted = "EXISTS (SELECT 1 FROM recall WHERE recall.id = NEW.recall_id AND recall.status = 'accepted' \
                    AND recall.message_id IS NOT NULL)";
    let of_two = guard(
        "recall_delivery_two_people",
        "INSERT",
        "TRUE",
        Some(accepted),
        Refusal::NotApproved,
    );
    refuse(schema, of_two).await?;
    // What failed or was acknowledged stays so, and what was sent is neither waiting nor unknown again.
    let no_way_back = guard(
        "recall_delivery_no_way_back",
        "UPDATE OF status",
        "(OLD.status IN ('failed', 'acknowledged') AND NEW.status <> OLD.status) \
         OR (NEW.status = 'queued' AND OLD.status <> 'queued') OR (NEW.status = 'unknown' AND OLD.status = 'sent')",
        None,
        Refusal::Immutable,
    );
    refuse(schema, no_way_back).await?;
    let target = guard(
        "recall_delivery_keeps_target",
        "UPDATE OF target",
        "OLD.began_at IS NOT NULL AND NEW.target IS DISTINCT FROM OLD.target",
        None,
        Refusal::Immutable,
    );
    refuse(schema, target).await?;
    let signature = guard(
        "recall_delivery_keeps_signature",
        "UPDATE OF signature_name, signature",
        "OLD.signature_name IS NOT NULL AND (NEW.signature_name IS DISTINCT FROM OLD.signature_name \
         OR NEW.signature IS DISTINCT FROM OLD.signature)",
        None,
        Refusal::Immutable,
    );
    refuse(schema, signature).await
}
