//! The fiscal year of a line where a rule says another than that of its month, and the line that a relief claim is
//! filed again for.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        // Lines of before are carried by the years of their months.
        add_column(schema, "payment_line", integer_null("fiscal_year")).await?;
        add_column(schema, "overpayment_recovery", integer_null("fiscal_year")).await?;
        let guard = Guard {
            name: "payment_line_keeps_fiscal_year",
            table: "payment_line",
            event: "UPDATE OF fiscal_year",
            when: &differs(&["fiscal_year"]),
            unless: None,
            refusal: Refusal::Immutable,
        };
        refuse(schema, guard).await?;
        add_column(schema, "relief_claim", uuid_null("replaces_line_id")).await?;
        // Money that came back is given out again once.
        unique_where(
            schema,
            "ux_relief_claim_replaces_line",
            "relief_claim",
            &["replaces_line_id"],
            Expr::col("replaces_line_id").is_not_null(),
        )
        .await?;
        open_runs(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// Lines that pay again what came back are reserved from what came back. Runs that were submitted before had taken them
/// from what was available: that is given back now, as their release would have done.
async fn open_runs(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = schema.get_connection();
    let id = match db.get_database_backend() {
        sea_orm_migration::sea_orm::DbBackend::Postgres => "gen_random_uuid()",
        _ => "randomblob(16)",
    };
    let kept = "SELECT fund.id AS fund_id, CAST(SUM(line.amount) AS BIGINT) AS amount FROM payment_line AS line \
                JOIN pay_run ON pay_run.id = line.pay_run_id AND pay_run.status IN ('submitted', 'approved') \
                JOIN fund ON fund.code = 'social_assistance' AND fund.fiscal_year = line.cover_month / 100 \
                WHERE line.kind = 'reissue' AND line.status <> 'cancelled' GROUP BY fund.id";
    // The account that gives and the one that takes, one after the other.
    let accounts = "SELECT 'to_reissue' AS account, -1 AS sign UNION ALL SELECT 'available' AS account, 1 AS sign";
    db.execute_unprepared(&format!(
        "INSERT INTO posting (id, batch, position, fund_id, account, amount, at) \
         SELECT {id}, 'm0031_runs_money', \
         CAST(ROW_NUMBER() OVER (ORDER BY kept.fund_id, own.sign) - 1 AS INTEGER), \
         kept.fund_id, own.account, kept.amount * own.sign, CURRENT_TIMESTAMP \
         FROM ({kept}) AS kept CROSS JOIN ({accounts}) AS own"
    ))
    .await?;
    for (account, sign) in [("to_reissue", "-"), ("available", "+")] {
        db.execute_unprepared(&format!(
            "UPDATE fund_balance SET amount = amount {sign} \
             (SELECT kept.amount FROM ({kept}) AS kept WHERE kept.fund_id = fund_balance.fund_id) \
             WHERE account = '{account}' AND fund_id IN (SELECT kept.fund_id FROM ({kept}) AS kept)"
        ))
        .await?;
    }
    Ok(())
}
