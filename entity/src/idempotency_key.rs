//! The answer given to a request, to be given again when it is repeated.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The answer given to a request, to be given again when it is repeated.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "idempotency_key")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// SHA-256 of the request.
    pub fingerprint: String,
    /// HTTP status.
    pub status: i32,
    pub body: String,
    pub content_type: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub headers: Json,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
