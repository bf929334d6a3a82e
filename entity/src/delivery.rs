//! One attempt to bring a payment file to where it belongs.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How a file reaches the treasury or a bank.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DeliveryChannel {
    /// Fetched by the treasury.
    Download,
    /// Put into a folder.
    DropFolder,
    /// Left at an SFTP server.
    Sftp,
}

/// The state of a delivery.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    Queued,
    /// The bytes are at the target, whole.
    Sent,
    /// The receiver confirmed them by their hash.
    Acknowledged,
    /// Bytes may have left, and nobody knows whether they arrived.
    Unknown,
    /// They are not at the target, or others are.
    Failed,
}

/// One attempt to bring a payment file to where it belongs.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "delivery")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub file_id: Uuid,
    /// From 1; another one only where every earlier one failed.
    pub attempt: i32,
    pub channel: DeliveryChannel,
    pub status: DeliveryStatus,
    /// SHA-256 of the bytes, those the file was built with.
    pub sha256: String,
    /// What the file is called at the target; unique to it and the same at every attempt.
    pub target_name: String,
    /// Set before the first byte leaves: whoever finds it set looks at the target and sends nothing.
    pub began_at: Option<DateTimeUtc>,
    pub sent_at: Option<DateTimeUtc>,
    pub acknowledged_at: Option<DateTimeUtc>,
    /// The code of what went wrong.
    pub error: Option<String>,
    /// What the machine said.
    pub detail: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    /// Where it goes, as the channel told it; it stays from `began_at` on. Older deliveries do not know it.
    pub target: Option<String>,
    /// What the signature is called at the target, where one goes with the file.
    pub signature_name: Option<String>,
    /// Its bytes: every attempt of the file sends the same.
    #[sea_orm(column_type = "Blob", nullable)]
    pub signature: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
