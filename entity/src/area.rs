//! A province, district or commune within its dates; codes are re-used, ids are not.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The level of an area.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AreaLevel {
    Province,
    District,
    Commune,
}

/// The area type of an area.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum AreaType {
    Urban,
    Rural,
    Special,
}

/// A province, district or commune within its dates; codes are re-used, ids are not.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "area")]
pub struct Model {
    /// `<code>@<year-month from which it is valid>`, such as `06652@2025-07`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub code: String,
    pub name: String,
    pub level: AreaLevel,
    /// The Vietnamese kind of unit, such as phường or xã.
    pub kind: String,
    pub area_type: Option<AreaType>,
    pub parent_id: Option<String>,
    pub valid_from: Date,
    /// Last day.
    pub valid_to: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
