//! A bank's profile changes by two people: what one proposes, another decides.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        proposal(schema).await?;
        decided_once(schema).await?;
        add_column(schema, "bank_profile", uuid_null("proposal_id")).await?;
        in_force_by_two(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn proposal(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("bank_profile_proposal")
        .col(uuid("id").primary_key())
        .col(string("bank"))
        .col(big_integer("base_version"))
        .col(string("base"))
        .col(string("profile"))
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
            "bank_profile_proposal_two_people",
            Expr::cust(
                "(status IN ('proposed', 'withdrawn')) = (decided_by IS NULL)
                 AND (decided_by IS NULL OR decided_by <> proposed_by)",
            ),
        ));
    schema.create_table(table).await?;
    index(schema, "bank_profile_proposal", &["bank"]).await?;
    unique_where(
        schema,
        "ux_bank_profile_proposal_open",
        "bank_profile_proposal",
        &["bank"],
        Expr::cust("status = 'proposed'"),
    )
    .await
}

/// A proposal keeps what it says and who made it; what was decided stays decided.
async fn decided_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "bank_profile_proposal";
    no_delete(schema, table).await?;
    let kept = [
        "id",
        "bank",
        "base_version",
        "base",
        "profile",
        "note",
        "proposed_by",
        "proposed_at",
    ];
    immutable(schema, table, &kept).await?;
    let columns = ["status", "decided_by", "decided_at", "decision_note"];
    let guard = Guard {
        name: "bank_profile_proposal_decided_once",
        table,
        event: &format!("UPDATE OF {}", columns.join(", ")),
        when: &format!("OLD.status <> 'proposed' AND ({})", differs(&columns)),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// A version comes into force by a proposal of exactly its terms, for the version before it, which another person
/// accepted. Rows are only ever added, so that a version can't become another afterwards.
async fn in_force_by_two(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let proof = "EXISTS (SELECT 1 FROM bank_profile_proposal AS own
        WHERE own.id = NEW.proposal_id AND own.bank = NEW.bank AND own.base_version = NEW.version - 1
          AND own.profile = NEW.profile AND own.status = 'accepted' AND own.decided_by <> own.proposed_by)";
    let guard = Guard {
        name: "bank_profile_two_people",
        table: "bank_profile",
        event: "INSERT",
        when: "TRUE",
        unless: Some(proof),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}
