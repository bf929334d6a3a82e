//! PEM texts (RFC 7468) of certificates and private keys.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::der::{Document, SecretDocument};

use super::certificate_fault::CertificateFault;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
const CERTIFICATE: &str = "CERTIFICATE";
/// Bytes in a line of 64 letters.
const LINE: usize = 48;

/// The certificates of a text as DER, in its order.
pub(super) fn certificates(text: &str) -> Result<Vec<Vec<u8>>, CertificateFault> {
    blocks(text)
        .filter(|(label, _)| *label == CERTIFICATE)
        .map(|(_, block)| {
            let unreadable = |error: x509_cert::der::Error| CertificateFault::CertificateUnreadable(error.to_string());
            let (_, document) = Document::from_pem(block).map_err(unreadable)?;
            Ok(document.into_vec())
        })
        .collect()
}

/// The first private key of a text (PKCS #8).
pub(super) fn private_key(text: &str) -> Result<SecretDocument, CertificateFault> {
    let (label, block) = blocks(text)
        .find(|(label, _)| label.ends_with("PRIVATE KEY"))
        .ok_or(CertificateFault::NoKey)?;
    match label {
        "PRIVATE KEY" => match SecretDocument::from_pem(block) {
            Ok((_, document)) => Ok(document),
            Err(error) => Err(CertificateFault::KeyUnreadable(error.to_string())),
        },
        "ENCRYPTED PRIVATE KEY" => Err(CertificateFault::KeyEncrypted),
        _ => Err(CertificateFault::KeyNotPkcs8),
    }
}

/// A certificate as PEM.
pub(super) fn of_certificate(der: &[u8]) -> String {
    let lines: String = der.chunks(LINE).map(|part| STANDARD.encode(part) + "\n").collect();
    format!("{BEGIN}{CERTIFICATE}{DASHES}\n{lines}{END}{CERTIFICATE}{DASHES}\n")
}

/// Label and text of each block. What stands between blocks is for people.
fn blocks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(BEGIN)?;
        let (label, body) = after.split_once(DASHES)?;
        let (_, tail) = body.split_once(END)?;
        let (_, tail) = tail.split_once(DASHES)?;
        let block = text.get(text.len() - after.len() - BEGIN.len()..text.len() - tail.len())?;
        rest = tail;
        Some((label, block))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_words_for_people() {
        let text = "Bag Attributes\n-----BEGIN A-----\nAQ==\n-----END A-----\nthen\r\n-----BEGIN B C-----\r\nAg==\r\n\
            -----END B C-----\r\n-----BEGIN CUT-----\nAw==";
        let found: Vec<_> = blocks(text).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(found[0], ("A", "-----BEGIN A-----\nAQ==\n-----END A-----"));
        assert_eq!(found[1].0, "B C");
        assert!(blocks("-----BEGIN ").next().is_none());
    }
}
