//! Long work made of chunks, with its progress.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a job run.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum JobRunStatus {
    Running,
    Paused,
    Done,
    Failed,
    Cancelled,
}

/// Long work made of chunks, with its progress.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "job_run")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: String,
    #[sea_orm(unique)]
    pub natural_key: String,
    pub subject: String,
    pub status: JobRunStatus,
    pub total: i64,
    pub done: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub held: i64,
    pub failed: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub parameters: Json,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub result: Option<Json>,
    pub requested_by: String,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub finished_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
