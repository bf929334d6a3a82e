//! What a run shows of itself.

use chrono::{DateTime, Utc};
use entity::job_run::{self, JobRunStatus};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::Counts;
use super::notes::Notes;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, Text};
use crate::job::instant;
use crate::job::verbs::{newest, through};
use crate::page::Page;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Its chunks are being worked on.
    Running,
    /// No further chunk starts; `reason` says why.
    Paused,
    /// All chunks are done.
    Done,
    /// It can't go on.
    Failed,
    /// A person ended it.
    Cancelled,
}

impl From<JobRunStatus> for RunState {
    fn from(status: JobRunStatus) -> Self {
        match status {
            JobRunStatus::Running => Self::Running,
            JobRunStatus::Paused => Self::Paused,
            JobRunStatus::Done => Self::Done,
            JobRunStatus::Failed => Self::Failed,
            JobRunStatus::Cancelled => Self::Cancelled,
        }
    }
}

impl From<RunState> for JobRunStatus {
    fn from(state: RunState) -> Self {
        match state {
            RunState::Running => Self::Running,
            RunState::Paused => Self::Paused,
            RunState::Done => Self::Done,
            RunState::Failed => Self::Failed,
            RunState::Cancelled => Self::Cancelled,
        }
    }
}

/// A run of long work, with its progress. Times are those of the database, also in a sandbox.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct JobRunView {
    /// Its id.
    pub id: Uuid,
    /// What kind of work.
    pub kind: String,
    /// What it is about.
    pub subject: String,
    /// Where it stands.
    pub status: RunState,
    /// Why it is paused, or which of its parts can't be done while the others go on.
    pub reason: Option<Text>,
    /// Units in all, such as people.
    pub total: i64,
    /// Units done.
    pub done: i64,
    /// How they came out.
    pub counts: Counts,
    /// Progress in percent, rounded down.
    pub percent: i64,
    /// Units per second since the start or the last resumption.
    pub per_second: Option<i64>,
    /// Seconds until it is done, at this speed.
    pub remaining_seconds: Option<i64>,
    /// When it will be done, at this speed.
    pub expected_at: Option<DateTime<Utc>>,
    /// What came of it.
    pub result: Option<Value>,
    /// Who asked for it.
    pub requested_by: String,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Changes with each step.
    pub version: i64,
}

/// Which runs.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// Of this kind.
    pub kind: Option<String>,
    /// About this.
    pub subject: Option<String>,
    /// In this state.
    pub status: Option<RunState>,
    /// After this one: `next` of the page before.
    pub after: Option<String>,
    /// At most so many, 1 to 200; 50 unless told.
    pub limit: Option<u64>,
}

/// A page of runs, the newest first.
pub type RunPage = Page<JobRunView>;

/// One run.
pub async fn view(app: &App, actor: &Actor, run: Uuid) -> Result<JobRunView, Error> {
    actor.require_province(Permission::JobRead)?;
    read(app, run).await
}

/// Runs, the newest first.
pub async fn list(app: &App, actor: &Actor, filter: RunFilter) -> Result<RunPage, Error> {
    actor.require_province(Permission::JobRead)?;
    let RunFilter {
        kind,
        subject,
        status,
        after,
        limit,
    } = filter;
    let window = newest(app, "job_runs", &(&kind, &subject, status), limit, after.as_deref())?;
    let mut query = job_run::Entity::find();
    if let Some(kind) = kind {
        query = query.filter(job_run::Column::Kind.eq(kind));
    }
    if let Some(subject) = subject {
        query = query.filter(job_run::Column::Subject.eq(subject));
    }
    if let Some(status) = status {
        query = query.filter(job_run::Column::Status.eq(JobRunStatus::from(status)));
    }
    let query = through(query, &window, job_run::Column::CreatedAt, job_run::Column::Id);
    let rows = query.all(app.db.read()).await?;
    let now = instant::now(app.db.read()).await?;
    let views = rows
        .into_iter()
        .map(|row| show(row, now))
        .collect::<Result<_, Error>>()?;
    window.page(views, |run: &JobRunView| (run.created_at, run.id))
}

/// The run of a natural key, where there is one: what a context asks about its own runs.
pub async fn of_natural_key(app: &App, natural_key: &str) -> Result<Option<JobRunView>, Error> {
    let id = crate::job::enqueue::id_of("job_run", natural_key);
    match job_run::Entity::find_by_id(id).one(app.db.read()).await? {
        Some(row) => Ok(Some(show(row, instant::now(app.db.read()).await?)?)),
        None => Ok(None),
    }
}

/// A run, for whoever may see it.
pub(super) async fn read(app: &App, run: Uuid) -> Result<JobRunView, Error> {
    let row = job_run::Entity::find_by_id(run)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)?;
    show(row, instant::now(app.db.read()).await?)
}

fn show(row: job_run::Model, now: DateTime<Utc>) -> Result<JobRunView, Error> {
    let notes = Notes::read(&row)?;
    let pace = pace(&row, &notes, now);
    let remaining = pace.and_then(|pace| remaining(&row, pace));
    Ok(JobRunView {
        id: row.id,
        kind: row.kind,
        subject: row.subject,
        status: row.status.into(),
        reason: notes.reason,
        total: row.total,
        done: row.done,
        counts: Counts {
            changed: row.changed,
            unchanged: row.unchanged,
            held: row.held,
            failed: row.failed,
        },
        percent: if row.total == 0 {
            100
        } else {
            row.done.saturating_mul(100) / row.total
        },
        per_second: pace.map(|(units, millis)| units.saturating_mul(1_000) / millis),
        remaining_seconds: remaining.map(|millis| millis.saturating_add(999) / 1_000),
        expected_at: remaining.and_then(|millis| now.checked_add_signed(chrono::TimeDelta::milliseconds(millis))),
        result: row.result,
        requested_by: row.requested_by,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        version: row.version,
    })
}

/// Units done and milliseconds taken since the speed is measured.
fn pace(row: &job_run::Model, notes: &Notes, now: DateTime<Utc>) -> Option<(i64, i64)> {
    let since = notes.since?;
    let millis = (row.finished_at.unwrap_or(now) - since).num_milliseconds().max(1);
    let units = row.done - notes.since_done;
    (units > 0).then_some((units, millis))
}

/// Milliseconds to the end, while it runs.
fn remaining(row: &job_run::Model, (units, millis): (i64, i64)) -> Option<i64> {
    let left = row.total - row.done;
    (row.status == JobRunStatus::Running).then(|| left.saturating_mul(millis) / units)
}
