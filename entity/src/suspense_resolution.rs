//! What two people make of a bank's line that waits for a person.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// What comes of a line in suspense.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ResolutionKind {
    /// The line speaks of this order.
    MatchedToOrder,
    /// The payee has the money, or our account is debited for it.
    AcceptedAsPaid,
    /// The money is with us.
    AcceptedAsReturned,
    /// The difference of the amounts is explained; the line holds for its order.
    AmountExplained,
    /// It concerns nothing of ours.
    NotOurs,
    /// The bank takes it back and sends it anew.
    BankResends,
    /// What was said of a whole file was looked into; nothing follows from it by itself.
    LookedInto,
}

/// What two people make of a bank's line that waits for a person.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "suspense_resolution")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub line_id: Uuid,
    pub kind: ResolutionKind,
    pub order_id: Option<Uuid>,
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
