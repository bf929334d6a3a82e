//! What runs of some areas or one channel held waits as arrears once they are released: a job sees to it, which comes with
//! the release. Versions before asked for none, and left what such runs held to nobody. Each of those runs gets its job here,
//! once; it changes nothing where nothing was left.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::subject_of;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        let (payload, now) = match db.get_database_backend() {
            DbBackend::Postgres => ("jsonb_build_object('pay_run', own.id)", "clock_timestamp()"),
            _ => (
                "json_object('pay_run', lower(hex(own.id)))",
                "strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
            ),
        };
        let key = subject_of(schema, "carry_over_held", "own.id");
        // A job is known by its natural key; no two of these have one id, for they are those of different runs.
        db.execute_unprepared(&format!(
            "INSERT INTO job (id, queue, kind, payload, natural_key, status, attempts, max_attempts, run_at, created_at)
             SELECT own.id, 'reassessment', 'carry_over_held', {payload}, {key}, 'queued', 0, 8, {now}, {now}
             FROM pay_run AS own
             WHERE own.kind = 'regular' AND own.status IN ('released', 'settling', 'closed')
               AND (own.areas IS NOT NULL OR own.channel IS NOT NULL)
               AND NOT EXISTS (SELECT 1 FROM job AS known WHERE known.natural_key = {key})"
        ))
        .await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
