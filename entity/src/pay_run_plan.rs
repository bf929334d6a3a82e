//! What a submitted run will send, made before anybody approves it.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The orders and files of a submitted run, ready for its approval. It holds for one revision and one digest: sent back,
/// the run loses it, and where it does not hold approval makes orders and files anew. From approval on it says what was approved.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "pay_run_plan")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub pay_run_id: Uuid,
    pub revision: i64,
    /// The digest of the lines that it was made of.
    pub digest: String,
    pub order_count: i64,
    /// SHA-256 over its orders as they were stored, hexadecimal.
    pub orders: String,
    /// Its files as JSON text; they stand among the files once the run is approved.
    pub files: String,
    /// The seal over the orders and files as they were approved, made at the last approval; none before.
    pub approved: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
