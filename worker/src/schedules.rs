//! What is due by the calendar. A tick only inserts a job whose natural key is its slot, so any number of workers may
//! tick; the job looks for what is due, so a missed tick does no harm.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use service::Error;
use service::job::{self, Envelope, Prune};
use tokio::time::MissedTickBehavior;

use crate::handler::Crew;

/// Something that is due once a day, at a time of Vietnam.
struct Daily {
    hour: u32,
    minute: u32,
    job: fn(NaiveDate) -> Result<Envelope, Error>,
}

/// Every schedule there is.
const DAILY: &[Daily] = &[Daily {
    hour: 3,
    minute: 10,
    job: |slot| Envelope::of(&Prune { slot }),
}];

/// Inserts what is due until the worker stops. The clock is the installation's, so in a sandbox days pass as it is set.
pub(crate) async fn tick(crew: Arc<Crew>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut inserted: Vec<Option<NaiveDate>> = vec![None; DAILY.len()];
    loop {
        tokio::select! {
            biased;
            () = crew.stopping() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = insert(&crew, &mut inserted).await {
            tracing::warn!("scheduled jobs could not be inserted, and will be: {error}");
        }
    }
}

async fn insert(crew: &Crew, inserted: &mut [Option<NaiveDate>]) -> Result<(), Error> {
    crew.app.sync_clock().await?;
    let now = crew.app.clock.local().naive_local();
    for (daily, last) in DAILY.iter().zip(inserted) {
        let slot = slot(now, daily.hour, daily.minute);
        if slot.is_some() && slot != *last {
            if let Some(slot) = slot {
                let envelope = (daily.job)(slot)?;
                crew.app
                    .db
                    .write(async |txn| job::enqueue_envelope(txn, envelope.clone()).await)
                    .await?;
            }
            *last = slot;
        }
    }
    Ok(())
}

/// The last day on which this time of day has come.
fn slot(now: NaiveDateTime, hour: u32, minute: u32) -> Option<NaiveDate> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    let today = now.date();
    if now.time() >= time {
        Some(today)
    } else {
        today.checked_sub_signed(TimeDelta::days(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_its_time_has_come() {
        let at = |text: &str| slot(text.parse().unwrap(), 3, 10).unwrap().to_string();
        assert_eq!(at("2024-09-23T03:09:59"), "2024-09-22");
        assert_eq!(at("2024-09-23T03:10:00"), "2024-09-23");
        assert_eq!(at("2024-09-23T23:59:59"), "2024-09-23");
    }
}
