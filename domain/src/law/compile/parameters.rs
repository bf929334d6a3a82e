//! The values of law, laid over each other in order of publication.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Draft;
use crate::Month;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, Unit, months_of};
use crate::law::release::{ParameterValue, issuer_index};
use crate::timeline::Timeline;

pub(super) fn parameters(draft: &mut Draft, instruments: &[Instrument]) {
    let mut parameters: BTreeMap<String, [Timeline<ParameterValue>; 2]> = BTreeMap::new();
    let mut repealed: BTreeSet<(String, usize)> = BTreeSet::new();
    let mut last_set: BTreeMap<(String, usize), (usize, String)> = BTreeMap::new();
    for (order, instrument) in instruments.iter().enumerate() {
        let issuer = issuer_index(instrument.issuer);
        repeal(instruments, instrument, &mut parameters, &mut repealed);
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
                let unit = instruments
                    .iter()
                    .flat_map(|i| &i.provisions)
                    .flat_map(|p| &p.parameters);
                let unit = unit
                    .filter(|parameter| parameter.key == unknown.subject)
                    .map(|p| p.unit)
                    .next();
                let unit = unit.or_else(|| is_key(&unknown.subject).then_some(Unit::VndPerMonth));
                let (Some(unit), Some((from, to))) = (unit, months_of(unknown.from, unknown.to)) else {
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
    for ((key, issuer), (order, pointer)) in last_set {
        let holes: Vec<_> = parameters
            .get(&key)
            .map(|both| both[issuer].holes().collect())
            .unwrap_or_default();
        // A repeal ends a value openly; a rule that still needs it is at fault itself.
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
    draft.release.parameters = parameters;
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
