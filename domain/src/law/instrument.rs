//! A legal instrument as data: provisions that carry parameters, benefit rules and the rules of months. One shape for
//! the catalogue's files and for the body of the API.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::condition::{AgeBracket, Cared, Children, Condition};
use super::finding::{Finding, FindingCode};
use crate::Month;
use crate::case_file::{Benefit, Setting};

/// Who issued an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// National Assembly, Government, ministries.
    Central,
    /// The People's Council or People's Committee of the province.
    Provincial,
}

/// How sure the catalogue is of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Read in the text, or in several sources that agree.
    High,
    /// One source, or a date that was inferred.
    Medium,
    /// From memory of those who know the field; to be confirmed.
    Low,
}

/// A legal instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Instrument {
    /// The full number: `NĐ 20/2021/NĐ-CP`.
    pub number: String,
    /// How it is cited: `NĐ 20/2021`.
    pub cite: String,
    /// The title, in Vietnamese.
    pub title: String,
    /// Who issued it.
    pub issuer: Issuer,
    /// The day it was signed or adopted; instruments are published in this order.
    pub issued_on: NaiveDate,
    /// The day it enters into force.
    pub in_force_from: NaiveDate,
    /// SHA-256 of the official text, where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<String>,
    /// Numbers of instruments it amends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amends: Vec<String>,
    /// Numbers of instruments it repeals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeals: Vec<String>,
    /// What is uncertain about the instrument as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its provisions.
    pub provisions: Vec<Provision>,
}

/// An article or clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provision {
    /// The article and clause: `Art 6(1)(e)`; empty where the source names none.
    pub article: String,
    /// What it says, in Vietnamese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Values it sets.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<Parameter>,
    /// Rules it makes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<BenefitRule>,
    /// Earlier rules it ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ends: Vec<RuleEnd>,
    /// Which facts count for which month.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<EffectRule>,
    /// Groups paid together, against "the highest only".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<Together>,
    /// What is not known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknowns: Vec<DeclaredUnknown>,
}

/// The unit of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Đồng a month.
    VndPerMonth,
    /// Đồng, once.
    Vnd,
    /// Đồng a day.
    VndPerDay,
    /// A multiple of the central standard.
    TimesStandard,
    /// Kilograms a person a month.
    Kilograms,
}

impl Unit {
    /// Whether the value is money.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::VndPerMonth | Self::Vnd | Self::VndPerDay)
    }
}

/// A number of law: a JSON integer, or a decimal as text (`"2.5"`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number(pub Decimal);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match i64::try_from(self.0) {
            Ok(integer) if self.0.scale() == 0 => serializer.serialize_i64(integer),
            _ => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl serde::de::Visitor<'_> for Reader {
            type Value = Number;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an integer, or a decimal as text")
            }
            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Number, E> {
                Ok(Number(number.into()))
            }
            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Number, E> {
                Ok(Number(number.into()))
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Number, E> {
                Decimal::from_str_exact(text).map(Number).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A dated value. A later instrument's value lies over an earlier one in its months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// The key: `standard.central`.
    pub key: String,
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The value.
    pub value: Number,
    /// Its unit.
    pub unit: Unit,
    /// Where the value was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who receives what, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BenefitRule {
    /// The benefit.
    pub benefit: Benefit,
    /// The group: `5.5a`.
    pub group: String,
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Where it is paid. A stay in a facility hides what is paid in the community and ends no spell; what is paid in a
    /// facility has the residence there as its condition.
    pub setting: Setting,
    /// The conditions.
    pub when: Condition,
    /// One component for each person cared for like this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_each: Option<Cared>,
    /// How much.
    pub amount: Amount,
    /// Among the rules with one such name only the highest is paid; monthly allowance and social pension are one such
    /// set by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highest_of: Option<String>,
    /// Groups in whose place this one stands, so that what is paid beside them is paid beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub in_place_of: Vec<String>,
    /// Where the law does not say what is due.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undetermined: Vec<Undetermined>,
    /// Where the rule was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// What to know about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A case for which the law gives no amount: it is listed, never paid as nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Undetermined {
    /// When.
    pub when: Condition,
    /// A stable word for the reason.
    pub reason: String,
    /// The parameter that stands for the amount when it is asked whether it could win; the rule's own amount if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_as: Option<String>,
}

/// How much a rule gives. `of` names parameters, of which the highest is taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Amount {
    /// A coefficient times a standard.
    Times {
        /// The coefficient.
        coefficient: Number,
        /// The standards.
        of: Vec<String>,
    },
    /// A coefficient by age, times a standard.
    ByAge {
        /// The standards.
        of: Vec<String>,
        /// The brackets, without a gap.
        brackets: Vec<Bracket>,
    },
    /// A coefficient for each child, times a standard.
    PerChild {
        /// The coefficient for one child.
        coefficient: Number,
        /// The standards.
        of: Vec<String>,
        /// Which children count.
        children: Children,
        /// The most children that count.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at_most: Option<u8>,
    },
    /// A parameter as it stands.
    Fixed {
        /// The parameters.
        of: Vec<String>,
    },
    /// A parameter by the type of the area; a special area is declared undetermined.
    FixedByArea {
        /// In urban areas.
        urban: String,
        /// In rural areas.
        rural: String,
    },
}

/// One line of a table by age.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bracket {
    /// The ages.
    pub age: AgeBracket,
    /// The coefficient.
    pub coefficient: Number,
}

/// Ends earlier rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleEnd {
    /// The number of the instrument whose rules end.
    pub instrument: String,
    /// The benefit; all if none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub benefit: Option<Benefit>,
    /// The groups; all if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The last day of the rules.
    pub to: NaiveDate,
    /// Where this was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// Which day's facts give a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FirstLevel {
    /// The last day of the month.
    EndOfMonth,
    /// The day of the decision.
    Decision,
}

/// Which day's facts give the level of a later month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LaterLevel {
    /// The last day of that month.
    EndOfMonth,
    /// The last day of the month before.
    EndOfMonthBefore,
}

/// Which months a decision reaches and which facts count for each. The rule of the day of the decision governs the
/// first month; the rule of a later month governs that month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EffectRule {
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// Groups that begin in the month of the certificate or of the birthday, before the decision; all others begin in
    /// the month of the decision.
    #[serde(default)]
    pub before_decision: Vec<String>,
    /// The level of the first month.
    pub first_level: FirstLevel,
    /// The level of later months.
    pub later_level: LaterLevel,
    /// Where this was read.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// One group that is paid beside another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Together {
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// The group.
    pub group: String,
    /// The groups beside which it is paid.
    pub beside: Vec<String>,
}

/// A fact of law that is not known, said openly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredUnknown {
    /// What is not known: a parameter's key, or a description.
    pub subject: String,
    /// First day; open to the past if none.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// Last day; open if none.
    #[serde(default)]
    pub to: Option<NaiveDate>,
    /// A stable word for the reason.
    pub reason: String,
    /// Where it was looked for.
    pub source: String,
    /// What is known nevertheless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The months of a span of days of law: a month is governed by what is in force on its first day. None if it holds
/// the first day of no month.
pub(crate) fn months_of(from: Option<NaiveDate>, to: Option<NaiveDate>) -> Option<(Option<Month>, Option<Month>)> {
    let first = from.map(|day| {
        let month = Month::of(day);
        if month.first_day() == day { month } else { month.next() }
    });
    let last = to.map(Month::of);
    match (first, last) {
        (Some(first), Some(last)) if last < first => None,
        months => Some(months),
    }
}

impl Instrument {
    /// Reads an instrument of JSON text; what is wrong is said with a pointer.
    pub fn from_json(text: &str) -> Result<Self, Finding> {
        read(&mut serde_json::Deserializer::from_str(text))
    }

    /// Reads an instrument from a JSON value; what is wrong is said with a pointer.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, Finding> {
        read(value)
    }

    /// The first month the instrument touches, not before January 2015; none if it carries nothing dated.
    pub fn reach_back(&self) -> Option<Month> {
        let first = Month::new(2015, 1).unwrap_or(Month::MIN);
        let mut earliest: Option<Month> = None;
        let mut touch = |day: Option<NaiveDate>| {
            let month = months_of(day, None)
                .and_then(|(from, _)| from)
                .map_or(first, |month| month.max(first));
            earliest = Some(earliest.map_or(month, |known| known.min(month)));
        };
        for provision in &self.provisions {
            provision.parameters.iter().for_each(|parameter| touch(parameter.from));
            provision.rules.iter().for_each(|rule| touch(rule.from));
            provision.effects.iter().for_each(|effect| touch(effect.from));
            provision.together.iter().for_each(|together| touch(together.from));
            provision.ends.iter().for_each(|end| touch(end.to.succ_opt()));
        }
        earliest
    }
}

fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instrument, Finding>
where
    D::Error: std::fmt::Display,
{
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let mut pointer = String::new();
        for segment in error.path() {
            use serde_path_to_error::Segment;
            match segment {
                Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
                Segment::Map { key } => pointer.push_str(&format!("/{}", key.replace('~', "~0").replace('/', "~1"))),
                Segment::Enum { variant } => pointer.push_str(&format!("/{variant}")),
                Segment::Unknown => {}
            }
        }
        Finding::error(pointer, FindingCode::Malformed, error.inner().to_string())
    })
}
