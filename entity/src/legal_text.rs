//! An official text as it was published, stored once by its hash.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// An official text as it was published, stored once by its hash.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "legal_text")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub sha256: String,
    pub size: i64,
    #[sea_orm(column_type = "Blob")]
    pub content: Vec<u8>,
    pub stored_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
