//! Work to do; this row is the truth, the carrier only brings its id.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The queue of a job.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Queue {
    Relief,
    Files,
    Reassessment,
    Default,
}

/// The state of a job.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    Queued,
    Running,
    Done,
    /// Gave up after its last attempt.
    Dead,
    Cancelled,
}

/// Work to do; this row is the truth, the carrier only brings its id.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "job")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub queue: Queue,
    pub kind: String,
    /// Ids only.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    #[sea_orm(unique)]
    pub natural_key: String,
    pub status: JobStatus,
    pub attempts: i32,
    pub max_attempts: i32,
    /// Not before.
    pub run_at: DateTimeUtc,
    pub lease_until: Option<DateTimeUtc>,
    pub locked_by: Option<String>,
    /// Until then the carrier is trusted to bring it.
    pub published_until: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub job_run_id: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub done_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
