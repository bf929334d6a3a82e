//! Orders that their bank says nothing of: two people decide, with its letter, what became of them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "bank_silence";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        bank_silence(schema).await?;
        decided_once(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn bank_silence(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("id").primary_key())
        .col(uuid("order_id"))
        .col(string("outcome"))
        .col(string("letter"))
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
        .foreign_key(&mut refers(TABLE, "order_id", "payment_order", "id"))
        .check((
            "bank_silence_outcome",
            Expr::cust("outcome IN ('not_executed', 'paid') AND letter <> ''"),
        ))
        // Whoever decides is somebody else, and nothing is decided by nobody.
        .check((
            "bank_silence_two_people",
            Expr::cust(
                "(status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, TABLE, &["order_id"]).await?;
    // What was accepted of an order is accepted once.
    unique_where(
        schema,
        "ux_bank_silence_open",
        TABLE,
        &["order_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    no_delete(schema, TABLE).await?;
    let kept = [
        "id",
        "order_id",
        "outcome",
        "letter",
        "note",
        "proposed_by",
        "proposed_at",
    ];
    immutable(schema, TABLE, &kept).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "bank_silence_decided_once",
        table: TABLE,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
