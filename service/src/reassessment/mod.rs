//! Reassessment: determining again what a change can touch.

use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;

/// Queues the reassessment of one person, in the transaction of the change that causes it.
#[expect(clippy::unused_async, reason = "the queue is written here once jobs exist")]
pub(crate) async fn queue_person(_txn: &Txn, _app: &App, _person_id: Uuid, _evidence_rev: i64) -> Result<(), Error> {
    Ok(())
}
