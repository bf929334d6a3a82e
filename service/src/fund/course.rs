//! The course of a fiscal year: its months that are still to be paid, in the order in which they are, and what becomes of
//! money along it.

use chrono::NaiveDate;
use domain::Month;

use crate::app::App;
use crate::error::Error;
use crate::fund::forecast::ForecastMonth;
use crate::pay_calendar;

/// Equal periods of many people: first, last and due month, how many, đồng a month, how many are undetermined.
pub(super) type Group = (i32, Option<i32>, Option<i32>, i64, Option<i64>, i64);

/// The months still to be paid in a fiscal year, each with its day, by day and month.
#[derive(Clone, Debug)]
pub(super) struct Course {
    pub(super) year: i32,
    turns: Vec<(NaiveDate, Month)>,
}

/// What becomes of money along a course.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) months: Vec<ForecastMonth>,
    pub(super) runs_out: Option<(NaiveDate, Month)>,
    /// Đồng.
    pub(super) missing: i64,
}

impl Course {
    /// A day that has passed pays nothing any more: whoever is late is paid today at the earliest.
    pub(super) async fn load(app: &App, months: impl Iterator<Item = Month>, year: i32) -> Result<Self, Error> {
        let calendar = pay_calendar::load(app.db.read()).await?;
        let early = pay_calendar::early(app.db.read()).await?;
        let today = app.clock.today();
        let turns = months.map(|month| {
            let day = early
                .get(&month)
                .map_or_else(|| calendar.pay_date(month), |(day, _)| *day);
            (day.max(today), month)
        });
        Ok(Self::of(turns.collect(), year))
    }

    /// A month that is paid early comes before those that are paid later.
    fn of(mut turns: Vec<(NaiveDate, Month)>, year: i32) -> Self {
        turns.sort_unstable();
        Self { year, turns }
    }

    /// Pays what is due from `free`, and with the first month `first` besides, đồng.
    pub(super) fn walk(&self, groups: &[Group], free: i64, first: i64) -> Result<Walk, Error> {
        let (mut left, mut besides) = (free, first);
        let (mut months, mut runs_out) = (Vec::with_capacity(self.turns.len()), None);
        for (pay_date, month) in &self.turns {
            let (due, undetermined) = due(groups, *month, self.year)?;
            let cost = due + std::mem::take(&mut besides);
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
        Ok(Walk {
            months,
            runs_out,
            missing: (-left).max(0),
        })
    }
}

/// What falls due in the run of a month for months of a fiscal year, and how much of it nobody knows.
fn due(groups: &[Group], month: Month, year: i32) -> Result<(i64, i64), Error> {
    let of = |number: i32| Month::from_yyyymm(number).map_err(Error::internal);
    let (mut cost, mut undetermined) = (0, 0);
    for (from, to, due, _, amount, unknown) in groups {
        let first = of(*from)?;
        let last = to.map_or(Ok(month), of)?.min(month);
        let paid_for = match due {
            None => first.max(month).through(last),
            Some(due) if of(*due)? == month => first.through(last),
            Some(_) => continue,
        };
        let months = i64::try_from(paid_for.filter(|cover| cover.year() == year).count()).map_err(Error::internal)?;
        cost += months * amount.unwrap_or(0);
        undetermined += months * unknown;
    }
    Ok((cost, undetermined))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_paid_first_is_paid_from_what_is_left_first() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // December is paid before Tết, November when it comes.
        let turns = vec![
            (day("2024-10-07"), month("2024-10")),
            (day("2024-11-05"), month("2024-11")),
            (day("2024-10-20"), month("2024-12")),
        ];
        let groups = [(202_001, None, None, 1, Some(500_000), 0)];
        let walk = Course::of(turns, 2024).walk(&groups, 1_200_000, 100_000).unwrap();
        let told: Vec<_> = walk.months.iter().map(|own| (own.month, own.cost, own.left)).collect();
        let expected = [
            (month("2024-10"), 600_000, 600_000),
            (month("2024-12"), 500_000, 100_000),
            (month("2024-11"), 500_000, -400_000),
        ];
        assert_eq!(told, expected);
        assert_eq!(walk.runs_out, Some((day("2024-11-05"), month("2024-11"))));
        assert_eq!(walk.missing, 400_000);
    }

    #[test]
    fn a_month_costs_what_is_due_in_it_for_the_year() {
        let groups = [
            (202_001, None, None, 3, Some(1_500_000), 0),
            (202_411, Some(202_412), Some(202_501), 1, Some(500_000), 0),
            (202_501, Some(202_501), None, 1, None, 1),
        ];
        assert_eq!(due(&groups, month("2024-12"), 2024).unwrap(), (1_500_000, 0));
        // The run of January makes up for two months of the year before: its own fund carries them.
        assert_eq!(due(&groups, month("2025-01"), 2025).unwrap(), (1_500_000, 1));
        assert_eq!(due(&groups, month("2025-01"), 2024).unwrap(), (1_000_000, 0));
    }
}
