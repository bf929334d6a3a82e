//! Where an order stood when its month was closed.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where an amount of a released run stands: every đồng of its lines is in exactly one of these.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// With the bank or the post office, without an end.
    InFlight,
    /// In a file of which nobody knows whether it was delivered.
    Unknown,
    /// Our account is debited.
    Settled,
    /// The payee has it.
    Credited,
    /// Rejected or returned, and waits for a reissue.
    ToReissue,
    /// Rejected or returned, and paid again by a later run.
    Reissued,
    /// Rejected or returned, and cancelled by two people.
    Cancelled,
}

/// Where an order stood when its month was closed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "month_close_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub close_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub standing: Standing,
    /// In đồng, less what is kept back.
    pub amount: i64,
}

impl ActiveModelBehavior for ActiveModel {}
