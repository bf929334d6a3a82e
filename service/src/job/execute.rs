//! One job from claim to end.

use std::sync::Arc;
use std::time::Duration;

use entity::job;
use tokio::task::{JoinError, JoinSet};
use tokio::time::MissedTickBehavior;
use uuid::Uuid;

use super::{JobContext, Kinds, Pace, lease};
use crate::app::App;
use crate::error::Error;
use crate::ids::Ids;

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There was nothing to claim: the message was stale, doubled, or the job is not due.
    Nothing,
    /// The job is done.
    Done,
    /// It failed; its row says why, and whether it is tried again.
    Failed,
    /// Another worker holds it; whatever this one did late was refused.
    LeaseLost,
    /// It was stopped and given back.
    GivenBack,
}

/// Claims the job and runs it to its end, renewing its lease: with its timeout, with panics caught, never twice at the
/// same time. When `stop` resolves first, the run is stopped and the job given back.
pub async fn execute(
    app: &App,
    kinds: Kinds,
    pace: &Pace,
    worker: &str,
    id: Uuid,
    stop: impl Future<Output = ()> + Send,
) -> Result<Ended, Error> {
    let Some(row) = lease::claim(app, id, worker, pace.lease).await? else {
        return Ok(Ended::Nothing);
    };
    let ctx = Arc::new(JobContext::of(&row, pace.lease));
    app.sync_clock().await?;
    let max_attempts = row.max_attempts;
    match run(app, kinds, row, &ctx, stop).await {
        Outcome::Well => {
            let held = ctx.finished() || lease::finish_done(app, &ctx).await?;
            Ok(if held { Ended::Done } else { Ended::LeaseLost })
        }
        Outcome::Badly { retryable, why } => {
            if retryable && ctx.attempt < max_attempts {
                tracing::info!(job.id = %ctx.job_id, job.kind = ctx.kind, job.attempt = ctx.attempt, "job is tried again: {why}");
            } else {
                tracing::warn!(job.id = %ctx.job_id, job.kind = ctx.kind, job.attempt = ctx.attempt, "job failed: {why}");
            }
            let held = lease::finish_failed(app, &ctx, pace, retryable, max_attempts, &why).await?;
            Ok(if held { Ended::Failed } else { Ended::LeaseLost })
        }
        Outcome::Lost => Ok(Ended::LeaseLost),
        Outcome::Stopped => {
            lease::give_back(app, &ctx).await?;
            Ok(Ended::GivenBack)
        }
    }
}

/// Runs every job that is due, one after the other, in this task and without a carrier, until none is due: for tests
/// and one-shot commands. Gives how many ran.
pub async fn drain(app: &App, kinds: Kinds) -> Result<u64, Error> {
    let pace = Pace::default();
    let worker = format!("drain-{}", Ids::System.next().simple());
    let mut ran = 0;
    while let Some(due) = lease::next_due(app).await? {
        if execute(app, kinds, &pace, &worker, due.id, std::future::pending()).await? != Ended::Nothing {
            ran += 1;
        }
    }
    Ok(ran)
}

enum Outcome {
    Well,
    Badly { retryable: bool, why: String },
    Lost,
    Stopped,
}

/// Runs the job on a task of its own, which ends with this future: a busy job must not keep the lease from renewal. A
/// write that is dropped with it is rolled back; one whose `COMMIT` has begun ends, and holds the job's row until then
/// where it ends the job, so that giving the job back waits for it and finds the job done.
async fn run(
    app: &App,
    kinds: Kinds,
    row: job::Model,
    ctx: &Arc<JobContext>,
    stop: impl Future<Output = ()> + Send,
) -> Outcome {
    let timeout = (kinds.timeout)(&row.kind).unwrap_or(Duration::from_secs(60));
    let mut work = JoinSet::new();
    let (given, claim) = (app.clone(), Arc::clone(ctx));
    work.spawn(async move { (kinds.run)(&row.kind, row.payload, &given, &claim).await });
    let mut beat = tokio::time::interval(ctx.lease / 3);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beat.tick().await;
    let deadline = tokio::time::sleep(timeout);
    tokio::pin!(stop, deadline);
    loop {
        tokio::select! {
            biased;
            ended = work.join_next() => return outcome(ended),
            () = &mut stop => {
                work.shutdown().await;
                return Outcome::Stopped;
            }
            () = &mut deadline => {
                work.shutdown().await;
                return Outcome::Badly { retryable: true, why: format!("it took longer than {} s", timeout.as_secs()) };
            }
            _ = beat.tick() => match lease::renew(app, ctx).await {
                Ok(true) => {}
                // The job may have ended itself this very moment; else the lease is lost, and its writes are refused.
                Ok(false) if ctx.finished() => {}
                Ok(false) => return Outcome::Lost,
                Err(error) => tracing::warn!(job.id = %ctx.job_id, "the lease could not be renewed: {error}"),
            },
        }
    }
}

fn outcome(ended: Option<Result<Result<(), Error>, JoinError>>) -> Outcome {
    match ended {
        Some(Ok(Ok(()))) => Outcome::Well,
        Some(Ok(Err(error))) => Outcome::Badly {
            retryable: error.is_retryable(),
            why: error.to_string(),
        },
        Some(Err(error)) => Outcome::Badly {
            retryable: true,
            why: words(error),
        },
        None => Outcome::Badly {
            retryable: true,
            why: "it never ran".to_owned(),
        },
    }
}

/// The message of a panic.
fn words(error: JoinError) -> String {
    match error.try_into_panic() {
        Ok(panic) => {
            let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let text = text
                .or_else(|| panic.downcast_ref::<String>().cloned())
                .unwrap_or_default();
            format!("panic: {text}")
        }
        Err(error) => error.to_string(),
    }
}
