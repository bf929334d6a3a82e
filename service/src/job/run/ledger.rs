//! Counting a run's chunks, stopping it when it goes wrong, and its end.

use std::time::Duration;

use entity::job::{self, JobStatus};
use entity::job_chunk::{self, ChunkStatus};
use entity::job_run::{self, JobRunStatus};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Counts;
use super::notes::Notes;
use crate::db::Txn;
use crate::error::{Error, ProblemCode, Text};
use crate::job::{JobContext, enqueue_envelope, instant};

/// Where a run stands after a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More chunks are to do.
    Ongoing,
    /// That was the last one: the run is done, its following job enqueued. More may be done in this transaction.
    Finished,
    /// The run stopped itself: too many failures.
    Stopped,
}

/// The run stops itself at more failures than this, and more than one in a thousand.
const FEW_FAILURES: i64 = 4;

/// So many dead jobs are named where a run says which of its parts can't be done.
const NAMED: usize = 5;

/// Ends a chunk, its job and, after the last one, the run; the last statement of the transaction that holds the
/// chunk's effects, because it locks the run.
///
/// # Errors
/// `conflict` where the lease was lost, the chunk is done already or the run was cancelled: nothing is committed.
pub async fn chunk_done(
    txn: &Txn,
    ctx: &JobContext,
    run: Uuid,
    position: i32,
    counts: Counts,
) -> Result<Progress, Error> {
    ctx.finish_in(txn).await?;
    let now = instant::ahead(txn.conn().get_database_backend(), Duration::ZERO);
    let ended = job_chunk::Entity::update_many()
        .col_expr(job_chunk::Column::Status, Expr::value(ChunkStatus::Done))
        .col_expr(job_chunk::Column::Changed, Expr::value(counts.changed))
        .col_expr(job_chunk::Column::Unchanged, Expr::value(counts.unchanged))
        .col_expr(job_chunk::Column::Held, Expr::value(counts.held))
        .col_expr(job_chunk::Column::Failed, Expr::value(counts.failed))
        .col_expr(job_chunk::Column::FinishedAt, now)
        .filter(job_chunk::Column::JobRunId.eq(run))
        .filter(job_chunk::Column::Position.eq(position))
        .filter(job_chunk::Column::Status.eq(ChunkStatus::Pending))
        .exec_with_returning(txn.conn())
        .await?;
    let chunk = ended
        .into_iter()
        .next()
        .ok_or_else(|| refused("the chunk is done already"))?;
    let plus = |column: job_run::Column, units: i64| Expr::col(column).add(units);
    let counted = job_run::Entity::update_many()
        .col_expr(job_run::Column::Done, plus(job_run::Column::Done, chunk.done))
        .col_expr(job_run::Column::Changed, plus(job_run::Column::Changed, counts.changed))
        .col_expr(
            job_run::Column::Unchanged,
            plus(job_run::Column::Unchanged, counts.unchanged),
        )
        .col_expr(job_run::Column::Held, plus(job_run::Column::Held, counts.held))
        .col_expr(job_run::Column::Failed, plus(job_run::Column::Failed, counts.failed))
        .col_expr(job_run::Column::Version, plus(job_run::Column::Version, 1))
        .filter(job_run::Column::Id.eq(run))
        .filter(job_run::Column::Status.is_in([JobRunStatus::Running, JobRunStatus::Paused]))
        .exec_with_returning(txn.conn())
        .await?;
    let row = counted
        .into_iter()
        .next()
        .ok_or_else(|| refused("the run was cancelled"))?;
    after_count(txn, &row).await
}

/// Stops or finishes a run whose counts have just changed. The caller's transaction holds the run.
async fn after_count(txn: &Txn, row: &job_run::Model) -> Result<Progress, Error> {
    let mut notes = Notes::read(row)?;
    let failures = row.failed - notes.forgiven;
    if failures > FEW_FAILURES && failures.saturating_mul(1_000) > row.total {
        notes.reason = Some(Text::new(
            format!("Tự dừng: {} trường hợp lỗi kỹ thuật", row.failed),
            format!("Stopped itself: {} technical failures", row.failed),
        ));
        stop(txn, row.id, &notes).await?;
        return Ok(Progress::Stopped);
    }
    if row.done < row.total || pending_chunk(txn, row.id).await? {
        // Of parts that stand alone, only those may be left that can't be done.
        let ends_here = notes.independent && row.status == JobRunStatus::Running && !is_open(txn, row.id).await?;
        if ends_here && let Some(reason) = told_of_dead(txn, row.id).await? {
            notes.reason = Some(reason);
            stop(txn, row.id, &notes).await?;
            return Ok(Progress::Stopped);
        }
        return Ok(Progress::Ongoing);
    }
    if notes.independent && notes.reason.take().is_some() {
        // What could not be done was tried again alone.
        note(txn, row.id, row.status, &notes).await?;
    }
    finish(txn, row.id, &notes).await?;
    Ok(Progress::Finished)
}

/// Is a chunk left? Asked once all units are done, for chunks of no units.
pub(super) async fn pending_chunk(txn: &Txn, run: Uuid) -> Result<bool, Error> {
    let left = job_chunk::Entity::find()
        .filter(job_chunk::Column::JobRunId.eq(run))
        .filter(job_chunk::Column::Status.eq(ChunkStatus::Pending))
        .one(txn.conn())
        .await?;
    Ok(left.is_some())
}

/// The run is done: its following job is enqueued with it.
pub(super) async fn finish(txn: &Txn, run: Uuid, notes: &Notes) -> Result<(), Error> {
    let now = instant::ahead(txn.conn().get_database_backend(), Duration::ZERO);
    job_run::Entity::update_many()
        .col_expr(job_run::Column::Status, Expr::value(JobRunStatus::Done))
        .col_expr(job_run::Column::FinishedAt, now)
        .filter(job_run::Column::Id.eq(run))
        .exec(txn.conn())
        .await?;
    if let Some(then) = notes.then.clone() {
        enqueue_envelope(txn, then).await?;
    }
    Box::pin(let_go(txn, run)).await
}

/// Does a run still have work before it?
pub(super) fn goes_on(run: &job_run::Model) -> bool {
    matches!(run.status, JobRunStatus::Running | JobRunStatus::Paused)
}

/// Lets the runs go on that waited for the end of this one.
pub(super) async fn let_go(txn: &Txn, ended: Uuid) -> Result<(), Error> {
    let paused = job_run::Entity::find()
        .filter(job_run::Column::Status.eq(JobRunStatus::Paused))
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    for row in paused {
        let notes = Notes::read(&row)?;
        if notes.waits_for == Some(ended) {
            go_on(txn, row, notes).await?;
        }
    }
    Ok(())
}

/// Lets a paused run go on: its jobs are tried again, and the failures so far no longer stop it.
pub(super) async fn go_on(txn: &Txn, row: job_run::Model, notes: Notes) -> Result<(), Error> {
    let now = instant::now(txn.conn()).await?;
    let run = row.id;
    let notes = Notes {
        reason: None,
        waits_for: None,
        forgiven: row.failed,
        since: Some(now),
        since_done: row.done,
        ..notes
    };
    super::verbs::change(txn, row, JobRunStatus::Running, Some(&notes)).await?;
    job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(JobStatus::Queued))
        .col_expr(job::Column::Attempts, Expr::value(0))
        .col_expr(job::Column::RunAt, Expr::value(now))
        .col_expr(job::Column::PublishedUntil, Expr::cust("NULL"))
        .filter(super::jobs_of(run, &[JobStatus::Queued, JobStatus::Dead]))
        .exec(txn.conn())
        .await?;
    if !pending_chunk(txn, run).await? {
        finish(txn, run, &notes).await?;
    }
    Ok(())
}

/// A run whose job is dead can't finish by itself: it is paused, and says why. Where its parts stand alone, the others are
/// done first.
pub(in crate::job) async fn job_died(txn: &Txn, job: &job::Model) -> Result<(), Error> {
    let Some(run) = job.job_run_id else { return Ok(()) };
    let row = super::locked(txn, run).await?;
    match row.status {
        JobRunStatus::Running | JobRunStatus::Paused => {
            let mut notes = Notes::read(&row)?;
            if notes.independent {
                notes.reason = told_of_dead(txn, run).await?;
                if row.status == JobRunStatus::Running && is_open(txn, run).await? {
                    return note(txn, run, JobRunStatus::Running, &notes).await;
                }
            } else {
                let why = job.last_error.as_deref().unwrap_or("");
                notes.reason = Some(Text::new(
                    format!("Tạm dừng: tác vụ {} không chạy được: {why}", job.id),
                    format!("Paused: job {} is dead: {why}", job.id),
                ));
            }
            stop(txn, run, &notes).await
        }
        JobRunStatus::Cancelled => {
            job::Entity::update_many()
                .col_expr(job::Column::Status, Expr::value(JobStatus::Cancelled))
                .filter(job::Column::Id.eq(job.id))
                .exec(txn.conn())
                .await?;
            Ok(())
        }
        JobRunStatus::Done | JobRunStatus::Failed => Ok(()),
    }
}

/// Is a job of the run queued or running?
async fn is_open(txn: &Txn, run: Uuid) -> Result<bool, Error> {
    let open = job::Entity::find()
        .filter(super::jobs_of(run, &[JobStatus::Queued, JobStatus::Running]))
        .one(txn.conn())
        .await?;
    Ok(open.is_some())
}

/// Which jobs of a run are dead, and why; none where none is.
async fn told_of_dead(txn: &Txn, run: Uuid) -> Result<Option<Text>, Error> {
    let dead = job::Entity::find()
        .filter(super::jobs_of(run, &[JobStatus::Dead]))
        .order_by_asc(job::Column::NaturalKey)
        .all(txn.conn())
        .await?;
    if dead.is_empty() {
        return Ok(None);
    }
    let named = dead.iter().take(NAMED).map(|job| {
        let why = job.last_error.as_deref().unwrap_or("");
        (
            format!("tác vụ {} không chạy được: {why}", job.id),
            format!("job {} is dead: {why}", job.id),
        )
    });
    let (vi, en): (Vec<String>, Vec<String>) = named.unzip();
    let parts = dead.len();
    Ok(Some(Text::new(
        format!("Chưa làm được {parts} phần: {}", vi.join("; ")),
        format!("Parts not done: {parts}; {}", en.join("; ")),
    )))
}

async fn stop(txn: &Txn, run: Uuid, notes: &Notes) -> Result<(), Error> {
    note(txn, run, JobRunStatus::Paused, notes).await
}

async fn note(txn: &Txn, run: Uuid, status: JobRunStatus, notes: &Notes) -> Result<(), Error> {
    job_run::Entity::update_many()
        .col_expr(job_run::Column::Status, Expr::value(status))
        .col_expr(job_run::Column::Parameters, Expr::value(serde_json::to_value(notes)?))
        .filter(job_run::Column::Id.eq(run))
        .exec(txn.conn())
        .await?;
    Ok(())
}

fn refused(why: &'static str) -> Error {
    Error::because(ProblemCode::Conflict, "Phần việc đã xong hoặc lượt chạy đã hủy", why)
}
