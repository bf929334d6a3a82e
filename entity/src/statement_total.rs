//! What a statement says of the whole of itself, beside the sums of its lines; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a statement says of the whole of itself, beside the sums of its lines; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "statement_total")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub bank_report_id: Uuid,
    /// The sum of debits it says it has, in đồng.
    pub debits: Option<i64>,
    /// The sum of credits it says it has, in đồng.
    pub credits: Option<i64>,
    /// By how much its balance grew, in đồng.
    pub growth: Option<i64>,
    /// The sum of its booked debit lines, in đồng.
    pub listed_debits: i64,
    /// The sum of its booked credit lines, in đồng.
    pub listed_credits: i64,
}

impl ActiveModelBehavior for ActiveModel {}
