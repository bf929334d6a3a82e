//! One attempt to bring a request to recall an order to its bank.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::enums::{DeliveryChannel, DeliveryStatus};

/// One attempt to bring a request to recall an order to its bank.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "recall_delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub recall_id: Uuid,
    /// From 1; another one only where every earlier one failed.
    pub attempt: i32,
    pub channel: DeliveryChannel,
    pub status: DeliveryStatus,
    /// SHA-256 of the message, the same at every attempt.
    pub sha256: String,
    /// What the message is called at the target; unique to it and the same at every attempt.
    pub target_name: String,
    /// Where it goes, as the channel told it; it stays from `began_at` on.
    pub target: String,
    /// Set before the first byte leaves: whoever finds it set looks at the target and sends nothing.
    pub began_at: Option<DateTimeUtc>,
    pub sent_at: Option<DateTimeUtc>,
    pub acknowledged_at: Option<DateTimeUtc>,
    /// The code of what went wrong.
    pub error: Option<String>,
    /// What the machine said.
    pub detail: Option<String>,
    /// What the signature over the manifest is called at the target.
    pub signature_name: Option<String>,
    /// Its bytes: every attempt sends the same.
    #[sea_orm(column_type = "Blob", nullable)]
    pub signature: Option<Vec<u8>>,
    pub version: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
