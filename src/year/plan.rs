//! What happens in the year, in order, and on which days.

use chrono::{Datelike, Days, NaiveDate};
use domain::Month;
use service::Error;

/// The month that the resolution of 23/9/2024 raises first.
const RAISED: (i32, u32) = (2024, 10);
/// The months that are paid together before Tết Ất Tỵ, and the day.
const TET: [(i32, u32); 2] = [(2025, 1), (2025, 2)];
const TET_DAY: (i32, u32, u32) = (2025, 1, 6);
/// The day of the month before on which the list of a month is closed and paid out to the banks.
const LIST: u32 = 24;
/// The day on which people are paid, unless the calendar says earlier.
const PAY: u32 = 5;
/// Days of the month on which the treasury looks for answers.
pub(super) const LOOKS: [u32; 5] = [6, 9, 13, 18, 19];
/// Of these, the one after which banks are asked to send something back.
pub(super) const RECALL: u32 = 9;
/// The day on which a month is closed.
pub(super) const CLOSE: u32 = 20;
/// Of this place in the year is the month before whose list all files so far are sent once more.
const RESENT: i32 = 2;
/// The day of that.
const RESENT_DAY: u32 = 22;
/// After the last close answers are still looked for so often, so many days apart.
const LATE_LOOKS: u64 = 3;
const LATE_DAYS: u64 = 20;

/// One step of the year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The province is taken over, its funds opened.
    TakeOver,
    /// The runs of a month, from the list to the banks.
    Pay(Month),
    /// A storm, and the relief of one commune.
    Storm,
    /// What banks answer in a month, and what people make of it.
    Answers(Month),
    /// The close of a month.
    Close(Month),
    /// Another standard.
    Law,
    /// What comes after all the months are closed.
    Late,
}

/// The months of a year.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    first: Month,
    last: Month,
    tet: [Month; 2],
    tet_day: NaiveDate,
    raised: Month,
}

impl Plan {
    /// So many months from the first on.
    pub(super) fn new(first: Month, months: u8) -> Result<Self, Error> {
        let month = |(year, number)| Month::new(year, number).map_err(Error::internal);
        let (year, number, day) = TET_DAY;
        Ok(Self {
            first,
            last: first.plus(i32::from(months) - 1),
            tet: [month(TET[0])?, month(TET[1])?],
            tet_day: NaiveDate::from_ymd_opt(year, number, day).ok_or_else(no_such_day)?,
            raised: month(RAISED)?,
        })
    }

    /// The months that are paid.
    pub(super) fn months(self) -> Vec<Month> {
        self.first.through(self.last).collect()
    }

    /// The first of them.
    pub(super) const fn first(self) -> Month {
        self.first
    }

    /// The place of a month, the first by 0.
    pub(super) const fn place(self, month: Month) -> i32 {
        month.index() - self.first.index()
    }

    /// The fiscal years of the funds: of the year before, for arrears, to that in which the last answers come.
    pub(super) fn years(self) -> std::ops::RangeInclusive<i32> {
        self.first.year() - 1..=self.last.plus(2).year()
    }

    /// The months whose runs are taken on the list day of one: two before Tết, and of the second none on its own.
    pub(super) fn paid_with(self, month: Month) -> Vec<Month> {
        if self.has_tet() && month == self.tet[0] {
            self.tet.to_vec()
        } else {
            vec![month]
        }
    }

    /// The day on which months are paid ahead of their time, with the months, on the list day of one.
    pub(super) fn early(self, month: Month) -> Option<(NaiveDate, [Month; 2])> {
        (self.has_tet() && month == self.tet[0]).then_some((self.tet_day, self.tet))
    }

    fn has_tet(self) -> bool {
        self.tet.iter().all(|month| (self.first..=self.last).contains(month))
    }

    /// The day on which a month is paid.
    pub(super) fn pay_day(self, month: Month) -> Result<NaiveDate, Error> {
        if self.has_tet() && self.tet.contains(&month) {
            return Ok(self.tet_day);
        }
        day(month, PAY)
    }

    /// The day on which the list of a month is closed.
    pub(super) fn list_day(self, month: Month) -> Result<NaiveDate, Error> {
        day(month.previous(), LIST)
    }

    /// The day on which every file so far is sent once more, where the year is long enough.
    pub(super) fn resent_on(self) -> Option<NaiveDate> {
        let month = self.first.plus(RESENT);
        if month > self.last {
            return None;
        }
        day(month.previous(), RESENT_DAY).ok()
    }

    /// Is this the month before whose list files are sent once more?
    pub(super) fn resends_before(self, month: Month) -> bool {
        self.place(month) == RESENT
    }

    /// The days on which answers are still looked for after the last close.
    pub(super) fn late_days(self) -> Result<Vec<NaiveDate>, Error> {
        let first = day(self.last.next(), RECALL)?;
        Ok((0..LATE_LOOKS)
            .map(|number| first + Days::new(number * LATE_DAYS))
            .collect())
    }

    /// Every step in its order.
    pub(super) fn steps(self) -> Vec<Step> {
        let mut steps = vec![Step::TakeOver];
        for month in self.months() {
            if month == self.raised {
                steps.push(Step::Law);
            }
            if !(self.has_tet() && month == self.tet[1]) {
                steps.push(Step::Pay(month));
            }
            if month == self.first {
                steps.push(Step::Storm);
            }
            steps.push(Step::Answers(month));
            steps.push(Step::Close(month));
        }
        steps.push(Step::Late);
        steps
    }
}

/// A day of a month.
pub(super) fn day(month: Month, number: u32) -> Result<NaiveDate, Error> {
    month.first_day().with_day(number).ok_or_else(no_such_day)
}

fn no_such_day() -> Error {
    Error::internal("no such day")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn each_month_is_paid_answered_and_closed_once_and_two_are_paid_before_tet() {
        let plan = Plan::new(month("2024-09"), 12).unwrap();
        let steps = plan.steps();
        let paid: Vec<Month> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Pay(month) => Some(plan.paid_with(*month)),
                _ => None,
            })
            .flatten()
            .collect();
        assert_eq!(paid, plan.months());
        let closed: Vec<Month> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Close(month) => Some(*month),
                _ => None,
            })
            .collect();
        assert_eq!(closed, plan.months());
        assert_eq!(plan.pay_day(month("2025-02")).unwrap().to_string(), "2025-01-06");
        assert_eq!(plan.list_day(month("2025-01")).unwrap().to_string(), "2024-12-24");
        assert_eq!(plan.years(), 2023..=2025);
        // The law changes after September is closed and before October's list.
        let place = |wanted: Step| steps.iter().position(|step| *step == wanted).unwrap();
        assert!(place(Step::Close(month("2024-09"))) < place(Step::Law));
        assert!(place(Step::Law) < place(Step::Pay(month("2024-10"))));
    }

    #[test]
    fn a_short_year_has_neither_tet_nor_files_sent_twice() {
        let plan = Plan::new(month("2024-09"), 2).unwrap();
        assert!(plan.early(month("2024-10")).is_none() && plan.resent_on().is_none());
        let five = Plan::new(month("2024-09"), 5).unwrap();
        assert_eq!(five.pay_day(month("2025-01")).unwrap().to_string(), "2025-01-05");
        assert_eq!(five.resent_on().unwrap().to_string(), "2024-10-22");
    }
}
