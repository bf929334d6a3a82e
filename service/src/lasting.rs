//! Work that outlives whoever waits for it.
//!
//! A future may be dropped at each of its awaits: a job runs out of its time, a client goes away. A `BEGIN` whose answer
//! nobody reads leaves a PostgreSQL connection inside a transaction that the driver does not know of (sqlx 0.9.0, its
//! issues 4385 and 4393): it goes back to the pool, and whatever is written through it next is never committed and keeps
//! its locks. So such a step is not dropped with its caller: it goes on by itself.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::runtime::Handle;

/// A future that, once begun, runs to its end: here while somebody waits for it, else on a task of its own. What it
/// gives is then dropped.
pub(crate) struct Lasting<T: Send + 'static> {
    work: Option<BoxFuture<'static, T>>,
    begun: bool,
}

impl<T: Send + 'static> Lasting<T> {
    /// Begins when it is first awaited.
    pub(crate) fn new(work: impl Future<Output = T> + Send + 'static) -> Self {
        Self {
            work: Some(Box::pin(work)),
            begun: false,
        }
    }
}

impl<T: Send + 'static> Future for Lasting<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let this = self.get_mut();
        this.begun = true;
        // Taken out, so that work that panics is not polled again.
        let Some(mut work) = this.work.take() else {
            return Poll::Pending;
        };
        let ended = work.as_mut().poll(context);
        if ended.is_pending() {
            this.work = Some(work);
        }
        ended
    }
}

impl<T: Send + 'static> Drop for Lasting<T> {
    fn drop(&mut self) {
        // Where no runtime is left, the connection ends with the process.
        if let Some(work) = self.work.take()
            && self.begun
            && let Ok(runtime) = Handle::try_current()
        {
            drop(runtime.spawn(async move { drop(work.await) }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    use futures::FutureExt;
    use tokio::sync::oneshot;

    use super::Lasting;

    /// Work that waits for a word, and notes that it ended.
    fn work() -> (Lasting<u8>, oneshot::Sender<()>, oneshot::Receiver<()>) {
        let (say, word) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        let lasting = Lasting::new(async move {
            word.await.unwrap();
            end.send(()).ok();
            7
        });
        (lasting, say, ended)
    }

    #[tokio::test]
    async fn what_was_begun_ends_though_nobody_waits() {
        let (mut lasting, say, ended) = work();
        assert_eq!((&mut lasting).now_or_never(), None);
        drop(lasting);
        say.send(()).unwrap();
        ended.await.unwrap();
    }

    #[tokio::test]
    async fn what_was_not_begun_never_begins() {
        let (lasting, say, ended) = work();
        drop(lasting);
        assert_eq!(say.send(()), Err(()));
        ended.await.unwrap_err();
    }

    #[tokio::test]
    async fn who_waits_gets_the_answer_and_nothing_runs_twice() {
        let ran = Arc::new(AtomicBool::new(false));
        let own = Arc::clone(&ran);
        let lasting = Lasting::new(async move { own.swap(true, Ordering::SeqCst) });
        assert!(!lasting.await);
        assert!(ran.load(Ordering::SeqCst));
    }
}
