//! The few periods that fall due in another month than their own, and those that are paid once, are found by their month:
//! after each release it is asked what else was due in its month.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let db = schema.get_connection();
        for sql in [
            "CREATE INDEX ix_determination_period_due_month ON determination_period (due_month) \
             WHERE due_month IS NOT NULL",
            "CREATE INDEX ix_determination_period_one_off ON determination_period (from_month) WHERE kind = 'one_off'",
        ] {
            db.execute_unprepared(sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
