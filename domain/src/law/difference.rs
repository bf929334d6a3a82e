//! What two versions of an instrument, or two releases, say differently: clause by clause, and in effect.

mod clauses;
mod effective;
#[cfg(test)]
mod tests;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::instrument::{Issuer, Number, Unit};
use crate::Month;
use crate::case_file::Benefit;

pub use self::clauses::compare;
pub use self::effective::difference;

/// How something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the later has it.
    Added,
    /// Only the earlier has it.
    Removed,
    /// Both have it and it reads otherwise.
    Changed,
    /// A rule that ends earlier than before.
    Ended,
}

/// Words in both languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Label {
    /// Vietnamese.
    #[schema(value_type = String, example = "Tham số")]
    pub vi: &'static str,
    /// English.
    #[schema(value_type = String, example = "Parameter")]
    pub en: &'static str,
}

/// One field that reads otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// JSON Pointer into the clause.
    #[schema(example = "/value")]
    pub pointer: String,
    /// Earlier; null where it was not there.
    #[schema(value_type = Object, example = json!(500_000))]
    pub before: Value,
    /// Later; null where it is gone.
    #[schema(value_type = Object, example = json!(700_000))]
    pub after: Value,
}

/// One clause that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClauseChange {
    /// How.
    pub change: Change,
    /// What kind of clause it is.
    pub label: Label,
    /// The article it stands in; empty for the head of the instrument.
    pub article: String,
    /// What it is about: the key, the group, the field.
    #[schema(example = "standard.community 2024-10-01")]
    pub subject: String,
    /// JSON Pointer into the later body; into the earlier for what is removed.
    #[schema(example = "/provisions/0/parameters/0")]
    pub pointer: String,
    /// As it read.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// As it reads.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// The fields that changed, where both have the clause.
    pub fields: Vec<FieldChange>,
}

/// An instrument that one of two releases does not have, or has in another version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct InstrumentChange {
    /// Its number.
    pub number: String,
    /// How it differs; `changed` where an error was corrected.
    pub change: Change,
    /// Clause by clause.
    pub clauses: Vec<ClauseChange>,
}

/// A value of law with its provision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SaidValue {
    /// The value; null where it is declared unknown.
    pub value: Option<Number>,
    /// Its unit.
    pub unit: Unit,
    /// The provision, as it is cited.
    pub provision: String,
    /// Why it is unknown.
    pub reason: Option<String>,
}

/// A parameter that has another value in some months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ParameterChange {
    /// Its key.
    #[schema(example = "standard.community")]
    pub key: String,
    /// Who sets it.
    pub issuer: Issuer,
    /// First month; open to the past if null.
    pub from: Option<Month>,
    /// Last month; open if null.
    pub to: Option<Month>,
    /// Earlier; null where nobody set it.
    pub before: Option<SaidValue>,
    /// Later; null where nobody sets it.
    pub after: Option<SaidValue>,
}

/// A rule that is new, ends, or reads otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleChange {
    /// How.
    pub change: Change,
    /// The benefit.
    pub benefit: Benefit,
    /// The group.
    pub group: String,
    /// The provision, as it is cited.
    pub provision: String,
    /// First month; open to the past if null.
    pub from: Option<Month>,
    /// Last month under the earlier release; open if null.
    pub to_before: Option<Month>,
    /// Last month under the later one; open if null.
    pub to_after: Option<Month>,
    /// The fields that changed.
    pub fields: Vec<FieldChange>,
}

/// What differs between two sets of published instruments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LawDifference)]
pub struct Difference {
    /// By instrument and clause.
    pub instruments: Vec<InstrumentChange>,
    /// Values in force, by key, issuer and month.
    pub parameters: Vec<ParameterChange>,
    /// Rules in force.
    pub rules: Vec<RuleChange>,
}

/// The leaves in which two values differ, with their pointers.
fn fields(before: &Value, after: &Value, pointer: &str, found: &mut Vec<FieldChange>) {
    match (before, after) {
        (Value::Object(one), Value::Object(other)) => {
            let mut names: Vec<&String> = one.keys().chain(other.keys()).collect();
            names.sort();
            names.dedup();
            for name in names {
                let below = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
                let (one, other) = (one.get(name), other.get(name));
                fields(
                    one.unwrap_or(&Value::Null),
                    other.unwrap_or(&Value::Null),
                    &below,
                    found,
                );
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (index, (one, other)) in one.iter().zip(other).enumerate() {
                fields(one, other, &format!("{pointer}/{index}"), found);
            }
        }
        _ if before == after => {}
        _ => found.push(FieldChange {
            pointer: pointer.to_owned(),
            before: before.clone(),
            after: after.clone(),
        }),
    }
}
