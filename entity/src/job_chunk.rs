//! A part of a job run, done in one transaction.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a job chunk.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ChunkStatus {
    Pending,
    Done,
}

/// A part of a job run, done in one transaction.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "job_chunk")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub job_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    pub status: ChunkStatus,
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub done: i64,
    pub changed: i64,
    pub unchanged: i64,
    pub held: i64,
    pub failed: i64,
    pub finished_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
