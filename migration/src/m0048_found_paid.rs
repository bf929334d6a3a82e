//! What came back is paid again by a line of its own. The line that came back is live again only where two people found,
//! of a line of a bank, that its order was debited all the same.

use sea_orm_migration::prelude::*;

use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        let guard = Guard {
            name: "payment_line_found_paid",
            table: "payment_line",
            event: "UPDATE OF status",
            when: "NEW.status = 'live' AND OLD.status NOT IN ('draft', 'live')",
            unless: Some(
                "OLD.status = 'returned' AND EXISTS (SELECT 1 FROM suspense_resolution AS own
                   WHERE own.order_id = NEW.order_id AND own.status = 'accepted'
                     AND own.decided_by <> own.proposed_by)",
            ),
            refusal: Refusal::NotApproved,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
