//! From a message to a job that ran.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use service::App;
use service::job::{self, Queue};
use tokio::sync::{Notify, Semaphore, watch};
use uuid::Uuid;

use crate::WorkerOptions;

/// How far a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// It publishes, claims and runs.
    Working,
    /// It ends what it runs.
    Stopping,
    /// It gives back what it runs.
    Abandoning,
}

/// What publisher, consumers and running jobs of one worker share.
#[derive(Debug)]
pub(crate) struct Crew {
    pub(crate) app: App,
    pub(crate) options: WorkerOptions,
    pub(crate) name: String,
    /// Rung when the publisher should look again.
    pub(crate) bell: Notify,
    /// How many jobs must end before the publisher should look again: it had more than the carrier had room for.
    pub(crate) until_bell: AtomicI64,
    /// The carrier failed: what it held may be lost, so all of it is published again.
    pub(crate) messages_lost: AtomicBool,
    phase: watch::Receiver<Phase>,
    /// One per queue. Here and not in the carrier's limit, because a carrier that fails forgets the jobs it started.
    slots: [Arc<Semaphore>; 4],
}

impl Crew {
    pub(crate) fn new(app: App, options: WorkerOptions, name: String, phase: watch::Receiver<Phase>) -> Self {
        Self {
            app,
            options,
            name,
            bell: Notify::new(),
            until_bell: AtomicI64::new(0),
            messages_lost: AtomicBool::new(false),
            phase,
            slots: options.concurrency.map(|slots| Arc::new(Semaphore::new(slots))),
        }
    }

    /// Resolves when the worker stops, however it does.
    pub(crate) async fn stopping(&self) {
        reached(self.phase.clone(), Phase::Stopping).await;
    }

    /// Is it still to take on jobs?
    pub(crate) fn is_working(&self) -> bool {
        *self.phase.borrow() == Phase::Working && self.phase.has_changed().is_ok()
    }

    /// Resolves when no job runs.
    pub(crate) async fn idle(&self) {
        for (slots, permits) in self.slots.iter().zip(self.options.concurrency) {
            // A closed semaphore has no jobs either.
            let _ = slots.acquire_many(u32::try_from(permits).unwrap_or(u32::MAX)).await;
        }
    }

    /// Runs the job of a message. It goes on when the caller is dropped, as happens when Redis restarts: the job, its
    /// lease and its end must not depend on the carrier. It ends with the worker.
    pub(crate) async fn work(self: Arc<Self>, queue: Queue, id: Uuid) {
        let slots = &self.slots[place(queue)];
        let Ok(permit) = Arc::clone(slots).acquire_owned().await else {
            return;
        };
        let crew = Arc::clone(&self);
        let running = tokio::spawn(async move {
            let _permit = permit;
            if crew.is_working() {
                crew.run(id).await;
            }
        });
        if let Err(error) = running.await {
            tracing::error!(job.id = %id, "the worker failed around a job: {error}");
        }
    }

    async fn run(&self, id: Uuid) {
        let abandon = reached(self.phase.clone(), Phase::Abandoning);
        let mut killed = self.phase.clone();
        let killed = async move { while killed.changed().await.is_ok() {} };
        let work = job::execute(
            &self.app,
            self.options.kinds,
            &self.options.pace,
            &self.name,
            id,
            abandon,
        );
        tokio::select! {
            biased;
            () = killed => {}
            ended = work => if let Err(error) = ended {
                // The row tells the rest: its lease runs out and the job runs again.
                tracing::error!(job.id = %id, "a job could not be claimed or ended: {error}");
            },
        }
        if self.until_bell.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.bell.notify_one();
        }
    }
}

/// Resolves when the phase is reached; never for a worker that was killed, whose jobs end otherwise.
async fn reached(mut phases: watch::Receiver<Phase>, phase: Phase) {
    if phases.wait_for(|now| *now >= phase).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// The place of a queue in the lists by queue.
pub(crate) const fn place(queue: Queue) -> usize {
    match queue {
        Queue::Relief => 0,
        Queue::Files => 1,
        Queue::Reassessment => 2,
        Queue::Default => 3,
    }
}
