//! What every operation is given: database, clock, ids and the installation's own secret.

use std::sync::Arc;

use crate::clock::Clock;
use crate::db::Db;
use crate::delivery::Transport;
use crate::error::Error;
use crate::ids::Ids;
use crate::payment_file::SigningCertificate;

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
    /// The releases of law compiled so far.
    pub law: crate::law::Cache,
    /// Is this a sandbox, whose clock may be set?
    pub sandbox: bool,
    /// People in one chunk of a reassessment ([`crate::reassessment::CHUNK_PEOPLE`] unless set otherwise).
    pub chunk_people: usize,
    /// After how many days orders without an end are reminded of.
    pub remind_after: crate::reminder::RemindAfter,
    /// How files leave the house; none: the treasury fetches them.
    pub delivery: Option<Arc<dyn Transport>>,
    /// The unit that pays, as the treasury's list names it ([`crate::payment_file::DEFAULT_UNIT`] unless set otherwise).
    pub unit: String,
    /// What signs manifests (CMS); none: the installation's own Ed25519 key.
    pub signing: Option<Arc<SigningCertificate>>,
    /// Where it is told how far the reconciliation of reports is.
    pub watch: crate::reconciliation::Watch,
    /// What is open of the month that is signed next, for those who page through it.
    pub drafts: crate::month_close::Drafts,
}

/// The installation's secret. It never shows.
#[derive(Clone)]
pub struct Secret {
    bytes: Vec<u8>,
    ids: domain::ids::Secret,
}

impl Secret {
    /// A secret of at least 32 bytes.
    pub fn new(bytes: Vec<u8>) -> Result<Self, Error> {
        let ids = domain::ids::Secret::new(&bytes).map_err(Error::internal)?;
        Ok(Self { bytes, ids })
    }

    /// The bytes, for seals of our own.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The secret from which ids are derived.
    pub const fn ids(&self) -> &domain::ids::Secret {
        &self.ids
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
