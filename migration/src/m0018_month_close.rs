//! Decisions of two people on lines, returns and recalls; findings for the registry; the close of a month.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        suspense_resolution(schema).await?;
        return_cancellation(schema).await?;
        recall(schema).await?;
        registry_finding(schema).await?;
        month_close(schema).await?;
        month_close_order(schema).await?;
        month_close_item(schema).await?;
        month_close_correction(schema).await?;
        for table in ["suspense_resolution", "return_cancellation", "recall"] {
            decided_once(schema, table).await?;
        }
        lines_are_resolved_by_two(schema).await?;
        returns_are_cancelled_by_two(schema).await?;
        closes_stay(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The columns of what one person proposes and another decides.
fn proposal(table: &mut TableCreateStatement) -> &mut TableCreateStatement {
    table
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
}

/// Whoever decides is somebody else, and nothing is decided by nobody.
fn two_of_them(table: &mut TableCreateStatement, name: &'static str) {
    table.check((
        name,
        Expr::cust(
            "(status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL OR decided_by <> proposed_by)",
        ),
    ));
}

async fn suspense_resolution(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("suspense_resolution")
        .col(uuid("id").primary_key())
        .col(uuid("line_id"))
        .col(string("kind"))
        .col(uuid_null("order_id"));
    proposal(&mut table).foreign_key(&mut refers("suspense_resolution", "line_id", "bank_report_line", "id"));
    two_of_them(&mut table, "suspense_resolution_two_people");
    schema.create_table(table).await?;
    index(schema, "suspense_resolution", &["line_id"]).await?;
    unique_where(
        schema,
        "ux_suspense_resolution_open",
        "suspense_resolution",
        &["line_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

async fn return_cancellation(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("return_cancellation")
        .col(uuid("id").primary_key())
        .col(uuid("order_id"));
    proposal(&mut table).col(big_integer("amount")).foreign_key(&mut refers(
        "return_cancellation",
        "order_id",
        "payment_order",
        "id",
    ));
    two_of_them(&mut table, "return_cancellation_two_people");
    schema.create_table(table).await?;
    index(schema, "return_cancellation", &["order_id"]).await?;
    unique_where(
        schema,
        "ux_return_cancellation_open",
        "return_cancellation",
        &["order_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

async fn recall(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("recall")
        .col(uuid("id").primary_key())
        .col(uuid("order_id"))
        .col(integer("sequence"))
        .col(string("reason"));
    proposal(&mut table)
        .col(string_null("message_id"))
        .col(string_null("answer"))
        .col(string_null("answer_reason"))
        .col(timestamp_with_time_zone_null("answered_at"))
        .foreign_key(&mut refers("recall", "order_id", "payment_order", "id"))
        .check((
            "recall_message",
            Expr::cust(
                "(status = 'accepted') = (message_id IS NOT NULL) AND (answer IS NULL OR message_id IS NOT NULL)",
            ),
        ));
    two_of_them(&mut table, "recall_two_people");
    schema.create_table(table).await?;
    unique(schema, "recall", &["order_id", "sequence"]).await?;
    unique(schema, "recall", &["message_id"]).await
}

async fn registry_finding(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("registry_finding")
        .col(uuid("id").primary_key())
        .col(uuid("person_id"))
        .col(string("kind"))
        .col(uuid("order_id"))
        .col(uuid("line_id"))
        .col(uuid("payee_account_id"))
        .col(string("status"))
        .col(date_null("death_date"))
        .col(string_null("note"))
        .col(timestamp_with_time_zone("opened_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(big_integer("version"))
        .foreign_key(&mut refers("registry_finding", "person_id", "person", "id"))
        .foreign_key(&mut refers("registry_finding", "line_id", "bank_report_line", "id"))
        .check((
            "registry_finding_decided",
            Expr::cust("(status = 'open') = (decided_by IS NULL)"),
        ));
    schema.create_table(table).await?;
    unique(schema, "registry_finding", &["person_id", "kind", "order_id"]).await?;
    index(schema, "registry_finding", &["order_id"]).await?;
    no_delete(schema, "registry_finding").await?;
    immutable(
        schema,
        "registry_finding",
        &[
            "id",
            "person_id",
            "kind",
            "order_id",
            "line_id",
            "payee_account_id",
            "opened_at",
        ],
    )
    .await
}

async fn month_close(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("month_close")
        .col(uuid("id").primary_key())
        .col(integer("month"))
        .col(string("status"))
        .col(big_integer("revision"))
        .col(string("digest"))
        .col(string("note"))
        .col(boolean("ties"))
        .col(json_binary("tie"))
        .col(uuid("prepared_by"))
        .col(timestamp_with_time_zone("prepared_at"))
        .col(uuid_null("closed_by"))
        .col(timestamp_with_time_zone_null("closed_at"))
        .col(big_integer("version"))
        .check((
            "month_close_two_people",
            Expr::cust(
                "(status = 'closed') = (closed_by IS NOT NULL) AND (closed_by IS NULL OR closed_by <> prepared_by)",
            ),
        ));
    schema.create_table(table).await?;
    unique(schema, "month_close", &["month"]).await
}

async fn month_close_order(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("month_close_order")
        .col(uuid("close_id"))
        .col(uuid("order_id"))
        .col(string("standing"))
        .col(big_integer("amount"))
        .primary_key(&mut primary_key(&["close_id", "order_id", "standing"]))
        .foreign_key(&mut refers("month_close_order", "close_id", "month_close", "id"));
    schema.create_table(table).await?;
    index(schema, "month_close_order", &["order_id"]).await
}

async fn month_close_item(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("month_close_item")
        .col(uuid("close_id"))
        .col(integer("position"))
        .col(string("kind"))
        .col(uuid_null("pay_run_id"))
        .col(uuid_null("order_id"))
        .col(uuid_null("line_id"))
        .col(string_null("reference"))
        .col(string_null("area_id"))
        .col(big_integer("amount"))
        .col(date("since"))
        .col(string("state"))
        .col(string_null("reason"))
        .primary_key(&mut primary_key(&["close_id", "position"]))
        .foreign_key(&mut refers("month_close_item", "close_id", "month_close", "id"));
    schema.create_table(table).await
}

async fn month_close_correction(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("month_close_correction")
        .col(uuid("close_id"))
        .col(integer("position"))
        .col(integer("of_month"))
        .col(uuid("order_id"))
        .col(string("standing"))
        .col(big_integer("amount"))
        .primary_key(&mut primary_key(&["close_id", "position"]))
        .foreign_key(&mut refers("month_close_correction", "close_id", "month_close", "id"))
        .check(("month_close_correction_amount", Expr::col("amount").ne(0)));
    schema.create_table(table).await?;
    index(schema, "month_close_correction", &["order_id"]).await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>, table: &str) -> Result<(), DbErr> {
    no_delete(schema, table).await?;
    let subject = if table == "suspense_resolution" {
        "line_id"
    } else {
        "order_id"
    };
    immutable(schema, table, &["id", subject, "note", "proposed_by", "proposed_at"]).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let when = format!("OLD.status <> 'proposed' AND ({})", differs(&columns));
    let guard = Guard {
        name: &format!("{table}_decided_once"),
        table,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &when,
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// A line of a bank is closed by what two people decided of it, by a finding of the registry that was looked into, or,
/// where it only said that the bank did not know yet, by the end of its order.
async fn lines_are_resolved_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let proof = "EXISTS (SELECT 1 FROM suspense_resolution WHERE line_id = NEW.id AND status = 'accepted')
        OR (NEW.note = 'person_deceased'
            AND NOT EXISTS (SELECT 1 FROM registry_finding WHERE order_id = NEW.order_id AND status = 'open')
            AND EXISTS (SELECT 1 FROM registry_finding WHERE order_id = NEW.order_id))
        OR (NEW.note IN ('blocked', 'unknown_status')
            AND EXISTS (SELECT 1 FROM payment_order WHERE id = NEW.order_id
                AND status IN ('settled', 'credited', 'rejected', 'returned')))";
    let guard = Guard {
        name: "bank_report_line_two_people",
        table: "bank_report_line",
        event: "UPDATE OF resolved_at, resolved_by",
        when: "NEW.resolved_at IS NOT NULL AND OLD.resolved_at IS NULL",
        unless: Some(proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await?;
    let guard = Guard {
        name: "bank_report_line_resolved_once",
        table: "bank_report_line",
        event: "UPDATE OF resolved_at, resolved_by",
        when: "OLD.resolved_at IS NOT NULL AND (OLD.resolved_at IS DISTINCT FROM NEW.resolved_at
            OR OLD.resolved_by IS DISTINCT FROM NEW.resolved_by)",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// A line that came back is cancelled by what two people decided of its order.
async fn returns_are_cancelled_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "payment_line_return_cancelled",
        table: "payment_line",
        event: "UPDATE OF status",
        when: "NEW.status = 'cancelled' AND OLD.status IN ('live', 'returned', 'reissued')",
        unless: Some(
            "OLD.status = 'returned' AND EXISTS (SELECT 1 FROM return_cancellation
                WHERE order_id = NEW.order_id AND status = 'accepted')",
        ),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await?;
    let guard = Guard {
        name: "payment_line_cancelled_stays",
        table: "payment_line",
        event: "UPDATE OF status",
        when: "OLD.status = 'cancelled' AND NEW.status <> 'cancelled'",
        unless: Some(
            "NOT EXISTS (SELECT 1 FROM return_cancellation WHERE order_id = NEW.order_id AND status = 'accepted')",
        ),
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// A closed month is a snapshot, signed by two people.
async fn closes_stay(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    for table in ["month_close_order", "month_close_item", "month_close_correction"] {
        append_only(schema, table).await?;
        let guard = Guard {
            name: &format!("{table}_before_the_close"),
            table,
            event: "INSERT",
            when: "TRUE",
            unless: Some("EXISTS (SELECT 1 FROM month_close WHERE id = NEW.close_id AND status = 'prepared')"),
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await?;
    }
    no_delete(schema, "month_close").await?;
    let guard = Guard {
        name: "month_close_closed_stays",
        table: "month_close",
        event: "UPDATE",
        when: "OLD.status = 'closed'",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await?;
    let proof = two_people(schema, "month_close", "'approve'", "digest");
    let columns = ["status", "revision", "digest"];
    proven(
        schema,
        "month_close",
        ("month_close_closed", "NEW.status = 'closed'", &columns),
        &proof,
    )
    .await
}
