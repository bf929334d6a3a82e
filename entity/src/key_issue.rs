//! Who gave a key, and to whom. A credential has one for each key it ever had.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Who gave a key, and to whom.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "key_issue")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    /// 1 for the credential's first key; the last one is in force.
    #[sea_orm(primary_key, auto_increment = false)]
    pub sequence: i32,
    /// The person the credential belongs to; none: another system's.
    pub user_id: Option<Uuid>,
    /// The person who gave it, and saw it; none: the installation.
    pub issued_by: Option<Uuid>,
    pub issued_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "client_id", to = "id")]
    pub client: BelongsTo<super::client::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
