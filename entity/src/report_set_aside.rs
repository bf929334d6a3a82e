//! What two people decide of a report that was read as another bank's, or in another mode than it should have been.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// What two people decide of a report that was read as another bank's, or in another mode than it should have been.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "report_set_aside")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bank_report_id: Uuid,
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
