//! One amount for one component of an entitlement and one month.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a payment line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    Regular,
    Arrears,
    OneOff,
    Relief,
    Reissue,
}

/// The state of a payment line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LineStatus {
    Draft,
    Live,
    Cancelled,
    Returned,
    Reissued,
}

/// One amount for one component of an entitlement and one month.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub entitlement_id: Uuid,
    pub person_id: Uuid,
    pub component: String,
    pub kind: LineKind,
    pub cover_month: i32,
    pub sequence: i32,
    pub group_code: String,
    /// In đồng, above 0.
    pub amount: i64,
    pub provision: String,
    pub determination_id: Option<Uuid>,
    pub payee_account_id: Uuid,
    /// The area at the time of the run; it decides who may see the line.
    pub area_id: String,
    pub order_id: Option<Uuid>,
    pub status: LineStatus,
    /// The fiscal year whose fund carries it, where that is not the year of its cover month.
    pub fiscal_year: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}
