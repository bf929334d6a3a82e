//! A fund, the approval tiers and the calendar of payments change by two people: what one proposes, another decides.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        proposal(schema).await?;
        decided_once(schema).await?;
        for table in ["fund", "approval_tier", "calendar_day"] {
            add_column(schema, table, uuid_null("proposal_id")).await?;
        }
        fund_by_two(schema).await?;
        tiers_by_two(schema).await?;
        day_by_two(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn proposal(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("treasury_proposal")
        .col(uuid("id").primary_key())
        .col(string("kind"))
        .col(string("subject"))
        .col(string("base"))
        .col(string("body"))
        .col(string("digest"))
        .col(string("note"))
        .col(string("status"))
        .col(uuid("proposed_by"))
        .col(timestamp_with_time_zone("proposed_at"))
        .col(uuid_null("decided_by"))
        .col(timestamp_with_time_zone_null("decided_at"))
        .col(string_null("decision_note"))
        .col(big_integer("version"))
        // Whoever decides is somebody else; nobody decides what its author took back.
        .check((
            "treasury_proposal_two_people",
            Expr::cust(
                "(status IN ('proposed', 'withdrawn')) = (decided_by IS NULL)
                 AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, "treasury_proposal", &["kind", "id"]).await?;
    unique_where(
        schema,
        "ux_treasury_proposal_open",
        "treasury_proposal",
        &["subject"],
        Expr::cust("status = 'proposed'"),
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "treasury_proposal";
    no_delete(schema, table).await?;
    let kept = [
        "id",
        "kind",
        "subject",
        "base",
        "body",
        "digest",
        "note",
        "proposed_by",
        "proposed_at",
    ];
    immutable(schema, table, &kept).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "treasury_proposal_decided_once",
        table,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// A fund comes by a proposal of exactly it, and stays what was accepted.
async fn fund_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let proof = format!(
        "EXISTS (SELECT 1 FROM treasury_proposal AS own WHERE {} AND {} = NEW.code AND {} = NEW.fiscal_year
           AND {} = NEW.source AND {} = NEW.name)",
        accepted("fund"),
        text(schema, "own.body", "code"),
        number(schema, "own.body", "fiscal_year"),
        text(schema, "own.body", "source"),
        text(schema, "own.body", "name"),
    );
    let guard = Guard {
        name: "fund_two_people",
        table: "fund",
        event: "INSERT",
        when: "TRUE",
        unless: Some(&proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await?;
    let kept = ["id", "code", "fiscal_year", "source", "name", "proposal_id"];
    immutable(schema, "fund", &kept).await?;
    no_delete(schema, "fund").await
}

/// A tier comes into force as one of a proposal of all of them, in the place of the version that both people saw. Rows
/// are only ever added.
async fn tiers_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let tiers = match schema.get_connection().get_database_backend() {
        DbBackend::Postgres => "jsonb_array_elements(own.body::jsonb -> 'tiers') AS tier(value)",
        _ => "json_each(own.body, '$.tiers') AS tier",
    };
    let proof = format!(
        "EXISTS (SELECT 1 FROM treasury_proposal AS own, {tiers} WHERE {} AND {} = NEW.version - 1
           AND {} = NEW.subject AND {} = NEW.from_amount AND {} = NEW.approvals AND {} = NEW.role)",
        accepted("approval_tiers"),
        number(schema, "own.base", "version"),
        text(schema, "tier.value", "subject"),
        number(schema, "tier.value", "from_amount"),
        number(schema, "tier.value", "approvals"),
        text(schema, "tier.value", "role"),
    );
    let guard = Guard {
        name: "approval_tier_two_people",
        table: "approval_tier",
        event: "INSERT",
        when: "TRUE",
        unless: Some(&proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// A day is what was accepted of it, however it comes by that; it is never undecided again.
async fn day_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    // A proposal names months as `2025-01`, a day as `202501`.
    let (day, said, kept) = match schema.get_connection().get_database_backend() {
        DbBackend::Postgres => (
            "to_char(NEW.day, 'YYYY-MM-DD')",
            "replace((own.body::jsonb -> 'cover_months')::text, ' ', '')",
            "replace(NEW.cover_months::text, ' ', '')",
        ),
        _ => (
            "NEW.day",
            "json_extract(own.body, '$.cover_months')",
            "json(NEW.cover_months)",
        ),
    };
    let proof = format!(
        "EXISTS (SELECT 1 FROM treasury_proposal AS own WHERE {} AND own.subject = 'calendar_day:' || {day}
           AND {} = NEW.kind AND {} = NEW.reason AND replace(replace({said}, '-', ''), '\"', '') = {kept})",
        accepted("calendar_day"),
        text(schema, "own.body", "kind"),
        text(schema, "own.body", "reason"),
    );
    let columns = [
        "day",
        "kind",
        "cover_months",
        "reason",
        "decided_by",
        "decided_at",
        "proposal_id",
    ];
    proven(
        schema,
        "calendar_day",
        ("calendar_day_two_people", "TRUE", &columns),
        &proof,
    )
    .await?;
    no_delete(schema, "calendar_day").await
}

/// The proposal that a new row names: of this kind, and accepted by another person.
fn accepted(kind: &str) -> String {
    format!(
        "own.id = NEW.proposal_id AND own.kind = '{kind}' AND own.status = 'accepted'
           AND own.decided_by <> own.proposed_by"
    )
}

/// A text of a JSON document.
fn text(schema: &SchemaManager<'_>, document: &str, name: &str) -> String {
    match schema.get_connection().get_database_backend() {
        DbBackend::Postgres => format!("({document}::jsonb ->> '{name}')"),
        _ => format!("json_extract({document}, '$.{name}')"),
    }
}

/// A whole number of a JSON document.
fn number(schema: &SchemaManager<'_>, document: &str, name: &str) -> String {
    format!("CAST({} AS BIGINT)", text(schema, document, name))
}
