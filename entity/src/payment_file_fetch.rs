//! That the treasury took the bytes of a payment file.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The first time that a credential of the treasury took the bytes of a payment file.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_file_fetch")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Uuid,
    /// The person behind the credential; none where it is a service's.
    pub user_id: Option<Uuid>,
    pub fetched_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
