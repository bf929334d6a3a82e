//! A crash in the middle: work is polled so many times and then dropped where it stands, between any two awaits.

use std::pin::pin;
use std::task::Poll;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, Statement};
use service::job;

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

impl Town {
    /// The leases of whoever crashed run out, and no pause before another attempt is left.
    pub(super) async fn time_passes(&self) {
        let conn = self.app.db.owner();
        for sql in [
            "UPDATE job SET lease_until = $1 WHERE status = 'running'",
            "UPDATE job SET run_at = $1, attempts = 0 WHERE status = 'queued'",
        ] {
            let past = DateTime::<Utc>::from_timestamp(0, 0).unwrap();
            let statement = Statement::from_sql_and_values(conn.get_database_backend(), sql, [past.into()]);
            conn.execute_raw(statement).await.unwrap();
        }
        job::expire_leases(&self.app).await.unwrap();
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
