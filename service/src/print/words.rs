//! Amounts, months and days as Vietnamese papers write them.

use chrono::{Datelike, NaiveDate};
use domain::Month;

/// An amount in digits with dots: `1.250.000`.
pub(crate) fn dong(amount: i64) -> String {
    let digits = amount.unsigned_abs().to_string();
    let mut text = String::new();
    if amount < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('.');
        }
        text.push(digit);
    }
    text
}

/// A month: `09/2024`.
pub(crate) fn month(month: Month) -> String {
    format!("{:02}/{}", month.number(), month.year())
}

/// A day: `05/06/2024`.
pub(crate) fn date(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

/// A day as headings of official papers write it: `ngày 05 tháng 6 năm 2024`; a zero stands before days below 10 and
/// the first two months (NĐ 30/2020, Phụ lục I).
pub(crate) fn long_date(day: NaiveDate) -> String {
    let month = if day.month() < 3 {
        format!("{:02}", day.month())
    } else {
        day.month().to_string()
    };
    format!("ngày {:02} tháng {month} năm {}", day.day(), day.year())
}
