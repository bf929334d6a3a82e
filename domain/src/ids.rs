//! Ids that stand in files and rows, derived from the installation's secret and a natural key, so that the same
//! approved run gives the same bytes on every machine and nobody outside can guess or link them.

use std::fmt;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

/// Crockford's base 32: no I, L, O or U, so a reference survives being read aloud.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Base-32 characters in a reference: 130 bits of the code.
const REFERENCE_SYMBOLS: usize = 26;

/// Base-32 characters in the code of a beneficiary: 50 bits, enough to tell those of one account apart.
const BENEFICIARY_SYMBOLS: usize = 10;

/// The longest reference, in characters; references are shorter.
pub const REFERENCE_MAX: usize = 30;

/// The installation's secret, as the key block of HMAC-SHA256 (RFC 2104). Never printed.
#[derive(Clone)]
pub struct Secret([u8; 64]);

/// The secret is shorter than 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the installation secret is shorter than 32 bytes")]
pub struct WeakSecret;

impl Secret {
    /// A secret of at least 32 bytes; one longer than a block is hashed first, as RFC 2104 says.
    pub fn new(bytes: &[u8]) -> Result<Self, WeakSecret> {
        if bytes.len() < 32 {
            return Err(WeakSecret);
        }
        let mut block = [0_u8; 64];
        if bytes.len() > block.len() {
            for (slot, byte) in block.iter_mut().zip(Sha256::digest(bytes)) {
                *slot = byte;
            }
        } else {
            for (slot, byte) in block.iter_mut().zip(bytes) {
                *slot = *byte;
            }
        }
        Ok(Self(block))
    }

    /// The code of (what for, kind, key). Each part but the last stands behind its length, so that no two triples
    /// give the same message.
    fn code(&self, purpose: &str, kind: &str, key: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        for part in [purpose, kind] {
            mac.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac.update(key.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A reference for files (MsgId, PmtInfId, EndToEndId): `AS-` and 26 characters of `A-Z0-9`, 29 in all, within the
/// SWIFT set and [`REFERENCE_MAX`]. `kind` and `key` are the natural key: the same pair always gives the same text.
pub fn reference(secret: &Secret, kind: &str, key: &str) -> String {
    let code = secret.code("reference", kind, key);
    let mut text = String::with_capacity(REFERENCE_MAX);
    text.push_str("AS-");
    let (mut window, mut bits) = (0_u32, 0_u32);
    let mut bytes = code.iter();
    for _ in 0..REFERENCE_SYMBOLS {
        if bits < 5 {
            window = (window << 8) | bytes.next().copied().map_or(0, u32::from);
            bits += 8;
        }
        bits -= 5;
        let index = usize::try_from((window >> bits) & 31).unwrap_or(0);
        text.push(ALPHABET.get(index).copied().map_or('0', char::from));
    }
    text
}

/// The code of a beneficiary in what a payee reads: `NH-` (người hưởng) and 10 characters of `A-Z0-9`, always the same for
/// a person, so that a guardian knows whose money came. It says nothing of the person to anybody else.
pub fn beneficiary_code(secret: &Secret, person: Uuid) -> String {
    let whole = reference(secret, "beneficiary", &person.simple().to_string());
    let code: String = whole.chars().skip("AS-".len()).take(BENEFICIARY_SYMBOLS).collect();
    format!("NH-{code}")
}

/// The UETR of a payment order: a UUID with the bits of version 4, as the pattern of pain.001.001.09 demands; printed
/// in lower case.
pub fn uetr(secret: &Secret, key: &str) -> Uuid {
    Builder::from_random_bytes(first_half(&secret.code("uetr", "payment_order", key))).into_uuid()
}

/// The id of a row that has a natural key: a UUID of version 8 (RFC 9562), the same for the same kind and key.
pub fn uuid8(secret: &Secret, kind: &str, key: &str) -> Uuid {
    Uuid::new_v8(first_half(&secret.code("row", kind, key)))
}

/// The same of a row that began at an instant, whose milliseconds stand first, as in version 7: an index of such ids grows at
/// its end, and in their order rows stand as they began.
pub fn uuid8_at(secret: &Secret, kind: &str, key: &str, at: DateTime<Utc>) -> Uuid {
    let mut bytes = first_half(&secret.code("row", kind, key));
    let [_, _, time @ ..] = at.timestamp_millis().to_be_bytes();
    if let Some(first) = bytes.first_chunk_mut() {
        *first = time;
    }
    Uuid::new_v8(bytes)
}

/// The id of a part of what has an id, by its place: that id, with the place as its last four bytes.
pub fn part(whole: Uuid, place: u32) -> Uuid {
    let mut bytes = whole.into_bytes();
    if let Some(last) = bytes.last_chunk_mut() {
        *last = place.to_be_bytes();
    }
    Uuid::from_bytes(bytes)
}

/// The seed of the key that signs manifests (RFC 8032).
pub(crate) fn signing_seed(secret: &Secret) -> [u8; 32] {
    secret.code("signature", "ed25519", "1")
}

/// Our references in a text, in the order in which they stand, each once: banks repeat the content of a transfer.
pub fn references_in(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for (start, _) in text.match_indices("AS-") {
        let end = start + "AS-".len() + REFERENCE_SYMBOLS;
        let Some(reference) = text.get(start..end) else {
            continue;
        };
        let plain = reference.bytes().skip(3).all(|b| ALPHABET.contains(&b));
        let before = text.get(..start).and_then(|left| left.chars().next_back());
        let after = text.get(end..).and_then(|rest| rest.chars().next());
        let alone = ![before, after].into_iter().flatten().any(char::is_alphanumeric);
        if plain && alone && !found.contains(&reference) {
            found.push(reference);
        }
    }
    found
}

fn first_half(code: &[u8; 32]) -> [u8; 16] {
    let mut half = [0_u8; 16];
    for (slot, byte) in half.iter_mut().zip(code) {
        *slot = *byte;
    }
    half
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret() -> Secret {
        Secret::new(b"0123456789abcdef0123456789abcdef").unwrap()
    }

    #[test]
    fn ids_are_fixed_for_ever() {
        // Computed with Python's hmac module; a change here would pay people twice.
        assert_eq!(
            reference(&secret(), "payment_order", "run-1:account-1"),
            "AS-57VBQJ65YP2X5PGYN0FRD27CC1"
        );
        assert_eq!(
            uetr(&secret(), "run-1:account-1").to_string(),
            "b9bf9f54-4d02-4308-ab1a-f0d5f8682c46"
        );
        assert_eq!(
            uuid8(&secret(), "payment_line", "a").to_string(),
            "3cb88739-26b2-8d17-bc39-46a53c3a50f6"
        );
    }

    #[test]
    fn ids_of_rows_stand_as_the_rows_began_and_those_of_parts_as_their_places() {
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        let id = |key: &str, millis| uuid8_at(&secret(), "pay_run", key, at(millis));
        let first = id("regular:202409:1", 1_725_500_000_000);
        assert_eq!(first, id("regular:202409:1", 1_725_500_000_000));
        assert_ne!(first, id("regular:202409:2", 1_725_500_000_000));
        assert_eq!(first.get_version_num(), 8);
        assert!(first.simple().to_string().starts_with("0191bfd08700"), "{first}");
        assert!(first < id("regular:202410:1", 1_725_500_000_001));
        let parts: Vec<Uuid> = [0, 1, 255, 256, u32::MAX]
            .iter()
            .map(|place| part(first, *place))
            .collect();
        assert!(parts.is_sorted_by(|one, next| one < next), "{parts:?}");
        assert_ne!(part(first, 1), part(id("regular:202409:2", 1_725_500_000_000), 1));
    }

    #[test]
    fn the_code_of_a_beneficiary_is_short_stable_and_no_reference() {
        let code = beneficiary_code(&secret(), Uuid::from_u128(1));
        assert_eq!(code, beneficiary_code(&secret(), Uuid::from_u128(1)));
        assert_ne!(code, beneficiary_code(&secret(), Uuid::from_u128(2)));
        assert!(code.starts_with("NH-") && code.len() == 13, "{code}");
        assert!(code.bytes().skip(3).all(|b| ALPHABET.contains(&b)), "{code}");
        assert!(references_in(&code).is_empty());
    }

    #[test]
    fn a_short_secret_is_refused_and_none_is_printed() {
        assert_eq!(Secret::new(b"short").unwrap_err(), WeakSecret);
        assert_eq!(format!("{:?}", secret()), "Secret(..)");
        assert_eq!(Secret::new(&[7; 100]).unwrap().0[32..], [0; 32]);
    }

    #[test]
    fn a_reference_is_found_in_the_content_of_a_transfer() {
        let own = "AS-57VBQJ65YP2X5PGYN0FRD27CC1";
        let other = "AS-57VBQJ65YP2X5PGYN0FRD27CC2";
        assert_eq!(references_in(&format!("TRO CAP 09/2024 {own}. FT1")), [own]);
        assert_eq!(references_in(&format!("{own} {other} {own}")), [own, other]);
        for none in [
            "AS-57VBQJ65",
            "XAS-57VBQJ65YP2X5PGYN0FRD27CC1",
            "AS-57VBQJ65YP2X5PGYN0FRD27CC12",
            "AS-đ",
        ] {
            assert_eq!(references_in(none), [""; 0]);
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(reference(&secret(), "ab", "c"), reference(&secret(), "a", "bc"));
        assert_ne!(uuid8(&secret(), "payment_order", "k"), uetr(&secret(), "k"));
    }

    proptest! {
        #[test]
        fn references_fit_bank_files(kind in ".{0,20}", key in ".{0,60}") {
            let text = reference(&secret(), &kind, &key);
            prop_assert!(text.len() <= REFERENCE_MAX);
            prop_assert!(text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-'));
            prop_assert_eq!(&text, &reference(&secret(), &kind, &key));
        }

        #[test]
        fn a_uetr_has_the_bits_of_version_4(key in ".{0,60}") {
            let id = uetr(&secret(), &key);
            prop_assert_eq!(id.get_version_num(), 4);
            prop_assert!(matches!(id.as_bytes()[8] >> 6, 2));
        }
    }
}
