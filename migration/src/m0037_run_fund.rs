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
        // A program of a benefit might name the fund of relief; its people were paid from the other one all the same.
        schema
            .get_connection()
            .execute_unprepared(
                "UPDATE program SET fund_code = 'social_assistance' \
                 WHERE fund_code = 'emergency_relief' AND benefit IS NOT NULL",
            )
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

#[cfg(test)]
mod tests {
    use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, Statement};

    use super::*;
    use crate::{Migrator, exclusive};

    /// The next steps, so many of them or all.
    async fn steps(db: &DatabaseConnection, many: Option<u32>) {
        let transaction = exclusive(db).await.unwrap();
        Migrator::up(&transaction, many).await.unwrap();
        transaction.commit().await.unwrap();
    }

    #[tokio::test]
    async fn a_program_of_a_benefit_goes_on_drawing_where_its_people_were_paid() {
        let mut options = ConnectOptions::new("sqlite::memory:");
        options.sqlx_logging(false).max_connections(1);
        let db = Database::connect(options).await.unwrap();
        let own = Migration.name().to_owned();
        let before = Migrator::migrations().iter().position(|step| step.name() == own);
        steps(&db, Some(before.unwrap().try_into().unwrap())).await;
        for (id, benefit) in [(1, "'social_pension'"), (2, "NULL")] {
            let program = format!(
                "INSERT INTO program (id, code, name_vi, name_en, kind, benefit, legal_basis, responsible_unit, fund_code,
                   from_date, status, version)
                 VALUES (x'{id:032x}', 'p{id}', '', '', 'monthly_cash', {benefit}, '', '', 'emergency_relief',
                   '2024-01-01', 'active', 1)"
            );
            db.execute_unprepared(&program).await.unwrap();
        }
        steps(&db, None).await;
        let query = Statement::from_string(db.get_database_backend(), "SELECT fund_code FROM program ORDER BY code");
        let rows = db.query_all_raw(query).await.unwrap();
        let funds: Vec<String> = rows.iter().map(|row| row.try_get("", "fund_code").unwrap()).collect();
        assert_eq!(funds, ["social_assistance", "emergency_relief"]);
    }
}
