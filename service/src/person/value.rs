//! Reading the JSON of a fact's value.

use chrono::NaiveDate;
use domain::Vnd;
use domain::evidence::{EvidenceKind, EvidenceValue, Shape};
use serde_json::Value;

/// The value that this JSON has for this kind; none if it has not the kind's shape.
pub(crate) fn read(kind: EvidenceKind, json: &Value) -> Option<EvidenceValue> {
    match (kind.shape(), json) {
        (Shape::Flag | Shape::FlagOrText, Value::Bool(true)) => Some(EvidenceValue::True),
        (Shape::FlagOrText, Value::String(text)) => {
            let length = text.trim().chars().count();
            (1..=100).contains(&length).then(|| EvidenceValue::Word(text.clone()))
        }
        (Shape::Word(words), Value::String(word)) => words
            .contains(&word.as_str())
            .then(|| EvidenceValue::Word(word.clone())),
        (Shape::Amount, Value::Number(number)) => {
            let amount = Vnd::new(number.as_i64()?).ok()?;
            (amount >= Vnd::ZERO).then_some(EvidenceValue::Amount(amount))
        }
        (Shape::Child, Value::Object(_)) => serde_json::from_value(json.clone()).ok().map(EvidenceValue::Child),
        (Shape::Cared, Value::Object(_)) => serde_json::from_value(json.clone()).ok().map(EvidenceValue::Cared),
        _ => None,
    }
}

/// A birth date: a day, or a year alone, which counts from 1 January.
pub(crate) fn birth_date(text: &str) -> Option<(NaiveDate, bool)> {
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((NaiveDate::from_ymd_opt(text.parse().ok()?, 1, 1)?, true));
    }
    let well_formed = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    well_formed
        .then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok())
        .flatten()
        .map(|day| (day, false))
}
