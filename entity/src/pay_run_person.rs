//! A person as a run's lists show them: kept with the run, so that a list written again later is the same.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A person as a run's lists show them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run_person")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Uuid,
    pub full_name: String,
    pub citizen_id: String,
    pub birth_year: i32,
    pub area_id: String,
    pub protected: bool,
    /// Regular money of the month before, đồng.
    pub amount_before: i64,
}

impl ActiveModelBehavior for ActiveModel {}
