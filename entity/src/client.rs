//! A credential: one person's or one program's key to the API.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The kind of a client.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Belongs to one natural person; may approve.
    Person,
    /// A program; prepares, never approves.
    Service,
}

/// A credential: one person's or one program's key to the API.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "client")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub kind: ClientKind,
    /// Set for a person's credential.
    pub user_id: Option<Uuid>,
    /// First characters of the key, to recognise it.
    pub key_prefix: String,
    /// SHA-256 of the key, in hexadecimal.
    #[sea_orm(unique)]
    pub key_hash: String,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "user_id", to = "id")]
    pub user_account: BelongsTo<Option<super::user_account::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
