//! A crash in the middle: work is polled so many times and then dropped where it stands, between any two awaits.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::Poll;

use chrono::{DateTime, Utc};
use futures::FutureExt;
use futures::future::BoxFuture;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;
use service::job::{self, Ended, JobContext, Kinds, Pace};
use service::{App, Error};
use tokio::sync::oneshot;
use uuid::Uuid;

use super::town::Town;

/// Polls work to its end, or drops it at the `polls`-th await that has to wait; none where it was dropped.
pub(super) async fn cut<T>(polls: Option<u32>, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    let mut left = polls;
    std::future::poll_fn(move |context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => {
            left = left.map(|left| left.saturating_sub(1));
            if left == Some(0) {
                Poll::Ready(None)
            } else {
                Poll::Pending
            }
        }
    })
    .await
}

/// The workers that will die: the await of the job's work at which they do, and who hears of it.
static DYING: Mutex<BTreeMap<u64, (u32, oneshot::Sender<()>)>> = Mutex::new(BTreeMap::new());

/// What the name of such a worker begins with; its number follows.
const DYING_NAME: &str = "dying-";

/// Runs a due job in a worker that dies at the `polls`-th await of the job's own work; none where it died. A job runs on
/// a task of its own, which whoever drops the worker drops wherever it happens to be: here it is dropped where it was
/// named, and nothing ends it or gives it back.
pub(super) async fn dies_in(app: &App, job: Uuid, polls: u32) -> Option<Result<Ended, Error>> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let (dies, died) = oneshot::channel();
    DYING.lock().unwrap().insert(number, (polls, dies));
    let kinds = Kinds {
        run: dying,
        ..job::KINDS
    };
    let (pace, worker) = (Pace::default(), format!("{DYING_NAME}{number}"));
    let work = job::execute(app, kinds, &pace, &worker, job, std::future::pending());
    let done = tokio::select! {
        biased;
        Ok(()) = died => None,
        done = work => Some(done),
    };
    DYING.lock().unwrap().remove(&number);
    done
}

/// The work of a job, which the worker of this claim does not survive where it is one that dies.
fn dying<'a>(kind: &'a str, payload: Value, app: &'a App, context: &'a JobContext) -> BoxFuture<'a, Result<(), Error>> {
    let work = (job::KINDS.run)(kind, payload, app, context);
    // A claim is the name of its worker and a number of its own.
    let name = context.worker.split('/').next().unwrap_or_default();
    let number = name.strip_prefix(DYING_NAME);
    let number = number.and_then(|number| number.parse::<u64>().ok());
    let Some((polls, dies)) = number.and_then(|number| DYING.lock().unwrap().remove(&number)) else {
        return work;
    };
    async move {
        if let Some(done) = cut(Some(polls), work).await {
            return done;
        }
        // Nobody hears of it where the worker was dropped meanwhile.
        let _ = dies.send(());
        std::future::pending().await
    }
    .boxed()
}

/// The leases of whoever crashed run out, and no pause before another attempt is left.
pub(crate) async fn time_passes(app: &App) {
    let conn = app.db.owner();
    for sql in [
        "UPDATE job SET lease_until = $1, attempts = 1 WHERE status = 'running'",
        "UPDATE job SET run_at = $1, attempts = 0 WHERE status = 'queued'",
    ] {
        let past = DateTime::<Utc>::from_timestamp(0, 0).unwrap();
        let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [past.into()]);
        conn.execute_raw(statement).await.unwrap();
    }
    job::expire_leases(app).await.unwrap();
}

impl Town {
    /// The leases of whoever crashed run out, and no pause before another attempt is left.
    pub(super) async fn time_passes(&self) {
        time_passes(&self.app).await;
    }
}

#[test]
fn work_is_dropped_at_the_await_that_was_named() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let waits = || async {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        7
    };
    let after = |polls| runtime.block_on(cut(polls, waits()));
    assert_eq!(
        [Some(1), Some(3), Some(4), None].map(after),
        [None, None, Some(7), Some(7)]
    );
}
