//! A commune's or district's request for relief money.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a relief request.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReliefRequestStatus {
    Draft,
    Submitted,
    Verified,
    Approved,
    Rejected,
    Paid,
}

/// A commune's or district's request for relief money.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "relief_request")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub relief_event_id: Uuid,
    pub area_id: String,
    pub reference: String,
    pub submitted_by: Option<Uuid>,
    pub status: ReliefRequestStatus,
    pub revision: i64,
    pub total: i64,
    pub digest: Option<String>,
    pub sla_due_at: Option<DateTimeUtc>,
    pub submitted_at: Option<DateTimeUtc>,
    pub verified_at: Option<DateTimeUtc>,
    pub approved_at: Option<DateTimeUtc>,
    pub pay_run_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// The code of the fund that pays it; fixed when it is filed.
    pub fund_code: String,
    #[sea_orm(belongs_to, from = "relief_event_id", to = "id")]
    pub relief_event: BelongsTo<super::relief_event::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
