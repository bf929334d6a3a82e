//! A list of payments that is approved and released as one.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::Channel;

/// The kind of a pay run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PayRunKind {
    Regular,
    ArrearsOnly,
    Relief,
    Reissue,
}

/// The state of a pay run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum PayRunStatus {
    Draft,
    Submitted,
    Approved,
    Released,
    Settling,
    Closed,
    /// It never left the house.
    Cancelled,
}

/// The build of a pay run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Build {
    Pending,
    Running,
    Done,
    Failed,
}

/// A list of payments that is approved and released as one.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: PayRunKind,
    pub cover_month: i32,
    pub sequence: i32,
    pub pay_date: Date,
    /// The legal release it was built under.
    pub release_number: i32,
    /// What was known when it was built.
    pub evidence_watermark: i64,
    pub status: PayRunStatus,
    pub build: Build,
    /// Grows whenever the lines are built anew; approvals bind to it.
    pub revision: i64,
    pub line_count: i64,
    /// The sum of the lines.
    pub total: i64,
    /// Digest of the lines; an approval binds to it.
    pub digest: Option<String>,
    pub made_by: Option<Uuid>,
    pub submitted_at: Option<DateTimeUtc>,
    pub approved_at: Option<DateTimeUtc>,
    pub released_at: Option<DateTimeUtc>,
    pub relief_event_id: Option<Uuid>,
    pub fund_id: Option<Uuid>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// What is kept back of the lines for overpayments; the orders pay the rest.
    pub deducted: i64,
    /// The revision whose build made the lines; the revision itself goes on when a run is sent back.
    pub build_revision: i64,
    /// So many people must approve it, by its amount and that of the other runs of its month when it was submitted.
    pub approvals: i32,
    /// The role that each of them holds.
    pub approval_role: String,
    /// The ids of the areas it is for; none: all.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub areas: Option<Json>,
    /// The channel it is for; none: all.
    pub channel: Option<Channel>,
    /// Why it was sent back last, until it is submitted again.
    pub rejected_reason: Option<String>,
    /// The day banks are asked to execute, fixed at approval; none in runs of earlier versions.
    pub execution_date: Option<Date>,
    /// The code of the fund that all of its lines draw on; fixed when it is opened.
    pub fund_code: String,
    /// The codes of the benefits that a regular run pays; fixed when it is opened. None: every benefit.
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub benefits: Option<Json>,
    #[sea_orm(belongs_to, from = "release_number", to = "number")]
    pub release: BelongsTo<super::release::Entity>,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<Option<super::fund::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
