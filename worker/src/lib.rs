//! The background worker: carries the ids of due jobs to those who run them.
//!
//! All that must not be lost is in the `job` table (see [`service::job`]); here is only the machinery around it:
//!
//! - the [`publisher`](crate::publisher) marks due rows and hands their ids to the carrier;
//! - the carrier brings each id to one worker: a channel in the embedded program, Redis in production;
//! - the handler claims the row, runs the job and ends it;
//! - the schedules insert jobs that are due by the calendar.
//!
//! Each queue has its own consumers, so that emergency relief never waits behind a reassessment of the province, and
//! the publisher serves the queues in the order of their urgency.

mod carrier;
mod handler;
mod publisher;
mod schedules;

use std::sync::Arc;
use std::time::Duration;

use service::ids::Ids;
use service::job::{self, Kinds, Pace, Queue};
use service::{App, Error};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use carrier::Carrier;
use handler::{Crew, Phase};

/// How long a stop waits for what is not a job.
const PARTING: Duration = Duration::from_secs(3);

/// How a worker works.
#[derive(Clone, Copy, Debug)]
pub struct WorkerOptions {
    /// The jobs it knows.
    pub kinds: Kinds,
    /// Leases, retries, and how much may wait in the carrier.
    pub pace: Pace,
    /// How many jobs of each queue run at the same time: relief, files, reassessment, default.
    pub concurrency: [usize; 4],
    /// How often it looks for due jobs and expired leases when nothing rings.
    pub tick: Duration,
    /// How long a graceful stop waits for running jobs before it gives them back.
    pub patience: Duration,
    /// Does it insert the scheduled jobs?
    pub schedules: bool,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            kinds: job::KINDS,
            pace: Pace::default(),
            concurrency: [2, 2, cores.max(2), 2],
            tick: Duration::from_millis(200),
            patience: Duration::from_secs(30),
            schedules: true,
        }
    }
}

/// Starts workers.
#[derive(Debug)]
pub struct Worker;

impl Worker {
    /// Starts the publisher, the consumers of every queue and the schedules on the current runtime.
    pub async fn start(app: App, carrier: Carrier, options: WorkerOptions) -> Result<Running, Error> {
        if carrier.is_in_process() {
            // What an earlier process had published went with its channel.
            job::withdraw(&app, None).await?;
        }
        // Never from `app.ids`, which may be a repeatable sequence: two workers of one name would share their leases.
        let name = format!("{}-{}", std::process::id(), Ids::System.next().simple());
        let (phase, phases) = watch::channel(Phase::Working);
        let crew = Arc::new(Crew::new(app, options, name, phases));
        let mut tasks = JoinSet::new();
        tasks.spawn(publisher::publish(Arc::clone(&crew), carrier.clone()));
        if options.schedules {
            tasks.spawn(schedules::tick(Arc::clone(&crew)));
        }
        for (queue, concurrency) in Queue::ALL.iter().zip(options.concurrency) {
            tasks.spawn(carrier.clone().consume(Arc::clone(&crew), *queue, concurrency));
        }
        Ok(Running { phase, tasks, crew })
    }
}

/// A running worker. Dropped without [`Running::stop`] it dies as a killed process would: nothing it was doing is
/// ended, and its leases run out.
#[derive(Debug)]
pub struct Running {
    phase: watch::Sender<Phase>,
    tasks: JoinSet<()>,
    crew: Arc<Crew>,
}

impl Running {
    /// The name in the leases of this worker.
    pub fn name(&self) -> &str {
        &self.crew.name
    }

    /// Stops in order: nothing more is published or claimed, running jobs end; those that outlast
    /// [`WorkerOptions::patience`] are stopped and given back.
    pub async fn stop(mut self) {
        self.phase.send_replace(Phase::Stopping);
        if tokio::time::timeout(self.crew.options.patience, self.crew.idle())
            .await
            .is_err()
        {
            tracing::warn!("jobs outlast the stop of their worker and are given back");
            self.phase.send_replace(Phase::Abandoning);
            // Giving back is one statement; a database that is gone must not keep the program from ending.
            if tokio::time::timeout(PARTING, self.crew.idle()).await.is_err() {
                tracing::warn!("jobs could not be given back; their leases will run out");
            }
        }
        // Consumers take their leave of the carrier, which may be gone.
        let _ = tokio::time::timeout(PARTING, async { while self.tasks.join_next().await.is_some() {} }).await;
    }
}
