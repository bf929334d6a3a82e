//! From instruments to a release.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use super::check;
use super::clause::{Atom, Clause, Refusal, Vocabulary, both};
use super::condition::{AgeBracket, Condition, Counted};
use super::epoch;
use super::finding::{Finding, FindingCode, Severity};
use super::instrument::{Amount, BenefitRule, Instrument, Issuer, RuleEnd, Unit, months_of};
use super::release::{
    AmountOf, Effect, FactBits, ParameterValue, Pays, Release, RuleDependence, Variant, area_index, issuer_index,
};
use crate::case_file::{Benefit, Setting};
use crate::evidence::EvidenceKind;
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
}

/// What is being built, with what was found on the way.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) release: Release,
    pub(super) findings: Vec<Finding>,
    sets: Vec<String>,
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
    for placed in &rules {
        variants(&mut draft, placed, &ranks);
    }
    effects(&mut draft, instruments);
    draft.release.bits = fact_bits(&draft.release.vocabulary);
    epoch::epochs(&mut draft, instruments, &rules);
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

fn parameters(draft: &mut Draft, instruments: &[Instrument]) {
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

fn placed<'i>(draft: &mut Draft, instruments: &'i [Instrument]) -> Vec<Placed<'i>> {
    let mut rules: Vec<Placed<'i>> = Vec::new();
    for instrument in instruments {
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
                });
            }
        }
        for (index, provision) in instrument.provisions.iter().enumerate() {
            for (position, end) in provision.ends.iter().enumerate() {
                if !apply_end(&mut rules, end) {
                    let pointer = format!("/provisions/{index}/ends/{position}");
                    draft.find(instrument, pointer, FindingCode::NothingToEnd, end.instrument.clone());
                }
            }
        }
    }
    rules.retain(|placed| !matches!((placed.from, placed.to), (Some(from), Some(to)) if to < from));
    rules
}

fn apply_end(rules: &mut [Placed<'_>], end: &RuleEnd) -> bool {
    let last = Month::of(end.to);
    let mut hit = false;
    for placed in rules.iter_mut() {
        let meant = placed.instrument.number == end.instrument
            && end.benefit.is_none_or(|benefit| benefit == placed.rule.benefit)
            && (end.groups.is_empty() || end.groups.contains(&placed.rule.group));
        if meant {
            placed.to = Some(placed.to.map_or(last, |to| to.min(last)));
            hit = true;
        }
    }
    hit
}

/// Where a group stands when amounts are equal: by issuer, then by number.
type Place<'a> = (Issuer, Vec<(u64, String)>, &'a str);

/// The order in which equal amounts win: central groups by number, provincial ones last.
fn ranks(rules: &[Placed<'_>]) -> BTreeMap<String, u16> {
    let mut order: Vec<Place<'_>> = Vec::new();
    for placed in rules {
        let group = placed.rule.group.as_str();
        if !order.iter().any(|(_, _, known)| *known == group) {
            order.push((placed.instrument.issuer, natural(group), group));
        }
    }
    order.sort();
    order
        .into_iter()
        .zip(0u16..)
        .map(|((_, _, group), rank)| (group.to_owned(), rank))
        .collect()
}

fn natural(text: &str) -> Vec<(u64, String)> {
    let mut parts: Vec<(u64, String)> = vec![(0, String::new())];
    for letter in text.chars() {
        let Some(last) = parts.last_mut() else { break };
        match letter.to_digit(10) {
            Some(digit) if last.1.is_empty() => last.0 = last.0.saturating_mul(10).saturating_add(digit.into()),
            Some(digit) => parts.push((digit.into(), String::new())),
            None => last.1.push(letter),
        }
    }
    parts
}

/// One line of a rule before its conditions are compiled.
struct Line {
    extra: Vec<Condition>,
    amount: AmountOf,
    pays: Pays,
    below: String,
}

fn lines(draft: &mut Draft, placed: &Placed<'_>) -> Result<Vec<Line>, Refusal> {
    let vocabulary = &mut draft.release.vocabulary;
    let simple = |coefficient, of: &[String]| AmountOf {
        coefficient,
        of: of.to_vec(),
        undetermined: None,
    };
    let mut pays = Pays::Once;
    let mut extra = Vec::new();
    if let Some(cared) = placed.rule.for_each {
        pays = Pays::ForEach {
            count: vocabulary.count(Counted::Cared(cared))?,
        };
        extra.push(Condition::Count {
            of: Counted::Cared(cared),
            from: Some(1),
            below: None,
        });
    }
    let line = |more: Option<Condition>, amount: AmountOf, pays: Pays, below: String| {
        let mut extra = extra.clone();
        extra.extend(more);
        Line {
            extra,
            amount,
            pays,
            below,
        }
    };
    Ok(match &placed.rule.amount {
        Amount::Times { coefficient, of } => {
            vec![line(None, simple(Some(coefficient.0), of), pays, "/amount".into())]
        }
        Amount::ByAge { of, brackets } => brackets
            .iter()
            .enumerate()
            .map(|(index, bracket)| {
                let below = format!("/amount/by_age/brackets/{index}");
                line(
                    Some(Condition::Age(bracket.age)),
                    simple(Some(bracket.coefficient.0), of),
                    pays,
                    below,
                )
            })
            .collect(),
        Amount::PerChild {
            coefficient,
            of,
            children,
            at_most,
        } => {
            let counted = Counted::Children(*children);
            let pays = Pays::PerChild {
                count: vocabulary.count(counted)?,
                at_most: at_most.unwrap_or(u8::MAX),
            };
            let one = Condition::Count {
                of: counted,
                from: Some(1),
                below: None,
            };
            vec![line(Some(one), simple(Some(coefficient.0), of), pays, "/amount".into())]
        }
        Amount::Fixed { of } => vec![line(None, simple(None, of), pays, "/amount".into())],
        Amount::FixedByArea { urban, rural } => [
            (crate::case_file::AreaType::Urban, urban, "urban"),
            (crate::case_file::AreaType::Rural, rural, "rural"),
        ]
        .into_iter()
        .map(|(area, key, name)| {
            let of = std::slice::from_ref(key);
            line(
                Some(Condition::Area(area)),
                simple(None, of),
                pays,
                format!("/amount/fixed_by_area/{name}"),
            )
        })
        .collect(),
    })
}

fn variants(draft: &mut Draft, placed: &Placed<'_>, ranks: &BTreeMap<String, u16>) {
    if let Err((below, refusal)) = try_variants(draft, placed, ranks) {
        draft.refuse(placed, &below, refusal);
    }
}

fn try_variants(
    draft: &mut Draft,
    placed: &Placed<'_>,
    ranks: &BTreeMap<String, u16>,
) -> Result<(), (String, Refusal)> {
    let at = |below: &str| {
        let below = below.to_owned();
        move |refusal| (below, refusal)
    };
    let rule = placed.rule;
    let lines = lines(draft, placed).map_err(at("/amount"))?;
    let vocabulary = &mut draft.release.vocabulary;
    let mut base = vocabulary.clauses(&rule.when, true).map_err(at("/when"))?;
    if rule.setting == Setting::Facility && rule.benefit != Benefit::Funeral {
        let inside = vocabulary
            .clauses(&Condition::Setting(Setting::Facility), true)
            .map_err(at("/setting"))?;
        base = both(&base, &inside).map_err(at("/when"))?;
    }
    if !base.iter().any(|clause| vocabulary.possible(clause)) {
        draft.find(
            placed.instrument,
            format!("{}/when", placed.pointer),
            FindingCode::Contradiction,
            String::new(),
        );
        return Ok(());
    }
    let mut determined = base.clone();
    let mut open: Vec<(Vec<Clause>, &super::instrument::Undetermined)> = Vec::new();
    for (index, unknown) in rule.undetermined.iter().enumerate() {
        let pointer = format!("/undetermined/{index}/when");
        let vocabulary = &mut draft.release.vocabulary;
        let inside = vocabulary.clauses(&unknown.when, true).map_err(at(&pointer))?;
        let outside = vocabulary.clauses(&unknown.when, false).map_err(at(&pointer))?;
        open.push((both(&base, &inside).map_err(at(&pointer))?, unknown));
        determined = both(&determined, &outside).map_err(at(&pointer))?;
    }
    for line in &lines {
        push_variant(draft, placed, ranks, &determined, line, None).map_err(at(&line.below))?;
    }
    for (clauses, unknown) in open {
        let reason: Arc<str> = (*unknown.reason).into();
        match &unknown.taken_as {
            Some(key) => {
                let amount = AmountOf {
                    coefficient: None,
                    of: vec![key.clone()],
                    undetermined: None,
                };
                let line = Line {
                    extra: Vec::new(),
                    amount,
                    pays: Pays::Once,
                    below: "/undetermined".into(),
                };
                push_variant(draft, placed, ranks, &clauses, &line, Some(reason)).map_err(at("/undetermined"))?;
            }
            None => {
                for line in &lines {
                    let reason = Some(Arc::clone(&reason));
                    push_variant(draft, placed, ranks, &clauses, line, reason).map_err(at("/undetermined"))?;
                }
            }
        }
    }
    Ok(())
}

fn push_variant(
    draft: &mut Draft,
    placed: &Placed<'_>,
    ranks: &BTreeMap<String, u16>,
    base: &[Clause],
    line: &Line,
    reason: Option<Arc<str>>,
) -> Result<(), Refusal> {
    let rule = placed.rule;
    let mut clauses = base.to_vec();
    for condition in &line.extra {
        let more = draft.release.vocabulary.clauses(condition, true)?;
        clauses = both(&clauses, &more)?;
    }
    clauses.retain(|clause| draft.release.vocabulary.possible(clause));
    if clauses.is_empty() {
        let pointer = format!("{}{}", placed.pointer, line.below);
        draft.find(placed.instrument, pointer, FindingCode::Contradiction, String::new());
        return Ok(());
    }
    let mut in_place_of = 0;
    for group in &rule.in_place_of {
        in_place_of |= draft.release.vocabulary.group(group)?;
    }
    let highest_of = match &rule.highest_of {
        None => 0,
        Some(name) => {
            let index = draft.sets.iter().position(|known| known == name).unwrap_or_else(|| {
                draft.sets.push(name.clone());
                draft.sets.len() - 1
            });
            u8::try_from(index + 1).map_err(|_out_of_range| Refusal::TooComplex)?
        }
    };
    let amount = AmountOf {
        undetermined: reason,
        ..line.amount.clone()
    };
    draft.release.variants.push(Variant {
        benefit: rule.benefit,
        group: (*rule.group).into(),
        group_bit: draft.release.vocabulary.group(&rule.group)?,
        rank: ranks.get(&rule.group).copied().unwrap_or(u16::MAX),
        provision: Arc::clone(&placed.provision),
        issuer: placed.instrument.issuer,
        setting: rule.setting,
        need: clauses.iter().fold(u128::MAX, |need, clause| need & clause.set),
        clauses,
        from: placed.from,
        to: placed.to,
        pays: line.pays,
        highest_of,
        in_place_of,
        amount,
    });
    Ok(())
}

fn effects(draft: &mut Draft, instruments: &[Instrument]) {
    let mut timeline: Timeline<Option<(u64, super::instrument::FirstLevel, super::instrument::LaterLevel)>> =
        Timeline::default();
    for instrument in instruments {
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
                timeline.overlay(
                    from,
                    to,
                    Some((before_decision, effect.first_level, effect.later_level)),
                );
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
        .filter_map(|piece| {
            let (before_decision, first_level, later_level) = piece.value?;
            Some(Effect {
                from: piece.from.unwrap_or(Month::MIN),
                before_decision,
                first_level,
                later_level,
            })
        })
        .collect();
}

fn fact_bits(vocabulary: &Vocabulary) -> FactBits {
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

fn dependences(rules: &[Placed<'_>]) -> Vec<RuleDependence> {
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

/// The đồng of a value of money.
pub(super) fn dong(value: &ParameterValue) -> Option<Vnd> {
    let dong = value.value?.to_i64()?;
    Vnd::new(dong).ok()
}
