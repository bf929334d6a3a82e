//! Two people may find that a whole file, which was given back, is paid after all: what they decide is kept order by order,
//! and opens the way back for the lines of each order that the file's second debit pays.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "suspense_resolution_order";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        orders(schema).await?;
        by_decision(schema).await?;
        found_paid(schema).await?;
        differences_of_files(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn orders(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("resolution_id"))
        .col(uuid("order_id"))
        .col(boolean("paid"))
        .primary_key(&mut primary_key(&["resolution_id", "order_id"]))
        .foreign_key(&mut refers(TABLE, "resolution_id", "suspense_resolution", "id"))
        .foreign_key(&mut refers(TABLE, "order_id", "payment_order", "id"));
    schema.create_table(table).await?;
    index(schema, TABLE, &["order_id"]).await?;
    append_only(schema, TABLE).await
}

/// An order is part of what two people decided of a debit over its own file, and of nothing else.
async fn by_decision(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let decided = "EXISTS (SELECT 1 FROM suspense_resolution AS own
           JOIN batch_entry AS entry ON entry.line_id = own.line_id
           JOIN payment_order AS part ON part.file_id = entry.file_id
         WHERE own.id = NEW.resolution_id AND part.id = NEW.order_id AND entry.kind = 'debit' AND entry.booked
           AND own.order_id IS NULL AND own.kind = 'accepted_as_paid' AND own.status = 'accepted'
           AND own.decided_by <> own.proposed_by)";
    let guard = Guard {
        name: "suspense_resolution_order_by_two",
        table: TABLE,
        event: "INSERT",
        when: "TRUE",
        unless: Some(decided),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// The decision of two people that an order is paid: of the order alone, or of its whole file.
const FOUND_PAID: &str = "(EXISTS (SELECT 1 FROM suspense_resolution AS own
       WHERE own.order_id = NEW.order_id AND own.status = 'accepted' AND own.decided_by <> own.proposed_by)
     OR EXISTS (SELECT 1 FROM suspense_resolution_order AS part JOIN suspense_resolution AS own ON own.id = part.resolution_id
       WHERE part.order_id = NEW.order_id AND part.paid AND own.status = 'accepted' AND own.decided_by <> own.proposed_by))";

/// A database that has m0068 already has its guards of lines after the change: this one too, whichever comes first.
const AFTER: &str = r"DO $$ DECLARE own record; BEGIN
     SELECT t.tgname AS name, t.tgrelid::regclass AS place, pg_get_triggerdef(t.oid) AS made INTO STRICT own
         FROM pg_trigger AS t WHERE t.tgrelid = 'payment_line'::regclass AND t.tgname = 'payment_line_found_paid';
     EXECUTE format('DROP TRIGGER %I ON %s', own.name, own.place);
     EXECUTE regexp_replace(own.made, '^(CREATE TRIGGER \S+) BEFORE UPDATE', '\1 AFTER UPDATE'); END $$";

/// As m0048 has them, but for what is decided of whole files.
async fn found_paid(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    drop_guard(schema, "payment_line_found_paid", "payment_line").await?;
    let lines = Guard {
        name: "payment_line_found_paid",
        table: "payment_line",
        event: "UPDATE OF status",
        when: "NEW.status = 'live' AND OLD.status NOT IN ('draft', 'live')",
        unless: Some(&format!("OLD.status = 'returned' AND {FOUND_PAID}")),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, lines).await?;
    let db = schema.get_connection();
    if db.get_database_backend() == DbBackend::Postgres {
        db.execute_unprepared(AFTER).await?;
    }
    drop_guard(schema, "overpayment_deduction_found_paid", "overpayment_deduction").await?;
    let deductions = Guard {
        name: "overpayment_deduction_found_paid",
        table: "overpayment_deduction",
        event: "UPDATE OF status",
        when: "OLD.status = 'given_back' AND NEW.status = 'settled'",
        unless: Some(FOUND_PAID),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, deductions).await
}

/// A debit over a whole file may take too much of several of its orders.
async fn differences_of_files(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut by_line = Index::drop();
    by_line.name("ux_amount_difference_line_id").table("amount_difference");
    schema.drop_index(by_line).await?;
    unique_where(
        schema,
        "ux_amount_difference_line_order",
        "amount_difference",
        &["line_id", "order_id"],
        Expr::cust("line_id IS NOT NULL"),
    )
    .await
}
