//! A line of a bank's report and how it was reconciled.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The outcome of a bank report line.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum LineOutcome {
    Pending,
    Matched,
    Partial,
    AmountDiffers,
    UnknownReference,
    Duplicate,
    Late,
    Returned,
    /// Its report was set aside: the line says nothing of any order.
    SetAside,
}

/// A line of a bank's report and how it was reconciled.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_report_line")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bank_report_id: Uuid,
    pub position: i32,
    pub reference: Option<String>,
    pub uetr: Option<Uuid>,
    pub amount: Option<i64>,
    pub status_code: String,
    pub reason_code: Option<String>,
    pub account: Option<String>,
    pub outcome: LineOutcome,
    pub order_id: Option<Uuid>,
    pub note: Option<String>,
    pub resolved_by: Option<Uuid>,
    pub resolved_at: Option<DateTimeUtc>,
    /// The day of booking or payment.
    pub booked_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
