//! Arrears that came back and were cancelled are owed again, and may be paid again; lines of reports that people closed
//! have an end.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        arrears_lines_once(schema).await?;
        paid_again_once(schema).await?;
        cancelled_are_not_taken(schema).await?;
        closed_lines_have_an_end(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn is_postgres(schema: &SchemaManager<'_>) -> bool {
    schema.get_connection().get_database_backend() == DbBackend::Postgres
}

/// A line of arrears that was paid again is replaced by its reissue. Where that came back too and was cancelled, the
/// arrears are owed anew, by the same determination: the line that pays them is no second one.
async fn arrears_lines_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let stands = if is_postgres(schema) {
        // As m0033 has it: no index reads which of its states a line is in.
        let column = "ALTER TABLE payment_line ADD COLUMN paid_again boolean NOT NULL \
                      GENERATED ALWAYS AS (status = 'reissued') STORED";
        db.execute_unprepared(column).await?;
        "NOT cancelled AND NOT paid_again"
    } else {
        "status NOT IN ('cancelled', 'reissued')"
    };
    db.execute_unprepared("DROP INDEX ux_payment_line_arrears").await?;
    let index = format!(
        "CREATE UNIQUE INDEX ux_payment_line_arrears ON payment_line \
         (entitlement_id, component, cover_month, determination_id) WHERE kind IN ('arrears', 'one_off') AND {stands}"
    );
    db.execute_unprepared(&index).await?;
    Ok(())
}

/// What the index no longer sees: no run is released that makes up for what stands as a reissue of arrears already.
async fn paid_again_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The reissues that were not cancelled are few, and have an index of their own on each engine.
    let few = if is_postgres(schema) {
        "NOT again.cancelled"
    } else {
        "again.status <> 'cancelled'"
    };
    let proof = format!(
        "NOT EXISTS (SELECT 1 FROM payment_line AS again CROSS JOIN payment_line AS own
           WHERE again.kind = 'reissue' AND {few} AND again.status IN ('draft', 'live', 'returned')
             AND own.entitlement_id = again.entitlement_id AND own.cover_month = again.cover_month
             AND own.component = again.component AND own.determination_id = again.determination_id
             AND own.pay_run_id = NEW.id AND own.kind IN ('arrears', 'one_off') AND own.status <> 'cancelled'
             AND EXISTS (SELECT 1 FROM payment_line AS root WHERE root.entitlement_id = again.entitlement_id
               AND root.cover_month = again.cover_month AND root.component = again.component
               AND root.determination_id = again.determination_id
               AND root.kind IN ('arrears', 'one_off') AND root.status = 'reissued'))"
    );
    let guard = Guard {
        name: "pay_run_paid_again_once",
        table: "pay_run",
        event: "UPDATE OF status",
        when: "NEW.status = 'released' AND OLD.status <> 'released' AND NEW.kind <> 'relief'",
        unless: Some(&proof),
        refusal: Refusal::OwedTwice,
    };
    refuse(schema, guard).await
}

/// Arrears of which nothing stands any more, because what made up for them was cancelled before this step.
async fn cancelled_are_not_taken(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let paid = |states: &str| {
        format!(
            "EXISTS (SELECT 1 FROM payment_line AS paid WHERE paid.entitlement_id = arrears.entitlement_id
               AND paid.component = arrears.component AND paid.cover_month = arrears.cover_month
               AND paid.determination_id = arrears.determination_id
               AND paid.kind IN ('arrears', 'one_off', 'reissue') AND paid.status IN ({states}))"
        )
    };
    let sql = format!(
        "UPDATE arrears SET status = 'cancelled' WHERE status = 'taken' AND {} AND NOT {}",
        paid("'cancelled'"),
        paid("'draft', 'live', 'returned'"),
    );
    schema.get_connection().execute_unprepared(&sql).await?;
    Ok(())
}

/// Lines of which nobody could tell what they come to, closed before this step: they end as what was made of them.
async fn closed_lines_have_an_end(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let decided =
        "(SELECT kind FROM suspense_resolution WHERE line_id = bank_report_line.id AND status = 'accepted' LIMIT 1)";
    let closed = "outcome = 'pending' AND resolved_at IS NOT NULL";
    let agree = format!("{closed} AND COALESCE({decided}, 'none') NOT IN ('not_ours', 'bank_resends')");
    // A report counts its own lines; what is said of whole files stands behind them.
    let count = format!(
        "UPDATE bank_report SET matched = matched + (SELECT COUNT(*) FROM bank_report_line \
         WHERE bank_report_id = bank_report.id AND position <= bank_report.line_count AND {agree}) \
         WHERE id IN (SELECT bank_report_id FROM bank_report_line WHERE {agree})"
    );
    db.execute_unprepared(&count).await?;
    let end = format!(
        "UPDATE bank_report_line SET outcome = CASE {decided} WHEN 'accepted_as_returned' THEN 'returned' \
         WHEN 'not_ours' THEN 'unknown_reference' WHEN 'bank_resends' THEN 'duplicate' ELSE 'matched' END WHERE {closed}"
    );
    db.execute_unprepared(&end).await?;
    Ok(())
}
