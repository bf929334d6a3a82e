//! Where row ids come from. Ids that stand in files, or that the close of a month is signed over, are derived from natural keys
//! instead (`domain::ids`).

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Makes row ids.
#[derive(Clone, Debug)]
pub enum Ids {
    /// UUIDv7 of the machine.
    System,
    /// A repeatable sequence from a seed.
    Seeded(Arc<Sequence>),
}

/// The state of a seeded sequence.
#[derive(Debug)]
pub struct Sequence {
    seed: u64,
    next: AtomicU64,
}

impl Ids {
    /// A repeatable sequence.
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Arc::new(Sequence {
            seed,
            next: AtomicU64::new(0),
        }))
    }

    /// A new id.
    pub fn next(&self) -> Uuid {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is where ids come from")]
            Self::System => Uuid::now_v7(),
            Self::Seeded(sequence) => {
                let number = sequence.next.fetch_add(1, Ordering::SeqCst);
                let mut hash = Sha256::new();
                hash.update(sequence.seed.to_be_bytes());
                hash.update(number.to_be_bytes());
                let mut bytes = [0; 16];
                bytes.copy_from_slice(&hash.finalize()[..16]);
                Uuid::new_v8(bytes)
            }
        }
    }
}
