//! Chance, drawn from a seed: the same seed, purpose and index give the same throws for ever.

use chrono::{Datelike, Days, Months, NaiveDate, Weekday};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use uuid::Uuid;

/// What a stream of throws is for, so that two purposes never share one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Purpose {
    Household,
    PersonId,
    HouseholdId,
    AccountId,
    Numbers,
    Plan,
    Events,
}

impl Purpose {
    const fn tag(self) -> u64 {
        match self {
            Self::Household => 1,
            Self::PersonId => 2,
            Self::HouseholdId => 3,
            Self::AccountId => 4,
            Self::Numbers => 5,
            Self::Plan => 6,
            Self::Events => 7,
        }
    }
}

/// A stream of throws.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    pub(super) fn new(seed: u64, purpose: Purpose, index: usize) -> Self {
        let index = u64::try_from(index).unwrap_or(u64::MAX);
        let mut key = [0_u8; 32];
        let words = [seed, purpose.tag(), index];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// A whole number from 0 to one less than `limit`.
    pub(super) fn below(&mut self, limit: u32) -> u32 {
        let product = u64::from(self.0.next_u32()) * u64::from(limit);
        u32::try_from(product >> 32).unwrap_or(0)
    }

    /// A whole number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i32, high: i32) -> i32 {
        let width = u32::try_from(high.saturating_sub(low)).unwrap_or(0).saturating_add(1);
        low.saturating_add(i32::try_from(self.below(width)).unwrap_or(0))
    }

    /// True in so many cases of a thousand.
    pub(super) fn per_mille(&mut self, share: u32) -> bool {
        self.below(1_000) < share
    }

    /// True in so many cases of a hundred.
    pub(super) fn percent(&mut self, share: u32) -> bool {
        self.below(100) < share
    }

    /// One of them, the default if there are none.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let limit = u32::try_from(from.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(self.below(limit)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }

    /// A day from `first` to `last`, both included; `first` where the order is reversed.
    pub(super) fn day(&mut self, first: NaiveDate, last: NaiveDate) -> NaiveDate {
        let width = u32::try_from((last - first).num_days()).unwrap_or(0);
        after(first, u64::from(self.below(width.saturating_add(1))))
    }

    /// An identifier of version 8.
    pub(super) fn uuid(&mut self) -> Uuid {
        let mut bytes = [0_u8; 16];
        self.0.fill_bytes(&mut bytes);
        Uuid::new_v8(bytes)
    }
}

/// A day of the calendar; for days that exist.
pub(super) const fn day(year: i32, month: u32, number: u32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, month, number) {
        Some(day) => day,
        None => NaiveDate::MIN,
    }
}

/// So many days later.
pub(super) fn after(from: NaiveDate, days: u64) -> NaiveDate {
    from.checked_add_days(Days::new(days)).unwrap_or(from)
}

/// The day before.
pub(super) fn eve(of: NaiveDate) -> NaiveDate {
    of.pred_opt().unwrap_or(of)
}

/// The day on which someone born on `birth` reaches an age; born on 29 February: 1 March in other years.
pub(super) fn birthday(birth: NaiveDate, age: i32) -> NaiveDate {
    let year = birth.year() + age;
    NaiveDate::from_ymd_opt(year, birth.month(), birth.day()).unwrap_or_else(|| day(year, 3, 1))
}

/// So many years earlier, the last day of the month where the day does not exist.
pub(super) fn years_before(from: NaiveDate, years: u32) -> NaiveDate {
    from.checked_sub_months(Months::new(years.saturating_mul(12)))
        .unwrap_or(from)
}

/// The working day on or just before a day.
pub(super) fn working_day(on: NaiveDate) -> NaiveDate {
    let mut on = on;
    while is_day_off(on) {
        on = eve(on);
    }
    on
}

/// The working day on or just after a day.
pub(super) fn next_working_day(on: NaiveDate) -> NaiveDate {
    let mut on = on;
    while is_day_off(on) {
        on = after(on, 1);
    }
    on
}

/// Weekends and the holidays of the solar calendar (Bộ luật Lao động 2019 Art 112); those of Tết move and are left out.
fn is_day_off(on: NaiveDate) -> bool {
    let holidays = [(1, 1), (4, 30), (5, 1), (9, 2), (9, 3)];
    matches!(on.weekday(), Weekday::Sat | Weekday::Sun) || holidays.contains(&(on.month(), on.day()))
}
