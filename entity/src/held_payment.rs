//! A payment a run leaves out, and why.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A payment a run leaves out, and why.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "held_payment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub person_id: Uuid,
    pub entitlement_id: Uuid,
    pub component: String,
    pub cover_month: i32,
    pub amount: i64,
    pub reason: String,
    pub area_id: String,
    #[sea_orm(belongs_to, from = "pay_run_id", to = "id")]
    pub pay_run: BelongsTo<super::pay_run::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
