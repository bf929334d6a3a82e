//! Single background jobs.

use actix_web::{get, post};
use serde::Deserialize;
use service::job::{self, JobFilter, JobState, JobView, Queue};
use service::page::Page;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::answer::{Answer, Answered};
use crate::auth::Caller;
use crate::extract::{Path, Query};
use crate::once::Once;

pub(crate) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_jobs)
        .service(get_job)
        .service(retry_job)
        .service(cancel_job);
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListJobs {
    /// In this state; `dead` ones wait for a person.
    status: Option<JobState>,
    /// In this queue.
    queue: Option<Queue>,
    /// Of this kind.
    kind: Option<String>,
    /// Of this run.
    job_run_id: Option<Uuid>,
    /// Rows of the page, 1 to 500; 50 if left out.
    limit: Option<u64>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl From<ListJobs> for JobFilter {
    fn from(query: ListJobs) -> Self {
        let ListJobs {
            status,
            queue,
            kind,
            job_run_id,
            limit,
            cursor,
        } = query;
        Self {
            status,
            queue,
            kind,
            job_run_id,
            after: cursor,
            limit,
        }
    }
}

/// Background jobs, the newest first
#[utoipa::path(tag = "job", params(ListJobs), responses((status = 200, description = "A page", body = Page<JobView>)))]
#[get("/jobs")]
async fn list_jobs(caller: Caller, query: Query<ListJobs>) -> Answered {
    let job::Page { items, next } = job::list(caller.app(), &caller.actor, query.0.into()).await?;
    Answer::page(&caller, &Page { items, next })
}

/// One job
#[utoipa::path(tag = "job", responses((status = 200, description = "The job", body = JobView)))]
#[get("/jobs/{id}")]
async fn get_job(caller: Caller, id: Path<Uuid>) -> Answered {
    Answer::ok(&job::view(caller.app(), &caller.actor, *id).await?)
}

/// Tries a dead or cancelled job again
#[utoipa::path(tag = "job", params(Once), responses((status = 200, description = "Queued", body = JobView)))]
#[post("/jobs/{id}/retry")]
async fn retry_job(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| job::retry(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}

/// Takes a queued or dead job out
#[utoipa::path(tag = "job", params(Once), responses((status = 200, description = "Cancelled", body = JobView)))]
#[post("/jobs/{id}/cancel")]
async fn cancel_job(once: Once, id: Path<Uuid>) -> Answered {
    once.run(
        async |app, actor| job::cancel(app, actor, *id).await,
        |view| Answer::ok(&view),
    )
    .await
}
