//! Long work in chunks: a run with its counts, one chunk and one job per part.
//!
//! What a chunk's job does, always in this order: [`chunk`] gives its part (none: nothing left to do), the result is
//! computed outside any transaction, then one short `Db::write` holds the effects and, last, [`chunk_done`]. The chunk,
//! the job and the counts end in that transaction; a worker that lost its lease commits nothing.

mod ledger;
mod notes;
mod verbs;
mod view;

use entity::job;
use entity::job_chunk::{self, ChunkStatus};
use entity::job_run::{self, JobRunStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Envelope, Job, enqueue, instant};
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, Text};

pub(super) use ledger::job_died;
pub use ledger::{Progress, chunk_done};
pub use verbs::{cancel, pause, resume, set_result};
pub use view::{JobRunView, RunFilter, RunPage, RunState, list, of_natural_key, view};

use notes::Notes;

/// A run to start.
#[derive(Clone, Debug)]
pub struct NewRun {
    /// What kind of work, such as `reassessment`.
    pub kind: &'static str,
    /// What makes two runs the same.
    pub natural_key: String,
    /// What it is about, such as `release:7`.
    pub subject: String,
    /// Who asked for it.
    pub requested_by: String,
    /// What the starter wants to keep with it.
    pub parameters: Value,
    /// Its parts, in order.
    pub chunks: Vec<Chunk>,
    /// No part needs another: one that can't be done holds up none of the others; else it pauses the run.
    pub independent: bool,
    /// The job that is enqueued in the transaction that finishes the run.
    pub then: Option<Envelope>,
    /// The run that must end first, if it goes on.
    pub after: Option<Uuid>,
}

/// One part of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    /// How many units it stands for, such as people: what progress is counted in.
    pub units: i64,
    /// What the part is, by ids.
    pub payload: Value,
}

/// A run that stands in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Its id: `/v1/job-runs/{id}`.
    pub id: Uuid,
    /// False where a run of this natural key stood there already; then nothing was changed.
    pub fresh: bool,
}

/// How the units of a chunk came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// Something was stored.
    pub changed: i64,
    /// All as it was.
    pub unchanged: i64,
    /// Held, with a reason a person must look at.
    pub held: i64,
    /// Technical failures; too many stop the run.
    pub failed: i64,
}

/// Starts a run in the transaction of what causes it: the run, its chunks, and one job per chunk, which `job` makes of
/// the run's id and the chunk's position (from 0). A run without chunks is finished at once.
pub async fn start<J: Job>(txn: &Txn, new: NewRun, job: impl Fn(Uuid, i32) -> J) -> Result<Started, Error> {
    let id = enqueue::id_of("job_run", &new.natural_key);
    let now = instant::now(txn.conn()).await?;
    let total = new.chunks.iter().map(|chunk| chunk.units).sum();
    let waits_for = match new.after {
        Some(before) => ledger::goes_on(&locked(txn, before).await?).then_some(before),
        None => None,
    };
    let notes = Notes {
        given: new.parameters,
        then: new.then,
        independent: new.independent,
        since: Some(now),
        waits_for,
        reason: waits_for.map(|_| Text::new("Chờ đợt trước kết thúc", "Waits for the run before it")),
        ..Notes::default()
    };
    let row = job_run::Model {
        id,
        kind: new.kind.to_owned(),
        natural_key: new.natural_key,
        subject: new.subject,
        status: match waits_for {
            Some(_) => JobRunStatus::Paused,
            None => JobRunStatus::Running,
        },
        total,
        done: 0,
        changed: 0,
        unchanged: 0,
        held: 0,
        failed: 0,
        parameters: serde_json::to_value(&notes)?,
        result: None,
        requested_by: new.requested_by,
        created_at: now,
        started_at: Some(now),
        finished_at: None,
        version: 1,
    };
    if crate::rows::insert_new::<job_run::Entity>(txn, vec![row]).await? == 0 {
        return Ok(Started { id, fresh: false });
    }
    if new.chunks.is_empty() && waits_for.is_none() {
        ledger::finish(txn, id, &notes).await?;
        return Ok(Started { id, fresh: true });
    }
    let mut chunks = Vec::with_capacity(new.chunks.len());
    let mut jobs = Vec::with_capacity(new.chunks.len());
    for (position, chunk) in (0..).zip(new.chunks) {
        jobs.push(Envelope::of(&job(id, position))?.in_run(id).row(now, now));
        chunks.push(pending(id, position, chunk));
    }
    txn.insert_all::<job_chunk::Entity>(chunks).await?;
    enqueue::insert(txn, jobs).await?;
    Ok(Started { id, fresh: true })
}

/// A chunk's row. While it is pending, `done` says how many units it will count when it is.
fn pending(run: Uuid, position: i32, chunk: Chunk) -> job_chunk::Model {
    job_chunk::Model {
        job_run_id: run,
        position,
        status: ChunkStatus::Pending,
        payload: chunk.payload,
        done: chunk.units,
        changed: 0,
        unchanged: 0,
        held: 0,
        failed: 0,
        finished_at: None,
    }
}

/// The payload of a chunk that is still to do; none where it is done already or its run is cancelled: the job then has
/// nothing to do and ends well.
pub async fn chunk(app: &App, run: Uuid, position: i32) -> Result<Option<Value>, Error> {
    let row = job_chunk::Entity::find_by_id((run, position))
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    if row.status == ChunkStatus::Done {
        return Ok(None);
    }
    let cancelled = job_run::Entity::find_by_id(run)
        .filter(job_run::Column::Status.eq(JobRunStatus::Cancelled))
        .one(app.db.read())
        .await?;
    Ok(if cancelled.is_some() { None } else { Some(row.payload) })
}

/// What the starter of a run kept with it.
pub async fn parameters(app: &App, run: Uuid) -> Result<Value, Error> {
    let row = job_run::Entity::find_by_id(run)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Notes::read(&row)?.given)
}

/// The run, locked until the transaction ends.
async fn locked(txn: &Txn, run: Uuid) -> Result<job_run::Model, Error> {
    job_run::Entity::find_by_id(run)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)
}

/// The jobs of a run that are in one of these states.
fn jobs_of(run: Uuid, states: &[job::JobStatus]) -> sea_orm::sea_query::Condition {
    sea_orm::sea_query::Condition::all()
        .add(job::Column::JobRunId.eq(run))
        .add(job::Column::Status.is_in(states.iter().copied()))
}
