//! Signatures over manifests, and the key by which they are checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::payment_file::{Ed25519, Signer};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;

/// The detached signature over a file's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SignatureView {
    /// The file.
    pub file_id: Uuid,
    /// Its name.
    #[schema(example = "pain001-AGRIBANK-1.xml")]
    pub file: String,
    /// `Ed25519` (RFC 8032).
    #[schema(example = "Ed25519")]
    pub algorithm: String,
    /// Which key, see `/v1/signing-keys`.
    #[schema(example = "9f2c1c5d7a3b4e60")]
    pub key_id: String,
    /// The signature, base64.
    pub signature: String,
    /// SHA-256 of the signed bytes: the manifest as JSON of RFC 8785, UTF-8, without a line break.
    pub manifest_sha256: String,
    /// SHA-256 of the file, as the manifest says.
    pub file_sha256: String,
}

/// A key that signs manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SigningKeyView {
    /// Which key.
    #[schema(example = "9f2c1c5d7a3b4e60")]
    pub key_id: String,
    /// `Ed25519`.
    #[schema(example = "Ed25519")]
    pub algorithm: String,
    /// The public key, 32 bytes as base64.
    pub public_key: String,
    /// What is signed.
    #[schema(example = "The manifest as JSON of RFC 8785, UTF-8")]
    pub signs: String,
}

/// Who signs here: the installation's own key. An adapter for CMS would be chosen here.
fn signer(app: &App) -> impl Signer {
    Ed25519::of(app.secret.ids())
}

/// The signature over the manifest of a payment file; the same each time.
pub async fn signature(app: &App, actor: &Actor, id: Uuid) -> Result<SignatureView, Error> {
    let manifest = super::manifest(app, actor, id).await?;
    let bytes = manifest.signed_bytes()?;
    let signer = signer(app);
    Ok(SignatureView {
        file_id: id,
        file: manifest.file,
        algorithm: signer.algorithm().to_owned(),
        key_id: signer.key_id(),
        signature: STANDARD.encode(signer.sign(&bytes)),
        manifest_sha256: hex::encode(Sha256::digest(&bytes)),
        file_sha256: manifest.sha256,
    })
}

/// The keys that sign; whoever checks a signature fetches them once, by a road of its own.
pub fn signing_keys(app: &App, actor: &Actor) -> Result<Vec<SigningKeyView>, Error> {
    actor.require_province(Permission::FileRead)?;
    let signer = signer(app);
    Ok(vec![SigningKeyView {
        key_id: signer.key_id(),
        algorithm: signer.algorithm().to_owned(),
        public_key: STANDARD.encode(signer.public_key()),
        signs: "The manifest as JSON of RFC 8785, UTF-8".to_owned(),
    }])
}
