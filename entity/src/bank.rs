//! A bank that takes part in transfers.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A bank that takes part in transfers.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "bank")]
pub struct Model {
    /// Short stable code, such as `AGRIBANK`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub code: String,
    pub bin: String,
    pub name: String,
    pub short_name: String,
    pub bic: Option<String>,
    pub deprecated: bool,
}

impl ActiveModelBehavior for ActiveModel {}
