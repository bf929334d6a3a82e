//! What a draft instrument would do.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The state of a simulation.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum SimulationStatus {
    Running,
    Done,
    Failed,
}

/// What a draft instrument would do.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "simulation")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub instrument_id: Uuid,
    pub revision: i64,
    pub job_run_id: Option<Uuid>,
    pub status: SimulationStatus,
    #[sea_orm(column_type = "JsonBinary", nullable)]
    pub result: Option<Json>,
    pub digest: Option<String>,
    pub created_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// The body that was simulated.
    pub body_hash: Option<String>,
    /// The release it was compared with.
    pub base_release: Option<i32>,
    /// One person of so many was determined; everybody if none.
    pub sample: Option<i64>,
    #[sea_orm(belongs_to, from = "instrument_id", to = "id")]
    pub instrument: BelongsTo<super::instrument::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
