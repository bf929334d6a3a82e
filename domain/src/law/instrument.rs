//! A legal instrument as data: provisions that carry parameters, benefit rules and the rules of months. One shape for
//! the catalogue's files and for the body of the API.

mod case;
mod number;
mod rule;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

pub use self::case::{ExpectedComponent, ExpectedUndetermined, RuleCase};
pub use self::number::Number;
pub use self::rule::{Amount, BenefitRule, Bracket, RuleEnd, TogetherEnd, Undetermined};
use super::finding::{Finding, FindingCode};
use crate::Month;
use crate::by_name::ByName;

/// Who issued an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Issuer {
    /// National Assembly, Government, ministries.
    Central,
    /// The People's Council or People's Committee of the province.
    Provincial,
}

/// How sure the catalogue is of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// Numbers of instruments it repeals: all they say ends with the last month before it is in force.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub repeals: Vec<String>,
    /// Whether months already paid that it lowers become a debt of those who received them. They do not, unless the
    /// instrument says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lowering_makes_debt: bool,
    /// What is uncertain about the instrument as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Its provisions.
    pub provisions: Vec<Provision>,
    /// Cases that try its rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases: Vec<RuleCase>,
}

/// An article or clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
    /// What it ends of earlier instruments.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
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
    /// Days.
    Days,
    /// Months.
    Months,
    /// Per cent.
    Percent,
}

impl Unit {
    /// Whether the value is money.
    pub const fn is_money(self) -> bool {
        matches!(self, Self::VndPerMonth | Self::Vnd | Self::VndPerDay)
    }
}

/// A dated value. A later instrument's value lies over an earlier one in its months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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

/// Which day's facts give a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FirstLevel {
    /// The last day of the month.
    EndOfMonth,
    /// The day of the decision.
    Decision,
}

/// Which day's facts give the level of a later month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LaterLevel {
    /// The last day of that month.
    EndOfMonth,
    /// The last day of the month before.
    EndOfMonthBefore,
}

/// Which months a decision reaches and which facts count for each. The rule of the day of the decision governs the
/// first month; the rule of a later month governs that month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclaredUnknown {
    /// What is not known: a parameter's key, a group whose rules are not known in these months, or a description.
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

    /// Reads an instrument from a JSON value, by the names of its fields; what is wrong is said with a pointer.
    pub fn from_value(value: &serde_json::Value) -> Result<Self, Finding> {
        read(ByName(value))
    }

    /// The first month in which what it repeals is gone.
    pub fn repeals_from(&self) -> Month {
        let month = Month::of(self.in_force_from);
        if month.first_day() == self.in_force_from {
            month
        } else {
            month.next()
        }
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
        if !self.repeals.is_empty() {
            touch(Some(self.in_force_from));
        }
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
