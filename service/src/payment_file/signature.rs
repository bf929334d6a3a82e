//! Signatures over manifests, and the key by which they are checked.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use domain::payment_file::{Ed25519, Manifest, Signer};
use entity::payment_file_signature;
use sea_orm::{EntityTrait, QuerySelect};
use serde::Serialize;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::payment_file::SigningCertificate;
use crate::rows;

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

/// The signature over the manifest of a payment file. It is made once, when it is first asked for, by the certificate that
/// the settings name then, or else by the installation's own key, and kept: whatever signs later, it stays the same. The
/// time in it is that of the manifest.
///
/// # Errors
/// `certificate-not-valid` where it is not made yet and the certificate has expired: nothing else signs in its place.
pub async fn signature(app: &App, actor: &Actor, id: Uuid) -> Result<SignatureView, Error> {
    let manifest = super::manifest(app, actor, id).await?;
    let own = of_file(app, id, &manifest).await?;
    Ok(SignatureView {
        file_id: id,
        file: manifest.file,
        algorithm: own.algorithm,
        key_id: own.key_id,
        signature: STANDARD.encode(own.signature),
        manifest_sha256: own.manifest_sha256,
        file_sha256: manifest.sha256,
    })
}

/// The signature over the manifest of a payment file as it is fetched beside it, to the byte: its name and bytes. That of
/// a certificate is a `.p7s`; that of the installation's own key is a `.sig` of 64 bytes. It is made and kept together with
/// [`signature`].
///
/// # Errors
/// `certificate-not-valid` where it is not made yet and the certificate has expired: nothing else signs in its place.
pub async fn signature_file(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let manifest = super::manifest(app, actor, id).await?;
    let own = of_file(app, id, &manifest).await?;
    let name = format!("{}.{}", Manifest::file_name(&manifest.file), own.ending);
    Ok((name, own.file_signature))
}

/// The signature that is kept of a file; made now where none is.
async fn of_file(app: &App, id: Uuid, manifest: &Manifest) -> Result<payment_file_signature::Model, Error> {
    if let Some(own) = kept(app, id).await? {
        return Ok(own);
    }
    let made = made(app, id, manifest)?;
    app.db
        // Two who ask at the same time get the same: the one that was kept first.
        .write(async |txn| rows::insert_new::<payment_file_signature::Entity>(txn, vec![made.clone()]).await)
        .await?;
    kept(app, id).await?.ok_or_else(Error::not_found)
}

async fn kept(app: &App, id: Uuid) -> Result<Option<payment_file_signature::Model>, Error> {
    let own = payment_file_signature::Entity::find_by_id(id);
    Ok(own.one(app.db.read()).await?)
}

/// The signature by what signs now, over both forms of the manifest.
fn made(app: &App, id: Uuid, manifest: &Manifest) -> Result<payment_file_signature::Model, Error> {
    let canonical = manifest.signed_bytes()?;
    let (ending, file_signature) = signed(app, manifest, manifest.to_json()?.as_bytes())?;
    let certificate = app.signing.as_deref();
    let installation = Ed25519::of(app.secret.ids());
    let signer: &dyn Signer = match certificate {
        Some(certificate) => certificate,
        None => &installation,
    };
    let signature = signer.sign(&canonical, made_at(manifest)?).map_err(Error::internal)?;
    Ok(payment_file_signature::Model {
        file_id: id,
        algorithm: signer.algorithm().to_owned(),
        key_id: signer.key_id(),
        public_key: STANDARD.encode(signer.public_key()),
        certificate: certificate.map(SigningCertificate::to_pem),
        valid_until: certificate.map(SigningCertificate::not_after),
        manifest_sha256: hex::encode(Sha256::digest(&canonical)),
        signature,
        ending: ending.to_owned(),
        file_signature,
        signed_at: app.clock.now(),
    })
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
/// own. The keys that signed before stay in the list for what they signed, and where a certificate signs, so does the
/// installation's own.
pub async fn signing_keys(app: &App, actor: &Actor) -> Result<Vec<SigningKeyView>, Error> {
    actor.require_province(Permission::FileRead)?;
    let certificate = app.signing.as_ref().map(|own| SigningKeyView {
        certificate: Some(own.to_pem()),
        valid_until: Some(own.not_after()),
        ..view(&**own)
    });
    let installation = view(&Ed25519::of(app.secret.ids()));
    let mut keys: Vec<SigningKeyView> = certificate.into_iter().chain([installation]).collect();
    for key in signed_before(app).await? {
        if keys.iter().all(|own| own.key_id != key.key_id) {
            keys.push(key);
        }
    }
    Ok(keys)
}

/// The keys of the signatures that are kept, the latest certificate first.
async fn signed_before(app: &App) -> Result<Vec<SigningKeyView>, Error> {
    use payment_file_signature::Column as S;
    type Row = (String, String, String, Option<String>, Option<DateTime<Utc>>);
    let rows: Vec<Row> = payment_file_signature::Entity::find()
        .select_only()
        .columns([S::KeyId, S::Algorithm, S::PublicKey, S::Certificate, S::ValidUntil])
        .distinct()
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mut keys: Vec<SigningKeyView> = rows
        .into_iter()
        .map(
            |(key_id, algorithm, public_key, certificate, valid_until)| SigningKeyView {
                key_id,
                algorithm,
                public_key,
                certificate,
                valid_until,
                signs: SIGNS.to_owned(),
            },
        )
        .collect();
    keys.sort_by(|a, b| (b.valid_until, &b.key_id).cmp(&(a.valid_until, &a.key_id)));
    Ok(keys)
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
