//! Less money for a fund by two people: the lines of its estimate as they stand afterwards come by the same proposal, and
//! its step is posted once another person has accepted exactly it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        drop_guard(schema, "fund_line_two_people", "fund_line").await?;
        lines_by_two(schema).await?;
        posted_by_two(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A line comes as one of a proposal of all of them, or of less money for the fund.
async fn lines_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let postgres = schema.get_connection().get_database_backend() == DbBackend::Postgres;
    let lines = if postgres {
        "jsonb_array_elements(own.body::jsonb -> 'lines') AS line(value)"
    } else {
        "json_each(own.body, '$.lines') AS line"
    };
    let said = ["code", "chapter", "category", "clause", "item", "name"].map(|name| {
        format!(
            "COALESCE({}, '') = COALESCE(NEW.{name}, '')",
            text(postgres, "line.value", name)
        )
    });
    let amount = format!("CAST({} AS BIGINT)", text(postgres, "line.value", "amount"));
    let proof = format!(
        "EXISTS (SELECT 1 FROM fund AS whole, treasury_proposal AS own, {lines}
           WHERE own.id = NEW.proposal_id AND own.kind IN ('fund_lines', 'fund_reduction') AND own.status = 'accepted'
             AND own.decided_by <> own.proposed_by AND whole.id = NEW.fund_id
             AND own.subject = own.kind || ':' || whole.code || ':' || CAST(whole.fiscal_year AS TEXT)
             AND {amount} = NEW.amount AND {})",
        said.join(" AND "),
    );
    let guard = Guard {
        name: "fund_line_two_people",
        table: "fund_line",
        event: "INSERT",
        when: "TRUE",
        unless: Some(&proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// What is taken from a fund leaves what is free and goes to its source, as much as was accepted.
async fn posted_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let postgres = schema.get_connection().get_database_backend() == DbBackend::Postgres;
    let step = subject_of(schema, "fund_reduction", "own.id");
    let amount = format!("CAST({} AS BIGINT)", text(postgres, "own.body", "amount"));
    let proof = format!(
        "EXISTS (SELECT 1 FROM fund AS whole, treasury_proposal AS own
           WHERE own.kind = 'fund_reduction' AND own.status = 'accepted' AND own.decided_by <> own.proposed_by
             AND NEW.batch = {step} AND whole.id = NEW.fund_id
             AND own.subject = own.kind || ':' || whole.code || ':' || CAST(whole.fiscal_year AS TEXT)
             AND NEW.amount = CASE NEW.account WHEN 'source' THEN {amount} WHEN 'available' THEN -{amount} END)"
    );
    let guard = Guard {
        name: "posting_reduction_two_people",
        table: "posting",
        event: "INSERT",
        when: "substr(NEW.batch, 1, 15) = 'fund_reduction:'",
        unless: Some(&proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// A text of a JSON document.
fn text(postgres: bool, document: &str, name: &str) -> String {
    if postgres {
        format!("({document}::jsonb ->> '{name}')")
    } else {
        format!("json_extract({document}, '$.{name}')")
    }
}
