//! Reports that two people set aside, so that their bytes may be read anew: as those of the right bank.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "report_set_aside";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        report_set_aside(schema).await?;
        decided_once(schema).await?;
        bytes_once(schema).await?;
        by_decision(schema).await?;
        lines_end_with_it(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn report_set_aside(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table(TABLE)
        .col(uuid("id").primary_key())
        .col(uuid("bank_report_id"))
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
        .foreign_key(&mut refers(TABLE, "bank_report_id", "bank_report", "id"))
        // Whoever decides is somebody else, and nothing is decided by nobody.
        .check((
            "report_set_aside_two_people",
            Expr::cust(
                "(status = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, TABLE, &["bank_report_id"]).await?;
    unique_where(
        schema,
        "ux_report_set_aside_open",
        TABLE,
        &["bank_report_id"],
        Expr::cust("status <> 'refused'"),
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    no_delete(schema, TABLE).await?;
    let kept = ["id", "bank_report_id", "note", "proposed_by", "proposed_at"];
    immutable(schema, TABLE, &kept).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "report_set_aside_decided_once",
        table: TABLE,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// Of the same bytes one report counts.
async fn bytes_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut any = Index::drop();
    any.name("ux_bank_report_sha256").table("bank_report");
    schema.drop_index(any).await?;
    unique_where(
        schema,
        "ux_bank_report_counts",
        "bank_report",
        &["sha256"],
        Expr::cust("status <> 'set_aside'"),
    )
    .await?;
    index(schema, "bank_report", &["sha256"]).await
}

/// A report is set aside by the decision of two people, and for good.
async fn by_decision(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let decided = Guard {
        name: "bank_report_set_aside_by_two",
        table: "bank_report",
        event: "UPDATE OF status",
        when: "NEW.status = 'set_aside' AND OLD.status <> 'set_aside'",
        unless: Some(
            "EXISTS (SELECT 1 FROM report_set_aside WHERE bank_report_id = NEW.id AND report_set_aside.status = 'accepted')",
        ),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, decided).await?;
    let stays = Guard {
        name: "bank_report_stays_set_aside",
        table: "bank_report",
        event: "UPDATE OF status",
        when: "OLD.status = 'set_aside' AND NEW.status <> 'set_aside'",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, stays).await
}

/// As m0018 has it; and the lines of a report end with it, by who decided that.
async fn lines_end_with_it(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    const LINES: &str = "bank_report_line";
    drop_guard(schema, "bank_report_line_two_people", LINES).await?;
    let proof = "EXISTS (SELECT 1 FROM suspense_resolution WHERE line_id = NEW.id AND status = 'accepted')
        OR (NEW.note = 'person_deceased'
            AND NOT EXISTS (SELECT 1 FROM registry_finding WHERE order_id = NEW.order_id AND status = 'open')
            AND EXISTS (SELECT 1 FROM registry_finding WHERE order_id = NEW.order_id))
        OR (NEW.note IN ('blocked', 'unknown_status')
            AND EXISTS (SELECT 1 FROM payment_order WHERE id = NEW.order_id
                AND status IN ('settled', 'credited', 'rejected', 'returned')))
        OR (NEW.outcome = 'set_aside'
            AND EXISTS (SELECT 1 FROM report_set_aside AS own WHERE own.bank_report_id = NEW.bank_report_id
                AND own.status = 'accepted' AND own.decided_by = NEW.resolved_by))";
    let guard = Guard {
        name: "bank_report_line_two_people",
        table: LINES,
        event: "UPDATE OF resolved_at, resolved_by",
        when: "NEW.resolved_at IS NOT NULL AND OLD.resolved_at IS NULL",
        unless: Some(proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}
