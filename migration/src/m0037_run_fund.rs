//! The fund that a run draws on and the benefits it is for; the fund of a relief request; the fund that money which was
//! paid back is posted in.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Until now relief drew on one fund and everything else on another.
        let regular = string("fund_code").default("social_assistance").take();
        add_column(schema, "pay_run", regular.clone()).await?;
        schema
            .get_connection()
            .execute_unprepared("UPDATE pay_run SET fund_code = 'emergency_relief' WHERE kind = 'relief'")
            .await?;
        // Null for runs of before: they were for every benefit.
        add_column(schema, "pay_run", json_binary_null("benefits")).await?;
        add_column(schema, "overpayment_recovery", regular).await?;
        let relief = string("fund_code").default("emergency_relief").take();
        add_column(schema, "relief_request", relief).await?;
        for (name, table, columns) in [
            ("pay_run_keeps_fund", "pay_run", ["fund_code", "benefits"].as_slice()),
            ("relief_request_keeps_fund", "relief_request", ["fund_code"].as_slice()),
        ] {
            let guard = Guard {
                name,
                table,
                event: &format!("UPDATE OF {}", columns.join(", ")),
                when: &differs(columns),
                unless: None,
                refusal: Refusal::Immutable,
            };
            refuse(schema, guard).await?;
        }
        index(schema, "pay_run", &["fund_code", "cover_month"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
