//! A movement in the double-entry ledger; append-only, each batch sums to 0.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::FundAccount;

/// A movement in the double-entry ledger; append-only, each batch sums to 0.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "posting")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Natural key of the step, such as `pay_run:<id>:submit:<revision>`.
    pub batch: String,
    pub position: i32,
    pub fund_id: Uuid,
    pub account: FundAccount,
    /// Signed, in đồng.
    pub amount: i64,
    pub at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<super::fund::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
