//! SQLite too keeps apart whether a line stands, as m0033 and m0049 do for PostgreSQL: the rules that a line is unique by
//! read that alone, so that a release, which changes the status of every line of a run, changes no index.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const LINE: &str = "payment_line";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        if schema.get_connection().get_database_backend() != DbBackend::Sqlite {
            return Ok(());
        }
        stands(schema).await?;
        as_the_status_says(schema).await?;
        paid_again_once(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What a status comes to: 0 is cancelled, 1 was paid again by another line, 2 stands.
fn by_status(row: &str) -> String {
    format!("CASE {row}.status WHEN 'cancelled' THEN 0 WHEN 'reissued' THEN 1 ELSE 2 END")
}

/// SQLite writes an index anew where a column that its condition reads is set, whatever it is set to; a generated column
/// is set with those it is made of. Hence a column of its own.
async fn stands(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let ended = format!(
        "UPDATE payment_line SET stands = {} WHERE status IN ('cancelled', 'reissued')",
        by_status(LINE)
    );
    for sql in [
        "ALTER TABLE payment_line ADD COLUMN stands integer NOT NULL DEFAULT 2",
        ended.as_str(),
        "DROP INDEX ux_payment_line_regular",
        "DROP INDEX ux_payment_line_arrears",
        "DROP INDEX ux_payment_line_reissue",
        "CREATE UNIQUE INDEX ux_payment_line_regular ON payment_line (entitlement_id, component, cover_month) \
         WHERE kind = 'regular' AND stands > 0",
        "CREATE UNIQUE INDEX ux_payment_line_arrears ON payment_line \
         (entitlement_id, component, cover_month, determination_id) WHERE kind IN ('arrears', 'one_off') AND stands = 2",
        "CREATE UNIQUE INDEX ux_payment_line_reissue ON payment_line \
         (entitlement_id, component, cover_month, determination_id, sequence) WHERE kind = 'reissue' AND stands > 0",
    ] {
        db.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Whoever writes a status, the column follows it, and is never another. What SQLite does of a conflict in a trigger is what
/// the statement says that fired it (`OR IGNORE`, `OR FAIL`), and the column would be left behind: so a line that would
/// stand beside another is refused before.
async fn as_the_status_says(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let says = by_status("NEW");
    let db = schema.get_connection();
    for (name, event) in [
        ("payment_line_stands_inserted", "INSERT"),
        ("payment_line_stands_updated", "UPDATE OF status"),
    ] {
        let sql = format!(
            "CREATE TRIGGER {name} AFTER {event} ON payment_line FOR EACH ROW WHEN NEW.stands <> {says}
             BEGIN
               SELECT RAISE(ABORT, 'refused payment_line: immutable') WHERE EXISTS
                 (SELECT 1 FROM payment_line AS own
                   WHERE own.entitlement_id = NEW.entitlement_id AND own.cover_month = NEW.cover_month
                     AND own.component = NEW.component AND own.id <> NEW.id AND own.stands > 0 AND {says} > 0
                     AND ((own.kind = 'regular' AND NEW.kind = 'regular')
                       OR (own.kind = 'reissue' AND NEW.kind = 'reissue' AND own.sequence = NEW.sequence
                         AND own.determination_id = NEW.determination_id)
                       OR (own.kind IN ('arrears', 'one_off') AND NEW.kind IN ('arrears', 'one_off')
                         AND own.determination_id = NEW.determination_id AND own.stands = 2 AND {says} = 2)));
               UPDATE payment_line SET stands = {says} WHERE id = NEW.id;
             END"
        );
        db.execute_unprepared(&sql).await?;
    }
    let guard = Guard {
        name: "payment_line_stands_by_status",
        table: LINE,
        event: "UPDATE OF stands",
        when: &format!("NEW.stands IS NOT {says}"),
        unless: None,
        refusal: Refusal::Immutable,
    };
    refuse(schema, guard).await
}

/// As m0049 has it: the few reissues that stand are found by their index, which reads another column by now.
async fn paid_again_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    drop_guard(schema, "pay_run_paid_again_once", "pay_run").await?;
    let guard = Guard {
        name: "pay_run_paid_again_once",
        table: "pay_run",
        event: "UPDATE OF status",
        when: "NEW.status = 'released' AND OLD.status <> 'released' AND NEW.kind <> 'relief'",
        unless: Some(
            "NOT EXISTS (SELECT 1 FROM payment_line AS again CROSS JOIN payment_line AS own
           WHERE again.kind = 'reissue' AND again.stands > 0 AND again.status IN ('draft', 'live', 'returned')
             AND own.entitlement_id = again.entitlement_id AND own.cover_month = again.cover_month
             AND own.component = again.component AND own.determination_id = again.determination_id
             AND own.pay_run_id = NEW.id AND own.kind IN ('arrears', 'one_off') AND own.status <> 'cancelled'
             AND EXISTS (SELECT 1 FROM payment_line AS root WHERE root.entitlement_id = again.entitlement_id
               AND root.cover_month = again.cover_month AND root.component = again.component
               AND root.determination_id = again.determination_id
               AND root.kind IN ('arrears', 'one_off') AND root.status = 'reissued'))",
        ),
        refusal: Refusal::OwedTwice,
    };
    refuse(schema, guard).await
}
