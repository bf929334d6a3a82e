//! The balance of a fund's account: the sum of its postings.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::FundAccount;

/// The balance of a fund's account: the sum of its postings.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "fund_balance")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub fund_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub account: FundAccount,
    pub amount: i64,
    #[sea_orm(belongs_to, from = "fund_id", to = "id")]
    pub fund: BelongsTo<super::fund::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
