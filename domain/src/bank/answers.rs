//! The messages of ISO 20022 that banks answer with, and how strictly an answer is read.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Before the name of a message in its namespace.
pub(crate) const ISO: &str = "urn:iso:std:iso:20022:tech:xsd:";

/// Every message and version that is read.
pub const READABLE: &[&str] = &[
    "pain.002.001.03",
    "pain.002.001.10",
    "camt.054.001.02",
    "camt.054.001.04",
    "camt.054.001.08",
    "camt.053.001.02",
    "camt.053.001.04",
    "camt.053.001.08",
    "camt.029.001.10",
];

/// Most entries of a list, and most characters of one.
const ENTRIES_MAX: usize = 50;
const LENGTH_MAX: usize = 200;

/// How a report is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingMode {
    /// What would have to be tolerated is refused.
    #[default]
    Strict,
    /// What was tolerated is noted with the report.
    Lenient,
}

/// The list of a bank of which nothing else is known.
pub(super) fn readable() -> Vec<String> {
    READABLE.iter().map(|name| (*name).to_owned()).collect()
}

/// The last part of a namespace, where the message's name stands.
pub(crate) fn last_part(namespace: &str) -> &str {
    namespace.rsplit([':', '/']).next().unwrap_or_default()
}

/// Does a list hold a namespace? An entry is the name of a message, for its namespace in ISO 20022, or a whole namespace.
pub(crate) fn lists(answers: &[String], namespace: &str) -> bool {
    let name = namespace.strip_prefix(ISO);
    answers
        .iter()
        .any(|entry| entry == namespace || name == Some(entry.as_str()))
}

/// What is wrong with a list, each fault with its place and code.
pub(super) fn faults(answers: &[String], found: &mut impl FnMut(&str, &'static str)) {
    if answers.len() > ENTRIES_MAX {
        found("/answers", "too_many");
    }
    let mut seen = BTreeSet::new();
    for (place, entry) in answers.iter().enumerate() {
        let pointer = format!("/answers/{place}");
        let last = last_part(entry);
        let readable = if last == entry {
            READABLE.contains(&last)
        } else {
            READABLE.iter().any(|name| last.starts_with(name))
        };
        if entry.chars().count() > LENGTH_MAX {
            found(&pointer, "length");
        } else if entry.chars().any(|c| c.is_whitespace() || c.is_control()) {
            found(&pointer, "charset");
        } else if !readable {
            found(&pointer, "unknown_message");
        } else if !seen.insert(entry) {
            found(&pointer, "twice");
        }
    }
}
