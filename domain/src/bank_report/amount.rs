//! Amounts as banks write them.

use crate::Vnd;

/// Reads whole đồng: `500000`, `500000.0` or `500000.00`. Any other fraction, sign, separator or size is refused; nothing
/// is ever rounded.
pub fn parse_amount(text: &str) -> Option<Vnd> {
    let (whole, fraction) = text
        .split_once('.')
        .map_or((text, "0"), |(whole, fraction)| (whole, fraction));
    if !matches!(fraction, "0" | "00") || whole.is_empty() || !whole.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    whole.parse().ok().and_then(|dong| Vnd::new(dong).ok())
}
