//! One month of an overpayment case.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// One month of an overpayment case. All amounts in đồng.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_month")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub entitlement_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub component: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub cover_month: i32,
    /// Paid too much, with what was recovered of it.
    pub detected: i64,
    pub proposed: Option<i64>,
    /// To be paid back; never above `detected`.
    pub decided: Option<i64>,
    /// Why this much of this month.
    pub reason: Option<String>,
    /// Paid back; never above `decided`.
    pub recovered: i64,
}

impl ActiveModelBehavior for ActiveModel {}
