//! Spells of eligibility, and the decisions that cover them.

use chrono::NaiveDate;

use super::facts::Facts;
use super::law_at;
use crate::case_file::{Benefit, CaseFile};
use crate::law::release::{Release, benefit_index};

/// Days of one stretch under the law of one epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) stretch: usize,
    pub(super) epoch: usize,
    pub(super) matched: u128,
}

/// Days on which the conditions of a benefit hold without a break; the last may be [`NaiveDate::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spell {
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    /// The day of the decision that covers it.
    pub(super) decided_on: Option<NaiveDate>,
}

/// Cuts the stretches where the law changes.
pub(super) fn pieces(facts: &Facts, release: &Release, side: usize, pieces: &mut Vec<Piece>) {
    pieces.clear();
    let mut epoch = 0;
    let mut known: Option<(u128, usize, u128)> = None;
    for (stretch_index, stretch) in facts.stretches.iter().enumerate() {
        if stretch.stay.is_none() {
            continue;
        }
        let mut from = stretch.from;
        while release.epochs.get(epoch + 1).is_some_and(|next| next.first_day <= from) {
            epoch += 1;
        }
        while let Some(law) = release.epochs.get(epoch) {
            let law_end = release.epochs.get(epoch + 1).and_then(|next| next.first_day.pred_opt());
            let to = law_end.map_or(stretch.to, |end| end.min(stretch.to));
            let bits = law_at::bits(stretch, &facts.stays, law, side);
            let matched = match known {
                Some((same_bits, same_epoch, matched)) if same_bits == bits && same_epoch == epoch => matched,
                _ => law_at::matched(release, law, side, bits),
            };
            known = Some((bits, epoch, matched));
            pieces.push(Piece {
                from,
                to,
                stretch: stretch_index,
                epoch,
                matched,
            });
            if to >= stretch.to {
                break;
            }
            from = to.succ_opt().unwrap_or(NaiveDate::MAX);
            epoch += 1;
        }
    }
}

/// The spells of one benefit. Where law and facts change on one day, the facts of the day before must still meet the
/// new law: a group that ends by law while another begins by fact is no unbroken spell.
pub(super) fn spells(
    benefit: Benefit,
    facts: &Facts,
    release: &Release,
    side: usize,
    pieces: &[Piece],
    spells: &mut Vec<Spell>,
) {
    spells.clear();
    let place = benefit_index(benefit);
    let eligible = |matched: u128, epoch: usize| {
        release
            .epochs
            .get(epoch)
            .is_some_and(|law| matched & law.of_benefit[side][place] != 0)
    };
    let mut last: Option<&Piece> = None;
    for piece in pieces {
        if !eligible(piece.matched, piece.epoch) {
            last = None;
            continue;
        }
        let linked = last.is_some_and(|before| {
            before.to.succ_opt() == Some(piece.from)
                && (before.epoch == piece.epoch
                    || before.stretch == piece.stretch
                    || eligible(
                        matched_of(facts, release, side, before.stretch, piece.epoch),
                        piece.epoch,
                    ))
        });
        match spells.last_mut() {
            Some(spell) if linked => spell.to = piece.to,
            _ => spells.push(Spell {
                from: piece.from,
                to: piece.to,
                decided_on: None,
            }),
        }
        last = Some(piece);
    }
}

/// What a stretch meets under the law of any epoch.
pub(super) fn matched_of(facts: &Facts, release: &Release, side: usize, stretch: usize, epoch: usize) -> u128 {
    match (facts.stretches.get(stretch), release.epochs.get(epoch)) {
        (Some(stretch), Some(law)) => {
            law_at::matched(release, law, side, law_at::bits(stretch, &facts.stays, law, side))
        }
        _ => 0,
    }
}

/// Gives each spell the decision that covers it.
pub(super) fn decide(benefit: Benefit, case: &CaseFile, spells: &mut [Spell], signed: &mut Vec<NaiveDate>) {
    let Some(claims) = &case.claims else {
        if benefit != Benefit::SocialPension {
            spells.iter_mut().for_each(|spell| spell.decided_on = Some(spell.from));
        }
        return;
    };
    signed.clear();
    signed.extend(
        claims
            .iter()
            .filter(|claim| claim.benefit == benefit)
            .filter_map(|claim| claim.decided_on),
    );
    signed.sort_unstable();
    for day in signed.iter().copied() {
        let next = spells.partition_point(|spell| spell.to < day);
        let inside = spells.get(next).is_some_and(|spell| spell.from <= day);
        let undecided_before = next
            .checked_sub(1)
            .filter(|before| !inside && spells.get(*before).is_some_and(|spell| spell.decided_on.is_none()));
        if let Some(spell) = spells.get_mut(undecided_before.unwrap_or(next)) {
            spell.decided_on.get_or_insert(day);
        }
    }
}
