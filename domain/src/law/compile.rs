//! From instruments to a release.

mod facts;
mod holes;
mod parameters;
mod reach;
mod units;
mod variants;

use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use self::facts::{dependences, fact_bits};
use self::parameters::parameters;
use self::variants::{ranks, variants};
use super::check;
use super::clause::Refusal;
use super::epoch;
use super::finding::{Finding, FindingCode, Severity};
use super::instrument::{BenefitRule, FirstLevel, Instrument, Issuer, LaterLevel, RuleEnd, months_of};
use super::release::{Effect, ParameterValue, Release};
use crate::case_file::{Benefit, Setting};
use crate::timeline::Timeline;
use crate::{Month, Vnd};

/// A rule with where it stands and how long it lasts.
pub(super) struct Placed<'i> {
    pub(super) rule: &'i BenefitRule,
    pub(super) instrument: &'i Instrument,
    pub(super) pointer: String,
    pub(super) provision: Arc<str>,
    pub(super) from: Option<Month>,
    pub(super) to: Option<Month>,
    /// The reason, where the rule has ended and what holds in its place is declared unknown.
    pub(super) unknown: Option<Arc<str>>,
}

impl Placed<'_> {
    /// Whose rules follow each other.
    fn key(&self) -> (Benefit, &str, Issuer, Setting) {
        let rule = self.rule;
        (rule.benefit, rule.group.as_str(), self.instrument.issuer, rule.setting)
    }

    fn stands_in(&self, article: &str) -> bool {
        *self.provision == *format!("{} {article}", self.instrument.cite).trim_end()
    }
}

/// A rule with the months it is in force, by a set of instruments.
pub(super) struct RuleSpan<'i> {
    pub(super) rule: &'i BenefitRule,
    pub(super) instrument: &'i str,
    pub(super) provision: Arc<str>,
    pub(super) from: Option<Month>,
    pub(super) to: Option<Month>,
}

/// The rules of a set of instruments, in order of publication.
pub(super) fn spans(instruments: &[Instrument]) -> Vec<RuleSpan<'_>> {
    let rules = placed(&mut Draft::default(), instruments).into_iter();
    rules
        .filter(|placed| placed.unknown.is_none())
        .map(|placed| RuleSpan {
            rule: placed.rule,
            instrument: &placed.instrument.number,
            provision: placed.provision,
            from: placed.from,
            to: placed.to,
        })
        .collect()
}

/// What is being built, with what was found on the way.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) release: Release,
    pub(super) findings: Vec<Finding>,
}

impl Draft {
    pub(super) fn find(&mut self, instrument: &Instrument, pointer: String, code: FindingCode, detail: String) {
        let severity = if code == FindingCode::BelowFloor {
            Severity::Warning
        } else {
            Severity::Error
        };
        let finding = Finding {
            instrument: instrument.number.clone(),
            pointer,
            severity,
            code,
            detail,
        };
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }

    fn refuse(&mut self, placed: &Placed<'_>, below: &str, refusal: Refusal) {
        let (code, detail) = match refusal {
            Refusal::TooComplex => (FindingCode::TooComplex, String::new()),
            Refusal::UnknownGroup(group) => (FindingCode::UnknownGroup, group),
        };
        self.find(placed.instrument, format!("{}{below}", placed.pointer), code, detail);
    }
}

pub(super) fn release(number: u32, instruments: &[Instrument]) -> Result<Release, Vec<Finding>> {
    let mut draft = Draft::default();
    draft.release.number = number;
    draft.release.instruments = instruments.iter().map(|instrument| instrument.number.clone()).collect();
    for (index, instrument) in instruments.iter().enumerate() {
        draft.findings.extend(check::shape(instrument, &instruments[..index]));
    }
    parameters(&mut draft, instruments);
    let rules = placed(&mut draft, instruments);
    let mut groups: Vec<String> = Vec::new();
    for placed in &rules {
        if !groups.contains(&placed.rule.group) {
            groups.push(placed.rule.group.clone());
        }
    }
    draft.release.vocabulary.groups = groups;
    let ranks = ranks(&rules);
    for (index, placed) in rules.iter().enumerate() {
        variants(&mut draft, (index, placed), &ranks);
    }
    reach::overlaps(&mut draft, &rules);
    holes::holes(&mut draft, &rules);
    effects(&mut draft, instruments);
    draft.release.bits = fact_bits(&draft.release.vocabulary);
    epoch::epochs(&mut draft, instruments, &rules);
    units::units(&mut draft, &rules);
    reach::unreachable(&mut draft, &rules);
    draft.release.dependences = dependences(&rules);
    let Draft {
        mut release,
        mut findings,
        ..
    } = draft;
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        findings.sort();
        return Err(findings);
    }
    release.warnings = findings;
    Ok(release)
}

fn placed<'i>(draft: &mut Draft, instruments: &'i [Instrument]) -> Vec<Placed<'i>> {
    let mut rules: Vec<Placed<'i>> = Vec::new();
    for instrument in instruments {
        let repealed = instrument.repeals_from().previous();
        for placed in rules
            .iter_mut()
            .filter(|placed| instrument.repeals.contains(&placed.instrument.number))
        {
            placed.to = Some(placed.to.map_or(repealed, |to| to.min(repealed)));
        }
        for (index, provision) in instrument.provisions.iter().enumerate() {
            let cited = format!("{} {}", instrument.cite, provision.article);
            let provision_text: Arc<str> = cited.trim_end().into();
            for (position, rule) in provision.rules.iter().enumerate() {
                let Some((from, to)) = months_of(rule.from, rule.to) else {
                    continue;
                };
                rules.push(Placed {
                    rule,
                    instrument,
                    pointer: format!("/provisions/{index}/rules/{position}"),
                    provision: Arc::clone(&provision_text),
                    from,
                    to,
                    unknown: None,
                });
            }
        }
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, end) in provision.ends.iter().enumerate() {
                if end.ends_rules() && !apply_end(&mut rules, end) {
                    let pointer = format!("/provisions/{index}/ends/{position}");
                    draft.find(instrument, pointer, FindingCode::NothingToEnd, end.instrument.clone());
                }
            }
        }
    }
    rules.retain(|placed| !matches!((placed.from, placed.to), (Some(from), Some(to)) if to < from));
    let unknown = holes::declared(&rules, instruments);
    rules.extend(unknown);
    rules
}

fn apply_end(rules: &mut [Placed<'_>], end: &RuleEnd) -> bool {
    let last = Month::of(end.to);
    let mut hit = false;
    for placed in rules.iter_mut() {
        let meant = placed.instrument.number == end.instrument
            && end.benefit.is_none_or(|benefit| benefit == placed.rule.benefit)
            && (end.groups.is_empty() || end.groups.contains(&placed.rule.group))
            && (end.articles.is_empty() || end.articles.iter().any(|article| placed.stands_in(article)));
        if meant {
            placed.to = Some(placed.to.map_or(last, |to| to.min(last)));
            hit = true;
        }
    }
    hit
}

/// A rule of effect, with the instrument that makes it.
#[derive(Clone, PartialEq)]
struct EffectOf<'i> {
    instrument: &'i str,
    before_decision: u64,
    first_level: FirstLevel,
    later_level: LaterLevel,
}

fn effects(draft: &mut Draft, instruments: &[Instrument]) {
    let mut timeline: Timeline<EffectOf<'_>> = Timeline::default();
    for instrument in instruments {
        timeline.cut(instrument.repeals_from(), |effect| {
            instrument.repeals.iter().any(|number| number == effect.instrument)
        });
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, effect) in provision.effects.iter().enumerate() {
                let Some((from, to)) = months_of(effect.from, effect.to) else {
                    continue;
                };
                let mut before_decision = 0;
                for group in &effect.before_decision {
                    match draft.release.vocabulary.group(group) {
                        Ok(bit) => before_decision |= bit,
                        Err(_) => {
                            let pointer = format!("/provisions/{index}/effects/{position}/before_decision");
                            draft.find(instrument, pointer, FindingCode::UnknownGroup, group.clone());
                        }
                    }
                }
                let value = EffectOf {
                    instrument: &instrument.number,
                    before_decision,
                    first_level: effect.first_level,
                    later_level: effect.later_level,
                };
                timeline.overlay(from, to, value);
            }
        }
    }
    let whole =
        timeline.pieces().first().is_some_and(|piece| piece.from.is_none()) && timeline.holes().next().is_none();
    if let (false, false, Some(instrument)) = (whole, draft.release.variants.is_empty(), instruments.last()) {
        draft.find(instrument, String::new(), FindingCode::EffectHole, String::new());
    }
    draft.release.effects = timeline
        .pieces()
        .iter()
        .map(|piece| Effect {
            from: piece.from.unwrap_or(Month::MIN),
            before_decision: piece.value.before_decision,
            first_level: piece.value.first_level,
            later_level: piece.value.later_level,
        })
        .collect();
}

/// The đồng of a value of money.
pub(super) fn dong(value: &ParameterValue) -> Option<Vnd> {
    let dong = value.value?.to_i64()?;
    Vnd::new(dong).ok()
}
