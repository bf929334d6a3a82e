//! What is due of one benefit under one set of facts and one law: the highest only, with its exceptions.

use super::facts::{Facts, Stretch};
use super::settings::Where;
use crate::case_file::{Benefit, Setting};
use crate::law::release::{Due, Epoch, Pays, Release, Variant, benefit_index};

/// No person cared for.
pub(super) const NOBODY: usize = usize::MAX;

/// One component.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) variant: u16,
    /// The entry of the person cared for in the evidence, or [`NOBODY`].
    pub(super) entry: usize,
    pub(super) amount: i64,
    /// The reason, where the amount is not known; `amount` is then what it is taken as.
    pub(super) unknown: Option<u16>,
}

/// What the facts are judged by.
#[derive(Clone, Copy)]
pub(super) struct Judged<'a> {
    pub(super) release: &'a Release,
    pub(super) facts: &'a Facts,
    pub(super) stretch: &'a Stretch,
    pub(super) epoch: &'a Epoch,
    pub(super) side: usize,
    pub(super) matched: u128,
    pub(super) place: Where,
    /// Where only some groups compete: those that begin before the decision.
    pub(super) reach: Option<u64>,
}

impl Judged<'_> {
    fn variant(&self, line: &Line) -> Option<&Variant> {
        self.release.variants.get(usize::from(line.variant))
    }

    /// Every line of a benefit whose conditions hold, in the order of the law.
    pub(super) fn candidates(&self, benefit: Benefit, lines: &mut Vec<Line>) {
        lines.clear();
        let mut rest = self.matched & self.epoch.of_benefit[self.side][benefit_index(benefit)];
        while rest != 0 {
            let place = usize::try_from(rest.trailing_zeros()).unwrap_or(0);
            rest &= rest - 1;
            let (Some(index), Some(due)) = (self.epoch.active.get(place), self.epoch.due[self.side].get(place)) else {
                continue;
            };
            let Some(variant) = self.release.variants.get(usize::from(*index)) else {
                continue;
            };
            let here = match variant.setting {
                Setting::Community => self.place == Where::Community,
                Setting::Facility => self.place == Where::Facility,
            };
            if here && self.reach.is_none_or(|groups| variant.group_bit & groups != 0) {
                self.push(variant, *index, *due, lines);
            }
        }
    }

    fn push(&self, variant: &Variant, index: u16, due: Due, lines: &mut Vec<Line>) {
        let (unit, unknown) = match due {
            Due::Nothing => return,
            Due::Known(unit) => (unit, None),
            Due::Unknown { reason, taken_as } => (taken_as, Some(reason)),
        };
        match variant.pays {
            Pays::Once => lines.push(Line {
                variant: index,
                entry: NOBODY,
                amount: unit,
                unknown,
            }),
            Pays::PerChild { count, at_most } => {
                let children = self
                    .stretch
                    .counts
                    .get(usize::from(count))
                    .copied()
                    .unwrap_or(0)
                    .min(at_most);
                let amount = unit.saturating_mul(children.into());
                lines.push(Line {
                    variant: index,
                    entry: NOBODY,
                    amount,
                    unknown,
                });
            }
            Pays::ForEach { count } => {
                let day = self.stretch.from;
                let here = self
                    .facts
                    .counting
                    .iter()
                    .filter(|c| c.count == count && c.from <= day && day <= c.to);
                lines.extend(here.map(|c| Line {
                    variant: index,
                    entry: c.entry,
                    amount: unit,
                    unknown,
                }));
            }
        }
    }

    /// Leaves of the candidates what is due.
    pub(super) fn choose(&self, benefit: Benefit, candidates: &[Line], chosen: &mut Vec<Line>) {
        let start = chosen.len();
        if matches!(benefit, Benefit::MonthlyAllowance | Benefit::SocialPension) {
            let single = candidates
                .iter()
                .fold(None, |best, line| self.higher(best, [Some(*line), None]));
            let pairs = self
                .epoch
                .together
                .iter()
                .filter_map(|(group, beside)| self.pair(candidates, *group, *beside));
            let best = pairs.fold(single, |best, pair| self.higher(best, pair));
            chosen.extend(best.into_iter().flatten().flatten());
            return;
        }
        for line in candidates {
            let set = self.variant(line).map_or(0, |variant| variant.highest_of);
            let rival = chosen[start..]
                .iter()
                .position(|other| set != 0 && self.variant(other).is_some_and(|variant| variant.highest_of == set));
            match rival.and_then(|place| chosen.get_mut(start + place)) {
                Some(other) if line.amount > other.amount => *other = *line,
                Some(_) => {}
                None => chosen.push(*line),
            }
        }
    }

    fn rank(&self, line: &Option<Line>) -> u16 {
        line.as_ref()
            .and_then(|line| self.variant(line))
            .map_or(0, |variant| variant.rank)
    }

    /// The higher of two combinations; of equal ones that with the lower number.
    fn higher(&self, best: Option<[Option<Line>; 2]>, other: [Option<Line>; 2]) -> Option<[Option<Line>; 2]> {
        let Some(best) = best else { return Some(other) };
        let total = |lines: &[Option<Line>; 2]| {
            lines
                .iter()
                .flatten()
                .fold(0i64, |sum, line| sum.saturating_add(line.amount))
        };
        let ranks = |lines: &[Option<Line>; 2]| match lines {
            [one, None] => (self.rank(one), 0),
            [one, two] => {
                let (one, two) = (self.rank(one), self.rank(two));
                (one.min(two), one.max(two))
            }
        };
        let wins = (total(&other), std::cmp::Reverse(ranks(&other))) > (total(&best), std::cmp::Reverse(ranks(&best)));
        Some(if wins { other } else { best })
    }

    /// The group paid beside others, with the best of them.
    fn pair(&self, candidates: &[Line], group: u64, beside: u64) -> Option<[Option<Line>; 2]> {
        let of_group = |line: &Line| self.variant(line).map_or(0, |variant| variant.group_bit);
        let held = candidates.iter().fold(0, |all, line| all | of_group(line));
        let stands_beside = |line: &&Line| {
            let in_place_of = self.variant(line).map_or(0, |variant| variant.in_place_of);
            of_group(line) & group == 0 && (of_group(line) & beside != 0 || in_place_of & beside & held != 0)
        };
        let best = |lines: &mut dyn Iterator<Item = &Line>| {
            lines
                .fold(None, |best, line| self.higher(best, [Some(*line), None]))
                .map(|[line, _]| line)
        };
        let anchor = best(&mut candidates.iter().filter(|line| of_group(line) & group != 0))??;
        let other = best(&mut candidates.iter().filter(stands_beside))??;
        Some([Some(anchor), Some(other)])
    }
}
