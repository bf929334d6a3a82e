//! The calendar of payments: banking days, the monthly cycle, cut-off times. The dates are data
//! (`catalogue/calendar.json`), each with its source; what is decided anew every year is undecided until the province
//! records it, and counts as a day on which nothing can be executed for certain.

mod rules;

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, Utc, Weekday};
use serde::Serialize;

use crate::Month;
use crate::payment_file::in_vietnam;

pub use rules::{CalendarError, Rules};

/// Longer than any row of days on which banks are closed or may be.
const LONGEST_REST_DAYS: u64 = 400;

/// What a day is for the banks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Transfers are executed.
    Banking,
    /// They are not.
    Closed,
    /// Nobody knows yet: it is decided every year.
    Undecided,
}

/// What a day is, why, and who says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Day {
    /// What it is.
    pub standing: Standing,
    /// The holiday or the reason; empty for an ordinary day.
    pub name: String,
    /// The provision, or who decided it; empty for an ordinary day.
    pub source: String,
}

/// A day that the province decided on: a banking day or none, whatever the rules say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// Are transfers executed?
    pub banking: bool,
    /// Why.
    pub reason: String,
}

/// The rules with what was decided.
#[derive(Clone, Debug)]
pub struct Calendar<'r> {
    rules: &'r Rules,
    decided: BTreeMap<NaiveDate, Decided>,
}

impl<'r> Calendar<'r> {
    /// The rules with the days that were decided on.
    pub const fn new(rules: &'r Rules, decided: BTreeMap<NaiveDate, Decided>) -> Self {
        Self { rules, decided }
    }

    /// The rules.
    pub const fn rules(&self) -> &Rules {
        self.rules
    }

    /// What a day is for the banks.
    pub fn day(&self, day: NaiveDate) -> Day {
        if let Some(decided) = self.decided.get(&day) {
            let standing = if decided.banking {
                Standing::Banking
            } else {
                Standing::Closed
            };
            return Day {
                standing,
                name: decided.reason.clone(),
                source: "decided by the province".to_owned(),
            };
        }
        if let Some(found) = self.rules.marks(day.year()).remove(&day) {
            return found;
        }
        if self.rules.rests_on(day.weekday()) {
            return Day {
                standing: Standing::Closed,
                name: "Ngày nghỉ hằng tuần".to_owned(),
                source: self.rules.rest_source().to_owned(),
            };
        }
        Day {
            standing: Standing::Banking,
            name: String::new(),
            source: String::new(),
        }
    }

    /// Are transfers executed on this day for certain?
    pub fn is_banking_day(&self, day: NaiveDate) -> bool {
        self.day(day).standing == Standing::Banking
    }

    /// The first day from this one on that is a banking day for certain.
    pub fn next_banking_day(&self, day: NaiveDate) -> NaiveDate {
        self.first(day, NaiveDate::checked_add_days)
    }

    /// The last day up to this one that is a banking day for certain.
    pub fn previous_banking_day(&self, day: NaiveDate) -> NaiveDate {
        self.first(day, NaiveDate::checked_sub_days)
    }

    fn first(&self, day: NaiveDate, step: impl Fn(NaiveDate, Days) -> Option<NaiveDate>) -> NaiveDate {
        let mut days = (0..LONGEST_REST_DAYS).filter_map(|far| step(day, Days::new(far)));
        days.find(|day| self.is_banking_day(*day)).unwrap_or(day)
    }

    /// The holidays and undecided days of a year, weekly rest days left out.
    pub fn special_days(&self, year: i32) -> BTreeMap<NaiveDate, Day> {
        let mut days = self.rules.marks(year);
        for day in self.decided.keys().filter(|day| day.year() == year) {
            days.insert(*day, self.day(*day));
        }
        days
    }

    /// The last banking day on which the list of a cover month can be closed: before the 25th of the month before
    /// (NĐ 20/2021/NĐ-CP Điều 34(4)).
    pub fn list_closes(&self, cover: Month) -> NaiveDate {
        let before = day_of(cover.previous(), self.rules.list_closes_before_day());
        self.previous_banking_day(before.pred_opt().unwrap_or(before))
    }

    /// The day on which a cover month is paid where the run names no other: the first banking day from the assumed pay
    /// day on.
    pub fn pay_date(&self, cover: Month) -> NaiveDate {
        self.next_banking_day(day_of(cover, self.rules.pay_day()))
    }

    /// The last banking day on which the settlement of a cover month is reported: by the 20th (Điều 34(5)).
    pub fn settlement_due(&self, cover: Month) -> NaiveDate {
        self.previous_banking_day(day_of(cover, self.rules.settlement_by_day()))
    }

    /// The first day on which the run of a cover month may be opened where no early payment is recorded: the month before
    /// is the month in which its list is closed.
    pub fn opens(cover: Month) -> NaiveDate {
        cover.previous().first_day()
    }

    /// The day on which banks are asked to execute: the pay date, or the day of approval if that is later (after the
    /// cut-off the day after it), moved on to a banking day.
    pub fn execution_date(&self, pay_date: NaiveDate, approved_at: DateTime<Utc>) -> NaiveDate {
        self.execution_date_by(self.rules.cut_off(), pay_date, approved_at)
    }

    /// The same for a bank with a cut-off of its own, a time of day in Vietnam.
    pub fn execution_date_by(&self, cut_off: NaiveTime, pay_date: NaiveDate, approved_at: DateTime<Utc>) -> NaiveDate {
        let approved = in_vietnam(approved_at);
        let earliest = if approved.time() < cut_off {
            approved.date()
        } else {
            approved.date().succ_opt().unwrap_or(approved.date())
        };
        self.next_banking_day(pay_date.max(earliest))
    }
}

/// A day of a month, the last one where the month is shorter.
fn day_of(month: Month, day: u32) -> NaiveDate {
    month.first_day().with_day(day).unwrap_or_else(|| month.last_day())
}

/// Is it a day of this name?
pub(crate) fn is_weekday(weekday: Weekday, name: &str) -> bool {
    name.parse() == Ok(weekday)
}

/// A time of day as the catalogue writes it.
pub(crate) fn time(text: &str) -> Result<NaiveTime, CalendarError> {
    text.parse().map_err(|error| CalendarError(format!("{text}: {error}")))
}

#[cfg(test)]
mod tests;
