//! A disaster.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a relief event.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReliefEventKind {
    Storm,
    Flood,
    Landslide,
    Fire,
    BoatAccident,
    TrafficAccident,
    Other,
}

/// The state of a relief event.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ReliefEventStatus {
    Alert,
    Active,
    Recovery,
    Closed,
}

/// A disaster.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "relief_event")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    pub kind: ReliefEventKind,
    pub happened_on: Date,
    pub status: ReliefEventStatus,
    #[sea_orm(column_type = "JsonBinary")]
    pub area_ids: Json,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
