//! An order that a bank's line in suspense may speak of; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An order that a bank's line in suspense may speak of; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "suspense_candidate")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub line_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
