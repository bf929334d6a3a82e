//! What a bank's answer says about a person, to be looked into.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a registry finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// The person, holder of the account, is said to have died.
    ReportedDeceased,
    /// The holder of the account that receives the person's money is said to have died.
    PayeeReportedDeceased,
}

/// The state of a registry finding.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FindingStatus {
    Open,
    Confirmed,
    Dismissed,
}

/// What a bank's answer says about a person, to be looked into.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "registry_finding")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub person_id: Uuid,
    pub kind: FindingKind,
    /// The order that was refused or came back.
    pub order_id: Uuid,
    /// The line of the bank that says so.
    pub line_id: Uuid,
    pub payee_account_id: Uuid,
    pub status: FindingStatus,
    /// The day of the death, once confirmed.
    pub death_date: Option<Date>,
    pub note: Option<String>,
    pub opened_at: DateTimeUtc,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
