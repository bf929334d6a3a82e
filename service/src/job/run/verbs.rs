//! What people do to a run.

use entity::job::{self, JobStatus};
use entity::job_run::{self, JobRunStatus};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::{Value, json};
use uuid::Uuid;

use super::notes::Notes;
use super::view::{JobRunView, read};
use super::{jobs_of, ledger, locked};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode, Text};
use crate::job::instant;

/// Pauses a run: chunks that are running end, no other starts. Pausing a paused run changes nothing.
pub async fn pause(app: &App, actor: &Actor, run: Uuid) -> Result<JobRunView, Error> {
    actor.require_province(Permission::JobManage)?;
    app.db
        .write(async |txn| {
            let row = locked(txn, run).await?;
            if row.status == JobRunStatus::Paused {
                return Ok(());
            }
            if row.status != JobRunStatus::Running {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            let mut notes = Notes::read(&row)?;
            notes.reason = Some(Text::new(
                format!("{} tạm dừng", actor.name),
                format!("Paused by {}", actor.name),
            ));
            change(txn, row, JobRunStatus::Paused, Some(&notes)).await?;
            record(app, txn, actor, "job_run.pause", run);
            Ok(())
        })
        .await?;
    read(app, run).await
}

/// Resumes a run: its dead jobs are tried again, and the failures so far no longer stop it. Resuming a running one
/// changes nothing.
pub async fn resume(app: &App, actor: &Actor, run: Uuid) -> Result<JobRunView, Error> {
    actor.require_province(Permission::JobManage)?;
    app.db
        .write(async |txn| {
            let row = locked(txn, run).await?;
            if row.status == JobRunStatus::Running {
                return Ok(());
            }
            if !matches!(row.status, JobRunStatus::Paused | JobRunStatus::Failed) {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            let notes = Notes::read(&row)?;
            if notes.waits_for.is_some() {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Đợt này chờ đợt trước kết thúc và sẽ tự chạy tiếp",
                    "this run waits for the one before it and goes on by itself",
                ));
            }
            ledger::go_on(txn, row, notes).await?;
            record(app, txn, actor, "job_run.resume", run);
            Ok(())
        })
        .await?;
    read(app, run).await
}

/// Cancels a run for good: what its chunks have committed stays, a chunk that is running commits nothing.
/// Cancelling a cancelled run changes nothing.
pub async fn cancel(app: &App, actor: &Actor, run: Uuid) -> Result<JobRunView, Error> {
    actor.require_province(Permission::JobManage)?;
    app.db
        .write(async |txn| {
            let row = locked(txn, run).await?;
            if row.status == JobRunStatus::Cancelled {
                return Ok(());
            }
            if row.status == JobRunStatus::Done {
                return Err(Error::new(ProblemCode::IllegalTransition));
            }
            change(txn, row, JobRunStatus::Cancelled, None).await?;
            job::Entity::update_many()
                .col_expr(job::Column::Status, Expr::value(JobStatus::Cancelled))
                .filter(jobs_of(run, &[JobStatus::Queued, JobStatus::Dead]))
                .exec(txn.conn())
                .await?;
            ledger::let_go(txn, run).await?;
            record(app, txn, actor, "job_run.cancel", run);
            Ok(())
        })
        .await?;
    read(app, run).await
}

/// Keeps the result of a run, for its view: the starter's own words.
pub async fn set_result(txn: &Txn, run: Uuid, result: Value) -> Result<(), Error> {
    let change = job_run::ActiveModel {
        id: Set(run),
        result: Set(Some(result)),
        ..Default::default()
    };
    change.update(txn.conn()).await?;
    Ok(())
}

pub(super) async fn change(
    txn: &Txn,
    row: job_run::Model,
    status: JobRunStatus,
    notes: Option<&Notes>,
) -> Result<(), Error> {
    let ended = status == JobRunStatus::Cancelled;
    let version = row.version + 1;
    let mut change = row.into_active_model();
    change.status = Set(status);
    change.version = Set(version);
    if ended {
        change.finished_at = Set(Some(instant::now(txn.conn()).await?));
    }
    if let Some(notes) = notes {
        change.parameters = Set(serde_json::to_value(notes)?);
    }
    change.update(txn.conn()).await?;
    Ok(())
}

fn record(app: &App, txn: &Txn, actor: &Actor, action: &'static str, run: Uuid) {
    txn.audit(Event::new(
        app.clock.now(),
        actor,
        action,
        format!("job_run:{run}"),
        json!({}),
    ));
}
