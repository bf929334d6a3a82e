//! Somebody signed in at the treasury desk.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Somebody signed in at the treasury desk.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "treasury_session")]
pub struct Model {
    /// SHA-256 of the token in the cookie, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub token_hash: String,
    pub client_id: Uuid,
    /// SHA-256 of the key that signed in: with the key the session ends.
    pub key_hash: String,
    pub opened_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
