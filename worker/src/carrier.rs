//! What carries the id of a job to a worker. The only file that names the storages of apalis.
//!
//! A message is an id and nothing else. Everything apalis would do beyond carrying it (retries, back-off, recovery,
//! uniqueness) is left to the job table: `on_message` never fails, so apalis has nothing to repeat.

use std::convert::Infallible;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use apalis::prelude::{
    Backend, BackendExt, Data, PollSnapshot, PollStrategy, RandomId, Task, TaskBuilder, TaskSink, WorkerBuilder,
    WorkerBuilderExt, WorkerContext, WorkerError,
};
use apalis_core::backend::finalize::Ephemeral;
use apalis_core::backend::{BackendConfig, Vacuum};
use apalis_redis::{Config, RedisStorage};
use futures::StreamExt;
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::task::AtomicWaker;
use serde::{Deserialize, Serialize};
use service::job::{Due, Queue};
use service::{App, Error, ProblemCode};
use tokio::time::MissedTickBehavior;
use tower::layer::util::Identity;
use uuid::Uuid;

use crate::handler::{Crew, place};

/// How often a worker asks Redis, when the publisher of its own process does not ring.
const ASK_EVERY: Duration = Duration::from_millis(25);
/// How long a push to Redis may take.
const PUSH_WITHIN: Duration = Duration::from_secs(2);
/// The pause before consumers that failed start again.
const RESTART_AFTER: Duration = Duration::from_millis(300);
/// Redis forgets finished messages after so many.
const VACUUM_AFTER: usize = 5_000;

/// Carries job ids from the publisher to the consumers.
#[derive(Clone, Debug)]
pub struct Carrier(Kind);

#[derive(Clone, Debug)]
enum Kind {
    InProcess([Channel; 4]),
    Redis(Box<[Line; 4]>),
}

/// What is carried.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Message {
    id: Uuid,
}

/// What a consumer needs.
#[derive(Clone, Debug)]
struct Desk {
    crew: Arc<Crew>,
    queue: Queue,
}

impl Carrier {
    /// A channel within this process: the embedded program, demos and tests.
    pub fn in_process() -> Self {
        Self(Kind::InProcess(std::array::from_fn(|_| Channel::default())))
    }

    /// Redis, shared by any number of workers. Installations that share a Redis don't see each other's messages.
    pub async fn redis(url: &str, app: &App) -> Result<Self, Error> {
        let connection = apalis_redis::connect(url).await.map_err(unavailable)?;
        let name = service::job::carrier_name(app);
        let line = |queue: Queue| Line {
            storage: RedisStorage::new(connection.clone()).with_config(
                Config::default()
                    .queue(format!("ansinh:{name}:{}", queue.code()))
                    .batch_size(8)
                    .lock_tasks(false)
                    .emit_events(false),
            ),
            bell: Arc::new(AtomicWaker::new()),
            sent: Arc::default(),
        };
        Ok(Self(Kind::Redis(Box::new(
            [Queue::Relief, Queue::Files, Queue::Reassessment, Queue::Default].map(line),
        ))))
    }

    /// Asks whether it is there; a channel always is.
    pub async fn ping(&self) -> Result<(), Error> {
        if let Kind::Redis(lines) = &self.0 {
            let mut storage = lines[0].storage.clone();
            let ping = redis::cmd("PING");
            ping.query_async::<String>(storage.get_connection())
                .await
                .map_err(unavailable)?;
        }
        Ok(())
    }

    /// Does it end with this process?
    pub(crate) const fn is_in_process(&self) -> bool {
        matches!(self.0, Kind::InProcess(_))
    }

    /// Sends the ids of published jobs, in their order.
    pub(crate) async fn send(&self, due: &[Due]) -> Result<(), Error> {
        match &self.0 {
            Kind::InProcess(channels) => {
                for due in due {
                    let task = TaskBuilder::new(Message { id: due.id }).build();
                    channels[place(due.queue)]
                        .sender
                        .unbounded_send(task)
                        .map_err(unavailable)?;
                }
            }
            Kind::Redis(lines) => {
                for line in lines.iter().zip(Queue::ALL) {
                    let (line, queue) = line;
                    let messages: Vec<_> = due.iter().filter(|due| due.queue == *queue).map(Message::of).collect();
                    if !messages.is_empty() {
                        line.push(messages).await?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Receives the messages of a queue until the worker stops, and through every failure of the carrier.
    pub(crate) async fn consume(self, crew: Arc<Crew>, queue: Queue, concurrency: usize) {
        for start in 0_u64.. {
            let name = format!("{}-{}-{start}", crew.name, queue.code());
            let desk = Desk {
                crew: Arc::clone(&crew),
                queue,
            };
            let worker = WorkerBuilder::new(name);
            let stop = stop(Arc::clone(&crew));
            let ended = match &self.0 {
                Kind::InProcess(channels) => {
                    let backend = channels[place(queue)].clone();
                    worker
                        .backend(backend)
                        .concurrency(concurrency)
                        .data(desk)
                        .build(on_message)
                        .run_until(stop)
                        .await
                }
                Kind::Redis(lines) => {
                    let line = &lines[place(queue)];
                    let backend = line.storage.clone().poll_with_strategy(line.pulse());
                    worker
                        .backend(backend)
                        .concurrency(concurrency)
                        .data(desk)
                        .build(on_message)
                        .run_until(stop)
                        .await
                }
            };
            if !crew.is_working() {
                return;
            }
            if let Err(error) = ended {
                crew.messages_lost.store(true, Ordering::SeqCst);
                tracing::warn!(queue = queue.code(), "the carrier failed and is asked again: {error}");
            }
            tokio::select! {
                () = crew.stopping() => return,
                () = tokio::time::sleep(RESTART_AFTER) => {}
            }
        }
    }
}

impl Message {
    const fn of(due: &Due) -> Self {
        Self { id: due.id }
    }
}

async fn on_message(message: Message, desk: Data<Desk>) -> Result<(), Infallible> {
    Arc::clone(&desk.crew).work(desk.queue, message.id).await;
    Ok(())
}

async fn stop(crew: Arc<Crew>) -> Result<(), WorkerError> {
    crew.stopping().await;
    Ok(())
}

/// One queue within the process: the smallest backend there can be. It outlives the consumers that read it.
#[derive(Clone)]
struct Channel {
    sender: UnboundedSender<Task<Message>>,
    receiver: Arc<Mutex<UnboundedReceiver<Task<Message>>>>,
}

impl Default for Channel {
    fn default() -> Self {
        let (sender, receiver) = unbounded();
        Self {
            sender,
            receiver: Arc::new(Mutex::new(receiver)),
        }
    }
}

impl fmt::Debug for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Channel")
    }
}

impl Backend for Channel {
    type Task = Task<Message>;
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Task<Message>, Infallible>>> {
        let mut receiver = self.receiver.lock().unwrap_or_else(PoisonError::into_inner);
        receiver.poll_next_unpin(cx).map(|task| task.map(Ok))
    }

    fn poll_close(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }
}

impl BackendConfig for Channel {
    type Args = Message;
    type Id = RandomId;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = Identity;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Identity {
        Identity::new()
    }
}

/// One queue in Redis.
#[derive(Clone)]
struct Line {
    storage: RedisStorage<Message>,
    /// Wakes this process's consumer when this process's publisher has pushed.
    bell: Arc<AtomicWaker>,
    sent: Arc<AtomicUsize>,
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Line")
    }
}

impl Line {
    async fn push(&self, messages: Vec<Message>) -> Result<(), Error> {
        let count = messages.len();
        let mut storage = self.storage.clone();
        let pushed = tokio::time::timeout(PUSH_WITHIN, storage.push_bulk(messages)).await;
        pushed.map_err(unavailable)?.map_err(unavailable)?;
        self.bell.wake();
        if self.sent.fetch_add(count, Ordering::Relaxed) + count >= VACUUM_AFTER {
            self.sent.store(0, Ordering::Relaxed);
            self.vacuum(storage).await;
        }
        Ok(())
    }

    /// The storage keeps every finished message for ever unless told otherwise; the job table is our record.
    async fn vacuum(&self, mut storage: RedisStorage<Message>) {
        let done = storage.get_config().done_jobs_set();
        let cleared = async {
            storage.vacuum().await.map_err(|error| error.to_string())?;
            let delete = redis::cmd("DEL").arg(done).exec_async(storage.get_connection()).await;
            delete.map_err(|error| error.to_string())
        };
        if let Err(error) = cleared.await {
            tracing::warn!("finished messages could not be cleared from Redis: {error}");
        }
    }

    fn pulse(&self) -> Pulse {
        let mut every = tokio::time::interval(ASK_EVERY);
        every.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Pulse {
            every,
            bell: Arc::clone(&self.bell),
        }
    }
}

/// When to ask Redis: at each beat and when the publisher rings. The interval that apalis brings re-makes its timer
/// without polling it, and then sleeps until the next heartbeat.
struct Pulse {
    every: tokio::time::Interval,
    bell: Arc<AtomicWaker>,
}

impl PollStrategy for Pulse {
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        self.bell.register(cx.waker());
        let mut beaten = false;
        // Polled until it is pending, so that the next beat wakes this consumer.
        while self.every.poll_tick(cx).is_ready() {
            beaten = true;
        }
        if beaten { Poll::Ready(Some(())) } else { Poll::Pending }
    }
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error {
        source: Some(Box::new(error)),
        ..Error::new(ProblemCode::Unavailable)
    }
}
