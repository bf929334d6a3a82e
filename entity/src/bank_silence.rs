//! What two people decide became of an order that its bank says nothing of, or that was recalled by letter.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// What became of the order, as the bank's letter says.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SilenceOutcome {
    /// It was never executed: no money moved, and it is owed still.
    NotExecuted,
    /// It was paid, and no report said so.
    Paid,
}

/// What two people decide became of an order that its bank says nothing of, or that was recalled by letter.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_silence")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub order_id: Uuid,
    pub outcome: SilenceOutcome,
    /// Number and date of the letter in which the bank or the post office says so.
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
