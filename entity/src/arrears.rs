//! Money owed for a past month.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of an arrears.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ArrearsKind {
    Arrears,
    OneOff,
}

/// The state of an arrears.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ArrearsStatus {
    /// Flows into the next run.
    Pending,
    /// Is in a run.
    Taken,
    Cancelled,
}

/// Money owed for a past month.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "arrears")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub entitlement_id: Uuid,
    pub person_id: Uuid,
    pub component: String,
    pub cover_month: i32,
    pub determination_id: Uuid,
    /// In đồng, above 0.
    pub amount: i64,
    pub group_code: String,
    pub provision: String,
    pub kind: ArrearsKind,
    pub status: ArrearsStatus,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
