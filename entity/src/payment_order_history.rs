//! The history of an order, to be read: its own steps and those of its whole run.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::payment_order::OrderStatus;

/// A step in the life of an order: its own ([`super::payment_order_event`]), or one of all orders of its run
/// ([`super::pay_run_step`]). A view; nothing is written to it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_order_history")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    pub from_status: Option<OrderStatus>,
    pub to_status: OrderStatus,
    pub reason: Option<String>,
    /// `pay_run:<id>`, `bank_report:<id>` or `bank_report_line:<id>`.
    pub source: String,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
