//! One person's whole life under one release, with the buffers that are kept from person to person.

use chrono::NaiveDate;

use super::choose::{Line, NOBODY};
use super::facts::Facts;
use super::months::{Basis, Span};
use super::settings::{Where, settings};
use super::spells::{Piece, Spell, decide, pieces, spells};
use super::suspension;
use crate::Month;
use crate::case_file::{Benefit, CaseFile, Setting};
use crate::law::release::{Due, Release, benefit_index, jurisdiction_index};

/// Benefits that conditions give; the funeral follows from them.
const MONTHLY: [Benefit; 4] = [
    Benefit::MonthlyAllowance,
    Benefit::CareSupport,
    Benefit::FacilityCare,
    Benefit::SocialPension,
];

/// The work on one person.
#[derive(Debug)]
pub(super) struct Life<'r> {
    pub(super) release: &'r Release,
    pub(super) side: usize,
    pub(super) facts: Facts,
    pub(super) settings: Vec<(Month, Where)>,
    pub(super) pieces: Vec<Piece>,
    pub(super) candidates: Vec<Line>,
    pub(super) lines: Vec<Line>,
    pub(super) spans: Vec<Span>,
    /// What lost against another benefit, for the explanation.
    pub(super) lost: Vec<Span>,
    spells: Vec<Spell>,
    signed: Vec<NaiveDate>,
}

impl<'r> Life<'r> {
    pub(super) fn new(release: &'r Release) -> Self {
        Self {
            release,
            side: 0,
            facts: Facts::default(),
            settings: Vec::new(),
            pieces: Vec::new(),
            candidates: Vec::new(),
            lines: Vec::new(),
            spans: Vec::new(),
            lost: Vec::new(),
            spells: Vec::new(),
            signed: Vec::new(),
        }
    }

    /// Fills `spans`, sorted by benefit and month, with everything the person is due.
    pub(super) fn live(&mut self, case: &CaseFile) {
        self.side = jurisdiction_index(case.jurisdiction);
        self.lines.clear();
        self.spans.clear();
        self.lost.clear();
        self.facts.read(case, self.release);
        settings(&self.facts.stays, &mut self.settings);
        pieces(&self.facts, self.release, self.side, &mut self.pieces);
        for benefit in MONTHLY {
            if is_asked_for(case, benefit) {
                self.benefit(case, benefit);
            }
        }
        self.compete();
        self.funeral(case);
        suspension::suspend(case, &mut self.spans);
    }

    fn benefit(&mut self, case: &CaseFile, benefit: Benefit) {
        let mut found = std::mem::take(&mut self.spells);
        spells(benefit, &self.facts, self.release, self.side, &self.pieces, &mut found);
        decide(benefit, case, &mut found, &mut self.signed);
        for spell in &found {
            self.spans_of(benefit, spell);
        }
        self.spells = found;
    }

    /// Monthly allowance against social pension: the higher one; of equal ones the allowance.
    fn compete(&mut self) {
        let of = |benefit: Benefit| self.spans.iter().filter(move |span| span.benefit == benefit);
        let mut lost: Vec<Span> = Vec::new();
        for pension in of(Benefit::SocialPension) {
            for allowance in of(Benefit::MonthlyAllowance) {
                let from = pension.from.max(allowance.from);
                let to = earlier(pension.to, allowance.to);
                if to.is_none_or(|to| from <= to) {
                    let loser = if allowance.total >= pension.total {
                        pension
                    } else {
                        allowance
                    };
                    lost.push(Span { from, to, ..*loser });
                }
            }
        }
        for loser in &lost {
            cut(
                &mut self.spans,
                |span| span.benefit == loser.benefit,
                loser.from,
                loser.to,
                |_| None,
            );
        }
        self.lost = lost;
    }

    /// The funeral follows when the month of death carries an allowance, a pension or facility care.
    fn funeral(&mut self, case: &CaseFile) {
        let Some(died) = case.death_date.map(Month::of) else {
            return;
        };
        let carries = |benefit: Benefit| {
            self.spans
                .iter()
                .find(|span| span.benefit == benefit && span.covers(died))
        };
        let carried = [Benefit::FacilityCare, Benefit::MonthlyAllowance, Benefit::SocialPension];
        let Some(carrier) = carried.into_iter().find_map(carries).copied() else {
            return;
        };
        let inside = carrier.benefit == Benefit::FacilityCare;
        let setting = if inside { Setting::Facility } else { Setting::Community };
        let claims = case
            .claims
            .iter()
            .flatten()
            .filter(|claim| claim.benefit == Benefit::Funeral);
        let later = claims.filter_map(|claim| claim.decided_on).map(Month::of).max();
        let due = [Some(died), carrier.due, later].into_iter().flatten().max();
        let epoch_place = self.release.epoch_of(died);
        let Some(epoch) = self.release.epochs.get(epoch_place) else {
            return;
        };
        let mask = epoch.of_benefit[self.side][benefit_index(Benefit::Funeral)];
        let start = self.lines.len();
        for (place, index) in (0u32..).zip(&epoch.active) {
            let variant = self.release.variants.get(usize::from(*index));
            let meant = mask >> place & 1 == 1 && variant.is_some_and(|variant| variant.setting == setting);
            let due = usize::try_from(place)
                .ok()
                .and_then(|place| epoch.due[self.side].get(place));
            let (amount, unknown) = match due {
                Some(Due::Known(amount)) if meant => (*amount, None),
                Some(Due::Unknown { reason, taken_as }) if meant => (*taken_as, Some(*reason)),
                _ => continue,
            };
            self.lines.push(Line {
                variant: *index,
                entry: NOBODY,
                amount,
                unknown,
            });
        }
        let lines = (start, self.lines.len());
        let Some(line) = self.lines.get(start) else { return };
        let basis = Basis {
            epoch: epoch_place,
            ..carrier.basis
        };
        self.spans.push(Span {
            benefit: Benefit::Funeral,
            from: died,
            to: Some(died),
            due,
            lines,
            total: line.amount,
            unknown: line.unknown,
            basis,
        });
    }
}

fn is_asked_for(case: &CaseFile, benefit: Benefit) -> bool {
    match &case.claims {
        None => benefit != Benefit::SocialPension,
        Some(claims) => claims
            .iter()
            .any(|claim| claim.benefit == benefit && claim.decided_on.is_some()),
    }
}

/// The earlier of two last months, of which none is open.
pub(super) fn earlier(a: Option<Month>, b: Option<Month>) -> Option<Month> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

/// Takes months out of the spans that are meant; `instead` may put something in their place.
pub(super) fn cut(
    spans: &mut Vec<Span>,
    meant: impl Fn(&Span) -> bool,
    from: Month,
    to: Option<Month>,
    instead: impl Fn(&Span) -> Option<Span>,
) {
    let mut place = 0;
    while let Some(span) = spans.get(place).copied() {
        let first = span.from.max(from);
        let last = earlier(span.to, to);
        if !meant(&span) || last.is_some_and(|last| last < first) {
            place += 1;
            continue;
        }
        let before = (span.from < first).then(|| Span {
            to: Some(first.previous()),
            ..span
        });
        let middle = instead(&Span {
            from: first,
            to: last,
            ..span
        });
        let after = last
            .filter(|last| span.to.is_none_or(|end| *last < end))
            .map(|last| Span {
                from: last.next(),
                ..span
            });
        let parts = [before, middle, after].into_iter().flatten();
        let count = parts.clone().count();
        spans.splice(place..=place, parts);
        place += count;
    }
}
