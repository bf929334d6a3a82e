//! The signature over the manifest of a payment file, kept for ever.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// The signature over the manifest of a payment file, made once: what signs later changes nothing of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "payment_file_signature")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: Uuid,
    pub algorithm: String,
    /// Which key made it.
    pub key_id: String,
    /// That key, base64.
    pub public_key: String,
    /// The certificate of that key as PEM, and those of its issuers after it.
    pub certificate: Option<String>,
    /// Up to when the certificate is valid.
    pub valid_until: Option<DateTimeUtc>,
    /// SHA-256 of the manifest as JSON of RFC 8785, hexadecimal.
    pub manifest_sha256: String,
    /// Over the manifest as JSON of RFC 8785.
    #[sea_orm(column_type = "Blob")]
    pub signature: Vec<u8>,
    /// The ending of the name of `file_signature`: `p7s` or `sig`.
    pub ending: String,
    /// Over the manifest as it is fetched, to the byte.
    #[sea_orm(column_type = "Blob")]
    pub file_signature: Vec<u8>,
    pub signed_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
