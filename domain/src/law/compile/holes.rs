//! Months between two rules of one group in which neither holds: declared unknown, or a fault. They are never paid as
//! nothing in silence.

use std::sync::Arc;

use super::{Draft, Placed};
use crate::Month;
use crate::law::clause::both;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Instrument, months_of};
use crate::law::release::Release;

/// The rules of groups that are declared unknown once these have ended: who met them is undetermined until the next
/// rule of the group begins.
pub(super) fn declared<'i>(rules: &[Placed<'i>], instruments: &'i [Instrument]) -> Vec<Placed<'i>> {
    let mut open = Vec::new();
    let provisions = instruments.iter().flat_map(|instrument| &instrument.provisions);
    for unknown in provisions.flat_map(|provision| &provision.unknowns) {
        let Some((from, to)) = months_of(unknown.from, unknown.to) else {
            continue;
        };
        for placed in rules.iter().filter(|placed| placed.rule.group == unknown.subject) {
            let Some(end) = placed.to else { continue };
            let others = rules.iter().filter(|other| other.key() == placed.key());
            let next = others.filter_map(|other| other.from).filter(|start| *start > end).min();
            let first = from.map_or(end.next(), |from| from.max(end.next()));
            let last = match (to, next.map(Month::previous)) {
                (Some(one), Some(other)) => Some(one.min(other)),
                (one, other) => one.or(other),
            };
            if last.is_none_or(|last| first <= last) {
                open.push(Placed {
                    rule: placed.rule,
                    instrument: placed.instrument,
                    pointer: placed.pointer.clone(),
                    provision: Arc::clone(&placed.provision),
                    from: Some(first),
                    to: last,
                    unknown: Some((*unknown.reason).into()),
                });
            }
        }
    }
    open
}

/// Finds the rules that begin some months after all earlier ones of their group have ended, or all those for the same
/// people.
pub(super) fn holes(draft: &mut Draft, rules: &[Placed<'_>]) {
    let mut found = Vec::new();
    for (index, later) in rules.iter().enumerate() {
        let (Some(start), None) = (later.from, &later.unknown) else {
            continue;
        };
        let begun = |earlier: &Placed<'_>| earlier.from.is_none_or(|from| from < start);
        let before: Vec<usize> = (0..)
            .zip(rules)
            .filter(|(_, earlier)| earlier.key() == later.key() && begun(earlier))
            .map(|(place, _)| place)
            .collect();
        let same_people = before.iter().copied();
        let same_people: Vec<usize> = same_people
            .filter(|place| meet(&draft.release, rules, *place, index))
            .collect();
        let ends = [before, same_people]
            .into_iter()
            .filter_map(|those| reached(rules, &those));
        if let Some(end) = ends.filter(|end| end.next() < start).min() {
            found.push((later, end.next(), start.previous()));
        }
    }
    for (later, first, last) in found {
        let detail = format!("{} {first}..{last}", later.rule.group);
        draft.find(later.instrument, later.pointer.clone(), FindingCode::RuleHole, detail);
    }
}

/// The last month of any of these rules; none if there are none or one lasts.
fn reached(rules: &[Placed<'_>], those: &[usize]) -> Option<Month> {
    let ends: Option<Vec<Month>> = those.iter().map(|place| rules.get(*place)?.to).collect();
    ends?.into_iter().max()
}

/// Whether somebody could meet the conditions of both rules.
fn meet(release: &Release, rules: &[Placed<'_>], one: usize, other: usize) -> bool {
    let each = |place: usize| rules.get(place).map(|placed| placed.rule.for_each);
    if each(one) != each(other) {
        return false;
    }
    let variants = |place: usize| release.variants.iter().filter(move |variant| variant.rule == place);
    variants(one).any(|a| {
        variants(other).any(|b| {
            let clauses = both(&a.clauses, &b.clauses).unwrap_or_default();
            clauses.iter().any(|clause| release.vocabulary.possible(clause))
        })
    })
}
