//! Rules that stand in each other's way, and rules that nobody can reach.

use super::{Draft, Placed};
use crate::Month;
use crate::law::clause::both;
use crate::law::finding::FindingCode;
use crate::law::release::{Due, Pays, Variant};

/// Two rules of one issuer that give the same people of one group something in the same months. The higher would be
/// paid, which is seldom what an amendment means: it ends the rule in whose place it puts another.
pub(super) fn overlaps(draft: &mut Draft, rules: &[Placed<'_>]) {
    let mut found: Vec<(usize, usize, Option<Month>)> = Vec::new();
    let variants = &draft.release.variants;
    for (index, later) in variants.iter().enumerate() {
        for earlier in variants.iter().take(index) {
            let Some(month) = meet(earlier, later) else { continue };
            let clauses = both(&earlier.clauses, &later.clauses).unwrap_or_default();
            let possible = clauses.iter().any(|clause| draft.release.vocabulary.possible(clause));
            if possible && !found.iter().any(|(a, b, _)| (*a, *b) == (earlier.rule, later.rule)) {
                found.push((earlier.rule, later.rule, month));
            }
        }
    }
    for (earlier, later, month) in found {
        let (Some(earlier), Some(later)) = (rules.get(earlier), rules.get(later)) else {
            continue;
        };
        let month = month.map(|month| format!(", {month}")).unwrap_or_default();
        let detail = format!("{}: {}{month}", later.rule.group, earlier.provision);
        draft.find(
            later.instrument,
            later.pointer.clone(),
            FindingCode::RuleOverlap,
            detail,
        );
    }
}

/// The first month in which both would pay one group for the same thing (the inner value is none if it lies open to
/// the past).
fn meet(a: &Variant, b: &Variant) -> Option<Option<Month>> {
    let same = a.rule != b.rule
        && (a.benefit, a.group_bit, a.issuer, a.setting) == (b.benefit, b.group_bit, b.issuer, b.setting)
        && a.amount.undetermined.is_none()
        && b.amount.undetermined.is_none()
        && (a.highest_of == 0 || a.highest_of != b.highest_of)
        && match (a.pays, b.pays) {
            // Each person cared for is a payment of its own.
            (Pays::ForEach { count: a }, Pays::ForEach { count: b }) => a == b,
            (Pays::ForEach { .. }, _) | (_, Pays::ForEach { .. }) => false,
            _ => true,
        };
    let from = a.from.max(b.from);
    let to = match (a.to, b.to) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (one, other) => one.or(other),
    };
    (same && !matches!((from, to), (Some(from), Some(to)) if to < from)).then_some(from)
}

/// Rules that look at groups which nobody can be in while the rule is in force.
pub(super) fn unreachable(draft: &mut Draft, rules: &[Placed<'_>]) {
    let variants = &draft.release.variants;
    let mut reached = vec![false; rules.len()];
    for epoch in &draft.release.epochs {
        let paying = || {
            let due = epoch.due.iter().flat_map(|due| due.iter().enumerate());
            due.filter(|(_, due)| **due != Due::Nothing)
                .filter_map(|(place, _)| variants.get(usize::from(*epoch.active.get(place)?)))
        };
        let groups = paying().fold(0, |all, variant| all | variant.group_bit);
        for variant in paying() {
            if variant.clauses.iter().any(|clause| clause.groups & !groups == 0)
                && let Some(mark) = reached.get_mut(variant.rule)
            {
                *mark = true;
            }
        }
    }
    let lost: Vec<&Placed<'_>> = rules
        .iter()
        .enumerate()
        .filter(|(index, placed)| !reached[*index] && placed.unknown.is_none())
        .filter(|(index, _)| {
            let looks = |variant: &Variant| variant.clauses.iter().any(|clause| clause.groups != 0);
            variants.iter().any(|variant| variant.rule == *index && looks(variant))
        })
        .map(|(_, placed)| placed)
        .collect();
    for placed in lost {
        let pointer = format!("{}/when", placed.pointer);
        draft.find(
            placed.instrument,
            pointer,
            FindingCode::Unreachable,
            placed.rule.group.clone(),
        );
    }
}
