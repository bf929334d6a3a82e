//! An appeal against the decision of an overpayment case.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::overpayment_case::CaseStatus;

/// What became of an appeal.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AppealOutcome {
    /// The person was right: nothing is to be paid back.
    Upheld,
    /// The decision stands.
    Dismissed,
    /// Less is to be paid back.
    Varied,
}

/// An appeal against the decision of an overpayment case.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_appeal")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub case_id: Uuid,
    /// Where the case goes on if the decision stands.
    pub from_status: CaseStatus,
    pub filed_on: Date,
    pub grounds: String,
    /// Who signed the decision; somebody else resolves the appeal.
    pub decided_by: Uuid,
    pub outcome: Option<AppealOutcome>,
    pub reason: Option<String>,
    pub resolved_by: Option<Uuid>,
    pub resolved_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
