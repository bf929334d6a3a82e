//! SQLite too reads from columns of their own whether a line is cancelled or was paid again, as m0033 and m0049 have it for
//! PostgreSQL: the other states of a line stand in no index, so that a release changes none. There a generated column
//! would not do, since SQLite rewrites an index whose condition reads one whenever what it is made of is set.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if schema.get_connection().get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        columns(schema).await?;
        columns_follow(schema).await?;
        indexes(schema).await?;
        paid_again_once(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn columns(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    for sql in [
        "ALTER TABLE payment_line ADD COLUMN cancelled boolean NOT NULL DEFAULT FALSE",
        "ALTER TABLE payment_line ADD COLUMN paid_again boolean NOT NULL DEFAULT FALSE",
        "UPDATE payment_line SET cancelled = (status = 'cancelled'), paid_again = (status = 'reissued') \
         WHERE status IN ('cancelled', 'reissued')",
    ] {
        schema.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

/// The columns say what the status says, whoever sets it, and nothing else.
async fn columns_follow(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let other = "NEW.cancelled <> (NEW.status = 'cancelled') OR NEW.paid_again <> (NEW.status = 'reissued')";
    for (name, event) in [
        ("payment_line_begins_apart", "INSERT"),
        ("payment_line_moves_apart", "UPDATE OF status"),
    ] {
        let follow = format!(
            "CREATE TRIGGER {name} AFTER {event} ON payment_line FOR EACH ROW WHEN {other} BEGIN
             UPDATE payment_line SET cancelled = (status = 'cancelled'), paid_again = (status = 'reissued')
             WHERE id = NEW.id; END"
        );
        schema.get_connection().execute_unprepared(&follow).await?;
    }
    let guard = Guard {
        name: "payment_line_stands_as_it_says",
        table: "payment_line",
        event: "UPDATE OF cancelled, paid_again",
        when: other,
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

async fn indexes(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    for sql in [
        "DROP INDEX ux_payment_line_regular",
        "DROP INDEX ux_payment_line_arrears",
        "DROP INDEX ux_payment_line_reissue",
        "CREATE UNIQUE INDEX ux_payment_line_regular ON payment_line (entitlement_id, component, cover_month) \
         WHERE kind = 'regular' AND NOT cancelled",
        "CREATE UNIQUE INDEX ux_payment_line_arrears ON payment_line \
         (entitlement_id, component, cover_month, determination_id) \
         WHERE kind IN ('arrears', 'one_off') AND NOT cancelled AND NOT paid_again",
        "CREATE UNIQUE INDEX ux_payment_line_reissue ON payment_line \
         (entitlement_id, component, cover_month, determination_id, sequence) WHERE kind = 'reissue' AND NOT cancelled",
    ] {
        schema.get_connection().execute_unprepared(sql).await?;
    }
    Ok(())
}

/// The guard of m0049, which finds the few reissues by their index.
async fn paid_again_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    const NAME: &str = "pay_run_paid_again_once";
    drop_guard(schema, NAME, "pay_run").await?;
    let guard = Guard {
        name: NAME,
        table: "pay_run",
        event: "UPDATE OF status",
        when: "NEW.status = 'released' AND OLD.status <> 'released' AND NEW.kind <> 'relief'",
        unless: Some(&crate::m0049_owed_again::paid_once("NOT again.cancelled")),
        refusal: Refusal::OwedTwice,
    };
    refuse(schema, guard).await
}
