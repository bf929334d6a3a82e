//! Signatures over manifests, and the key by which they are checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::payment_file::{Ed25519, Manifest, Signer};
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
    /// `Ed25519` (RFC 8032), or where a certificate signs `CMS/ECDSA-SHA256` or `CMS/RSA-SHA256` (RFC 5652, detached,
    /// DER, CAdES-BES).
    #[schema(example = "Ed25519")]
    pub algorithm: String,
    /// Which key, see `/v1/signing-keys`.
    #[schema(example = "9f2c1c5d7a3b4e60")]
    pub key_id: String,
    /// The signature, base64. Of a CMS signature these are the bytes of a `.p7s` file.
    pub signature: String,
    /// SHA-256 of the signed bytes: the manifest as JSON of RFC 8785, UTF-8, without a line break.
    pub manifest_sha256: String,
    /// SHA-256 of the file, as the manifest says.
    pub file_sha256: String,
}

/// A key that signs manifests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SigningKeyView {
    /// Which key: of a certificate, the SHA-256 of its DER.
    #[schema(example = "9f2c1c5d7a3b4e60")]
    pub key_id: String,
    /// `Ed25519`, `CMS/ECDSA-SHA256` or `CMS/RSA-SHA256`.
    #[schema(example = "Ed25519")]
    pub algorithm: String,
    /// The public key, base64: 32 bytes of Ed25519, or the SubjectPublicKeyInfo of the certificate.
    pub public_key: String,
    /// The certificate as PEM, and those of its issuers after it.
    pub certificate: Option<String>,
    /// Up to when the certificate is valid.
    pub valid_until: Option<DateTime<Utc>>,
    /// What is signed.
    #[schema(example = "The manifest as JSON of RFC 8785, UTF-8")]
    pub signs: String,
}

const SIGNS: &str = "The manifest as JSON of RFC 8785, UTF-8; beside a delivered file, its manifest as it lies there";

/// The signature over the manifest of a payment file; the same each time. It is made by the certificate that the
/// settings name, or else by the installation's own key. The time in it is that of the manifest.
///
/// # Errors
/// `certificate-not-valid` where the certificate has expired: nothing else signs in its place.
pub async fn signature(app: &App, actor: &Actor, id: Uuid) -> Result<SignatureView, Error> {
    let manifest = super::manifest(app, actor, id).await?;
    let bytes = manifest.signed_bytes()?;
    let own;
    let signer: &dyn Signer = match &app.signing {
        Some(certificate) => {
            certificate.check(app.clock.now())?;
            &**certificate
        }
        None => {
            own = Ed25519::of(app.secret.ids());
            &own
        }
    };
    let signature = signer.sign(&bytes, made_at(&manifest)?).map_err(Error::internal)?;
    Ok(SignatureView {
        file_id: id,
        file: manifest.file,
        algorithm: signer.algorithm().to_owned(),
        key_id: signer.key_id(),
        signature: STANDARD.encode(signature),
        manifest_sha256: hex::encode(Sha256::digest(&bytes)),
        file_sha256: manifest.sha256,
    })
}

/// The signature over the manifest of a payment file as it is fetched beside it, to the byte: its name and bytes. That of
/// a certificate is a `.p7s`; that of the installation's own key is a `.sig` of 64 bytes.
///
/// # Errors
/// `certificate-not-valid` where the certificate has expired: nothing else signs in its place.
pub async fn signature_file(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let manifest = super::manifest(app, actor, id).await?;
    let (ending, signature) = signed(app, &manifest, manifest.to_json()?.as_bytes())?;
    let name = format!("{}.{ending}", Manifest::file_name(&manifest.file));
    Ok((name, signature))
}

/// The signature over a manifest as it lies beside a delivered file, with the ending of its name: `p7s` of a CMS
/// signature (DER), `sig` of an Ed25519 one (its 64 bytes).
///
/// # Errors
/// `certificate-not-valid` where the certificate has expired: nothing else signs in its place.
pub(crate) fn signed(app: &App, manifest: &Manifest, bytes: &[u8]) -> Result<(&'static str, Vec<u8>), Error> {
    let made_at = made_at(manifest)?;
    let (ending, signature) = match &app.signing {
        Some(certificate) => {
            certificate.check(app.clock.now())?;
            ("p7s", certificate.sign(bytes, made_at))
        }
        None => ("sig", Ed25519::of(app.secret.ids()).sign(bytes, made_at)),
    };
    Ok((ending, signature.map_err(Error::internal)?))
}

/// The time that a signature tells: that of the manifest.
fn made_at(manifest: &Manifest) -> Result<DateTime<Utc>, Error> {
    let time = DateTime::parse_from_rfc3339(&manifest.created_at).map_err(Error::internal)?;
    Ok(time.to_utc())
}

/// The keys of signatures, the one that signs now first; whoever checks a signature fetches them once, by a road of its
/// own. Where a certificate signs, the installation's own key stays in the list for the signatures from before.
pub fn signing_keys(app: &App, actor: &Actor) -> Result<Vec<SigningKeyView>, Error> {
    actor.require_province(Permission::FileRead)?;
    let certificate = app.signing.as_ref().map(|own| SigningKeyView {
        certificate: Some(own.to_pem()),
        valid_until: Some(own.not_after()),
        ..view(&**own)
    });
    let installation = view(&Ed25519::of(app.secret.ids()));
    Ok(certificate.into_iter().chain([installation]).collect())
}

fn view(signer: &dyn Signer) -> SigningKeyView {
    SigningKeyView {
        key_id: signer.key_id(),
        algorithm: signer.algorithm().to_owned(),
        public_key: STANDARD.encode(signer.public_key()),
        certificate: None,
        valid_until: None,
        signs: SIGNS.to_owned(),
    }
}
