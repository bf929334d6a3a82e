//! Hands the ids of due jobs to the carrier.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use service::Error;
use service::job::{self, Due};
use tokio::time::{Instant, MissedTickBehavior};

use crate::carrier::Carrier;
use crate::handler::Crew;

/// The pause after a carrier or a database that failed.
const AFTER_FAILURE: Duration = Duration::from_millis(500);

/// Publishes until the worker stops: at once after a commit of this process, else at each tick, which also finds what
/// other processes committed and the leases that ran out.
pub(crate) async fn publish(crew: Arc<Crew>, carrier: Carrier) {
    let mut tick = tokio::time::interval(crew.options.tick);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut pause_until = Instant::now();
    loop {
        let ticked = tokio::select! {
            biased;
            () = crew.stopping() => return,
            () = crew.app.db.committed.notified() => false,
            () = crew.bell.notified() => false,
            _ = tick.tick() => true,
        };
        if Instant::now() < pause_until {
            continue;
        }
        if let Err(error) = once(&crew, &carrier, ticked).await {
            tracing::warn!("jobs could not be published, and will be: {error}");
            pause_until = Instant::now() + AFTER_FAILURE;
        }
    }
}

async fn once(crew: &Crew, carrier: &Carrier, ticked: bool) -> Result<(), Error> {
    if ticked {
        job::expire_leases(&crew.app).await?;
    }
    if crew.messages_lost.swap(false, Ordering::SeqCst) {
        job::withdraw(&crew.app, None).await?;
    }
    loop {
        let due = job::publish_due(&crew.app, &crew.options.pace).await?;
        if due.is_empty() {
            return Ok(());
        }
        // More may be due than there was room for: look again when a part of these has run.
        let part = i64::try_from(due.len() / 2).unwrap_or(i64::MAX).max(1);
        crew.until_bell.store(part, Ordering::SeqCst);
        send(crew, carrier, &due).await?;
    }
}

/// A message that could not be sent is taken back, so that it need not wait to be found missing.
async fn send(crew: &Crew, carrier: &Carrier, due: &[Due]) -> Result<(), Error> {
    let sent = carrier.send(due).await;
    if sent.is_err() {
        job::withdraw(&crew.app, Some(due)).await?;
    }
    sent
}
