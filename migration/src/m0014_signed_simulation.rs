//! What submission and approval of an instrument sign: its body and what its simulation showed. A simulation that ended
//! stays as it is.

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
        add_column(schema, "instrument", string_null("signed_digest")).await?;
        forget(schema, "instrument_published_insert", "instrument").await?;
        forget(schema, "instrument_published_update", "instrument").await?;
        // Publications of before were signed by their body alone, and stay valid.
        let db = schema.get_connection();
        db.execute_unprepared(
            "UPDATE instrument SET signed_digest = body_hash WHERE status = 'published' AND catalogue_order IS NULL",
        )
        .await?;
        let proof = two_people(schema, "instrument", "'approve'", "signed_digest");
        let when = "NEW.status = 'published' AND NEW.catalogue_order IS NULL";
        let columns = ["status", "revision", "signed_digest", "catalogue_order"];
        proven(schema, "instrument", ("instrument_published", when, &columns), &proof).await?;
        signature_stays(schema).await?;
        simulation_stays(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Takes a trigger away, with its function where the engine has one.
async fn forget(schema: &SchemaManager<'_>, name: &str, table: &str) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let sql = match db.get_database_backend() {
        DbBackend::Postgres => format!("DROP TRIGGER {name} ON {table}; DROP FUNCTION {name}()"),
        _ => format!("DROP TRIGGER {name}"),
    };
    db.execute_unprepared(&sql).await?;
    Ok(())
}

async fn signature_stays(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "instrument_signature_stays",
        table: "instrument",
        event: "UPDATE OF signed_digest",
        when: "OLD.status = 'published' AND (OLD.signed_digest IS DISTINCT FROM NEW.signed_digest)",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn simulation_stays(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "simulation_ended_stays",
        table: "simulation",
        event: "UPDATE",
        when: "OLD.status = 'done'",
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}
