//! A part of a list, or of the lines of a file for a bank, that a submitted run is to have, written before the run is
//! approved.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A part of a list, or of the lines of a file for a bank, that a submitted run is to have, written before the run is
/// approved. It is gone once the file is built, or the run sent back.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "prepared_list")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    /// From 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub part: i32,
    /// Over the run as it was signed and all parts of what is prepared.
    pub seal: Uuid,
    #[sea_orm(column_type = "Blob")]
    pub bytes: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
