//! Putting a job beside the change that causes it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::job::{self, JobStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Job, Queue, instant};
use crate::app::App;
use crate::db::Txn;
use crate::error::Error;

/// A job made ready to be stored: what a run keeps of the job that follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    kind: String,
    queue: Queue,
    payload: Value,
    natural_key: String,
    max_attempts: i32,
    run_id: Option<Uuid>,
}

impl Envelope {
    /// The job, ready to be stored.
    pub fn of<J: Job>(job: &J) -> Result<Self, Error> {
        Ok(Self {
            kind: J::KIND.to_owned(),
            queue: J::QUEUE,
            payload: serde_json::to_value(job)?,
            natural_key: job.natural_key(),
            max_attempts: J::MAX_ATTEMPTS,
            run_id: job.run_id(),
        })
    }

    /// The job as a part of this run.
    pub(super) fn in_run(mut self, run: Uuid) -> Self {
        self.run_id = Some(run);
        self
    }

    /// Its row, due at `run_at`. The id follows from the natural key: the same job has the same id everywhere.
    pub(super) fn row(self, created_at: DateTime<Utc>, run_at: DateTime<Utc>) -> job::Model {
        job::Model {
            id: id_of("job", &self.natural_key),
            queue: self.queue.into(),
            kind: self.kind,
            payload: self.payload,
            natural_key: self.natural_key,
            status: JobStatus::Queued,
            attempts: 0,
            max_attempts: self.max_attempts,
            run_at,
            lease_until: None,
            locked_by: None,
            published_until: None,
            last_error: None,
            job_run_id: self.run_id,
            created_at,
            done_at: None,
        }
    }
}

/// The id of what a natural key names.
pub(crate) fn id_of(table: &str, natural_key: &str) -> Uuid {
    let mut hash = Sha256::new();
    hash.update(table.as_bytes());
    hash.update([0]);
    hash.update(natural_key.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Uuid::new_v8(bytes)
}

/// Inserts a job in the transaction of the change that causes it; it is due at once. False where a job of the same
/// natural key stands there already, whatever its state.
pub async fn enqueue<J: Job>(txn: &Txn, job: &J) -> Result<bool, Error> {
    enqueue_envelope(txn, Envelope::of(job)?).await
}

/// Inserts a job that is due after a while, on the database's time.
pub async fn enqueue_after<J: Job>(txn: &Txn, delay: Duration, job: &J) -> Result<bool, Error> {
    let now = instant::now(txn.conn()).await?;
    let row = Envelope::of(job)?.row(now, now + instant::delta(delay));
    Ok(insert(txn, vec![row]).await? == 1)
}

/// Inserts many jobs of one kind; gives how many were new.
pub async fn enqueue_all<J: Job>(txn: &Txn, jobs: &[J]) -> Result<u64, Error> {
    let now = instant::now(txn.conn()).await?;
    let rows = jobs
        .iter()
        .map(|job| Ok(Envelope::of(job)?.row(now, now)))
        .collect::<Result<_, Error>>()?;
    insert(txn, rows).await
}

/// Inserts a job that was made ready before.
pub async fn enqueue_envelope(txn: &Txn, envelope: Envelope) -> Result<bool, Error> {
    let now = instant::now(txn.conn()).await?;
    Ok(insert(txn, vec![envelope.row(now, now)]).await? == 1)
}

/// Inserts the rows whose natural keys are new.
pub(super) async fn insert(txn: &Txn, rows: Vec<job::Model>) -> Result<u64, Error> {
    crate::rows::insert_new::<job::Entity>(txn, rows).await
}

/// A name for what carries the jobs of this installation: those of another on the same Redis are not seen.
pub fn carrier_name(app: &App) -> String {
    id_of("carrier", &hex::encode(app.secret.bytes())).simple().to_string()
}
