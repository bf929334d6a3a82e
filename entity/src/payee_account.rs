//! Where money can be sent: a bank account, or cash at a post office.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::Channel;

/// Where money can be sent: a bank account, or cash at a post office.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payee_account")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub channel: Channel,
    pub bank_code: Option<String>,
    /// For cash: the number of the identity paper.
    pub account_number: String,
    /// `<bin>:<account>` or `post:<paper>`.
    #[sea_orm(unique)]
    pub account_key: String,
    pub holder_name: String,
    pub holder_citizen_id: Option<String>,
    pub post_office: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
