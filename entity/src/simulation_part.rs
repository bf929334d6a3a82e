//! What was counted of one chunk of a simulation, until it is put together.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What was counted of one chunk of a simulation.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "simulation_part")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub simulation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub counted: Json,
}

impl ActiveModelBehavior for ActiveModel {}
