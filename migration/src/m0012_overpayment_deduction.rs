//! What pay runs keep back for overpayments that are enforceable.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        deduction(schema).await?;
        let mut run = Table::alter();
        run.table("pay_run").add_column(big_integer("deducted").default(0));
        schema.alter_table(run).await?;
        let mut recovery = Table::alter();
        recovery
            .table("overpayment_recovery")
            .add_column(uuid_null("deduction_id"));
        schema.alter_table(recovery).await?;
        let columns = [
            "id",
            "pay_run_id",
            "line_id",
            "order_id",
            "case_id",
            "case_version",
            "amount",
        ];
        immutable(schema, "overpayment_deduction", &columns).await?;
        delete_only(schema, "overpayment_deduction", "draft").await?;
        no_way_back(schema).await?;
        enforceable_alone(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn deduction(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = Table::create();
    table
        .table("overpayment_deduction")
        .col(uuid("id").primary_key())
        .col(uuid("pay_run_id"))
        .col(uuid("line_id"))
        .col(uuid("order_id"))
        .col(uuid("case_id"))
        .col(big_integer("case_version"))
        .col(big_integer("amount"))
        .col(string("status"))
        .foreign_key(&mut refers("overpayment_deduction", "pay_run_id", "pay_run", "id"))
        .foreign_key(&mut refers("overpayment_deduction", "line_id", "payment_line", "id"))
        .foreign_key(&mut refers(
            "overpayment_deduction",
            "case_id",
            "overpayment_case",
            "id",
        ))
        .check(("overpayment_deduction_amount", Expr::col("amount").gt(0)));
    schema.create_table(table).await?;
    // A line pays a case once, whatever is built twice.
    unique(schema, "overpayment_deduction", &["line_id", "case_id"]).await?;
    index(schema, "overpayment_deduction", &["pay_run_id"]).await?;
    index(schema, "overpayment_deduction", &["case_id"]).await
}

/// What was taken is never a draft again, nor taken again once it was given back.
async fn no_way_back(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "overpayment_deduction_no_way_back",
        table: "overpayment_deduction",
        event: "UPDATE OF status",
        when: "(NEW.status = 'draft' AND OLD.status <> 'draft') OR (OLD.status = 'given_back' AND NEW.status <> 'given_back') \
               OR (NEW.status = 'taken' AND OLD.status <> 'draft')",
        unless: None,
        refusal: Refusal::NotDraft,
    };
    refuse(schema, guard).await
}

/// Kept back is only for a case whose decision stands as it was reckoned, from a monthly line of the same person, and
/// never all of the line.
async fn enforceable_alone(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let stands = "SELECT 1 FROM overpayment_case WHERE overpayment_case.id = NEW.case_id \
                  AND overpayment_case.version = NEW.case_version \
                  AND overpayment_case.status IN ('enforceable', 'recovering')";
    let from_own_line = "EXISTS (SELECT 1 FROM payment_line JOIN overpayment_case ON overpayment_case.person_id = payment_line.person_id \
         WHERE payment_line.id = NEW.line_id AND overpayment_case.id = NEW.case_id \
         AND payment_line.pay_run_id = NEW.pay_run_id AND payment_line.order_id = NEW.order_id \
         AND payment_line.kind = 'regular' AND payment_line.amount > NEW.amount + \
         (SELECT COALESCE(SUM(overpayment_deduction.amount), 0) FROM overpayment_deduction WHERE overpayment_deduction.line_id = NEW.line_id))";
    let drafted = Guard {
        name: "overpayment_deduction_drafted",
        table: "overpayment_deduction",
        event: "INSERT",
        when: "TRUE",
        unless: Some(&format!(
            "NEW.status = 'draft' AND EXISTS ({stands}) AND {from_own_line}"
        )),
        refusal: Refusal::NotEnforceable,
    };
    refuse(schema, drafted).await?;
    let taken = Guard {
        name: "overpayment_deduction_taken",
        table: "overpayment_deduction",
        event: "UPDATE OF status",
        when: "NEW.status = 'taken'",
        unless: Some(&format!("EXISTS ({stands})")),
        refusal: Refusal::NotEnforceable,
    };
    refuse(schema, taken).await
}
