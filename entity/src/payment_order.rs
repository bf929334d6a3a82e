//! What one payee account receives from one run, or from it for one beneficiary.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::Channel;

/// The state of a payment order.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    Approved,
    Extracted,
    Accepted,
    Settled,
    Credited,
    Rejected,
    Returned,
    /// Nobody knows whether it was delivered; never sent again under a new id.
    Unknown,
}

/// What one payee account receives from one run, or from it for one beneficiary.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub pay_run_id: Uuid,
    pub payee_account_id: Uuid,
    /// The EndToEndId in payment files.
    #[sea_orm(unique)]
    pub reference: String,
    #[sea_orm(unique)]
    pub uetr: Uuid,
    pub channel: Channel,
    pub bank_code: Option<String>,
    pub account_number: String,
    /// As the bank sees it.
    pub name: String,
    pub holder_name: String,
    /// In đồng, above 0.
    pub amount: i64,
    pub line_count: i32,
    pub area_id: String,
    pub file_id: Option<Uuid>,
    /// The order this one replaces.
    pub reissue_of: Option<Uuid>,
    pub status: OrderStatus,
    pub reason: Option<String>,
    pub bank_reference: Option<String>,
    pub version: i64,
    /// The code of the beneficiary, where the account's bank wants each beneficiary's money as an order of its own.
    pub beneficiary_code: Option<String>,
    /// The beneficiary's name, where the account is another's and its bank is told.
    pub beneficiary_name: Option<String>,
    /// The purpose by ISO 20022 that its bank's profile has for it; none: the usual one.
    pub purpose: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
