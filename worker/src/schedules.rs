//! What is due by the calendar. A tick only inserts a job whose natural key is its slot, so any number of workers may
//! tick; the job looks for what is due, so a missed tick does no harm.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DurationRound, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use service::delivery::ChaseUnknownDeliveries;
use service::job::{self, Envelope, Prune};
use service::reminder::{RemindOfDays, VerifyInvariants};
use service::{App, Error};
use tokio::time::MissedTickBehavior;

use crate::handler::Crew;

/// Something that is due once a day, at a time of Vietnam.
struct Daily {
    hour: u32,
    minute: u32,
    /// How many hours later it may still be begun, where it is heavy work for the night; otherwise whenever it was missed.
    within_hours: Option<i64>,
    job: fn(NaiveDate) -> Result<Envelope, Error>,
}

/// Every schedule there is.
const DAILY: &[Daily] = &[
    Daily {
        hour: 3,
        minute: 10,
        within_hours: None,
        job: |slot| Envelope::of(&Prune { slot }),
    },
    // Before the desks open.
    Daily {
        hour: 5,
        minute: 30,
        within_hours: None,
        job: |slot| Envelope::of(&RemindOfDays { slot }),
    },
    Daily {
        hour: 1,
        minute: 30,
        within_hours: Some(5),
        job: |slot| Envelope::of(&VerifyInvariants { slot }),
    },
];

/// Something that is due every so many minutes, where the installation has it.
struct Often {
    minutes: i64,
    job: fn(&App, NaiveDateTime) -> Option<Result<Envelope, Error>>,
}

/// Every schedule of less than a day.
const OFTEN: &[Often] = &[Often {
    minutes: 15,
    job: |app, slot| {
        app.delivery.as_ref()?;
        Some(Envelope::of(&ChaseUnknownDeliveries { slot }))
    },
}];

/// Inserts what is due until the worker stops. The clock is the installation's, so in a sandbox days pass as it is set.
pub(crate) async fn tick(crew: Arc<Crew>) {
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut inserted: Vec<Option<NaiveDate>> = vec![None; DAILY.len()];
    let mut often: Vec<Option<NaiveDateTime>> = vec![None; OFTEN.len()];
    loop {
        tokio::select! {
            biased;
            () = crew.stopping() => return,
            _ = tick.tick() => {}
        }
        if let Err(error) = insert(&crew, &mut inserted, &mut often).await {
            tracing::warn!("scheduled jobs could not be inserted, and will be: {error}");
        }
    }
}

async fn insert(
    crew: &Crew,
    inserted: &mut [Option<NaiveDate>],
    often: &mut [Option<NaiveDateTime>],
) -> Result<(), Error> {
    crew.app.sync_clock().await?;
    let now = crew.app.clock.local().naive_local();
    for (daily, last) in DAILY.iter().zip(inserted) {
        let slot = slot(now, (daily.hour, daily.minute), daily.within_hours);
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
    for (schedule, last) in OFTEN.iter().zip(often) {
        let slot = last_of(now, schedule.minutes);
        if slot.is_some() && slot != *last {
            if let Some(envelope) = slot.and_then(|slot| (schedule.job)(&crew.app, slot)) {
                let envelope = envelope?;
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

/// The last time a schedule of so many minutes was due.
fn last_of(now: NaiveDateTime, minutes: i64) -> Option<NaiveDateTime> {
    now.duration_trunc(TimeDelta::minutes(minutes)).ok()
}

/// The last day on which this time of day has come; none where that is more than so many hours ago.
fn slot(now: NaiveDateTime, (hour, minute): (u32, u32), within_hours: Option<i64>) -> Option<NaiveDate> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    let today = now.date();
    let day = if now.time() >= time {
        today
    } else {
        today.checked_sub_signed(TimeDelta::days(1))?
    };
    let late = now.signed_duration_since(day.and_time(time));
    within_hours
        .is_none_or(|hours| late < TimeDelta::hours(hours))
        .then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_of_an_hour_begins_on_its_minute() {
        let at = |text: &str| last_of(text.parse().unwrap(), 15).unwrap().to_string();
        assert_eq!(at("2024-09-23T03:14:59"), "2024-09-23 03:00:00");
        assert_eq!(at("2024-09-23T03:15:00"), "2024-09-23 03:15:00");
    }

    #[test]
    fn a_day_begins_when_its_time_has_come() {
        let at = |text: &str| slot(text.parse().unwrap(), (3, 10), None).unwrap().to_string();
        assert_eq!(at("2024-09-23T03:09:59"), "2024-09-22");
        assert_eq!(at("2024-09-23T03:10:00"), "2024-09-23");
        assert_eq!(at("2024-09-23T23:59:59"), "2024-09-23");
    }

    #[test]
    fn work_of_the_night_is_not_begun_by_day() {
        let at = |text: &str| slot(text.parse().unwrap(), (1, 30), Some(5)).map(|day| day.to_string());
        assert_eq!(at("2024-09-23T01:29:59"), None);
        assert_eq!(at("2024-09-23T01:30:00"), Some("2024-09-23".to_owned()));
        assert_eq!(at("2024-09-23T06:29:59"), Some("2024-09-23".to_owned()));
        assert_eq!(at("2024-09-23T08:00:00"), None);
    }
}
