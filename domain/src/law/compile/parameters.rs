//! The values of law, laid over each other in order of publication.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Draft;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, Unit, months_of};
use crate::law::release::{ParameterValue, issuer_index};
use crate::timeline::Timeline;

pub(super) fn parameters(draft: &mut Draft, instruments: &[Instrument]) {
    let mut parameters: BTreeMap<String, [Timeline<ParameterValue>; 2]> = BTreeMap::new();
    let mut last_set: BTreeMap<(String, usize), (usize, String)> = BTreeMap::new();
    for (order, instrument) in instruments.iter().enumerate() {
        let issuer = issuer_index(instrument.issuer);
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
        if let (Some((from, to)), Some(instrument)) = (holes.first(), instruments.get(order)) {
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

/// Whether the subject of an unknown reads like the key of a parameter: `standard.central`.
fn is_key(subject: &str) -> bool {
    subject.contains('.')
        && subject
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || matches!(byte, b'.' | b'_'))
}
