//! The letter that answers the recall of an order that is paid: two people enter it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "recall_answer";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        recall_answer(schema).await?;
        decided_once(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn recall_answer(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("id").primary_key())
        .col(uuid("recall_id"))
        .col(string("answer"))
        .col(string("letter"))
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
        .foreign_key(&mut refers(TABLE, "recall_id", "recall", "id"))
        .check((
            "recall_answer_said",
            Expr::cust("answer IN ('accepted', 'refused') AND letter <> ''"),
        ))
        // Whoever decides is somebody else, and nothing is decided by nobody.
        .check((
            "recall_answer_two_people",
            Expr::cust(
                "(status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, TABLE, &["recall_id"]).await?;
    // A recall is answered once.
    unique_where(
        schema,
        "ux_recall_answer_open",
        TABLE,
        &["recall_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    no_delete(schema, TABLE).await?;
    let kept = [
        "id",
        "recall_id",
        "answer",
        "letter",
        "note",
        "proposed_by",
        "proposed_at",
    ];
    immutable(schema, TABLE, &kept).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "recall_answer_decided_once",
        table: TABLE,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
