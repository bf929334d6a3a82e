//! What people write into the cells of a result table.

use super::parse_amount;

/// Whole đồng, with the layout's sign between groups of three digits, or none.
pub(super) fn whole_dong(text: &str, thousands: Option<char>) -> Option<crate::Vnd> {
    let Some(sign) = thousands.filter(|sign| text.contains(*sign)) else {
        return parse_amount(text);
    };
    let mut groups = text.split(sign);
    let first = groups.next().is_some_and(|group| (1..=3).contains(&group.len()));
    let grouped = first && groups.all(|group| group.len() == 3);
    if !grouped {
        return None;
    }
    let digits: String = text.chars().filter(|c| *c != sign).collect();
    digits
        .bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| parse_amount(&digits))
        .flatten()
}

/// `2024-09-05`, `05/09/2024`, `5/9/2024` or any of them with a time behind it.
pub(super) fn day(text: &str) -> Option<chrono::NaiveDate> {
    let head = text.split([' ', 'T']).next()?;
    match head.rsplit_once('/') {
        // Of a year in two digits nobody knows the century.
        Some((_, year)) if year.len() != 4 => None,
        Some(_) => chrono::NaiveDate::parse_from_str(head, "%d/%m/%Y").ok(),
        None => head.get(..10)?.parse().ok(),
    }
}
