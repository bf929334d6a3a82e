//! Long work and its progress: reassessments, builds of pay runs, simulations.

use actix_web::{get, post};
use serde::Deserialize;
use service::job;
use service::job::run::{self, JobRunView, RunFilter, RunState};
use service::page::Page;
use service::reassessment::{self, ListOutcomes, OutcomeView};
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_job_runs)
        .service(get_job_run)
        .service(list_reassessment_outcomes)
        .service(repeat_reassessment)
        .service(pause_job_run)
        .service(resume_job_run)
        .service(cancel_job_run);
}

/// Which runs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListJobRuns {
    /// Of this kind.
    #[param(example = "reassessment")]
    kind: Option<String>,
    /// About this.
    #[param(example = "release:7")]
    subject: Option<String>,
    /// In this state.
    status: Option<RunState>,
    /// Rows of the page, 1 to 500; 50 if left out.
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl From<ListJobRuns> for RunFilter {
    fn from(query: ListJobRuns) -> Self {
        let ListJobRuns {
            kind,
            subject,
            status,
            limit,
            cursor,
        } = query;
        Self {
            kind,
            subject,
            status,
            after: cursor,
            limit,
        }
    }
}

fn changed(view: JobRunView) -> Answered {
    Ok(Answer::ok(&view)?.version(view.version))
}

/// Long work, the newest first
#[utoipa::path(tag = "job_run", params(ListJobRuns), responses((status = 200, description = "A page", body = Page<JobRunView>)))]
#[get("/job-runs")]
async fn list_job_runs(caller: Caller, query: Query<ListJobRuns>) -> Answered {
    let job::Page { items, next } = run::list(caller.app(), &caller.actor, query.0.into()).await?;
    Answer::page(&caller, &Page { items, next })
}

/// How far a piece of long work is: state, counts, progress, expected end
#[utoipa::path(tag = "job_run", responses((status = 200, description = "The run", body = JobRunView)))]
#[get("/job-runs/{id}")]
async fn get_job_run(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&run::view(caller.app(), &caller.actor, *id).await?)
}

/// How the people of a reassessment came out: changed, unchanged, held or failed, with reasons
#[utoipa::path(tag = "job_run", params(ListOutcomes), responses((status = 200, description = "A page", body = Page<OutcomeView>)))]
#[get("/job-runs/{id}/outcomes")]
async fn list_reassessment_outcomes(caller: Caller, id: Path<Uuid>, query: Query<ListOutcomes>) -> Answered {
    let page = reassessment::outcomes(caller.app(), &caller.actor, *id, query.0).await?;
    Answer::page(&caller, &page)
}

/// Reassesses everybody once more, after a reassessment that was cancelled or left people out
#[utoipa::path(tag = "job_run", params(Once),
    responses((status = 202, description = "Begun; read `Location` until it is done", body = JobRunView)))]
#[post("/job-runs/{id}/repeat")]
async fn repeat_reassessment(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| reassessment::repeat(app, actor, *id).await,
        |view| Answer::accepted(format!("/v1/job-runs/{}", view.id), &view),
    )
    .await
}

/// Starts no further chunk until it is resumed
#[utoipa::path(tag = "job_run", params(Once), responses((status = 200, description = "Paused", body = JobRunView)))]
#[post("/job-runs/{id}/pause")]
async fn pause_job_run(once: Once, id: Path<Uuid>) -> Answered {
    once.run(async |app, actor| run::pause(app, actor, *id).await, changed)
        .await
}

/// Goes on with a paused run
#[utoipa::path(tag = "job_run", params(Once), responses((status = 200, description = "Running", body = JobRunView)))]
#[post("/job-runs/{id}/resume")]
async fn resume_job_run(once: Once, id: Path<Uuid>) -> Answered {
    once.run(async |app, actor| run::resume(app, actor, *id).await, changed)
        .await
}

/// Ends it; what is done stays done
#[utoipa::path(tag = "job_run", params(Once), responses((status = 200, description = "Cancelled", body = JobRunView)))]
#[post("/job-runs/{id}/cancel")]
async fn cancel_job_run(once: Once, id: Path<Uuid>) -> Answered {
    once.run(async |app, actor| run::cancel(app, actor, *id).await, changed)
        .await
}
