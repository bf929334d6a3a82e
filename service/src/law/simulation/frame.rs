//! The months of a simulation, fixed when it is asked for.

use domain::Month;
use domain::law::{self, Instrument};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How far the counted months may lie from the next one to be paid.
const FARTHEST: i32 = 24;
/// How many months are replayed.
const REPLAYED: i32 = 24;

/// The months of a simulation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Frame {
    /// The first month that the draft touches.
    pub(super) first: Month,
    /// The month in which people are compared, and the first of the twelve that are cut by area and group: the first
    /// month of effect, but no month more than two years ago.
    pub(super) compared: Month,
    /// The first month that is counted.
    pub(super) from: Month,
    /// The last one.
    pub(super) to: Month,
    /// The last month whose money is paid already; none before the first run.
    pub(super) taken: Option<Month>,
    /// The first month whose money is still to be paid.
    pub(super) next: Month,
    /// The year whose fund bears the change.
    pub(super) fiscal_year: i32,
}

impl Frame {
    /// For a draft that touches `first`, on a day of the month `today`.
    pub(super) fn of(first: Month, taken: Option<Month>, today: Month) -> Self {
        let next = taken.map_or(today, Month::next);
        let start = if first > next.plus(FARTHEST) {
            first
        } else {
            first.min(next).max(next.plus(-FARTHEST))
        };
        let effective = first.max(next);
        let fiscal_year = effective.year();
        let january = effective.plus(1 - number(effective));
        let compared = first.max(start);
        Self {
            first,
            compared,
            from: start.min(january),
            to: compared.plus(11).max(january.plus(11)),
            taken,
            next,
            fiscal_year,
        }
    }

    /// The twelve months that are cut by area and group.
    pub(super) fn cut(&self) -> (Month, Month) {
        (self.compared, self.compared.plus(11))
    }

    /// The months of the fiscal year.
    pub(super) fn year(&self) -> (Month, Month) {
        let effective = self.first.max(self.next);
        let january = effective.plus(1 - number(effective));
        (january, january.plus(11))
    }

    /// The months already paid that the draft touches.
    pub(super) fn paid(&self) -> Option<(Month, Month)> {
        self.taken
            .filter(|taken| self.first <= *taken)
            .map(|taken| (self.first, taken))
    }
}

fn number(month: Month) -> i32 {
    i32::try_from(month.number()).unwrap_or(1)
}

/// Which months are replayed, and how the draft is moved for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReplayedMonths {
    /// The first month.
    pub from: Month,
    /// The last month.
    pub to: Month,
    /// By how many months the draft's dates are moved back.
    pub moved_by: u32,
    /// The first month in which the draft has an effect then.
    pub in_effect_from: Month,
}

impl ReplayedMonths {
    /// The two years before `today`, under a draft as though it had come at their beginning, or as soon as what it
    /// builds on was in force. A correction says what was law all along and is not moved.
    pub(super) fn of(own: &Instrument, published: &[Instrument], correction: bool, first: Month, today: Month) -> Self {
        let from = today.plus(-REPLAYED);
        let wanted = u32::try_from(first.index() - from.index()).unwrap_or(0);
        let room = law::room_to_move(own, published).unwrap_or(u32::MAX);
        let moved_by = if correction { 0 } else { wanted.min(room) };
        Self {
            from,
            to: today.previous(),
            moved_by,
            in_effect_from: first.plus(-i32::try_from(moved_by).unwrap_or(0)),
        }
    }
}

/// The place of a month in a stretch that begins with `from`.
pub(super) fn place(from: Month, month: Month) -> Option<usize> {
    usize::try_from(month.index() - from.index()).ok()
}

/// How many months a stretch has.
pub(super) fn length((from, to): (Month, Month)) -> usize {
    place(from, to.next()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn the_counted_months_hold_the_fiscal_year_and_twelve_months_of_effect() {
        for (first, taken, compared, from, to, year) in [
            // From next month on.
            ("2024-10", Some("2024-09"), "2024-10", "2024-01", "2025-09", 2024),
            // Back by two months.
            ("2024-07", Some("2024-09"), "2024-07", "2024-01", "2025-06", 2024),
            // Next year.
            ("2025-03", Some("2024-09"), "2025-03", "2024-10", "2026-02", 2025),
            // Open to the past.
            ("2015-01", Some("2024-09"), "2022-10", "2022-10", "2024-12", 2024),
            // Far ahead.
            ("2030-05", Some("2024-09"), "2030-05", "2030-01", "2031-04", 2030),
            // Before the first run.
            ("2024-10", None, "2024-10", "2024-01", "2025-09", 2024),
        ] {
            let frame = Frame::of(month(first), taken.map(month), month("2024-09"));
            assert_eq!(
                (frame.compared, frame.from, frame.to, frame.fiscal_year),
                (month(compared), month(from), month(to), year),
                "{first}"
            );
            assert_eq!(frame.year().0, Month::new(year, 1).unwrap());
        }
        let frame = Frame::of(month("2024-07"), Some(month("2024-09")), month("2024-09"));
        assert_eq!(frame.paid(), Some((month("2024-07"), month("2024-09"))));
        let frame = Frame::of(month("2024-10"), Some(month("2024-09")), month("2024-09"));
        assert_eq!(frame.paid(), None);
    }
}
