//! The months cut where any law changes, and what each rule pays in each of those stretches.

mod together;

use std::collections::BTreeSet;
use std::sync::Arc;

use self::together::{TogetherMonths, together};
use super::clause::Atom;
use super::compile::{Draft, Placed, dong};
use super::finding::FindingCode;
use super::instrument::{Instrument, Issuer, LaterLevel};
use super::release::{AmountOf, BENEFITS, Due, Epoch, Release, Variant, benefit_index, issuer_index};
use crate::case_file::Jurisdiction;
use crate::{Month, Vnd, area};

const JURISDICTIONS: [Jurisdiction; 2] = [Jurisdiction::Central, Jurisdiction::QuangNinh];
const MOST_ACTIVE: usize = 128;

/// An amount, not yet bound to a release.
enum Sum {
    Known(Vnd),
    Unknown(Arc<str>),
    NotWhole,
    Unset(String),
}

pub(super) fn epochs(draft: &mut Draft, instruments: &[Instrument], rules: &[Placed<'_>]) {
    let together = together(draft, instruments);
    let starts = starts(&draft.release, &together);
    for from in starts {
        let inside = |first: Option<Month>, last: Option<Month>| {
            first.is_none_or(|first| first <= from) && last.is_none_or(|last| from <= last)
        };
        let variants = &draft.release.variants;
        let in_force: Vec<u16> = (0u16..)
            .zip(variants)
            .filter(|(_, variant)| inside(variant.from, variant.to))
            .map(|(i, _)| i)
            .collect();
        let active = match ordered(variants, in_force) {
            Ok(active) if active.len() <= MOST_ACTIVE => active,
            Ok(_) => return complain(draft, instruments, FindingCode::TooComplex, from),
            Err(()) => return complain(draft, instruments, FindingCode::CircularGroups, from),
        };
        let mut due = [Vec::with_capacity(active.len()), Vec::with_capacity(active.len())];
        let mut of_benefit = [[0u128; BENEFITS]; 2];
        for (place, index) in active.iter().enumerate() {
            for (side, jurisdiction) in JURISDICTIONS.into_iter().enumerate() {
                let amount = due_of(draft, rules, usize::from(*index), jurisdiction, from);
                let variant = &draft.release.variants[usize::from(*index)];
                if amount != Due::Nothing {
                    let bit = u32::try_from(place)
                        .ok()
                        .and_then(|shift| 1u128.checked_shl(shift))
                        .unwrap_or(0);
                    of_benefit[side][benefit_index(variant.benefit)] |= bit;
                }
                due[side].push(amount);
            }
        }
        let pension = JURISDICTIONS.map(|jurisdiction| pension_limits(&draft.release, jurisdiction, from));
        let later_level = draft
            .release
            .effect_of(from)
            .map_or(LaterLevel::EndOfMonth, |effect| effect.later_level);
        draft.release.epochs.push(Epoch {
            from,
            first_day: from.first_day(),
            active,
            due,
            of_benefit,
            together: together
                .iter()
                .filter(|t| inside(t.0, t.1))
                .map(|t| (t.2, t.3))
                .collect(),
            pension,
            area_epoch: area::epoch_of(from.first_day()),
            later_level,
        });
    }
    floors(draft, instruments);
}

fn complain(draft: &mut Draft, instruments: &[Instrument], code: FindingCode, month: Month) {
    if let Some(instrument) = instruments.last() {
        draft.find(instrument, "/provisions".into(), code, month.to_string());
    }
}

fn starts(release: &Release, together: &[TogetherMonths]) -> BTreeSet<Month> {
    let mut starts = BTreeSet::from([Month::MIN]);
    let mut span = |from: Option<Month>, to: Option<Month>| {
        starts.extend(from);
        starts.extend(to.map(Month::next));
    };
    release
        .variants
        .iter()
        .for_each(|variant| span(variant.from, variant.to));
    together.iter().for_each(|together| span(together.0, together.1));
    for piece in release
        .parameters
        .values()
        .flatten()
        .flat_map(|timeline| timeline.pieces())
    {
        span(piece.from, piece.to);
    }
    starts.extend(release.effects.iter().map(|effect| effect.from));
    starts.extend(area::epoch_days().into_iter().skip(1).map(Month::of));
    starts
}

/// Variants that others refer to come first.
fn ordered(variants: &[Variant], mut waiting: Vec<u16>) -> Result<Vec<u16>, ()> {
    let needs = |index: u16| {
        let clauses = &variants[usize::from(index)].clauses;
        clauses
            .iter()
            .fold(0u64, |all, clause| all | clause.groups | clause.no_groups)
    };
    let mut active = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let pending = waiting
            .iter()
            .fold(0u64, |all, index| all | variants[usize::from(*index)].group_bit);
        let (ready, rest): (Vec<u16>, Vec<u16>) = waiting.iter().partition(|index| needs(**index) & pending == 0);
        if ready.is_empty() {
            return Err(());
        }
        active.extend(ready);
        waiting = rest;
    }
    Ok(active)
}

fn due_of(draft: &mut Draft, rules: &[Placed<'_>], index: usize, jurisdiction: Jurisdiction, month: Month) -> Due {
    let variant = &draft.release.variants[index];
    if variant.issuer == Issuer::Provincial && jurisdiction == Jurisdiction::Central {
        return Due::Nothing;
    }
    let sum = sum_of(&draft.release, &variant.amount, jurisdiction, month);
    let reason = variant.amount.undetermined.clone();
    let placed = rules.get(variant.rule);
    let complain = |draft: &mut Draft, code: FindingCode, detail: String| {
        if let Some(placed) = placed {
            draft.find(placed.instrument, format!("{}/amount", placed.pointer), code, detail);
        }
        Due::Nothing
    };
    match (sum, reason) {
        (Sum::Known(amount), None) => Due::Known(amount.dong()),
        (Sum::Known(amount), Some(reason)) => Due::Unknown {
            reason: reason_index(&mut draft.release, reason),
            taken_as: amount.dong(),
        },
        (Sum::Unknown(reason), _) => Due::Unknown {
            reason: reason_index(&mut draft.release, reason),
            taken_as: Vnd::MAX.dong(),
        },
        // Nothing is said of these months, an amount least of all.
        (Sum::NotWhole | Sum::Unset(_), Some(reason)) if placed.is_some_and(|placed| placed.unknown.is_some()) => {
            Due::Unknown {
                reason: reason_index(&mut draft.release, reason),
                taken_as: Vnd::MAX.dong(),
            }
        }
        (Sum::NotWhole, _) => complain(draft, FindingCode::NotWhole, month.to_string()),
        (Sum::Unset(keys), _)
            if draft
                .release
                .parameters
                .keys()
                .any(|key| keys.split(", ").any(|k| k == key)) =>
        {
            complain(draft, FindingCode::ParameterHole, format!("{keys} {month}"))
        }
        (Sum::Unset(keys), _) => complain(draft, FindingCode::UnknownParameter, keys),
    }
}

fn reason_index(release: &mut Release, reason: Arc<str>) -> u16 {
    let index = release
        .reasons
        .iter()
        .position(|known| *known == reason)
        .unwrap_or_else(|| {
            release.reasons.push(reason);
            release.reasons.len() - 1
        });
    u16::try_from(index).unwrap_or(u16::MAX)
}

fn sum_of(release: &Release, amount: &AmountOf, jurisdiction: Jurisdiction, month: Month) -> Sum {
    let mut highest: Option<Vnd> = None;
    for value in amount
        .of
        .iter()
        .filter_map(|key| release.effective(key, jurisdiction, month))
    {
        match (dong(value), &value.reason) {
            (Some(dong), _) => highest = highest.max(Some(dong)),
            (None, Some(reason)) => return Sum::Unknown(Arc::clone(reason)),
            (None, None) => return Sum::NotWhole,
        }
    }
    match (highest, amount.coefficient) {
        (None, _) => Sum::Unset(amount.of.join(", ")),
        (Some(standard), None) => Sum::Known(standard),
        (Some(standard), Some(coefficient)) => standard.times(coefficient).map_or(Sum::NotWhole, Sum::Known),
    }
}

fn pension_limits(release: &Release, jurisdiction: Jurisdiction, month: Month) -> Vec<(u128, Option<i64>)> {
    let atoms = release.vocabulary.atoms.iter().zip(0u32..);
    atoms
        .filter_map(|(atom, shift)| {
            let Atom::PensionBelow(of) = atom else { return None };
            let amount = AmountOf {
                coefficient: None,
                of: of.clone(),
                undetermined: None,
            };
            let limit = match sum_of(release, &amount, jurisdiction, month) {
                Sum::Known(limit) => Some(limit.dong()),
                _ => None,
            };
            Some((1u128.checked_shl(shift).unwrap_or(0), limit))
        })
        .collect()
}

/// The key of the central standard, the floor of every provincial one (NĐ 20/2021 Art 4(3)(a)).
const FLOOR: &str = "standard.central";

fn floors(draft: &mut Draft, instruments: &[Instrument]) {
    for instrument in instruments
        .iter()
        .filter(|instrument| instrument.issuer == Issuer::Provincial)
    {
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, parameter) in provision.parameters.iter().enumerate() {
                if !parameter.key.starts_with("standard.") {
                    continue;
                }
                let below = draft.release.epochs.iter().map(|epoch| epoch.from).find(|month| {
                    let own = draft.release.parameters.get(&parameter.key);
                    let own = own.and_then(|both| both[issuer_index(Issuer::Provincial)].at(*month));
                    let own = own
                        .filter(|value| *value.cite == *instrument.cite)
                        .and_then(|value| value.value);
                    let floor = draft
                        .release
                        .effective(FLOOR, Jurisdiction::Central, *month)
                        .and_then(|v| v.value);
                    own.zip(floor).is_some_and(|(own, floor)| own < floor)
                });
                if let Some(month) = below {
                    let pointer = format!("/provisions/{index}/parameters/{position}/value");
                    draft.find(
                        instrument,
                        pointer,
                        FindingCode::BelowFloor,
                        format!("{} {month}", parameter.key),
                    );
                }
            }
        }
    }
}
