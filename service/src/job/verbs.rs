//! What people see and do of single jobs.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use entity::job::{self, JobStatus};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{JobState, Queue, instant};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};

/// One job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: Uuid,
    /// Its queue.
    pub queue: Queue,
    /// What kind of work.
    pub kind: String,
    /// What it is about, by ids.
    pub payload: Value,
    /// What makes it unique.
    pub natural_key: String,
    /// Where it stands.
    pub status: JobState,
    /// Runs begun.
    pub attempts: i32,
    /// Runs allowed.
    pub max_attempts: i32,
    /// When it is due.
    pub run_at: DateTime<Utc>,
    /// Until when its worker's claim holds.
    pub lease_until: Option<DateTime<Utc>>,
    /// The worker that has it.
    pub worker: Option<String>,
    /// Why it failed last.
    pub last_error: Option<String>,
    /// The run it is a part of.
    pub job_run_id: Option<Uuid>,
    /// When it was put there.
    pub created_at: DateTime<Utc>,
    /// When it was done.
    pub done_at: Option<DateTime<Utc>>,
}

impl From<job::Model> for JobView {
    fn from(row: job::Model) -> Self {
        Self {
            id: row.id,
            queue: row.queue.into(),
            kind: row.kind,
            payload: row.payload,
            natural_key: row.natural_key,
            status: row.status.into(),
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            run_at: row.run_at,
            lease_until: row.lease_until,
            worker: row.locked_by,
            last_error: row.last_error,
            job_run_id: row.job_run_id,
            created_at: row.created_at,
            done_at: row.done_at,
        }
    }
}

/// Which jobs.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// In this state.
    pub status: Option<JobState>,
    /// In this queue.
    pub queue: Option<Queue>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this run.
    pub job_run_id: Option<Uuid>,
    /// After this one: `next` of the page before.
    pub after: Option<String>,
    /// At most so many, 1 to 200; 50 unless told.
    pub limit: Option<u64>,
}

/// A page of jobs, the newest first.
pub type JobPage = Page<JobView>;

/// One job.
pub async fn view(app: &App, actor: &Actor, id: Uuid) -> Result<JobView, Error> {
    actor.require_province(Permission::JobRead)?;
    let row = job::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(row.into())
}

/// Jobs, the newest first.
pub async fn list(app: &App, actor: &Actor, filter: JobFilter) -> Result<JobPage, Error> {
    actor.require_province(Permission::JobRead)?;
    let JobFilter {
        status,
        queue,
        kind,
        job_run_id,
        after,
        limit,
    } = filter;
    let window = newest(
        app,
        "jobs",
        &(status, queue, &kind, job_run_id),
        limit,
        after.as_deref(),
    )?;
    let mut query = job::Entity::find();
    if let Some(status) = status {
        query = query.filter(job::Column::Status.eq(JobStatus::from(status)));
    }
    if let Some(queue) = queue {
        query = query.filter(job::Column::Queue.eq(job::Queue::from(queue)));
    }
    if let Some(kind) = kind {
        query = query.filter(job::Column::Kind.eq(kind));
    }
    if let Some(run) = job_run_id {
        query = query.filter(job::Column::JobRunId.eq(run));
    }
    let query = through(query, &window, job::Column::CreatedAt, job::Column::Id);
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| (row.created_at, row.id))?.map(JobView::from))
}

/// How many jobs stand where. It reads every job that ever was; see [`open_counts`].
pub async fn counts(app: &App) -> Result<BTreeMap<(Queue, JobState), i64>, Error> {
    counted(app, job::Entity::find()).await
}

/// How many jobs wait, run or are dead. It reads these alone, however many are over.
pub async fn open_counts(app: &App) -> Result<BTreeMap<(Queue, JobState), i64>, Error> {
    let open = [JobStatus::Queued, JobStatus::Running, JobStatus::Dead];
    counted(app, job::Entity::find().filter(job::Column::Status.is_in(open))).await
}

async fn counted(app: &App, jobs: Select<job::Entity>) -> Result<BTreeMap<(Queue, JobState), i64>, Error> {
    let rows: Vec<(job::Queue, JobStatus, i64)> = jobs
        .select_only()
        .column(job::Column::Queue)
        .column(job::Column::Status)
        .column_as(job::Column::Id.count(), "jobs")
        .group_by(job::Column::Queue)
        .group_by(job::Column::Status)
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|(queue, status, jobs)| ((queue.into(), status.into()), jobs))
        .collect())
}

/// Tries a dead or cancelled job again, from its first attempt. A queued or running one is left as it is.
pub async fn retry(app: &App, actor: &Actor, id: Uuid) -> Result<JobView, Error> {
    actor.require_province(Permission::JobManage)?;
    app.db
        .write(async |txn| {
            let row = locked(txn, id).await?;
            match JobState::from(row.status) {
                JobState::Queued | JobState::Running => return Ok(row.into()),
                JobState::Done => return Err(Error::new(ProblemCode::IllegalTransition)),
                JobState::Dead | JobState::Cancelled => {}
            }
            let now = instant::ahead(txn.conn().get_database_backend(), Duration::ZERO);
            let rows = job::Entity::update_many()
                .col_expr(job::Column::Status, Expr::value(JobStatus::Queued))
                .col_expr(job::Column::Attempts, Expr::value(0))
                .col_expr(job::Column::RunAt, now)
                .col_expr(job::Column::PublishedUntil, Expr::cust("NULL"))
                .filter(job::Column::Id.eq(id))
                .exec_with_returning(txn.conn())
                .await?;
            record(app, txn, actor, "job.retry", &row);
            rows.into_iter().next().map(JobView::from).ok_or_else(Error::not_found)
        })
        .await
}

/// Takes a queued or dead job out. One that runs can't be called back, and a part of a run goes with its run.
pub async fn cancel(app: &App, actor: &Actor, id: Uuid) -> Result<JobView, Error> {
    actor.require_province(Permission::JobManage)?;
    app.db
        .write(async |txn| {
            let row = locked(txn, id).await?;
            match JobState::from(row.status) {
                JobState::Cancelled => return Ok(row.into()),
                JobState::Queued | JobState::Dead if row.job_run_id.is_none() => {}
                _ => return Err(Error::new(ProblemCode::IllegalTransition)),
            }
            let rows = job::Entity::update_many()
                .col_expr(job::Column::Status, Expr::value(JobStatus::Cancelled))
                .filter(job::Column::Id.eq(id))
                .exec_with_returning(txn.conn())
                .await?;
            record(app, txn, actor, "job.cancel", &row);
            rows.into_iter().next().map(JobView::from).ok_or_else(Error::not_found)
        })
        .await
}

/// The window of a list that shows the newest first.
pub(super) type Newest = Window<(DateTime<Utc>, Uuid)>;

/// The window that `limit` and `after` ask for.
pub(super) fn newest(
    app: &App,
    list: &str,
    filters: &impl Serialize,
    limit: Option<u64>,
    after: Option<&str>,
) -> Result<Newest, Error> {
    // More than a window can hold is more than it allows.
    let limit = limit.map(|limit| u32::try_from(limit).unwrap_or(u32::MAX));
    Window::of(app, list, filters, limit, after)
}

/// The query through the window.
pub(super) fn through<E, C>(query: Select<E>, window: &Newest, at: C, id: C) -> Select<E>
where
    E: EntityTrait,
    C: ColumnTrait,
{
    let query = query.order_by_desc(at).order_by_desc(id).limit(window.fetch());
    match window.after {
        None => query,
        Some((instant, last)) => {
            let same = Condition::all().add(at.eq(instant)).add(id.lt(last));
            query.filter(Condition::any().add(at.lt(instant)).add(same))
        }
    }
}

async fn locked(txn: &Txn, id: Uuid) -> Result<job::Model, Error> {
    job::Entity::find_by_id(id)
        .lock_exclusive()
        .one(txn.conn())
        .await?
        .ok_or_else(Error::not_found)
}

fn record(app: &App, txn: &Txn, actor: &Actor, action: &'static str, row: &job::Model) {
    let detail = json!({ "kind": row.kind, "natural_key": row.natural_key });
    txn.audit(Event::new(
        app.clock.now(),
        actor,
        action,
        format!("job:{}", row.id),
        detail,
    ));
}
