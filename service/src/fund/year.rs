//! The fiscal year whose fund carries a line.
//!
//! It is the year of the line's cover month, unless the calendar of payments says from which day on earlier years are
//! closed: arrears that a run pays on that day or later are carried by the year of the run. The rule is data; it is fixed
//! with each line when the line is written, and what comes back and is paid again keeps the year it was paid from.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use entity::enums::{CalendarDayKind, LineKind};
use entity::{calendar_day, fund};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Error;

/// The fiscal year that carries a line of a month (such as 202412): the one that was fixed with it, else that of the month.
pub(crate) const fn fiscal_year(cover_month: i32, fixed: Option<i32>) -> i32 {
    match fixed {
        Some(year) => year,
        None => cover_month / 100,
    }
}

/// The years for which a fund is open.
pub(crate) async fn years(conn: &impl ConnectionTrait, code: &str) -> Result<BTreeSet<i32>, Error> {
    let years: Vec<i32> = fund::Entity::find()
        .select_only()
        .column(fund::Column::FiscalYear)
        .filter(fund::Column::Code.eq(code))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(years.into_iter().collect())
}

/// The days from which on earlier fiscal years are closed; none: arrears are carried by the years of their months.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClosedYears(pub(super) Vec<NaiveDate>);

impl ClosedYears {
    /// As the calendar of payments has it.
    pub(crate) async fn load(conn: &impl ConnectionTrait) -> Result<Self, Error> {
        let rows = calendar_day::Entity::find()
            .filter(calendar_day::Column::Kind.eq(CalendarDayKind::YearClosed))
            .all(conn)
            .await?;
        Ok(Self(rows.into_iter().map(|row| row.day).collect()))
    }

    /// The year that carries an amount instead of the year of its month, where a run pays it on this day.
    pub(crate) fn fixed(&self, kind: LineKind, cover_month: i32, pay_date: NaiveDate) -> Option<i32> {
        let made_up_for = matches!(kind, LineKind::Arrears | LineKind::OneOff);
        let own = fiscal_year(cover_month, None);
        let closed = self.0.iter().any(|day| *day <= pay_date && own < day.year());
        (made_up_for && closed).then_some(pay_date.year())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn arrears_of_a_closed_year_are_carried_by_the_year_of_the_run() {
        let open = ClosedYears::default();
        let closed = ClosedYears(vec![day("2025-02-01")]);
        let december = |years: &ClosedYears, kind, on| fiscal_year(202_412, years.fixed(kind, 202_412, day(on)));
        assert_eq!(december(&open, LineKind::Arrears, "2025-02-05"), 2024);
        assert_eq!(december(&closed, LineKind::Arrears, "2025-01-31"), 2024);
        assert_eq!(december(&closed, LineKind::Arrears, "2025-02-01"), 2025);
        assert_eq!(december(&closed, LineKind::Arrears, "2026-01-05"), 2026);
        assert_eq!(december(&closed, LineKind::Regular, "2025-02-05"), 2024);
        assert_eq!(closed.fixed(LineKind::Arrears, 202_501, day("2025-02-05")), None);
        assert_eq!(closed.fixed(LineKind::Arrears, 202_501, day("2026-01-05")), None);
    }
}
