//! Detached signatures over manifests: the bytes that are signed, and who signs. Ed25519 (RFC 8032) is here; CMS with a
//! certificate is another [`Signer`], beside the settings that name the certificate.

use chrono::{DateTime, Utc};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::ids::{self, Secret};

/// Signs bytes.
pub trait Signer {
    /// Name of the algorithm, such as `Ed25519`.
    fn algorithm(&self) -> &'static str;
    /// Which key, so that whoever checks can find it.
    fn key_id(&self) -> String;
    /// The public key in the algorithm's own bytes.
    fn public_key(&self) -> Vec<u8>;
    /// The detached signature, with the time at which it is said to be made where the form has one: the same bytes for
    /// the same content and time.
    ///
    /// # Errors
    /// Where the key refuses.
    fn sign(&self, bytes: &[u8], signed_at: DateTime<Utc>) -> Result<Vec<u8>, SignatureError>;
}

/// A signature that could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no signature: {0}")]
pub struct SignatureError(String);

impl SignatureError {
    /// For this reason.
    pub fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

/// Ed25519 with a key derived from the installation's secret.
#[derive(Clone)]
pub struct Ed25519(SigningKey);

impl Ed25519 {
    /// The installation's key. The same secret gives the same key; it is used for nothing else.
    pub fn of(secret: &Secret) -> Self {
        Self(SigningKey::from_bytes(&ids::signing_seed(secret)))
    }
}

impl std::fmt::Debug for Ed25519 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ed25519(..)")
    }
}

impl Signer for Ed25519 {
    fn algorithm(&self) -> &'static str {
        "Ed25519"
    }

    /// The first 16 hexadecimal digits of the SHA-256 of the public key.
    fn key_id(&self) -> String {
        let mut id = hex::encode(Sha256::digest(self.public_key()));
        id.truncate(16);
        id
    }

    fn public_key(&self) -> Vec<u8> {
        self.0.verifying_key().to_bytes().to_vec()
    }

    fn sign(&self, bytes: &[u8], _signed_at: DateTime<Utc>) -> Result<Vec<u8>, SignatureError> {
        Ok(self.0.sign(bytes).to_bytes().to_vec())
    }
}

/// Is this the signature of the key over the bytes?
pub fn verify_ed25519(public_key: &[u8], bytes: &[u8], signature: &[u8]) -> bool {
    let key = <[u8; 32]>::try_from(public_key)
        .ok()
        .and_then(|key| VerifyingKey::from_bytes(&key).ok());
    let signature = Signature::from_slice(signature).ok();
    match (key, signature) {
        (Some(key), Some(signature)) => key.verify_strict(bytes, &signature).is_ok(),
        _ => false,
    }
}

/// The JSON of RFC 8785: members in the order of their names (UTF-16 code units), no spaces. Numbers must be integers
/// up to 2^53 - 1, as ours are; `serde_json` writes those, and texts, as RFC 8785 does.
///
/// # Errors
/// None for values that `serde_json` made.
pub fn canonical_json(value: &Value) -> Result<String, serde_json::Error> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), serde_json::Error> {
    match value {
        Value::Object(members) => {
            let mut names: Vec<&String> = members.keys().collect();
            names.sort_by(|one, other| one.encode_utf16().cmp(other.encode_utf16()));
            text.push('{');
            for (place, name) in names.into_iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                text.push_str(&serde_json::to_string(name)?);
                text.push(':');
                write(members.get(name).unwrap_or(&Value::Null), text)?;
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        plain => text.push_str(&serde_json::to_string(plain)?),
    }
    Ok(())
}
