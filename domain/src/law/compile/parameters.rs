//! The values of law, laid over each other in order of publication.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Draft;
use crate::Month;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, RuleEnd, Unit, months_of};
use crate::law::release::{ParameterValue, issuer_index};
use crate::overpayment::RecoveryParameter;
use crate::timeline::Timeline;

pub(super) fn parameters(draft: &mut Draft, instruments: &[Instrument]) {
    let mut parameters: BTreeMap<String, [Timeline<ParameterValue>; 2]> = BTreeMap::new();
    let mut repealed: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut last_set = LastSet::new();
    units(draft, instruments);
    for (order, instrument) in instruments.iter().enumerate() {
        let issuer = issuer_index(instrument.issuer);
        repeal(instruments, instrument, &mut parameters, &mut repealed);
        for (pointer, end, key) in named(instrument) {
            if !end_value(instruments, (end, key), &mut parameters, &mut repealed) {
                draft.find(instrument, pointer, FindingCode::NothingToEnd, key.to_owned());
            }
        }
        for (index, provision) in instrument.provisions.iter().enumerate() {
            let (cite, article) = (
                Arc::<str>::from(&*instrument.cite),
                Arc::<str>::from(&*provision.article),
            );
            for (position, parameter) in provision.parameters.iter().enumerate() {
                let Some((from, to)) = months_of(parameter.from, parameter.to) else {
                    continue;
                };
                let value = ParameterValue {
                    value: Some(parameter.value.0),
                    unit: parameter.unit,
                    cite: Arc::clone(&cite),
                    article: Arc::clone(&article),
                    source: (*parameter.source).into(),
                    confidence: Some(parameter.confidence),
                    reason: None,
                };
                parameters.entry(parameter.key.clone()).or_default()[issuer].overlay(from, to, value);
                let pointer = format!("/provisions/{index}/parameters/{position}");
                last_set.insert((parameter.key.clone(), issuer), (order, pointer));
            }
            for unknown in &provision.unknowns {
                draft.release.unknowns.push((Arc::clone(&cite), unknown.clone()));
                let (Some(unit), Some((from, to))) = (
                    unit_of(instruments, &unknown.subject),
                    months_of(unknown.from, unknown.to),
                ) else {
                    continue;
                };
                let value = ParameterValue {
                    value: None,
                    unit,
                    cite: Arc::clone(&cite),
                    article: Arc::clone(&article),
                    source: (*unknown.source).into(),
                    confidence: None,
                    reason: Some((*unknown.reason).into()),
                };
                parameters.entry(unknown.subject.clone()).or_default()[issuer].overlay(from, to, value);
            }
        }
    }
    holes(draft, instruments, &parameters, &repealed, last_set);
    draft.release.parameters = parameters;
}

/// The unit of what is declared unknown, if it is a parameter.
fn unit_of(instruments: &[Instrument], subject: &str) -> Option<Unit> {
    let provisions = instruments.iter().flat_map(|instrument| &instrument.provisions);
    let mut set = provisions.flat_map(|provision| &provision.parameters);
    let set = set
        .find(|parameter| parameter.key == subject)
        .map(|parameter| parameter.unit);
    // A parameter of recovery counts what it counts before anybody sets it; any other that nobody set is a standard.
    set.or_else(|| RecoveryParameter::of_key(subject).map(RecoveryParameter::unit))
        .or_else(|| is_key(subject).then_some(Unit::VndPerMonth))
}

/// Who set each key last: the place of the instrument, and the pointer.
type LastSet = BTreeMap<(String, usize), (usize, String)>;

fn holes(
    draft: &mut Draft,
    instruments: &[Instrument],
    parameters: &BTreeMap<String, [Timeline<ParameterValue>; 2]>,
    repealed: &BTreeSet<(String, usize)>,
    last_set: LastSet,
) {
    for ((key, issuer), (order, pointer)) in last_set {
        let holes: Vec<_> = parameters
            .get(&key)
            .map(|both| both[issuer].holes().collect())
            .unwrap_or_default();
        // A repeal or an end ends a value openly; a rule that still needs it is at fault itself.
        let open = |(_, to): &&(Month, Option<Month>)| to.is_some() || !repealed.contains(&(key.clone(), issuer));
        let hole = holes.iter().find(open);
        if let (Some((from, to)), Some(instrument)) = (hole, instruments.get(order)) {
            let until = to.map(|month| month.to_string()).unwrap_or_default();
            draft.find(
                instrument,
                pointer,
                FindingCode::ParameterHole,
                format!("{key} {from}..{until}"),
            );
        }
    }
}

/// A key keeps its unit: amounts made of it would mean something else.
fn units(draft: &mut Draft, instruments: &[Instrument]) {
    let mut known: BTreeMap<&str, Unit> = BTreeMap::new();
    for instrument in instruments {
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, parameter) in provision.parameters.iter().enumerate() {
                if *known.entry(&parameter.key).or_insert(parameter.unit) != parameter.unit {
                    let pointer = format!("/provisions/{index}/parameters/{position}/unit");
                    draft.find(instrument, pointer, FindingCode::WrongUnit, parameter.key.clone());
                }
            }
        }
    }
}

/// The keys whose values an instrument ends, with their pointers.
fn named(instrument: &Instrument) -> Vec<(String, &RuleEnd, &str)> {
    let mut named = Vec::new();
    for (index, provision) in instrument.provisions.iter().enumerate() {
        for (position, end) in provision.ends.iter().enumerate() {
            for (place, key) in end.parameters.iter().enumerate() {
                let pointer = format!("/provisions/{index}/ends/{position}/parameters/{place}");
                named.push((pointer, end, key.as_str()));
            }
        }
    }
    named
}

/// Ends the values that another instrument gives a key; true if it gives any. What they lay over does not come back.
fn end_value(
    all: &[Instrument],
    (end, key): (&RuleEnd, &str),
    parameters: &mut BTreeMap<String, [Timeline<ParameterValue>; 2]>,
    ended: &mut BTreeSet<(String, usize)>,
) -> bool {
    let meant = |value: &ParameterValue| {
        let mut cited = all.iter().filter(|other| other.number == end.instrument);
        cited.any(|other| *other.cite == *value.cite) && end.means_article(&value.article)
    };
    let mut hit = false;
    for (issuer, timeline) in parameters.get_mut(key).into_iter().flatten().enumerate() {
        if timeline.cut(Month::of(end.to).next(), meant) {
            ended.insert((key.to_owned(), issuer));
            hit = true;
        }
    }
    hit
}

/// Ends the values of the instruments that this one repeals.
fn repeal(
    all: &[Instrument],
    repealing: &Instrument,
    parameters: &mut BTreeMap<String, [Timeline<ParameterValue>; 2]>,
    repealed: &mut BTreeSet<(String, usize)>,
) {
    let meant = |cite: &str| {
        let mut cited = all.iter().filter(|other| other.cite == cite);
        cited.any(|other| repealing.repeals.contains(&other.number))
    };
    if repealing.repeals.is_empty() {
        return;
    }
    for (key, by_issuer) in parameters {
        for (issuer, timeline) in by_issuer.iter_mut().enumerate() {
            if timeline.cut(repealing.repeals_from(), |value| meant(&value.cite)) {
                repealed.insert((key.clone(), issuer));
            }
        }
    }
}

/// Whether the subject of an unknown reads like the key of a parameter: `standard.central`.
fn is_key(subject: &str) -> bool {
    subject.contains('.')
        && subject
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
}
