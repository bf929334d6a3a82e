//! A part of the bytes of a built payment file, kept for ever.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A part of the bytes of a built payment file. The parts of a file, one after the other, are one DEFLATE stream
/// (RFC 1951). Files built before bytes were kept have none.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_file_content")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
