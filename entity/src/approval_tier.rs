//! How many people must approve what, from an amount on; a set of them is replaced as a whole.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What is approved.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum TierSubject {
    /// A pay run.
    PayRun,
    /// A request for relief.
    ReliefRequest,
}

/// How many people must approve what, from an amount on; a set of them is replaced as a whole.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "approval_tier")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// The set it belongs to; the newest counts.
    pub version: i64,
    pub subject: TierSubject,
    /// From so many đồng on.
    pub from_amount: i64,
    /// So many different people.
    pub approvals: i32,
    /// The role that each of them holds.
    pub role: String,
    pub set_by: Option<Uuid>,
    pub set_at: DateTimeUtc,
    /// What two people set it by; none for those of before two were needed.
    pub proposal_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
