//! What changed in a month after it was closed, in the next close.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::Standing;

/// What changed in a month after it was closed, in the next close.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "month_close_correction")]
pub struct Model {
    /// The close that carries it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub close_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The month that was closed before.
    pub of_month: i32,
    pub order_id: Uuid,
    pub standing: Standing,
    /// How much more stands there than before, or less, in đồng.
    pub amount: i64,
}

impl ActiveModelBehavior for ActiveModel {}
