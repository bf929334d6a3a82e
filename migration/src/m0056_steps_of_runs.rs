//! Steps that every order of a run takes at once, told once for all of them; and the history of an order, which is those
//! and its own.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "pay_run_step";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        pay_run_step(schema).await?;
        guards(schema).await?;
        let history = "CREATE VIEW payment_order_history AS \
             SELECT order_id, sequence, from_status, to_status, reason, source, at FROM payment_order_event \
             UNION ALL \
             SELECT o.id, s.sequence, s.from_status, s.to_status, NULL, s.source, s.at \
             FROM payment_order AS o JOIN pay_run_step AS s ON s.pay_run_id = o.pay_run_id";
        schema.get_connection().execute_unprepared(history).await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn pay_run_step(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("pay_run_id"))
        .col(integer("sequence"))
        .col(string_null("from_status"))
        .col(string("to_status"))
        .col(string("source"))
        .col(timestamp_with_time_zone("at"))
        .primary_key(&mut primary_key(&["pay_run_id", "sequence"]))
        .foreign_key(&mut refers(TABLE, "pay_run_id", "pay_run", "id"));
    schema.create_table(table).await
}

/// A step is never changed. That of an approval becomes the orders' own where the run is sent back and loses its orders;
/// once they have left the house it stays.
async fn guards(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let update = Guard {
        name: "pay_run_step_keeps_rows",
        table: TABLE,
        event: "UPDATE",
        when: "TRUE",
        unless: None,
        refusal: Refusal::AppendOnly,
    };
    refuse(schema, update).await?;
    let delete = Guard {
        name: "pay_run_step_no_delete",
        table: TABLE,
        event: "DELETE",
        when: "OLD.to_status <> 'approved'",
        unless: None,
        refusal: Refusal::AppendOnly,
    };
    refuse(schema, delete).await
}
