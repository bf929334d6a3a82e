//! Money that one person proposes to give to a fund and another approves.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Where it comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TransferKind {
    /// More from the fund's own source.
    Supplement,
    /// From another fund.
    Transfer,
}

/// Where it stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TransferStatus {
    /// Waits for another person.
    Proposed,
    /// Posted.
    Approved,
    /// Turned down.
    Rejected,
}

/// Money that one person proposes to give to a fund and another approves.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "fund_transfer")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub kind: TransferKind,
    pub from_fund_id: Option<Uuid>,
    pub to_fund_id: Uuid,
    /// Đồng, above 0.
    pub amount: i64,
    pub reason: String,
    pub status: TransferStatus,
    pub revision: i64,
    pub digest: String,
    pub proposed_by: Uuid,
    pub proposed_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    pub note: Option<String>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
