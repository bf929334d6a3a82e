//! The one clock. Instants are UTC cut to microseconds; civil dates are those of Vietnam, UTC+7.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, FixedOffset, NaiveDate, SubsecRound, Utc};

/// Where the time comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is set, in microseconds since 1970: the sandbox and the tests.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `instant`.
    pub fn set_to(instant: DateTime<Utc>) -> Self {
        Self::Set(Arc::new(AtomicI64::new(instant.timestamp_micros())))
    }

    /// Moves a standing clock; the machine's clock can't be moved and says so.
    pub fn set(&self, instant: DateTime<Utc>) -> bool {
        match self {
            Self::System => false,
            Self::Set(micros) => {
                micros.store(instant.timestamp_micros(), Ordering::SeqCst);
                true
            }
        }
    }

    /// Moves a standing clock that still stands where it was seen; one that was set meanwhile stays.
    pub fn set_from(&self, seen: DateTime<Utc>, instant: DateTime<Utc>) {
        if let Self::Set(micros) = self {
            let (seen, instant) = (seen.timestamp_micros(), instant.timestamp_micros());
            // Who lost the race lost it to a newer word.
            let _lost = micros.compare_exchange(seen, instant, Ordering::SeqCst, Ordering::SeqCst);
        }
    }

    /// The instant, UTC, cut to microseconds: what both engines store and give back unchanged.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            #[expect(clippy::disallowed_methods, reason = "this is where the time comes from")]
            Self::System => Utc::now().trunc_subsecs(6),
            Self::Set(micros) => DateTime::from_timestamp_micros(micros.load(Ordering::SeqCst)).unwrap_or_default(),
        }
    }

    /// The instant in Vietnam's offset.
    pub fn local(&self) -> DateTime<FixedOffset> {
        in_vietnam(self.now())
    }

    /// Today in Vietnam: the only source of business dates.
    pub fn today(&self) -> NaiveDate {
        self.local().date_naive()
    }
}

/// An instant in Vietnam's offset, +07:00 since 1975.
pub fn in_vietnam(instant: DateTime<Utc>) -> DateTime<FixedOffset> {
    match FixedOffset::east_opt(7 * 3_600) {
        Some(offset) => instant.with_timezone(&offset),
        None => instant.fixed_offset(),
    }
}
