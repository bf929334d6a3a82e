//! What two people say, by the letter of a bank, answers the recall of an order that is paid.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::{ProposalStatus, RecallAnswer};

/// What two people say, by the letter of a bank, answers the recall of an order that is paid.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "recall_answer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub recall_id: Uuid,
    /// Accepted or refused.
    pub answer: RecallAnswer,
    /// Number and date of the letter in which the bank says so.
    pub letter: String,
    /// What the first person says.
    pub note: String,
    pub status: ProposalStatus,
    pub proposed_by: Uuid,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    /// What the second person says.
    pub decision_note: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
