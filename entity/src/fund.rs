//! Money of one source for one fiscal year.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The source of a fund.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum FundSource {
    Central,
    Provincial,
    Commune,
    Donation,
}

/// Money of one source for one fiscal year.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "fund")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub code: String,
    pub fiscal_year: i32,
    pub source: FundSource,
    pub name: String,
    pub version: i64,
    /// What two people opened it by; none for those of before two were needed.
    pub proposal_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
