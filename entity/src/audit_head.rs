//! The head of the audit chain: one row, locked last in every transaction.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The head of the audit chain: one row, locked last in every transaction.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "audit_head")]
pub struct Model {
    /// Always 1.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub seq: i64,
    pub hash: String,
}

impl ActiveModelBehavior for ActiveModel {}
