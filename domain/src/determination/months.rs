//! From spells to months: which months a decision reaches, and which day's facts count for each.

use chrono::NaiveDate;

use super::choose::{Judged, Line};
use super::life::Life;
use super::settings::Where;
use super::spells::{Spell, matched_of};
use crate::Month;
use crate::case_file::Benefit;
use crate::law::{FirstLevel, LaterLevel};

/// Months with one outcome of one benefit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) benefit: Benefit,
    pub(super) from: Month,
    pub(super) to: Option<Month>,
    /// The month of the decision, for months before it; the month after a run of uncollected months.
    pub(super) due: Option<Month>,
    /// The lines, as a range of [`Life::lines`].
    pub(super) lines: (usize, usize),
    pub(super) total: i64,
    pub(super) unknown: Option<u16>,
    /// What it rests on, for the explanation.
    pub(super) basis: Basis,
}

/// What an outcome rests on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Basis {
    pub(super) stretch: usize,
    pub(super) epoch: usize,
    pub(super) day: NaiveDate,
    pub(super) place: Where,
    pub(super) reach: Option<u64>,
}

impl Span {
    pub(super) fn covers(&self, month: Month) -> bool {
        self.from <= month && self.to.is_none_or(|to| month <= to)
    }
}

fn last_month(spell: &Spell) -> Option<Month> {
    (spell.to < NaiveDate::MAX).then(|| Month::of(spell.to))
}

impl Life<'_> {
    /// The spans of one benefit, sorted.
    pub(super) fn spans_of(&mut self, benefit: Benefit, spell: &Spell) {
        let Some(signed) = spell.decided_on else { return };
        let Some(effect) = self.release.effect_of(Month::of(signed)) else {
            return;
        };
        let (reach, first_level) = (effect.before_decision, effect.first_level);
        let begins = Month::of(spell.from);
        let last = match benefit {
            Benefit::FacilityCare => self.last_in_facility(spell),
            _ => last_month(spell),
        };
        if signed > spell.to {
            if reach != 0 {
                let signed_month = Month::of(signed);
                let before = last.map(|month| month.min(signed_month.previous()));
                self.later_months(benefit, spell, (begins, before), Some(signed_month), Some(reach));
                if last == Some(signed_month) {
                    self.later_months(benefit, spell, (signed_month, last), None, Some(reach));
                }
            }
            return;
        }
        let effective = signed.max(spell.from);
        let first = Month::of(effective);
        if reach != 0 && begins < first {
            self.later_months(
                benefit,
                spell,
                (begins, Some(first.previous())),
                Some(first),
                Some(reach),
            );
        }
        let day = match first_level {
            FirstLevel::Decision => effective,
            FirstLevel::EndOfMonth => first.last_day().min(spell.to),
        };
        let epoch = self.release.epoch_of(first);
        let (place, _) = self.place_in(first);
        self.span(benefit, (first, Some(first)), None, day, epoch, place, None);
        if last.is_none_or(|last| first < last) {
            self.later_months(benefit, spell, (first.next(), last), None, None);
        }
    }

    /// Care in a facility goes on through the month in which the person leaves for the community.
    fn last_in_facility(&self, spell: &Spell) -> Option<Month> {
        let last = last_month(spell)?;
        let next = spell.to.succ_opt()?;
        let stays_on = self.facts.stays.iter().any(|stay| stay.from <= next && next <= stay.to);
        Some(if stays_on { Month::of(next) } else { last })
    }

    fn place_in(&self, month: Month) -> (Where, Option<Month>) {
        let next = self.settings.partition_point(|(from, _)| *from <= month);
        let place = next
            .checked_sub(1)
            .and_then(|index| self.settings.get(index))
            .map_or(Where::Entering, |at| at.1);
        (place, self.settings.get(next).map(|at| at.0))
    }

    /// Months by the rule of later months, each stretch of equal months once.
    fn later_months(
        &mut self,
        benefit: Benefit,
        spell: &Spell,
        (first, last): (Month, Option<Month>),
        due: Option<Month>,
        reach: Option<u64>,
    ) {
        let mut month = first;
        let mut place = 0;
        let mut epoch = self.release.epoch_of(month);
        while last.is_none_or(|last| month <= last) {
            while self
                .release
                .epochs
                .get(epoch + 1)
                .is_some_and(|next| next.from <= month)
            {
                epoch += 1;
            }
            let before = self
                .release
                .epochs
                .get(epoch)
                .is_some_and(|e| e.later_level == LaterLevel::EndOfMonthBefore);
            let last_day = if before {
                month.first_day().pred_opt().unwrap_or(NaiveDate::MIN)
            } else {
                month.last_day()
            };
            let day = last_day.min(spell.to);
            place = self.facts.place_of(day, place);
            let (setting, setting_change) = self.place_in(month);
            let fact_change = self
                .facts
                .stretches
                .get(place)
                .map(|stretch| stretch.to)
                .filter(|to| *to < spell.to);
            let fact_change = fact_change.and_then(|to| to.succ_opt()).map(|day| {
                let month = Month::of(day);
                if before { month.next() } else { month }
            });
            let law_change = self.release.epochs.get(epoch + 1).map(|next| next.from);
            let next = [setting_change, fact_change, law_change, last.map(Month::next)]
                .into_iter()
                .flatten()
                .min();
            let to = next.map(Month::previous);
            self.span(benefit, (month, to), due, day, epoch, setting, reach);
            match next {
                Some(next) if next > month => month = next,
                _ => break,
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one row of what an outcome rests on")]
    fn span(
        &mut self,
        benefit: Benefit,
        (from, to): (Month, Option<Month>),
        due: Option<Month>,
        day: NaiveDate,
        epoch_place: usize,
        place: Where,
        reach: Option<u64>,
    ) {
        let stretch_place = self.facts.place_of(day, 0);
        let (Some(stretch), Some(epoch)) = (
            self.facts.stretches.get(stretch_place),
            self.release.epochs.get(epoch_place),
        ) else {
            return;
        };
        let known = self
            .pieces
            .iter()
            .find(|piece| piece.stretch == stretch_place && piece.epoch == epoch_place);
        let matched = match known {
            Some(piece) => piece.matched,
            None => matched_of(&self.facts, self.release, self.side, stretch_place, epoch_place),
        };
        let judged = Judged {
            release: self.release,
            facts: &self.facts,
            stretch,
            epoch,
            side: self.side,
            matched,
            place,
            reach,
        };
        judged.candidates(benefit, &mut self.candidates);
        if self.candidates.is_empty() {
            return;
        }
        let start = self.lines.len();
        judged.choose(benefit, &self.candidates, &mut self.lines);
        let chosen: &[Line] = &self.lines[start..];
        let total = chosen.iter().fold(0i64, |sum, line| sum.saturating_add(line.amount));
        let unknown = chosen.iter().find_map(|line| line.unknown);
        let basis = Basis {
            stretch: stretch_place,
            epoch: epoch_place,
            day,
            place,
            reach,
        };
        let span = Span {
            benefit,
            from,
            to,
            due,
            lines: (start, self.lines.len()),
            total,
            unknown,
            basis,
        };
        self.lay(span);
    }

    /// Two spells that touch one month are paid once, by the later.
    fn lay(&mut self, span: Span) {
        while let Some(last) = self.spans.last_mut() {
            if last.benefit != span.benefit || last.to.is_some_and(|to| to < span.from) {
                break;
            }
            if last.from < span.from {
                last.to = Some(span.from.previous());
                break;
            }
            self.spans.pop();
        }
        self.spans.push(span);
    }
}
