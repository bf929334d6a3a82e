//! What happens on which day.

use chrono::{Datelike, NaiveDate};
use domain::{Month, law};

use super::people::{self, Someone, month};

/// The first month that is paid.
pub(super) const FIRST_RUN: &str = "2015-01";
/// The last one: its list is closed three days after NĐ 335/2026 was issued.
pub(super) const LAST_RUN: &str = "2026-09";

/// One thing that happens.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// An instrument of the catalogue is published, by its number.
    Publish(&'static str),
    /// A benefit is granted.
    Grant(&'static Someone, &'static str),
    /// Somebody dies.
    Die(&'static Someone),
    /// The list of a month is closed and released.
    Pay(Month),
}

/// Everything in order; on one day law comes first and lists last.
pub(super) fn calendar() -> Vec<(NaiveDate, Step)> {
    let mut steps: Vec<(NaiveDate, u8, Step)> = Vec::new();
    for own in law::catalogue() {
        steps.push((own.issued_on, 0, Step::Publish(&own.number)));
    }
    for someone in people::all() {
        for (benefit, signed_on) in someone.granted {
            steps.push((day(signed_on), 1, Step::Grant(someone, benefit)));
        }
        if let Some(died) = someone.died {
            steps.push((day(died), 2, Step::Die(someone)));
        }
    }
    for cover in month(FIRST_RUN).through(month(LAST_RUN)) {
        steps.push((closes(cover), 3, Step::Pay(cover)));
    }
    steps.sort_by_key(|(day, place, _)| (*day, *place));
    steps.into_iter().map(|(day, _, step)| (day, step)).collect()
}

/// The list of a month closes before the 25th of the month before (NĐ 20/2021 Art 34(4)). The first is closed when the
/// year has begun; that of July 2025 by the communes, who took over on the 1st of that month.
fn closes(cover: Month) -> NaiveDate {
    match cover.to_string().as_str() {
        "2015-01" => day("2015-01-02"),
        "2025-07" => day("2025-07-02"),
        _ => cover.previous().first_day().with_day(24).unwrap(),
    }
}

/// A day as text gives it.
pub(super) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}
