//! Keys: made, and recognised by their hash.

use sha2::{Digest, Sha256};

use crate::ids::Ids;

/// A new key.
pub(super) struct NewKey {
    /// What the holder is shown, once.
    pub(super) key: String,
    /// What lists show, so that a holder recognises a key.
    pub(super) prefix: String,
    /// What is kept.
    pub(super) hash: String,
}

impl NewKey {
    /// A key from the machine's randomness, also where row ids are repeatable: each UUIDv7 carries 74 random bits.
    pub(super) fn random() -> Self {
        let mut entropy = Sha256::new();
        for _ in 0..8 {
            entropy.update(Ids::System.next());
        }
        let digits = hex::encode(entropy.finalize());
        let (prefix, rest) = digits.split_at(8);
        let (secret, _) = rest.split_at(40);
        let key = format!("ansinh_{prefix}_{secret}");
        let hash = hash(&key);
        Self {
            key,
            prefix: prefix.to_owned(),
            hash,
        }
    }
}

/// The hash under which a key is kept.
pub(crate) fn hash(key: &str) -> String {
    hex::encode(Sha256::digest(key.as_bytes()))
}
