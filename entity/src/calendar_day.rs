//! A day that the province decided on.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What was decided of a day.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum CalendarDayKind {
    /// Banks are closed.
    Holiday,
    /// Banks work, whatever the rules say.
    Working,
    /// Months are paid on it ahead of their time.
    PayEarly,
    /// From this day on the fiscal years before its own are closed: their arrears are carried by the year of the pay run.
    YearClosed,
}

/// A day that the province decided on.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "calendar_day")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    pub kind: CalendarDayKind,
    /// The months that are paid early, as `202501`.
    #[sea_orm(column_type = "JsonBinary")]
    pub cover_months: Json,
    pub reason: String,
    pub decided_by: Option<Uuid>,
    pub decided_at: DateTimeUtc,
    /// What two people decided it by; none for those of before two were needed.
    pub proposal_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
