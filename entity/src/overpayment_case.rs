//! What one person was paid too much for one cause, and the procedure about it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of an overpayment case.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CaseStatus {
    /// Found by a reassessment; without effect.
    Detected,
    /// Its cause is known.
    Classified,
    /// The person need not pay it back.
    NotRecoverable,
    /// Too small to be pursued.
    BelowMinimum,
    /// Too old to be pursued.
    TimeBarred,
    /// The person was told and may answer.
    NoticeServed,
    /// The person answered, or the time for it is over.
    Heard,
    /// A first person proposes what is to be paid back.
    Proposed,
    /// A second person decided; it may be appealed.
    Decided,
    /// Everything rests until the appeal is resolved.
    Appealed,
    /// The decision stands.
    Enforceable,
    /// A plan of instalments runs.
    Recovering,
    /// Paid back.
    Settled,
    /// The rest is forgiven.
    Waived,
    /// The rest can't be had.
    WrittenOff,
    /// A later determination found nothing paid too much.
    Superseded,
}

/// Why somebody was paid too much.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OverpaymentCause {
    /// The law was changed with a past date.
    Law,
    /// An office made a mistake.
    OfficialError,
    /// An office knew and acted late.
    LateAction,
    /// The person did not report a change.
    CitizenOmission,
    /// The person said what was not so.
    Misrepresentation,
    /// Somebody else caused it.
    ThirdParty,
    /// Paid after death.
    DeathAfterPayment,
    /// A fault of a system.
    Technical,
}

/// What one person was paid too much for one cause, and the procedure about it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_case")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    /// What brought it to light: `release:<number>` or `evidence:<revision>`.
    pub event: String,
    pub status: CaseStatus,
    pub cause: Option<OverpaymentCause>,
    pub notice_delivered_on: Option<Date>,
    pub response_due: Option<Date>,
    /// What the person said.
    pub statement: Option<String>,
    /// Grows with each proposal; signatures bind to it.
    pub revision: i64,
    /// Digest of the months as decided.
    pub digest: Option<String>,
    pub proposed_by: Option<Uuid>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    pub decision_delivered_on: Option<Date>,
    /// The last day on which the decision may be appealed before it is enforceable.
    pub appeal_until: Option<Date>,
    /// Number of the plan of instalments in force; 0: none.
    pub plan: i32,
    /// What had been recovered when the plan was made, in đồng.
    pub recovered_before_plan: i64,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
