//! The fund that pays a program changes by two people; what a released run pays of its month is owed no more.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DbBackend;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        owed_once(schema).await?;
        let (own, said) = match schema.get_connection().get_database_backend() {
            DbBackend::Postgres => (
                "'program_fund:' || replace(NEW.id::text, '-', '')",
                "(own.body::jsonb ->> 'fund_code')",
            ),
            _ => (
                "'program_fund:' || lower(hex(NEW.id))",
                "json_extract(own.body, '$.fund_code')",
            ),
        };
        // The newest that was accepted of the program, not one of before.
        let proof = format!(
            "EXISTS (SELECT 1 FROM treasury_proposal AS own WHERE own.kind = 'program_fund' AND own.subject = {own}
               AND own.status = 'accepted' AND own.decided_by <> own.proposed_by AND {said} = NEW.fund_code
               AND NOT EXISTS (SELECT 1 FROM treasury_proposal AS later WHERE later.subject = own.subject
                 AND later.status = 'accepted' AND later.decided_at > own.decided_at))"
        );
        let guard = Guard {
            name: "program_fund_two_people",
            table: "program",
            event: "UPDATE OF fund_code",
            when: &differs(&["fund_code"]),
            unless: Some(&proof),
            refusal: Refusal::NotApproved,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// A regular run is not released while what it pays of its month waits as arrears: a later run would pay it again.
async fn owed_once(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    // The few arrears of the month come first; the lines of a run are many.
    let proof = "NOT EXISTS (SELECT 1 FROM arrears AS own CROSS JOIN payment_line AS paid
           WHERE own.status = 'pending' AND own.cover_month = NEW.cover_month
             AND paid.entitlement_id = own.entitlement_id AND paid.cover_month = own.cover_month
             AND paid.component = own.component AND paid.kind = 'regular' AND paid.pay_run_id = NEW.id)";
    let guard = Guard {
        name: "pay_run_owed_once",
        table: "pay_run",
        event: "UPDATE OF status",
        when: "NEW.status = 'released' AND OLD.status <> 'released' AND NEW.kind = 'regular'",
        unless: Some(proof),
        refusal: Refusal::OwedTwice,
    };
    refuse(schema, guard).await
}
