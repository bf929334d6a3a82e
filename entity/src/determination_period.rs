//! A stretch of equal months in a determination.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a determination period.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PeriodKind {
    Regular,
    Arrears,
    OneOff,
    /// Something is missing; the payment is held.
    Undetermined,
}

/// A stretch of equal months in a determination.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "determination_period")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub determination_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub component: String,
    pub kind: PeriodKind,
    pub from_month: i32,
    /// Last month.
    pub to_month: Option<i32>,
    /// Empty: each month is due in itself.
    pub due_month: Option<i32>,
    pub group_code: String,
    /// Each month, in đồng; 0 where undetermined.
    pub amount: i64,
    pub provision: String,
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
