//! A month paid above what was due; without effect until a person decides.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of an overpayment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OverpaymentStatus {
    /// Paid too much, and not paid back.
    Detected,
    /// A later determination found another difference, or it was paid back.
    Superseded,
}

/// A month paid above what was due; without effect until a person decides.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment")]
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
    /// What brought it to light: `release:<number>` or `evidence:<revision>`.
    pub cause: String,
    pub status: OverpaymentStatus,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
