//! What a reassessment did with a person; the unchanged are only counted.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The outcome of a reassessment outcome.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReassessmentResult {
    Changed,
    Unchanged,
    Held,
    Failed,
}

/// What a reassessment did with a person; the unchanged are only counted.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "reassessment_outcome")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    pub outcome: ReassessmentResult,
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
