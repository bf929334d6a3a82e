//! Programs name the funds that pay runs post to. A program whose office opened a fund under the old name keeps it.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The old name and the one of today.
const NAMES: &[(&str, &str)] = &[("BTXH", "social_assistance"), ("CUUTRO", "emergency_relief")];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        for (old, new) in NAMES {
            let sql = format!(
                "UPDATE program SET fund_code = '{new}' WHERE fund_code = '{old}' \
                 AND NOT EXISTS (SELECT 1 FROM fund WHERE fund.code = '{old}')"
            );
            schema.get_connection().execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
