//! Publishing, claiming and ending jobs: every step one atomic `UPDATE`, so any number of workers may do it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use entity::job::{self, JobStatus};
use entity::job_run::{self, JobRunStatus};
use sea_orm::sea_query::{
    CaseStatement, Condition, Expr, ExprTrait, LockBehavior, LockType, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, FromQueryResult, Order, QueryFilter, QuerySelect, QueryTrait};
use uuid::Uuid;

use super::{JobContext, Queue, instant, run};
use crate::app::App;
use crate::db::Db;
use crate::error::Error;

/// How fast jobs are handed out, taken back and tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long a claim holds without renewal; a dead worker's job runs again after it. Renewed each third of it.
    pub lease: Duration,
    /// A published message that nobody claimed is lost after this and published again.
    pub republish: Duration,
    /// How many messages of a queue may wait in the carrier. Few, because a message can't be called back.
    pub outstanding: u64,
    /// The pause after the first failure; it doubles with each further one.
    pub first_retry: Duration,
    /// The longest pause.
    pub longest_retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(10),
            republish: Duration::from_secs(15),
            outstanding: 256,
            first_retry: Duration::from_millis(500),
            longest_retry: Duration::from_secs(15 * 60),
        }
    }
}

impl Pace {
    /// The pause after failure number `attempt`.
    fn pause(&self, attempt: i32) -> Duration {
        let doublings = Ord::min(u32::try_from(attempt.saturating_sub(1)).unwrap_or(0), 20);
        Ord::min(self.first_retry.saturating_mul(1 << doublings), self.longest_retry)
    }
}

/// A job whose id is to be carried to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The job.
    pub id: Uuid,
    /// Its queue.
    pub queue: Queue,
}

#[derive(FromQueryResult)]
struct Backlog {
    queue: job::Queue,
    published: i64,
    due: i64,
}

/// Marks due jobs as published, the most urgent queues first, and gives their ids in the order in which they fell due.
/// Only as many as [`Pace::outstanding`] leaves room for; where the answer is not empty, ask again.
pub async fn publish_due(app: &App, pace: &Pace) -> Result<Vec<Due>, Error> {
    let mut found = Vec::new();
    let mut backlog = backlog(&app.db).await?;
    backlog.retain(|queue| queue.due > 0);
    backlog.sort_by_key(|queue| Queue::from(queue.queue));
    for queue in backlog {
        let room = pace
            .outstanding
            .saturating_sub(u64::try_from(queue.published).unwrap_or(0));
        if room > 0 {
            found.extend(publish_queue(&app.db, queue.queue, room, pace.republish).await?);
        }
    }
    Ok(found)
}

/// Takes publications back: their messages never reached the carrier, or the carrier is gone with them. All of them
/// where no ids are given. A message that did arrive does no harm: the job is claimed once.
pub async fn withdraw(app: &App, published: Option<&[Due]>) -> Result<(), Error> {
    let mut update = job::Entity::update_many()
        .col_expr(job::Column::PublishedUntil, Expr::cust("NULL"))
        .filter(job::Column::Status.eq(JobStatus::Queued))
        .filter(job::Column::PublishedUntil.is_not_null());
    if let Some(published) = published {
        update = update.filter(job::Column::Id.is_in(published.iter().map(|due| due.id)));
    }
    update.exec(app.db.owner()).await?;
    Ok(())
}

/// How many jobs of each queue are published and how many could be.
async fn backlog(db: &Db) -> Result<Vec<Backlog>, Error> {
    let now = || now(db);
    let published = Expr::case(job::Column::PublishedUntil.into_expr().gt(now()), 1).finally(0);
    let due = Expr::case(publishable(db), 1).finally(0);
    let count = |case: SimpleExpr| Expr::expr(Expr::expr(case).sum()).cast_as("BIGINT");
    let rows = job::Entity::find()
        .select_only()
        .column(job::Column::Queue)
        .expr_as(count(published.into()), "published")
        .expr_as(count(due.into()), "due")
        .filter(job::Column::Status.eq(JobStatus::Queued))
        .group_by(job::Column::Queue)
        .into_model::<Backlog>()
        .all(db.read())
        .await?;
    Ok(rows)
}

async fn publish_queue(db: &Db, queue: job::Queue, room: u64, republish: Duration) -> Result<Vec<Due>, Error> {
    let backend = backend(db);
    let mut next = job::Entity::find()
        .select_only()
        .column(job::Column::Id)
        .filter(job::Column::Status.eq(JobStatus::Queued))
        .filter(job::Column::Queue.eq(queue))
        .filter(publishable(db))
        .limit(room)
        .into_query();
    next.order_by(job::Column::RunAt, Order::Asc)
        .order_by(job::Column::Id, Order::Asc);
    if backend == DbBackend::Postgres {
        next.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    }
    let mut rows = job::Entity::update_many()
        .col_expr(job::Column::PublishedUntil, instant::ahead(backend, republish))
        .filter(job::Column::Id.in_subquery(next))
        .exec_with_returning(db.owner())
        .await?;
    rows.sort_by_key(|row| (row.run_at, row.id));
    Ok(rows
        .into_iter()
        .map(|row| Due {
            id: row.id,
            queue: queue.into(),
        })
        .collect())
}

/// Numbers the claims of this process. A person who retries a job resets its attempts; a claim of before must not pass
/// for one of after.
static CLAIMS: AtomicU64 = AtomicU64::new(1);

/// Claims a job for a worker; none where it is not due, not queued any more, or its run is paused.
pub(super) async fn claim(app: &App, id: Uuid, worker: &str, lease: Duration) -> Result<Option<job::Model>, Error> {
    let claimant = format!("{worker}/{}", CLAIMS.fetch_add(1, Ordering::Relaxed));
    let rows = take(&app.db, &claimant, lease)
        .filter(job::Column::Id.eq(id))
        .filter(job::Column::Status.eq(JobStatus::Queued))
        .filter(job::Column::RunAt.into_expr().lte(now(&app.db)))
        .filter(not_paused())
        .exec_with_returning(app.db.owner())
        .await?;
    Ok(rows.into_iter().next())
}

/// The id of the most urgent job that is due, for those who run jobs without a carrier.
pub async fn next_due(app: &App) -> Result<Option<Due>, Error> {
    let urgency = Queue::ALL
        .iter()
        .zip(0..)
        .fold(CaseStatement::new(), |case, (queue, rank)| {
            case.case(job::Column::Queue.eq(job::Queue::from(*queue)), rank)
        });
    let mut query = job::Entity::find()
        .filter(job::Column::Status.eq(JobStatus::Queued))
        .filter(job::Column::RunAt.into_expr().lte(now(&app.db)))
        .filter(not_paused());
    QueryTrait::query(&mut query)
        .order_by_expr(urgency.finally(9).into(), Order::Asc)
        .order_by(job::Column::RunAt, Order::Asc)
        .order_by(job::Column::Id, Order::Asc);
    let row = query.one(app.db.read()).await?;
    Ok(row.map(|row| Due {
        id: row.id,
        queue: row.queue.into(),
    }))
}

/// Renews the lease of a claim; false where it is lost.
pub async fn renew(app: &App, ctx: &JobContext) -> Result<bool, Error> {
    let renewed = job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, instant::ahead(backend(&app.db), ctx.lease))
        .filter(ctx.fence())
        .exec(app.db.owner())
        .await?;
    Ok(renewed.rows_affected == 1)
}

/// Ends a claim whose job ran well; false where the lease was lost.
pub(super) async fn finish_done(app: &App, ctx: &JobContext) -> Result<bool, Error> {
    let ended = leave(ctx, JobStatus::Done)
        .col_expr(job::Column::DoneAt, now(&app.db))
        .col_expr(job::Column::LastError, Expr::cust("NULL"))
        .exec(app.db.owner())
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Ends a claim whose job failed: queued again after a pause, or dead where no retry can help or none is left.
/// A run whose job is dead is paused, with the reason. False where the lease was lost.
pub(super) async fn finish_failed(
    app: &App,
    ctx: &JobContext,
    pace: &Pace,
    retryable: bool,
    max_attempts: i32,
    error: &str,
) -> Result<bool, Error> {
    if retryable && ctx.attempt < max_attempts {
        let ended = leave(ctx, JobStatus::Queued)
            .col_expr(
                job::Column::RunAt,
                instant::ahead(backend(&app.db), pace.pause(ctx.attempt)),
            )
            .col_expr(job::Column::LastError, Expr::value(error))
            .exec(app.db.owner())
            .await?;
        return Ok(ended.rows_affected == 1);
    }
    app.db
        .write(async |txn| {
            let rows = leave(ctx, JobStatus::Dead)
                .col_expr(job::Column::LastError, Expr::value(error))
                .exec_with_returning(txn.conn())
                .await?;
            for row in &rows {
                run::job_died(txn, row).await?;
            }
            Ok(!rows.is_empty())
        })
        .await
}

/// Gives a claim back unused, as if it had never been made: the worker stops.
pub async fn give_back(app: &App, ctx: &JobContext) -> Result<bool, Error> {
    let ended = leave(ctx, JobStatus::Queued)
        .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).sub(1))
        .col_expr(job::Column::RunAt, now(&app.db))
        .exec(app.db.owner())
        .await?;
    Ok(ended.rows_affected == 1)
}

/// Takes back the jobs of workers that no longer renew: due at once, or dead after their last attempt. Gives how many.
/// One whose row somebody holds is being ended or renewed this very moment: it is not waited for, so that whoever looks for
/// lost jobs goes on publishing others.
pub async fn expire_leases(app: &App) -> Result<u64, Error> {
    let expired = Condition::all()
        .add(job::Column::Status.eq(JobStatus::Running))
        .add(job::Column::LeaseUntil.into_expr().lt(now(&app.db)));
    let lost = job::Entity::find().filter(expired.clone()).one(app.db.read()).await?;
    if lost.is_none() {
        return Ok(0);
    }
    let backend = backend(&app.db);
    let let_go = || {
        let mut free = job::Entity::find()
            .select_only()
            .column(job::Column::Id)
            .filter(expired.clone())
            .into_query();
        if backend == DbBackend::Postgres {
            free.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
        }
        free
    };
    let back = |status: JobStatus| {
        job::Entity::update_many()
            .col_expr(job::Column::Status, Expr::value(status))
            .col_expr(job::Column::LockedBy, Expr::cust("NULL"))
            .col_expr(job::Column::LeaseUntil, Expr::cust("NULL"))
            .col_expr(
                job::Column::LastError,
                Expr::value("the lease ran out: the worker died or hung"),
            )
            .filter(expired.clone())
            .filter(job::Column::Id.in_subquery(let_go()))
    };
    app.db
        .write(async |txn| {
            let spent = Expr::col(job::Column::Attempts).gte(Expr::col(job::Column::MaxAttempts));
            let dead = back(JobStatus::Dead)
                .filter(spent)
                .exec_with_returning(txn.conn())
                .await?;
            for row in &dead {
                run::job_died(txn, row).await?;
            }
            let queued = back(JobStatus::Queued).exec(txn.conn()).await?.rows_affected;
            Ok(queued + u64::try_from(dead.len()).unwrap_or(0))
        })
        .await
}

fn take(db: &Db, worker: &str, lease: Duration) -> sea_orm::UpdateMany<job::Entity> {
    job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(JobStatus::Running))
        .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
        .col_expr(job::Column::LockedBy, Expr::value(worker))
        .col_expr(job::Column::LeaseUntil, instant::ahead(backend(db), lease))
        .col_expr(job::Column::PublishedUntil, Expr::cust("NULL"))
}

fn leave(ctx: &JobContext, status: JobStatus) -> sea_orm::UpdateMany<job::Entity> {
    job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(status))
        .col_expr(job::Column::LockedBy, Expr::cust("NULL"))
        .col_expr(job::Column::LeaseUntil, Expr::cust("NULL"))
        .filter(ctx.fence())
}

/// A queued job that may be published: due, not on its way already, its run not paused.
fn publishable(db: &Db) -> Condition {
    let unpublished = Condition::any()
        .add(job::Column::PublishedUntil.is_null())
        .add(job::Column::PublishedUntil.into_expr().lte(now(db)));
    Condition::all()
        .add(job::Column::RunAt.into_expr().lte(now(db)))
        .add(unpublished)
        .add(not_paused())
}

fn not_paused() -> Condition {
    let paused: SelectStatement = Query::select()
        .column(job_run::Column::Id)
        .from(job_run::Entity)
        .and_where(job_run::Column::Status.eq(JobRunStatus::Paused))
        .to_owned();
    Condition::any()
        .add(job::Column::JobRunId.is_null())
        .add(job::Column::JobRunId.not_in_subquery(paused))
}

fn now(db: &Db) -> SimpleExpr {
    instant::ahead(backend(db), Duration::ZERO)
}

fn backend(db: &Db) -> DbBackend {
    db.owner().get_database_backend()
}
