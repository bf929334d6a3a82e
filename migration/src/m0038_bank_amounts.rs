//! What banks moved more or less than was ordered: booked, open until it is settled, and settled by two people.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        amount_difference(schema).await?;
        difference_settlement(schema).await?;
        statement_total(schema).await?;
        accounts(schema).await?;
        earlier(schema).await?;
        differences_stay(schema).await?;
        settlements_stay(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn amount_difference(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("amount_difference")
        .col(uuid("id").primary_key())
        .col(uuid("order_id"))
        .col(uuid_null("line_id"))
        .col(string_null("format"))
        .col(boolean("returned"))
        .col(big_integer("moved"))
        .col(big_integer("amount"))
        .col(string("contra"))
        .col(string("fund_code"))
        .col(string("status"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(timestamp_with_time_zone_null("changed_at"))
        .foreign_key(&mut refers("amount_difference", "order_id", "payment_order", "id"))
        .foreign_key(&mut refers("amount_difference", "line_id", "bank_report_line", "id"))
        .check((
            "amount_difference_booked",
            Expr::cust("(amount = 0) = (status IN ('noted', 'unbooked')) AND contra IN ('paid', 'source')"),
        ));
    schema.create_table(table).await?;
    index(schema, "amount_difference", &["order_id"]).await?;
    unique_where(
        schema,
        "ux_amount_difference_line_id",
        "amount_difference",
        &["line_id"],
        Expr::cust("line_id IS NOT NULL"),
    )
    .await?;
    unique_where(
        schema,
        "ux_amount_difference_open",
        "amount_difference",
        &["order_id"],
        Expr::cust("status = 'open'"),
    )
    .await
}

async fn difference_settlement(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("difference_settlement")
        .col(uuid("id").primary_key())
        .col(uuid("difference_id"))
        .col(string("kind"))
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
        .foreign_key(&mut refers(
            "difference_settlement",
            "difference_id",
            "amount_difference",
            "id",
        ))
        // Whoever decides is somebody else, and nothing is decided by nobody.
        .check((
            "difference_settlement_two_people",
            Expr::cust(
                "(status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, "difference_settlement", &["difference_id"]).await?;
    unique_where(
        schema,
        "ux_difference_settlement_open",
        "difference_settlement",
        &["difference_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

/// What a statement says of the whole of itself stays as it said it.
async fn statement_total(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("statement_total")
        .col(uuid("bank_report_id").primary_key())
        .col(big_integer_null("debits"))
        .col(big_integer_null("credits"))
        .col(big_integer_null("growth"))
        .col(big_integer("listed_debits"))
        .col(big_integer("listed_credits"))
        .foreign_key(&mut refers("statement_total", "bank_report_id", "bank_report", "id"));
    schema.create_table(table).await?;
    append_only(schema, "statement_total").await
}

/// Every fund has an account for what banks moved too little, one for what they moved too much, and one for what was
/// written off.
async fn accounts(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    for account in ["short_moved", "over_moved", "written_off"] {
        let sql = format!("INSERT INTO fund_balance (fund_id, account, amount) SELECT id, '{account}', 0 FROM fund");
        db.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// Lines of another amount that two people took for good before differences were booked: named, and never posted.
async fn earlier(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    db.execute_unprepared(
        "INSERT INTO amount_difference (id, order_id, line_id, format, returned, moved, amount, contra, fund_code, status,
           opened_at)
         SELECT own.id, own.order_id, own.line_id, report.format,
           CASE WHEN payment_order.status = 'returned' THEN TRUE ELSE FALSE END, line.amount, 0, 'source',
           pay_run.fund_code, 'unbooked', own.decided_at
         FROM suspense_resolution AS own
         JOIN bank_report_line AS line ON line.id = own.line_id
         JOIN bank_report AS report ON report.id = line.bank_report_id
         JOIN payment_order ON payment_order.id = own.order_id AND payment_order.amount <> line.amount
         JOIN pay_run ON pay_run.id = payment_order.pay_run_id
         WHERE own.status = 'accepted' AND own.kind IN ('accepted_as_paid', 'accepted_as_returned', 'amount_explained')
           AND payment_order.status IN ('settled', 'credited', 'returned')",
    )
    .await?;
    Ok(())
}

/// What was told stays as it was told; what is settled stays settled, and two people settled it.
async fn differences_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    no_delete(schema, "amount_difference").await?;
    let columns = [
        "id",
        "order_id",
        "line_id",
        "format",
        "returned",
        "moved",
        "amount",
        "contra",
        "fund_code",
        "opened_at",
    ];
    immutable(schema, "amount_difference", &columns).await?;
    let guard = Guard {
        name: "amount_difference_ended_stays",
        table: "amount_difference",
        event: "UPDATE OF status",
        when: "OLD.status <> NEW.status AND NOT (OLD.status = 'open' OR (OLD.status = 'written_off' AND NEW.status = 'replaced'))",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await?;
    let proof = "EXISTS (SELECT 1 FROM difference_settlement AS own
        WHERE own.difference_id = NEW.id AND own.kind = NEW.status AND own.status = 'accepted')";
    proven(
        schema,
        "amount_difference",
        (
            "amount_difference_two_people",
            "NEW.status IN ('made_good', 'written_off')",
            &["status"],
        ),
        proof,
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn settlements_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    no_delete(schema, "difference_settlement").await?;
    let columns = ["id", "difference_id", "kind", "note", "proposed_by", "proposed_at"];
    immutable(schema, "difference_settlement", &columns).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "difference_settlement_decided_once",
        table: "difference_settlement",
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
