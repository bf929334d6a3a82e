//! What two people decided of one order, where they decided of a second debit over its whole file; append-only.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What two people decided of one order, where they decided of a second debit over its whole file; append-only.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "suspense_resolution_order")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub resolution_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub order_id: Uuid,
    /// Does the debit pay it? Otherwise it was paid again, or cancelled, before, and the bank owes what it took of it.
    pub paid: bool,
}

impl ActiveModelBehavior for ActiveModel {}
