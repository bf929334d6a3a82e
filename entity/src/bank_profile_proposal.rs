//! A change of what a bank takes, proposed by one person and decided by another.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// A change of what a bank takes, proposed by one person and decided by another.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_profile_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The bank's code; `default` for every bank without a profile of its own.
    pub bank: String,
    /// The version of the bank's own profile that it replaces; 0 where there is none.
    pub base_version: i64,
    /// The whole profile in force when it was proposed, as JSON text.
    pub base: String,
    /// The whole profile proposed, as JSON text.
    pub profile: String,
    /// What the first person says.
    pub note: String,
    pub status: ProposalStatus,
    pub proposed_by: Uuid,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    /// When it was decided or withdrawn.
    pub decided_at: Option<DateTimeUtc>,
    /// What the second person says.
    pub decision_note: Option<String>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
