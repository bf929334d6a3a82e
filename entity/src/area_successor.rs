//! Which area took over which.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The coverage of an area successor.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// The whole old area went there.
    Whole,
    /// A part of the old area went there.
    Partial,
}

/// Which area took over which.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "area_successor")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub old_id: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub new_id: String,
    pub coverage: Coverage,
    /// Where people go whose exact place is unknown.
    pub is_default: bool,
}

impl ActiveModelBehavior for ActiveModel {}
