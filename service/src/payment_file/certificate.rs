//! A certificate with its private key, by which manifests are signed as the certificates of the Vietnamese Government CA
//! are used: ECDSA on P-256 or RSA from 2,048 bits (PKCS #1 v1.5), both over SHA-256.

use chrono::{DateTime, TimeDelta, Utc};
use domain::payment_file::{SignatureError, Signer};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::KeyUsage;
use x509_cert::time::Time;

use super::certificate_fault::CertificateFault;
use super::cms::{Algorithm, Signatory, SignedAttributes, signed_data};
use super::pem;
use crate::error::Text;

/// An operator is warned this long before a certificate expires; a new one takes some weeks to get (assumed).
const WARNED_BEFORE: TimeDelta = TimeDelta::days(30);

/// A certificate, those of its issuers, and the private key.
pub struct SigningCertificate {
    /// As DER, that of the signatory first.
    chain: Vec<Vec<u8>>,
    issuer: Vec<u8>,
    serial: Vec<u8>,
    public_key: Vec<u8>,
    subject: String,
    not_before: DateTime<Utc>,
    not_after: DateTime<Utc>,
    key: PrivateKey,
}

enum PrivateKey {
    /// Deterministic (RFC 6979): the same content has the same signature.
    Ecdsa(Box<p256::ecdsa::SigningKey>),
    /// By `ring`, which takes the same time whatever the key; the `rsa` crate does not (RUSTSEC-2023-0071).
    Rsa(Box<RsaKeyPair>),
}

impl std::fmt::Debug for SigningCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningCertificate({})", self.key_id())
    }
}

impl SigningCertificate {
    /// Reads certificates (X.509, PEM; that of the signatory first, then those of its issuers, if any) and the key of
    /// the first (PKCS #8, PEM, not encrypted).
    ///
    /// # Errors
    /// Where one can't be read, they do not belong together, or the certificate is not for signing. Its dates are looked
    /// at by [`Self::check`].
    pub fn read(certificates: &str, key: &str) -> Result<Self, CertificateFault> {
        let chain = pem::certificates(certificates)?;
        let own = chain.first().ok_or(CertificateFault::NoCertificate)?;
        let unreadable = |error: x509_cert::der::Error| CertificateFault::CertificateUnreadable(error.to_string());
        let parsed = Certificate::from_der(own).map_err(unreadable)?;
        for issuer in chain.iter().skip(1) {
            Certificate::from_der(issuer).map_err(unreadable)?;
        }
        let tbs = parsed.tbs_certificate();
        let (issuer, serial) = (
            tbs.issuer().to_der().map_err(unreadable)?,
            tbs.serial_number().to_der().map_err(unreadable)?,
        );
        // The signatory is found by these bytes: they must be those of the certificate.
        if !contains(own, &issuer) || !contains(own, &serial) {
            return Err(CertificateFault::CertificateUnreadable("not DER".to_owned()));
        }
        let usage = tbs.get_extension::<KeyUsage>().map_err(unreadable)?;
        if usage.is_some_and(|(_, usage)| !usage.digital_signature() && !usage.non_repudiation()) {
            return Err(CertificateFault::NotForSigning);
        }
        let key = PrivateKey::read(key)?;
        if key.public() != tbs.subject_public_key_info().subject_public_key.raw_bytes() {
            return Err(CertificateFault::OtherKey);
        }
        Ok(Self {
            issuer,
            serial,
            public_key: tbs.subject_public_key_info().to_der().map_err(unreadable)?,
            subject: tbs.subject().to_string(),
            not_before: instant(tbs.validity().not_before),
            not_after: instant(tbs.validity().not_after),
            key,
            chain,
        })
    }

    /// May it sign now?
    ///
    /// # Errors
    /// Before its first and after its last instant.
    pub fn check(&self, now: DateTime<Utc>) -> Result<(), CertificateFault> {
        if now < self.not_before {
            Err(CertificateFault::NotYetValid(self.not_before))
        } else if now > self.not_after {
            Err(CertificateFault::Expired(self.not_after))
        } else {
            Ok(())
        }
    }

    /// What an operator should know of it now: that it does not sign, or soon will not.
    pub fn warning(&self, now: DateTime<Utc>) -> Option<Text> {
        match self.check(now) {
            Err(fault) => Some(fault.text()),
            Ok(()) if self.not_after - now <= WARNED_BEFORE => Some(CertificateFault::expires_soon(self.not_after)),
            Ok(()) => None,
        }
    }

    /// Whose it is, as RFC 4514 writes names.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its last instant.
    pub const fn not_after(&self) -> DateTime<Utc> {
        self.not_after
    }

    /// The certificates as PEM, that of the signatory first.
    pub fn to_pem(&self) -> String {
        self.chain.iter().map(|own| pem::of_certificate(own)).collect()
    }

    fn own(&self) -> &[u8] {
        self.chain.first().map(Vec::as_slice).unwrap_or_default()
    }
}

impl Signer for SigningCertificate {
    fn algorithm(&self) -> &'static str {
        match self.key {
            PrivateKey::Ecdsa(_) => "CMS/ECDSA-SHA256",
            PrivateKey::Rsa(_) => "CMS/RSA-SHA256",
        }
    }

    /// The fingerprint of the certificate: SHA-256 of its DER.
    fn key_id(&self) -> String {
        hex::encode(Sha256::digest(self.own()))
    }

    /// The SubjectPublicKeyInfo (DER) of the certificate.
    fn public_key(&self) -> Vec<u8> {
        self.public_key.clone()
    }

    /// The time under the signature is never before the certificate's own: a file that is older than its certificate was
    /// signed no earlier.
    fn sign(&self, bytes: &[u8], signed_at: DateTime<Utc>) -> Result<Vec<u8>, SignatureError> {
        let attributes = SignedAttributes::of(bytes, signed_at.max(self.not_before), self.own());
        let signature = self.key.sign(&attributes.signed_bytes())?;
        let by = Signatory {
            chain: &self.chain,
            issuer: &self.issuer,
            serial: &self.serial,
            algorithm: match self.key {
                PrivateKey::Ecdsa(_) => Algorithm::Ecdsa,
                PrivateKey::Rsa(_) => Algorithm::Rsa,
            },
        };
        Ok(signed_data(&by, &attributes, &signature))
    }
}

impl PrivateKey {
    fn read(text: &str) -> Result<Self, CertificateFault> {
        let document = pem::private_key(text)?;
        if let Ok(key) = p256::ecdsa::SigningKey::from_pkcs8_der(document.as_bytes()) {
            return Ok(Self::Ecdsa(Box::new(key)));
        }
        match RsaKeyPair::from_pkcs8(document.as_bytes()) {
            Ok(key) => Ok(Self::Rsa(Box::new(key))),
            Err(rejected) => Err(CertificateFault::KeyUnsupported(rejected.to_string())),
        }
    }

    /// The public key as it stands in a certificate, without its algorithm.
    fn public(&self) -> Vec<u8> {
        match self {
            Self::Ecdsa(key) => key.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            Self::Rsa(key) => AsRef::<[u8]>::as_ref(key.public()).to_vec(),
        }
    }

    fn sign(&self, bytes: &[u8]) -> Result<Vec<u8>, SignatureError> {
        match self {
            Self::Ecdsa(key) => {
                let signature: p256::ecdsa::Signature = key
                    .try_sign(bytes)
                    .map_err(|error| SignatureError::new(error.to_string()))?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                // PKCS #1 v1.5 draws no randomness.
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), bytes, &mut signature)
                    .map_err(|error| SignatureError::new(error.to_string()))?;
                Ok(signature)
            }
        }
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len().max(1)).any(|window| window == part)
}

fn instant(time: Time) -> DateTime<Utc> {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
