//! Calendar months: the unit in which benefits are due.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A calendar month between the years 1 and 9999, written `2024-09`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text or number that names no month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month: {0:?}; a month is written 2024-09")]
pub struct MonthError(String);

impl Month {
    /// The earliest month there is.
    pub const MIN: Self = Self(12);
    /// The latest month there is.
    pub const MAX: Self = Self(9_999 * 12 + 11);

    /// The month `month` (1 to 12) of `year` (1 to 9999).
    pub fn new(year: i32, month: u32) -> Result<Self, MonthError> {
        match i32::try_from(month) {
            Ok(m @ 1..=12) if (1..=9_999).contains(&year) => Ok(Self(year * 12 + m - 1)),
            _ => Err(MonthError(format!("{year}-{month}"))),
        }
    }

    /// The month in which a day lies.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.year().clamp(1, 9_999) * 12 + i32::try_from(day.month0()).unwrap_or(0))
    }

    /// The year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }

    /// The number of the month in its year, 1 to 12.
    pub fn number(self) -> u32 {
        self.0.rem_euclid(12).unsigned_abs() + 1
    }

    /// Months since January of the year 0: an index for arrays and differences.
    pub const fn index(self) -> i32 {
        self.0
    }

    /// The month so many months later (earlier if negative), kept between [`Month::MIN`] and [`Month::MAX`].
    pub fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The month after.
    pub fn next(self) -> Self {
        self.plus(1)
    }

    /// The month before.
    pub fn previous(self) -> Self {
        self.plus(-1)
    }

    /// The first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year(), self.number(), 1).unwrap_or(NaiveDate::MIN)
    }

    /// The last day.
    pub fn last_day(self) -> NaiveDate {
        let following = Self(self.0 + 1).first_day();
        following.pred_opt().unwrap_or(following)
    }

    /// The number `202409`, as tables keep it.
    pub const fn yyyymm(self) -> i32 {
        self.year() * 100 + self.0.rem_euclid(12) + 1
    }

    /// The month of a table's number `202409`.
    pub fn from_yyyymm(number: i32) -> Result<Self, MonthError> {
        Self::new(number.div_euclid(100), number.rem_euclid(100).unsigned_abs())
    }

    /// Every month from this one to `last`, both included.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl fmt::Debug for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, MonthError> {
        let refused = || MonthError(text.chars().take(20).collect());
        let (year, month) = text.split_once('-').ok_or_else(refused)?;
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(year, 4) || !digits(month, 2) {
            return Err(refused());
        }
        match (year.parse(), month.parse()) {
            (Ok(year), Ok(month)) => Self::new(year, month),
            _ => Err(refused()),
        }
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for Month {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(r"^\d{4}-(0[1-9]|1[0-2])$"))
            .description(Some("A month."))
            .examples(["2024-10"])
            .into()
    }
}

impl utoipa::ToSchema for Month {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_month_survives_every_spelling(index in Month::MIN.0..=Month::MAX.0) {
            let month = Month(index);
            prop_assert_eq!(month.to_string().parse(), Ok(month));
            prop_assert_eq!(Month::from_yyyymm(month.yyyymm()), Ok(month));
            prop_assert_eq!(Month::of(month.first_day()), month);
            prop_assert_eq!(Month::of(month.last_day()), month);
            prop_assert_eq!(month.first_day().day(), 1);
        }
    }

    #[test]
    fn rubbish_is_no_month() {
        for text in [
            "2024-13", "2024-00", "24-01", "2024-1", "2024/01", "", "0000-01", "+024-01",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
