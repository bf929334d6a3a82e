//! A step that every order of a run took at once, told once for all of them.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::payment_order::OrderStatus;

/// A step that every order of a run took at once, told once for all of them.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run_step")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    /// Its number in the history of each of the orders, from 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    pub from_status: Option<OrderStatus>,
    pub to_status: OrderStatus,
    /// `pay_run:<id>`.
    pub source: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
