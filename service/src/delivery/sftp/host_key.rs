//! The pinned keys of the server.

use russh::keys::ssh_key::Fingerprint;
use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PublicKey};

use crate::error::{Error, ProblemCode};

/// What a server may sign with, the most wanted first. `ssh-rsa`, which signs with SHA-1, is not among them.
const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Ed25519,
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP256,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP384,
    },
    Algorithm::Ecdsa {
        curve: EcdsaCurve::NistP521,
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha512),
    },
    Algorithm::Rsa {
        hash: Some(HashAlg::Sha256),
    },
];

/// How a public key begins.
const KINDS: [&str; 5] = [
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
];

/// The keys that are trusted.
#[derive(Clone, Debug)]
pub(super) struct HostKeys(Vec<Pin>);

#[derive(Clone, Debug)]
struct Pin {
    fingerprint: Fingerprint,
    /// What the key signs with, where the pin says it.
    algorithm: Option<Algorithm>,
}

impl HostKeys {
    /// Reads pins: `SHA256:..`, alone or as `ssh-keygen -l` prints it, or a public key, alone or as a line of
    /// `known_hosts`, whose host names are not looked at.
    pub(super) fn read(texts: &[String]) -> Result<Self, Error> {
        let texts = texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty());
        let pins: Vec<Pin> = texts
            .map(|text| Pin::read(text).ok_or_else(|| unreadable(text)))
            .collect::<Result<_, Error>>()?;
        if pins.is_empty() {
            return Err(unreadable(""));
        }
        Ok(Self(pins))
    }

    /// Is this key pinned?
    pub(super) fn hold(&self, key: &PublicKey) -> bool {
        let shown = key.fingerprint(HashAlg::Sha256);
        self.0.iter().any(|pin| pin.fingerprint == shown)
    }

    /// What the server is asked to sign with: one that has several keys shows the one that is pinned. A bare
    /// fingerprint does not say its kind, and then all are asked for.
    pub(super) fn algorithms(&self) -> Vec<Algorithm> {
        let pinned = |algorithm: &Algorithm| {
            self.0.iter().any(|pin| match &pin.algorithm {
                None => true,
                Some(Algorithm::Rsa { .. }) => matches!(algorithm, Algorithm::Rsa { .. }),
                // A fingerprint's line tells no curve.
                Some(Algorithm::Ecdsa { .. }) => matches!(algorithm, Algorithm::Ecdsa { .. }),
                Some(own) => own == algorithm,
            })
        };
        ALGORITHMS.into_iter().filter(pinned).collect()
    }
}

impl Pin {
    fn read(text: &str) -> Option<Self> {
        if text.starts_with('@') {
            // Revoked keys and certificate authorities.
            return None;
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        if let Some(word) = words.iter().find(|word| word.starts_with("SHA256:")) {
            return Some(Self {
                fingerprint: word.trim_end_matches('=').parse().ok()?,
                algorithm: words.last().and_then(|kind| kind_of(kind)),
            });
        }
        let mut words = words.into_iter().skip_while(|word| !KINDS.contains(word));
        let (kind, key) = (words.next()?, words.next()?);
        let key = PublicKey::from_openssh(&format!("{kind} {key}")).ok()?;
        Some(Self {
            fingerprint: key.fingerprint(HashAlg::Sha256),
            algorithm: Some(key.algorithm()),
        })
    }
}

/// The kind at the end of a line of `ssh-keygen -l`.
fn kind_of(word: &str) -> Option<Algorithm> {
    match word {
        "(ED25519)" => Some(Algorithm::Ed25519),
        "(ECDSA)" => Some(Algorithm::Ecdsa {
            curve: EcdsaCurve::NistP256,
        }),
        "(RSA)" => Some(Algorithm::Rsa { hash: None }),
        _ => None,
    }
}

fn unreadable(text: &str) -> Error {
    Error::because(
        ProblemCode::InvalidRequest,
        format!(
            "Thiết lập ANSINH_SFTP_HOST_KEY: khóa máy chủ SFTP phải là dấu vân tay SHA256:… hoặc một dòng known_hosts, không phải \"{text}\""
        ),
        format!(
            "the setting ANSINH_SFTP_HOST_KEY: an SFTP host key is a fingerprint SHA256:… or a line of known_hosts, not \"{text}\""
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key as `ssh-keygen -t ed25519` made it, and what `ssh-keygen -l` says of it.
    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFfGxkxlhO4/tAuk9ny4jLjPimW3PIe8/GoJrcwOUlrw";
    const PRINT: &str = "SHA256:LFCjKbkYAainsiOPSrIev/ejGvSmyAPBjQDWUdWbmS0";

    fn read(text: &str) -> Result<HostKeys, Error> {
        HostKeys::read(&[text.to_owned()])
    }

    #[test]
    fn a_key_is_pinned_by_its_fingerprint_or_its_line() {
        let key = PublicKey::from_openssh(KEY).unwrap();
        let other =
            PublicKey::from_openssh("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE0u81b8ta5+LeF3RVnw5PYmqmwNvahC/TCDYJ3/BCD+")
                .unwrap();
        for text in [
            PRINT.to_owned(),
            format!("256 {PRINT} root@bank (ED25519)"),
            KEY.to_owned(),
            format!("ssh-gate.bank.vn,[10.0.0.1]:2222 {KEY}"),
            format!("|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= {KEY}"),
        ] {
            let pins = read(&text).unwrap();
            assert!(pins.hold(&key) && !pins.hold(&other), "{text}");
        }
    }

    #[test]
    fn a_pin_that_says_its_kind_asks_for_no_other() {
        let kinds = |text: &str| read(text).unwrap().algorithms();
        assert_eq!(kinds(KEY), [Algorithm::Ed25519]);
        assert_eq!(kinds(&format!("256 {PRINT} root@bank (ED25519)")), [Algorithm::Ed25519]);
        assert_eq!(kinds(&format!("3072 {PRINT} root@bank (RSA)")).len(), 2);
        assert_eq!(kinds(PRINT), ALGORITHMS);
        assert!(!kinds(PRINT).contains(&Algorithm::Rsa { hash: None }), "no SHA-1");
    }

    #[test]
    fn what_pins_nothing_is_refused() {
        for text in [
            "",
            "SHA256:short",
            "bank.vn",
            "ssh-ed25519",
            "ssh-ed25519 AAAA",
            "MD5:aa:bb",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(read(&format!("@revoked * {KEY}")).is_err());
        assert!(HostKeys::read(&[]).is_err());
    }
}
