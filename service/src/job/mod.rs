//! Durable jobs: work that must happen because of a committed change, and only then.
//!
//! The `job` table is the truth. [`enqueue`] inserts a row in the transaction of the change that causes the work; a
//! worker publishes the ids of due rows to its carrier, claims each row with a fenced `UPDATE`, renews the lease while
//! the job runs and ends it with another fenced `UPDATE`. A message may be lost, doubled or late: the row decides.
//! Leases and back-off are on the database's time; business dates are on [`crate::clock::Clock`].
//!
//! To add a job: a struct of ids that implements [`Job`] beside its context, and one line in `list.rs`. Never rename a
//! kind or a field: rows of the old name may be waiting.

mod context;
mod enqueue;
mod execute;
mod instant;
mod kinds;
mod lease;
mod list;
mod prune;
pub mod run;
mod state;
mod verbs;

use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use crate::page::Page;
pub use context::JobContext;
pub(crate) use enqueue::id_of;
pub use enqueue::{Envelope, carrier_name, enqueue, enqueue_after, enqueue_all, enqueue_envelope};
pub use execute::{Ended, drain, execute};
pub use kinds::Kinds;
#[doc(hidden)]
pub use kinds::{Payload, Running, read, unknown};
pub use lease::{Due, Pace, expire_leases, give_back, next_due, publish_due, renew, withdraw};
pub use list::KINDS;
pub use prune::Prune;
pub use state::{JobState, Queue};
pub use verbs::{JobFilter, JobPage, JobView, cancel, counts, list, open_counts, retry, view};

use crate::app::App;
use crate::error::Error;

/// One kind of work. The struct holds ids alone; what they stand for is read when it runs.
///
/// A job may run more than once (a worker may die after its effects are committed), so its effects are idempotent by
/// the database's keys, or they commit together with [`JobContext::finish_in`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The name in the table; it never changes.
    const KIND: &'static str;
    /// How urgent it is.
    const QUEUE: Queue;
    /// A run that takes longer is stopped and counts as failed.
    const TIMEOUT: Duration = Duration::from_secs(120);
    /// After so many failed runs the job is dead, and waits for a person.
    const MAX_ATTEMPTS: i32 = 8;

    /// What makes two jobs the same: a second one with this key is not inserted.
    fn natural_key(&self) -> String;

    /// The job run it is a part of; it waits while that run is paused.
    fn run_id(&self) -> Option<Uuid> {
        None
    }

    /// Does the work, by one verb of a context. An error that [`Error::is_retryable`] is tried again later.
    fn run(&self, app: &App, ctx: &JobContext) -> impl Future<Output = Result<(), Error>> + Send;
}
