//! An instalment of a plan to pay back; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An instalment of a plan to pay back; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "overpayment_instalment")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub case_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub due_month: i32,
    /// In đồng, above 0.
    pub amount: i64,
}

impl ActiveModelBehavior for ActiveModel {}
