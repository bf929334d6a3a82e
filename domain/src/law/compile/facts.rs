//! Which facts a release looks at: the bits they become, and what each rule depends on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Placed;
use crate::case_file::Setting;
use crate::evidence::EvidenceKind;
use crate::law::clause::{Atom, Vocabulary};
use crate::law::condition::{AgeBracket, Condition, Counted};
use crate::law::instrument::Amount;
use crate::law::release::{FactBits, RuleDependence, area_index};

pub(super) fn fact_bits(vocabulary: &Vocabulary) -> FactBits {
    let mut bits = FactBits::default();
    let mut brackets: Vec<(AgeBracket, u128)> = Vec::new();
    for (atom, shift) in vocabulary.atoms.iter().zip(0u32..) {
        let bit = 1u128.checked_shl(shift).unwrap_or(0);
        match atom {
            Atom::Age(bracket) => {
                bits.ages.extend(bracket.from.filter(|age| *age > 0));
                bits.ages.extend(bracket.below);
                brackets.push((*bracket, bit));
            }
            Atom::Evidence { kind, is } if is.is_empty() => *bits.any.entry(*kind).or_default() |= bit,
            Atom::Evidence { kind, is } => {
                for word in is {
                    match bits
                        .words
                        .iter_mut()
                        .find(|(known, text, _)| known == kind && text == word)
                    {
                        Some((_, _, mask)) => *mask |= bit,
                        None => bits.words.push((*kind, word.clone(), bit)),
                    }
                }
            }
            Atom::Began { kind, before_age } => bits.began.push((*kind, *before_age, bit)),
            Atom::Area(area) => {
                bits.area[area_index(*area)] |= bit;
                bits.has_area = true;
            }
            Atom::Setting(Setting::Community) => bits.setting[0] |= bit,
            Atom::Setting(Setting::Facility) => bits.setting[1] |= bit,
            Atom::Count { of, from, below } => bits.counts.push((usize::from(*of), *from, *below, bit)),
            Atom::PensionBelow(_) => {}
        }
    }
    bits.ages.sort_unstable();
    bits.ages.dedup();
    let reached = |age: u8| {
        brackets.iter().filter(move |(bracket, _)| {
            bracket.from.is_none_or(|from| from <= age) && bracket.below.is_none_or(|below| age < below)
        })
    };
    let starts = std::iter::once(0).chain(bits.ages.iter().copied());
    bits.by_age = starts
        .map(|age| reached(age).fold(0, |all, (_, bit)| all | bit))
        .collect();
    bits
}

pub(super) fn dependences(rules: &[Placed<'_>]) -> Vec<RuleDependence> {
    let own = |placed: &Placed<'_>| {
        let (mut evidence, mut groups, mut parameters) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let mut visit = |_: &str, condition: &Condition| match condition {
            Condition::Evidence { kind, .. } | Condition::Began { kind, .. } => {
                evidence.insert(*kind);
            }
            Condition::Count {
                of: Counted::Children(_),
                ..
            } => {
                evidence.insert(EvidenceKind::RaisingChild);
            }
            Condition::Count {
                of: Counted::Cared(_), ..
            } => {
                evidence.insert(EvidenceKind::CaringFor);
            }
            Condition::PensionBelow { of } => {
                evidence.insert(EvidenceKind::Pension);
                parameters.extend(of.iter().cloned());
            }
            Condition::Group { any_of } => groups.extend(any_of.iter().cloned()),
            _ => {}
        };
        placed.rule.when.walk("", &mut visit);
        placed
            .rule
            .undetermined
            .iter()
            .for_each(|unknown| unknown.when.walk("", &mut visit));
        match &placed.rule.amount {
            Amount::PerChild { of, .. } => {
                evidence.insert(EvidenceKind::RaisingChild);
                parameters.extend(of.iter().cloned());
            }
            Amount::Times { of, .. } | Amount::ByAge { of, .. } | Amount::Fixed { of } => {
                parameters.extend(of.iter().cloned());
            }
            Amount::FixedByArea { urban, rural } => parameters.extend([urban.clone(), rural.clone()]),
        }
        if placed.rule.for_each.is_some() {
            evidence.insert(EvidenceKind::CaringFor);
        }
        (evidence, groups, parameters)
    };
    let all: Vec<_> = rules.iter().map(own).collect();
    let by_group = |group: &str| {
        let meant = rules
            .iter()
            .zip(&all)
            .filter(move |(placed, _)| placed.rule.group == group);
        meant
            .flat_map(|(_, (evidence, _, _))| evidence.iter().copied())
            .collect::<BTreeSet<_>>()
    };
    rules
        .iter()
        .zip(&all)
        .map(|(placed, (evidence, groups, parameters))| RuleDependence {
            benefit: placed.rule.benefit,
            group: (*placed.rule.group).into(),
            provision: Arc::clone(&placed.provision),
            from: placed.from,
            to: placed.to,
            evidence: evidence
                .iter()
                .copied()
                .chain(groups.iter().flat_map(|group| by_group(group)))
                .collect(),
            parameters: parameters.clone(),
        })
        .collect()
}
