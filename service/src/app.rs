//! What every operation is given: database, clock, ids and the installation's own secret.

use crate::clock::Clock;
use crate::db::Db;
use crate::ids::Ids;

/// The running installation.
#[derive(Clone, Debug)]
pub struct App {
    /// The database.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Row ids.
    pub ids: Ids,
    /// The secret from which ids in files are derived.
    pub secret: Secret,
    /// Is this a sandbox, whose clock may be set?
    pub sandbox: bool,
}

/// The installation's secret. It never shows.
#[derive(Clone)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// A secret of these bytes.
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes, for `domain::ids`.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
