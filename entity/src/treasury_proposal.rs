//! What one person proposes of the treasury's own terms and another decides: a fund with its estimate, the lines of it and
//! less money for it, the approval tiers, a day of the calendar of payments.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::ProposalStatus;

/// What is proposed.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TreasuryKind {
    /// To open a fund with its estimate.
    Fund,
    /// How many people must approve what, all tiers at once.
    ApprovalTiers,
    /// What a day of the calendar of payments is.
    CalendarDay,
    /// The lines of a fund's estimate, all at once.
    FundLines,
    /// Which fund pays a program.
    ProgramFund,
    /// Less money for a fund, which goes back to its source.
    FundReduction,
}

/// Why a fund has less money.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReductionKind {
    /// Its estimate is lowered.
    Cut,
    /// What is not spent is cancelled at the end of the year, or goes back to the budget it came from.
    GivenBack,
}

/// What one person proposes of the treasury's own terms and another decides.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "treasury_proposal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: TreasuryKind,
    /// What it is about, such as `calendar_day:2025-01-20`; one proposal of a subject is open at a time.
    pub subject: String,
    /// What held of the subject when it was proposed, as JSON text.
    pub base: String,
    /// What would hold, as JSON text.
    pub body: String,
    /// SHA-256 of what both people decide about, in hexadecimal digits.
    pub digest: String,
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
