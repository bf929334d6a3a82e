//! What a bank takes, as the installation says; one row a version, append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What a bank takes, as the installation says; one row a version, append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank_profile")]
pub struct Model {
    /// The bank's code; `default` for every bank without a profile of its own.
    #[sea_orm(primary_key, auto_increment = false)]
    pub bank: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub version: i64,
    /// The whole profile as JSON text.
    pub profile: String,
    pub changed_by: Option<Uuid>,
    pub changed_at: DateTimeUtc,
    /// What two people made it by; none for versions of before two were needed.
    pub proposal_id: Option<Uuid>,
}

impl ActiveModelBehavior for ActiveModel {}
