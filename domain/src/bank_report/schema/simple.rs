//! The simple types of the messages, as XML Schema reads them: a text stands as it is, with every blank in it, while
//! blanks around a number, a day or a truth value mean nothing.

/// Blanks of XML.
const BLANKS: [char; 4] = [' ', '\t', '\n', '\r'];

/// What the text of an element has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bank_report) enum Simple {
    /// `35`: a text of one to so many characters. None is longer than 500.
    Text(usize),
    /// `n15`: one to so many digits.
    Digits(usize),
    /// `CRDT|DBIT`: one of these codes.
    Codes(&'static str),
    /// `currency`: the code of a currency, three capital letters.
    Currency,
    /// `iban`: an account by ISO 13616.
    Iban,
    /// `d18.17`: a number with so many digits at most, and so many of them behind the point.
    Decimal(usize, usize),
    /// `amount`: an amount, with its currency as an attribute.
    Amount,
    /// `bool`: yes or no.
    Truth,
    /// `date`: a day.
    Date,
    /// `time`: a day with its time.
    DateTime,
}

impl Simple {
    /// The type, as it stands in the tables.
    pub(super) fn of(text: &'static str) -> Option<Self> {
        let known = match text {
            "currency" => Self::Currency,
            "iban" => Self::Iban,
            "amount" => Self::Amount,
            "bool" => Self::Truth,
            "date" => Self::Date,
            "time" => Self::DateTime,
            _ if text.starts_with(|first: char| first.is_ascii_uppercase()) => Self::Codes(text),
            _ => return Self::of_length(text),
        };
        Some(known)
    }

    fn of_length(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('n') {
            return digits.parse().ok().map(Self::Digits);
        }
        if let Some(digits) = text.strip_prefix('d') {
            let (total, fraction) = digits.split_once('.')?;
            return Some(Self::Decimal(total.parse().ok()?, fraction.parse().ok()?));
        }
        text.parse().ok().map(Self::Text)
    }

    /// Is a text of the type? Of one that is longer than the reader keeps nothing is given: as a text it is too long in any
    /// case, elsewhere it may be blanks.
    pub(in crate::bank_report) fn admits(self, text: Option<&str>) -> bool {
        let Some(text) = text else {
            return matches!(
                self,
                Self::Decimal(..) | Self::Amount | Self::Truth | Self::Date | Self::DateTime
            );
        };
        let bare = text.trim_matches(BLANKS);
        match self {
            Self::Text(most) => !text.is_empty() && (text.len() <= most || length(text) <= most),
            Self::Digits(most) => !text.is_empty() && text.len() <= most && numeric(text),
            Self::Codes(codes) => codes.split('|').any(|code| code == text),
            Self::Currency => text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()),
            Self::Iban => is_iban(text),
            Self::Decimal(total, fraction) => is_decimal(bare, total, fraction),
            Self::Amount => is_decimal(bare, 18, 5) && (!bare.starts_with('-') || is_zero(bare)),
            Self::Truth => matches!(bare, "true" | "false" | "1" | "0"),
            Self::Date => after_day(bare).is_some_and(is_zone),
            Self::DateTime => after_day(bare)
                .and_then(|rest| after_time(rest.strip_prefix('T')?))
                .is_some_and(is_zone),
        }
    }
}

fn numeric(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// How many characters. A return with a new line behind it is one: so XML reads them.
fn length(text: &str) -> usize {
    text.chars().count() - text.matches("\r\n").count()
}

fn is_iban(text: &str) -> bool {
    let Some((country, rest)) = text.split_at_checked(2) else {
        return false;
    };
    let Some((check, account)) = rest.split_at_checked(2) else {
        return false;
    };
    country.bytes().all(|byte| byte.is_ascii_uppercase())
        && numeric(check)
        && (1..=30).contains(&account.len())
        && account.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Zeros in front and behind do not count: digits are counted of the number, not of how it is written.
fn is_decimal(text: &str, total: usize, fraction: usize) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let written = !(whole.is_empty() && part.is_empty()) && numeric(whole) && numeric(part);
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    written && part.len() <= fraction && whole.len() + part.len() <= total
}

fn is_zero(number: &str) -> bool {
    number.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'))
}

/// Two digits, and what stands behind them.
fn pair(text: &str) -> Option<(u8, &str)> {
    let (digits, rest) = text.split_at_checked(2)?;
    let number = numeric(digits).then(|| digits.parse().ok());
    Some((number.flatten()?, rest))
}

/// Hours and minutes, and what stands behind them.
fn clock(text: &str) -> Option<(u8, u8, &str)> {
    let (hours, rest) = pair(text)?;
    let (minutes, rest) = pair(rest.strip_prefix(':')?)?;
    (minutes < 60).then_some((hours, minutes, rest))
}

/// What stands behind a day, if there is such a day.
fn after_day(text: &str) -> Option<&str> {
    let (year, rest) = text.strip_prefix('-').unwrap_or(text).split_once('-')?;
    if !numeric(year) || year.len() < 4 || (year.len() > 4 && year.starts_with('0')) {
        return None;
    }
    let (month, rest) = pair(rest)?;
    let (day, rest) = pair(rest.strip_prefix('-')?)?;
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        // Which years before our era have a leap day is told in two ways.
        2 if text.starts_with('-') || is_leap(year) => 29,
        2 => 28,
        _ => return None,
    };
    (1..=last).contains(&day).then_some(rest)
}

/// A year has as many digits as it likes.
fn is_leap(year: &str) -> bool {
    let year = year
        .bytes()
        .fold(0, |sum, byte| (sum * 10 + u32::from(byte.saturating_sub(b'0'))) % 400);
    year == 0 || (year.is_multiple_of(4) && !year.is_multiple_of(100))
}

/// What stands behind a time of day.
fn after_time(text: &str) -> Option<&str> {
    let (hours, minutes, rest) = clock(text)?;
    let (seconds, rest) = pair(rest.strip_prefix(':')?)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            rest.split_at_checked(digits.max(1))?
        }
        None => ("0", rest),
    };
    let midnight = (hours, minutes, seconds) == (24, 0, 0) && is_zero(fraction);
    (numeric(fraction) && (midnight || (hours < 24 && seconds < 60))).then_some(rest)
}

/// Nothing, or a time zone: fourteen hours away at most.
fn is_zone(text: &str) -> bool {
    match text.strip_prefix(['+', '-']) {
        Some(away) => clock(away)
            .is_some_and(|(hours, minutes, rest)| rest.is_empty() && (hours < 14 || (hours, minutes) == (14, 0))),
        None => matches!(text, "" | "Z"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn splits(kind: &'static str, good: &[&str], bad: &[&str]) {
        let simple = Simple::of(kind).unwrap();
        for text in good {
            assert!(simple.admits(Some(text)), "{kind}: {text:?}");
        }
        for text in bad {
            assert!(!simple.admits(Some(text)), "{kind}: {text:?}");
        }
    }

    #[test]
    fn texts_are_taken_as_they_stand() {
        let long = "ơ".repeat(35);
        let lines = "a\r\n".repeat(17);
        splits(
            "35",
            &["A", " ", &long, &lines],
            &["", &format!("{long}x"), &"A".repeat(36)],
        );
        splits(
            "n15",
            &["0", "123456789012345"],
            &["", " 1", "1.0", "-1", "1234567890123456", "١"],
        );
        splits(
            "CRDT|DBIT",
            &["CRDT", "DBIT"],
            &["", "CRDT ", "crdt", "CRDT|DBIT", "CRD"],
        );
        splits("currency", &["VND", "XXX"], &["", "vnd", "VN", "VND ", "ĐND"]);
        splits(
            "iban",
            &["DE89370400440532013000", "VN12a"],
            &[
                "",
                "VN12",
                "vn12A",
                "VNA2A",
                "VN12-1",
                "Vietcombank",
                &format!("VN12{}", "1".repeat(31)),
            ],
        );
        for kind in ["35", "n15", "CRDT|DBIT", "iban"] {
            assert!(!Simple::of(kind).unwrap().admits(None), "{kind}");
        }
    }

    #[test]
    fn numbers_are_counted_by_their_digits() {
        splits(
            "d18.17",
            &[
                "0",
                "-1",
                "+1.5",
                ".5",
                "5.",
                " 1\n",
                "000000000000000000001",
                "1.000000000000000000000",
                "123456789012345678",
            ],
            &[
                "",
                "-",
                ".",
                "1,5",
                "1.2.3",
                "1e3",
                "1 000",
                "1234567890123456789",
                "0.123456789012345678",
                "--1",
                "INF",
            ],
        );
        splits("d18.0", &["7", "7.0"], &["7.5"]);
        splits(
            "amount",
            &["0", "-0.00", "500000", "500000.00", "1.12345", "1234567890123.12345"],
            &["-1", "1.123456", "500.000.000", "12345678901234.12345", "9 VND", ""],
        );
        splits(
            "bool",
            &["true", "false", "1", "0", " true "],
            &["", "TRUE", "yes", "2"],
        );
        assert!(Simple::of("amount").unwrap().admits(None), "it may be blanks");
    }

    #[test]
    fn days_are_in_the_calendar() {
        splits(
            "date",
            &[
                "2024-02-29",
                "2000-02-29",
                "2024-09-18Z",
                "2024-09-18+07:00",
                "-0044-03-15",
                "12024-01-31",
                "\t2024-09-30 ",
            ],
            &[
                "",
                "2023-02-29",
                "1900-02-29",
                "2024-09-31",
                "2024-13-01",
                "2024-00-01",
                "2024-1-1",
                "24-01-01",
                "02024-01-01",
                "18/09/2024",
                "20240918",
                "2024-09-18T09:00:00",
                "2024-09-18+15:00",
                "2024-09-18+7",
            ],
        );
        splits(
            "time",
            &[
                "2024-09-18T09:00:00",
                "2024-09-18T09:00:00.123+07:00",
                "2024-09-18T23:59:59Z",
                "2024-09-18T24:00:00.0",
                "2024-09-18T09:00:00-14:00",
            ],
            &[
                "",
                "2024-09-18",
                "2024-09-18 09:00:00",
                "2024-09-18T09:00",
                "2024-09-18T09:00:00.",
                "2024-09-18T24:00:01",
                "2024-09-18T09:60:00",
                "2024-09-18T09:00:60",
                "2024-09-18T09:00:00+14:30",
                "2024-09-18T09:00:00.5.5",
            ],
        );
    }
}
