//! The bytes of a CMS signature: SignedData of RFC 5652, detached, as DER, with the signed attributes of CAdES-BES
//! (ETSI EN 319 122-1): content type, digest, time and signing-certificate-v2 (RFC 5035). `openssl cms -verify -cades`
//! takes it.

use chrono::{DateTime, Datelike, Utc};
use sha2::{Digest, Sha256};
use x509_cert::der::asn1::ObjectIdentifier;

const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
const NULL: u8 = 0x05;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// `[0]`, of more than one part.
const ZEROTH: u8 = 0xA0;

const DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");
const SIGNING_CERTIFICATE_V2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.2.47");
const SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const ECDSA_WITH_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// How the attributes are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// ECDSA over SHA-256 (RFC 5753).
    Ecdsa,
    /// RSA by PKCS #1 v1.5 over SHA-256 (RFC 3370, under the identifier that every reader knows).
    Rsa,
}

/// Who signs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signatory<'a> {
    /// The certificates as DER, that of the signatory first.
    pub(super) chain: &'a [Vec<u8>],
    /// The issuer of the first, as DER.
    pub(super) issuer: &'a [u8],
    /// The serial number of the first, as DER.
    pub(super) serial: &'a [u8],
    /// How.
    pub(super) algorithm: Algorithm,
}

/// The attributes that are signed in the place of the content.
#[derive(Debug)]
pub(super) struct SignedAttributes(Vec<u8>);

impl SignedAttributes {
    /// Of a content, signed at a time with the key of a certificate (DER).
    pub(super) fn of(content: &[u8], signed_at: DateTime<Utc>, certificate: &[u8]) -> Self {
        let digest = element(OCTETS, &[&Sha256::digest(content)]);
        // ESSCertIDv2 with the hash alone: SHA-256 is its default, and a default is not written (X.690, 11.5).
        let hash = element(SEQUENCE, &[&element(OCTETS, &[&Sha256::digest(certificate)])]);
        let certificates = element(SEQUENCE, &[&element(SEQUENCE, &[&hash])]);
        Self(sorted(vec![
            attribute(CONTENT_TYPE, &object(DATA)),
            attribute(MESSAGE_DIGEST, &digest),
            attribute(SIGNING_TIME, &time(signed_at)),
            attribute(SIGNING_CERTIFICATE_V2, &certificates),
        ]))
    }

    /// The bytes under the signature: the attributes as a SET OF, though they stand elsewhere as `[0]` (RFC 5652, 5.4).
    pub(super) fn signed_bytes(&self) -> Vec<u8> {
        element(SET, &[&self.0])
    }
}

/// The ContentInfo with one signature, and without the content.
pub(super) fn signed_data(by: &Signatory<'_>, attributes: &SignedAttributes, signature: &[u8]) -> Vec<u8> {
    // Version 1: the content is data, and the signatory goes by issuer and serial number (RFC 5652, 5.1 and 5.3).
    let version = element(INTEGER, &[&[1]]);
    let sha256 = element(SEQUENCE, &[&object(SHA_256)]);
    let algorithm = match by.algorithm {
        Algorithm::Ecdsa => element(SEQUENCE, &[&object(ECDSA_WITH_SHA_256)]),
        Algorithm::Rsa => element(SEQUENCE, &[&object(RSA_ENCRYPTION), &element(NULL, &[])]),
    };
    let signer_info = element(
        SEQUENCE,
        &[
            &version,
            &element(SEQUENCE, &[by.issuer, by.serial]),
            &sha256,
            &element(ZEROTH, &[&attributes.0]),
            &algorithm,
            &element(OCTETS, &[signature]),
        ],
    );
    let signed = element(
        SEQUENCE,
        &[
            &version,
            &element(SET, &[&sha256]),
            &element(SEQUENCE, &[&object(DATA)]),
            &element(ZEROTH, &[&sorted(by.chain.to_vec())]),
            &element(SET, &[&signer_info]),
        ],
    );
    element(SEQUENCE, &[&object(SIGNED_DATA), &element(ZEROTH, &[&signed])])
}

fn attribute(kind: ObjectIdentifier, value: &[u8]) -> Vec<u8> {
    element(SEQUENCE, &[&object(kind), &element(SET, &[value])])
}

fn object(id: ObjectIdentifier) -> Vec<u8> {
    element(OBJECT, &[id.as_bytes()])
}

/// UTCTime to the end of 2049, GeneralizedTime after (RFC 5652, 11.3).
fn time(instant: DateTime<Utc>) -> Vec<u8> {
    if (1950..2050).contains(&instant.year()) {
        let text = instant.format("%y%m%d%H%M%SZ").to_string();
        element(UTC_TIME, &[text.as_bytes()])
    } else {
        let text = instant.format("%Y%m%d%H%M%SZ").to_string();
        element(GENERALIZED_TIME, &[text.as_bytes()])
    }
}

/// The parts of a SET OF in the order of their bytes (X.690, 11.6).
fn sorted(mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    parts.concat()
}

/// One element: tag, length, parts.
fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => bytes.push(short),
        _ => {
            let digits: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
            // A length has at most eight bytes.
            bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
            bytes.extend(digits);
        }
    }
    for part in parts {
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_written_in_the_fewest_bytes() {
        for (length, head) in [
            (0, vec![4, 0]),
            (127, vec![4, 127]),
            (128, vec![4, 0x81, 128]),
            (255, vec![4, 0x81, 255]),
            (256, vec![4, 0x82, 1, 0]),
            (70_000, vec![4, 0x83, 1, 0x11, 0x70]),
        ] {
            let bytes = element(OCTETS, &[&vec![7; length]]);
            assert_eq!(bytes[..head.len()], head);
            assert_eq!(bytes.len(), head.len() + length);
        }
    }

    #[test]
    fn the_form_of_a_time_changes_with_the_year_2050() {
        let at = |text: &str| time(text.parse().unwrap());
        assert_eq!(at("2024-08-20T01:02:03.9Z"), b"\x17\x0d240820010203Z");
        assert_eq!(at("2049-12-31T23:59:59Z"), b"\x17\x0d491231235959Z");
        assert_eq!(at("2050-01-01T00:00:00Z"), b"\x18\x0f20500101000000Z");
    }
}
