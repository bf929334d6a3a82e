//! The course of a fiscal year: the months that are still to be paid and draw on it, in the order in which they are, and
//! what becomes of money along it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::Month;
use entity::enums::LineKind;

use crate::app::App;
use crate::error::Error;
use crate::fund::dues::{Dues, Waiting};
use crate::fund::forecast::ForecastMonth;
use crate::fund::{ClosedYears, fiscal_year};
use crate::pay_calendar;

/// The months whose runs may draw on a fiscal year, each with its day, by day and month.
#[derive(Clone, Debug)]
pub(super) struct Course {
    year: i32,
    turns: Vec<(NaiveDate, Month)>,
    closed: ClosedYears,
}

/// What becomes of money along a course.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) months: Vec<ForecastMonth>,
    /// Đồng of it that wait for a run as arrears.
    pub(super) arrears: i64,
    pub(super) runs_out: Option<(NaiveDate, Month)>,
    /// Đồng.
    pub(super) missing: i64,
}

impl Course {
    /// Of the fiscal year that ends with this month. A day that has passed pays nothing any more: whoever is late is paid
    /// today at the earliest.
    pub(super) async fn load(app: &App, dues: &Dues, december: Month) -> Result<Self, Error> {
        let conn = app.db.read();
        let calendar = pay_calendar::load(conn).await?;
        let early = pay_calendar::early(conn).await?;
        let closed = ClosedYears::load(conn).await?;
        let today = app.clock.today();
        let turns = dues.months(december).into_iter().map(|month| {
            let day = early
                .get(&month)
                .map_or_else(|| calendar.pay_date(month), |(day, _)| *day);
            (day.max(today), month)
        });
        Ok(Self::of(turns.collect(), december.year(), closed))
    }

    /// A month that is paid early comes before those that are paid later.
    fn of(mut turns: Vec<(NaiveDate, Month)>, year: i32, closed: ClosedYears) -> Self {
        turns.sort_unstable();
        Self { year, turns, closed }
    }

    /// Does the year carry a month that is paid on a day?
    fn carries(&self, kind: LineKind, cover: Month, pay_date: NaiveDate) -> bool {
        let cover = cover.yyyymm();
        fiscal_year(cover, self.closed.fixed(kind, cover, pay_date)) == self.year
    }

    /// Pays what is due of some benefits from `free`, and with the first month `first` besides, đồng.
    pub(super) fn walk(&self, dues: &Dues, benefits: &BTreeSet<String>, (free, first): (i64, i64)) -> Walk {
        let (mut left, mut besides, mut arrears) = (free, first, 0);
        let (mut months, mut runs_out) = (Vec::with_capacity(self.turns.len()), None);
        let own = dues.waiting.iter().filter(|own| benefits.contains(&own.benefit));
        let mut waiting: Vec<&Waiting> = own.collect();
        for (pay_date, month) in &self.turns {
            // A run makes up for the months before its own.
            let (made_up, later): (Vec<&Waiting>, Vec<&Waiting>) =
                waiting.into_iter().partition(|own| dues.makes_up(own, *month));
            waiting = later;
            let carried = made_up
                .iter()
                .filter(|own| self.carries(own.kind, own.cover, *pay_date));
            let made_up: i64 = carried.map(|own| own.dong).sum();
            arrears += made_up;
            let (mut cost, mut undetermined) = (made_up + std::mem::take(&mut besides), 0);
            for amount in dues.of_run(*month, benefits) {
                if self.carries(amount.kind, amount.cover, *pay_date) {
                    cost += amount.dong;
                    undetermined += amount.undetermined;
                }
            }
            if month.year() != self.year && cost == 0 && undetermined == 0 {
                continue;
            }
            left -= cost;
            if left < 0 && runs_out.is_none() {
                runs_out = Some((*pay_date, *month));
            }
            months.push(ForecastMonth {
                month: *month,
                pay_date: *pay_date,
                cost,
                undetermined,
                left,
            });
        }
        Walk {
            months,
            arrears,
            runs_out,
            missing: (-left).max(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fund::dues::Group;

    const ALLOWANCE: &str = "allowance";

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn group((from, to): (&str, Option<&str>), due: Option<&str>, amount: i64) -> Group {
        Group {
            benefit: ALLOWANCE.to_owned(),
            next: month("2024-10"),
            one_off: false,
            from: month(from),
            to: to.map(month),
            due: due.map(month),
            amount,
            undetermined: i64::from(amount == 0),
        }
    }

    fn dues(groups: Vec<Group>, waiting: &[(&str, i64)]) -> Dues {
        let waiting = waiting.iter().map(|(cover, dong)| Waiting {
            benefit: ALLOWANCE.to_owned(),
            kind: LineKind::Arrears,
            cover: month(cover),
            dong: *dong,
        });
        Dues {
            groups,
            waiting: waiting.collect(),
            ..Dues::default()
        }
    }

    /// Month, cost and what is left, each.
    fn told(course: &Course, dues: &Dues, free: i64) -> Vec<(String, i64, i64)> {
        let walk = course.walk(dues, &BTreeSet::from([ALLOWANCE.to_owned()]), (free, 0));
        let months = walk.months.into_iter();
        months.map(|own| (own.month.to_string(), own.cost, own.left)).collect()
    }

    fn own(text: &str, cost: i64, left: i64) -> (String, i64, i64) {
        (text.to_owned(), cost, left)
    }

    #[test]
    fn what_is_paid_first_is_paid_from_what_is_left_first() {
        // December is paid before Tết, November when it comes.
        let turns = vec![
            (day("2024-10-07"), month("2024-10")),
            (day("2024-11-05"), month("2024-11")),
            (day("2024-10-20"), month("2024-12")),
        ];
        let course = Course::of(turns, 2024, ClosedYears::default());
        let dues = dues(vec![group(("2020-01", None), None, 500_000)], &[]);
        let walk = course.walk(&dues, &BTreeSet::from([ALLOWANCE.to_owned()]), (1_200_000, 100_000));
        let told: Vec<_> = walk.months.iter().map(|own| (own.month, own.cost, own.left)).collect();
        let expected = [
            (month("2024-10"), 600_000, 600_000),
            (month("2024-12"), 500_000, 100_000),
            (month("2024-11"), 500_000, -400_000),
        ];
        assert_eq!(told, expected);
        assert_eq!(walk.runs_out, Some((day("2024-11-05"), month("2024-11"))));
        assert_eq!((walk.missing, walk.arrears), (400_000, 0));
    }

    #[test]
    fn arrears_are_paid_with_the_first_month_after_their_own() {
        let turns = ["2024-10", "2024-11", "2024-12"].map(|text| (month(text).first_day(), month(text)));
        let course = Course::of(turns.into(), 2024, ClosedYears::default());
        let dues = dues(Vec::new(), &[("2024-08", 1), ("2024-10", 20), ("2024-11", 300)]);
        let expected = [
            own("2024-10", 1, 999),
            own("2024-11", 20, 979),
            own("2024-12", 300, 679),
        ];
        assert_eq!(told(&course, &dues, 1_000), expected);
    }

    #[test]
    fn a_month_that_is_made_up_for_costs_its_own_year_unless_that_is_closed_on_the_day() {
        let turns = vec![
            (day("2024-12-05"), month("2024-12")),
            (day("2025-01-06"), month("2025-01")),
        ];
        let groups = vec![
            group(("2024-11", Some("2025-01")), Some("2025-01"), 500_000),
            group(("2025-01", Some("2025-01")), None, 0),
        ];
        let dues = dues(groups, &[("2024-12", 7)]);
        let of = |year: i32, closed: &ClosedYears| {
            let course = Course::of(turns.clone(), year, closed.clone());
            told(&course, &dues, 2_000_000)
        };
        let open = ClosedYears::default();
        let december = own("2024-12", 0, 2_000_000);
        let expected = [december.clone(), own("2025-01", 1_000_007, 999_993)];
        assert_eq!(of(2024, &open), expected);
        assert_eq!(of(2025, &open), [own("2025-01", 500_000, 1_500_000)]);
        let closed = ClosedYears(vec![day("2025-01-06")]);
        assert_eq!(of(2024, &closed), [december]);
        assert_eq!(of(2025, &closed), [own("2025-01", 1_500_007, 499_993)]);
        let later = ClosedYears(vec![day("2025-01-07")]);
        assert_eq!(of(2024, &later), expected);
    }
}
