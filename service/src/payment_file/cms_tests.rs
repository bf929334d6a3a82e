//! Signatures by certificates, checked by another road than they are made: the DER is walked here, and `ring` verifies.

use chrono::{DateTime, Utc};
use domain::payment_file::Signer;
use ring::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm};
use sha2::{Digest, Sha256};

use super::{CertificateFault, SigningCertificate};

const P256: &str = include_str!("../../../tests/keys/p256.pem");
const P256_KEY: &str = include_str!("../../../tests/keys/p256.key");
const CHAIN: &str = include_str!("../../../tests/keys/p256-chain.pem");
const OF_2024: &str = include_str!("../../../tests/keys/p256-2024.pem");
const ENCIPHER: &str = include_str!("../../../tests/keys/p256-encipher.pem");
const ENCRYPTED_KEY: &str = include_str!("../../../tests/keys/p256-encrypted.key");
const SEC1_KEY: &str = include_str!("../../../tests/keys/p256-sec1.key");
const RSA: &str = include_str!("../../../tests/keys/rsa.pem");
const RSA_KEY: &str = include_str!("../../../tests/keys/rsa.key");
const OTHER_KEY: &str = include_str!("../../../tests/keys/other.key");
const P384_KEY: &str = include_str!("../../../tests/keys/p384.key");

/// Of the certificate on P-256.
const FINGERPRINT: &str = "da714784aa5b3f05752ffa1cd7c886fed4d8ac4b9600d165e8175095404191ce";
const MANIFEST: &[u8] = "{\"file\":\"pain001.xml\",\"note\":\"đồng\"}".as_bytes();

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// The first element of DER bytes: its tag, its content, its bytes and what follows it.
fn first(der: &[u8]) -> (u8, &[u8], &[u8], &[u8]) {
    let (length, head) = match der[1] {
        short if short < 0x80 => (usize::from(short), 2),
        long => {
            let digits = usize::from(long - 0x80);
            let length = der[2..2 + digits]
                .iter()
                .fold(0, |sum, byte| sum * 256 + usize::from(*byte));
            (length, 2 + digits)
        }
    };
    let (own, rest) = der.split_at(head + length);
    (der[0], &own[head..], own, rest)
}

/// The elements in the content of one, with their heads.
fn parts(der: &[u8]) -> Vec<&[u8]> {
    let (_, mut rest, ..) = first(der);
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (.., own, after) = first(rest);
        parts.push(own);
        rest = after;
    }
    parts
}

fn content(der: &[u8]) -> &[u8] {
    first(der).1
}

/// The public key in a certificate, without its algorithm.
fn public_key(certificate: &[u8]) -> &[u8] {
    let tbs = parts(certificate)[0];
    let info = parts(tbs)[6];
    // A bit string begins with the number of its unused bits.
    &content(parts(info)[1])[1..]
}

/// Checks a signature as RFC 5652, 5.6 says, and gives the time in it.
fn verified(signature: &[u8], manifest: &[u8], by: &'static dyn VerificationAlgorithm) -> Option<String> {
    let info = parts(signature);
    assert_eq!(hex::encode(content(info[0])), "2a864886f70d010702", "signed data");
    let signed = parts(content(info[1]));
    assert_eq!(content(signed[0]), [1]);
    assert_eq!(parts(signed[2]).len(), 1, "detached: there is no content");
    let certificates = parts(signed[3]);
    let signers = parts(signed[4]);
    assert_eq!(signers.len(), 1);
    let signer = parts(signers[0]);
    let id = parts(signer[1]);
    let own = certificates.iter().find(|own| {
        let tbs = parts(parts(own)[0]);
        (tbs[1], tbs[3]) == (id[1], id[0])
    });
    let own = own.expect("the certificate of the signatory");

    let attributes = parts(signer[3]);
    let attribute = |kind: &str| {
        let found = attributes
            .iter()
            .find(|own| hex::encode(content(parts(own)[0])) == kind);
        content(parts(found.unwrap_or_else(|| panic!("{kind}")))[1])
    };
    assert!(attributes.is_sorted(), "a set is written in order");
    assert_eq!(attributes.len(), 4);
    assert_eq!(
        hex::encode(content(attribute("2a864886f70d010903"))),
        "2a864886f70d010701"
    );
    let certified = parts(parts(parts(attribute("2a864886f70d010910022f"))[0])[0]);
    assert_eq!(content(certified[0]), Sha256::digest(own).as_slice());
    if content(attribute("2a864886f70d010904")) != Sha256::digest(manifest).as_slice() {
        return None;
    }
    let mut under = signer[3].to_vec();
    under[0] = 0x31;
    let key = UnparsedPublicKey::new(by, public_key(own));
    key.verify(&under, content(signer[5])).ok()?;
    Some(String::from_utf8(content(attribute("2a864886f70d010905")).to_vec()).unwrap())
}

#[test]
fn a_signature_holds_for_its_manifest_alone_and_is_the_same_each_time() {
    let made_at = at("2024-08-20T01:00:00Z");
    let ecdsa: &'static dyn VerificationAlgorithm = &ECDSA_P256_SHA256_ASN1;
    let rsa: &'static dyn VerificationAlgorithm = &RSA_PKCS1_2048_8192_SHA256;
    for (certificate, key, algorithm, by) in [
        (P256, P256_KEY, "CMS/ECDSA-SHA256", ecdsa),
        (CHAIN, P256_KEY, "CMS/ECDSA-SHA256", ecdsa),
        (RSA, RSA_KEY, "CMS/RSA-SHA256", rsa),
    ] {
        let own = SigningCertificate::read(certificate, key).unwrap();
        assert_eq!(own.algorithm(), algorithm);
        let signature = own.sign(MANIFEST, made_at).unwrap();
        assert_eq!(verified(&signature, MANIFEST, by).as_deref(), Some("240820010000Z"));
        assert_eq!(verified(&signature, b"{}", by), None);
        let mut forged = signature.clone();
        *forged.last_mut().unwrap() ^= 1;
        assert_eq!(verified(&forged, MANIFEST, by), None);
        let again = SigningCertificate::read(certificate, key).unwrap();
        assert_eq!(again.sign(MANIFEST, made_at), Ok(signature), "no randomness");
        assert!(own.sign(MANIFEST, at("2024-08-20T01:00:01Z")) != again.sign(MANIFEST, made_at));
    }
}

#[test]
fn a_file_older_than_the_certificate_was_not_signed_before_it() {
    let own = SigningCertificate::read(OF_2024, P256_KEY).unwrap();
    let signature = own.sign(MANIFEST, at("2023-11-24T08:00:00Z")).unwrap();
    let told = verified(&signature, MANIFEST, &ECDSA_P256_SHA256_ASN1);
    assert_eq!(told.as_deref(), Some("240101000000Z"));
}

#[test]
fn who_checks_is_given_the_chain_and_the_fingerprint() {
    let own = SigningCertificate::read(&CHAIN.replace('\n', "\r\n"), P256_KEY).unwrap();
    assert_eq!(own.to_pem(), CHAIN);
    // openssl x509 -in tests/keys/p256.pem -noout -fingerprint -sha256
    assert_eq!(own.key_id(), FINGERPRINT);
    assert!(own.subject().contains("CN=Ký tệp chi P-256"), "{}", own.subject());
    assert_eq!(own.public_key().len(), 91, "a SubjectPublicKeyInfo of P-256");
    let shown = format!("{own:?}");
    assert_eq!(shown, format!("SigningCertificate({FINGERPRINT})"));
}

#[test]
fn what_cannot_sign_is_refused_with_its_reason() {
    use CertificateFault as F;
    let refused = |certificate: &str, key: &str| SigningCertificate::read(certificate, key).unwrap_err();
    assert_eq!(refused("", P256_KEY), F::NoCertificate);
    assert_eq!(refused(P256_KEY, P256_KEY), F::NoCertificate);
    let cut: String = P256.lines().take(5).collect::<Vec<_>>().join("\n") + "\n-----END CERTIFICATE-----\n";
    assert!(matches!(refused(&cut, P256_KEY), F::CertificateUnreadable(_)));
    let damaged = P256.replacen("MII", "MIA", 1);
    assert!(matches!(refused(&damaged, P256_KEY), F::CertificateUnreadable(_)));
    assert_eq!(refused(ENCIPHER, P256_KEY), F::NotForSigning);
    assert_eq!(refused(P256, P256), F::NoKey);
    assert_eq!(refused(P256, ENCRYPTED_KEY), F::KeyEncrypted);
    assert_eq!(refused(P256, SEC1_KEY), F::KeyNotPkcs8);
    assert!(matches!(refused(P256, P384_KEY), F::KeyUnsupported(_)));
    let damaged = P256_KEY.replacen("MIG", "MIA", 1);
    assert!(matches!(
        refused(P256, &damaged),
        F::KeyUnreadable(_) | F::KeyUnsupported(_)
    ));
    assert_eq!(refused(P256, OTHER_KEY), F::OtherKey);
    assert_eq!(refused(P256, RSA_KEY), F::OtherKey);
    for fault in [
        F::NoCertificate,
        F::NotForSigning,
        F::Expired(at("2024-12-31T16:59:59Z")),
    ] {
        assert!(!fault.is_of_key());
    }
    let text = F::Expired(at("2024-12-31T16:59:59Z")).text();
    assert_eq!(text.vi, "chứng thư số đã hết hạn lúc 31/12/2024 23:59:59");
}

#[test]
fn the_dates_of_a_certificate_count_to_the_second_and_are_warned_of() {
    let own = SigningCertificate::read(OF_2024, P256_KEY).unwrap();
    let check = |text: &str| own.check(at(text));
    let (from, to) = ("2024-01-01T00:00:00Z", "2024-12-31T16:59:59Z");
    assert_eq!(
        check("2023-12-31T23:59:59Z"),
        Err(CertificateFault::NotYetValid(at(from)))
    );
    assert_eq!((check(from), check(to)), (Ok(()), Ok(())));
    assert_eq!(check("2024-12-31T17:00:00Z"), Err(CertificateFault::Expired(at(to))));
    assert_eq!(own.warning(at("2024-12-01T00:00:00Z")), None);
    let soon = own.warning(at("2024-12-02T00:00:00Z")).unwrap();
    assert!(soon.en.contains("will expire soon, at 31/12/2024"), "{soon:?}");
    let gone = own.warning(at("2025-01-01T00:00:00Z")).unwrap();
    assert!(gone.en.contains("expired at"), "{gone:?}");
}
