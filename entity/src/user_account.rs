//! A natural person who acts on the system.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// A natural person who acts on the system.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "user_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub created_at: DateTimeUtc,
    pub disabled_at: Option<DateTimeUtc>,
    /// The official number of the person, which no two have; none in rows of earlier versions and of the installation.
    pub staff_number: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
