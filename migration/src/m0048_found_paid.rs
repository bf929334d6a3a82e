//! What came back is paid again by a line of its own. The line that came back is live again only where two people found,
//! of a line of a bank, that its order was debited all the same; then what was kept back of it is kept back again too.

use sea_orm_migration::prelude::*;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        lines(schema).await?;
        deductions(schema).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// The decision of two people that an order is paid.
const FOUND_PAID: &str = "EXISTS (SELECT 1 FROM suspense_resolution AS own
       WHERE own.order_id = NEW.order_id AND own.status = 'accepted' AND own.decided_by <> own.proposed_by)";

async fn lines(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    let guard = Guard {
        name: "payment_line_found_paid",
        table: "payment_line",
        event: "UPDATE OF status",
        when: "NEW.status = 'live' AND OLD.status NOT IN ('draft', 'live')",
        unless: Some(&format!("OLD.status = 'returned' AND {FOUND_PAID}")),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, guard).await
}

/// As m0012 has it, but for the way back that two people open.
async fn deductions(schema: &SchemaManager<'_>) -> Result<(), DbErr> {
    const TABLE: &str = "overpayment_deduction";
    drop_guard(schema, "overpayment_deduction_no_way_back", TABLE).await?;
    let no_way_back = Guard {
        name: "overpayment_deduction_no_way_back",
        table: TABLE,
        event: "UPDATE OF status",
        when: "(NEW.status = 'draft' AND OLD.status <> 'draft') \
               OR (OLD.status = 'given_back' AND NEW.status NOT IN ('given_back', 'settled')) \
               OR (NEW.status = 'taken' AND OLD.status <> 'draft')",
        unless: None,
        refusal: Refusal::NotDraft,
    };
    refuse(schema, no_way_back).await?;
    let found_paid = Guard {
        name: "overpayment_deduction_found_paid",
        table: TABLE,
        event: "UPDATE OF status",
        when: "OLD.status = 'given_back' AND NEW.status = 'settled'",
        unless: Some(FOUND_PAID),
        refusal: Refusal::NotApproved,
    };
    refuse(schema, found_paid).await
}
