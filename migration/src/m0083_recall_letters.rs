//! That the letter of a recall was sent: the day, and the number that it was given.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::*;

use crate::table::*;
use crate::trigger::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLE: &str = "recall";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, schema: &SchemaManager) -> Result<(), DbErr> {
        add_column(schema, TABLE, date_null("letter_sent_on")).await?;
        add_column(schema, TABLE, string_null("letter_number")).await?;
        // No letter leaves of what two people have not agreed on, and none has a number before it leaves.
        let guard = Guard {
            name: "recall_letter_after_agreement",
            table: TABLE,
            event: "UPDATE OF letter_sent_on, letter_number",
            when: "(NEW.letter_sent_on IS NOT NULL OR NEW.letter_number IS NOT NULL) \
                   AND (NEW.status <> 'accepted' OR NEW.letter_sent_on IS NULL)",
            unless: None,
            refusal: Refusal::NotApproved,
        };
        refuse(schema, guard).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
