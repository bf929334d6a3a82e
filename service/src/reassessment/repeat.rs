//! Reassessing everybody once more: what a cancelled run left undone, and people whose records have been repaired.

use entity::enums::JobRunStatus;
use entity::job_run;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::error::{Error, ProblemCode};
use crate::job::run::{self, JobRunView};
use crate::law;
use crate::reassessment::chunk::Parameters;
use crate::reassessment::start::{RUN_KIND, everybody};

/// What the natural keys of repetitions have in common.
const REPEATED: &str = "reassessment:repeat:";

/// Starts a reassessment of everybody under the newest release, after one that ended: cancelled, or done with people
/// whose records could not be read.
pub async fn repeat(app: &App, actor: &Actor, after: Uuid) -> Result<JobRunView, Error> {
    actor.require_province(Permission::JobManage)?;
    let release = law::latest(app).await?;
    let id = app
        .db
        .write(async |txn| {
            let runs = job_run::Entity::find()
                .filter(job_run::Column::Kind.eq(RUN_KIND))
                .all(txn.conn())
                .await?;
            let found = job_run::Entity::find_by_id(after).one(txn.conn()).await?;
            let found = found.ok_or_else(Error::not_found)?;
            let goes_on = |run: &job_run::Model| matches!(run.status, JobRunStatus::Running | JobRunStatus::Paused);
            if found.kind != RUN_KIND || runs.iter().any(goes_on) {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Chỉ lặp lại đợt tính lại đã kết thúc, khi không có đợt nào đang chạy",
                    "a reassessment that ended is repeated, while no other goes on",
                ));
            }
            let parameters = Parameters {
                release,
                opening: false,
            };
            let key = format!("{REPEATED}{release}:{}", runs.len());
            let id = everybody(app, txn, parameters, key, &actor.name).await?;
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "reassessment.repeat",
                format!("job_run:{id}"),
                json!({"after": after, "release": release}),
            ));
            Ok(id)
        })
        .await?;
    run::view(app, actor, id).await
}

/// How many cancelled reassessments no later one of everybody has made good: people may stand on an older law.
pub(super) async fn left_undone(conn: &impl ConnectionTrait) -> Result<u64, Error> {
    let of = async |status: JobRunStatus| {
        job_run::Entity::find()
            .filter(job_run::Column::Kind.eq(RUN_KIND))
            .filter(job_run::Column::Status.eq(status))
            .all(conn)
            .await
    };
    let cancelled = of(JobRunStatus::Cancelled).await?;
    if cancelled.is_empty() {
        return Ok(0);
    }
    let done = of(JobRunStatus::Done).await?;
    let made_good = |run: &&job_run::Model| {
        let repeated =
            |other: &job_run::Model| other.natural_key.starts_with(REPEATED) && other.created_at >= run.created_at;
        done.iter().any(repeated)
    };
    let left = cancelled.iter().filter(|run| !made_good(run)).count();
    u64::try_from(left).map_err(Error::internal)
}
