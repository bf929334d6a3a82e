//! The time of day from which on a bank executes the day after.

use std::fmt;

use chrono::NaiveTime;
use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What a reader wanted to see.
pub(super) const EXPECTED: &str = "a time of day as HH:MM";

const SHAPE: &str = "%H:%M";

/// A time of day on the clocks of Vietnam (+07:00), to the minute, written `15:30`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CutOff(NaiveTime);

impl CutOff {
    /// Reads `HH:MM`, both with two digits; none for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let time = NaiveTime::parse_from_str(text, SHAPE).ok()?;
        let own = Self(time);
        (own.to_string() == text).then_some(own)
    }

    /// The time of day.
    pub const fn time(self) -> NaiveTime {
        self.0
    }
}

impl fmt::Display for CutOff {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.format(SHAPE))
    }
}

impl Serialize for CutOff {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CutOff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::invalid_value(Unexpected::Str(&text), &EXPECTED))
    }
}
