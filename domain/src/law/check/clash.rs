//! Two instruments that change the same: whoever is published second would lie over the first.

use super::overlap;
use crate::law::difference::compare;
use crate::law::finding::{Finding, FindingCode, Severity};
use crate::law::instrument::{BenefitRule, DeclaredUnknown, Instrument, Provision, RuleEnd, Together, months_of};

/// The clauses of a draft that another open draft changes too, each a warning with its pointer.
pub fn clashes(draft: &Instrument, other: &Instrument) -> Vec<Finding> {
    let found = same(draft, other).into_iter();
    found
        .map(|(pointer, what)| Finding {
            instrument: draft.number.clone(),
            pointer,
            severity: Severity::Warning,
            code: FindingCode::AnotherDraft,
            detail: format!("{}: {what}", other.number).trim_end_matches(": ").to_owned(),
        })
        .collect()
}

/// The clauses of a draft that an instrument published since changed too, each an error with its pointer, unless the
/// draft amends or repeals it. `before` is the body that it corrects, if it corrects one; `id` is where it is found.
pub fn changed_since(
    draft: &Instrument,
    published: &Instrument,
    before: Option<&Instrument>,
    id: &str,
) -> Vec<Finding> {
    let mut named = draft.amends.iter().chain(&draft.repeals);
    if named.any(|number| *number == published.number) {
        return Vec::new();
    }
    let found = match before {
        None => same(draft, published),
        Some(before) => same(draft, &corrected(before, published)),
    };
    found
        .into_iter()
        .map(|(pointer, what)| Finding {
            instrument: draft.number.clone(),
            pointer,
            severity: Severity::Error,
            code: FindingCode::ChangedSince,
            detail: format!("{} [{id}]: {what}", published.number)
                .trim_end_matches(": ")
                .to_owned(),
        })
        .collect()
}

/// What a correction says otherwise than the body it replaces: the clauses it adds, changes and takes away.
fn corrected(before: &Instrument, after: &Instrument) -> Instrument {
    let changes = compare(before, after);
    let kept = |own: &Instrument, removed: bool| -> Vec<Provision> {
        let told = |pointer: &str| {
            let mut told = changes.iter();
            told.any(|change| change.pointer == pointer && change.after.is_none() == removed)
        };
        let provisions = own.provisions.iter().enumerate();
        provisions
            .map(|(index, provision)| {
                let mut provision = provision.clone();
                let at = |list: &str, position: usize| format!("/provisions/{index}/{list}/{position}");
                retain(&mut provision.parameters, |position| told(&at("parameters", position)));
                retain(&mut provision.rules, |position| told(&at("rules", position)));
                retain(&mut provision.ends, |position| told(&at("ends", position)));
                retain(&mut provision.effects, |position| told(&at("effects", position)));
                retain(&mut provision.together, |position| told(&at("together", position)));
                retain(&mut provision.unknowns, |position| told(&at("unknowns", position)));
                provision
            })
            .collect()
    };
    let mut provisions = kept(after, false);
    provisions.extend(kept(before, true));
    let only =
        |own: &[String], other: &[String]| own.iter().filter(|number| !other.contains(number)).cloned().collect();
    Instrument {
        provisions,
        amends: only(&after.amends, &before.amends),
        repeals: only(&after.repeals, &before.repeals),
        cases: Vec::new(),
        ..after.clone()
    }
}

fn retain<T>(list: &mut Vec<T>, keep: impl Fn(usize) -> bool) {
    let mut positions = 0..;
    list.retain(|_| positions.next().is_some_and(&keep));
}

/// The clauses of one instrument that another changes too: pointer and what it is about.
fn same(draft: &Instrument, other: &Instrument) -> Vec<(String, String)> {
    let mut pointers = Vec::new();
    for (index, provision) in draft.provisions.iter().enumerate() {
        let at = |list: &str, position: usize| format!("/provisions/{index}/{list}/{position}");
        values(draft, provision, other, &at, &mut pointers);
        let others = || other.provisions.iter();
        for (position, own) in provision.rules.iter().enumerate() {
            let same = |o: &BenefitRule| {
                (o.benefit, &o.group) == (own.benefit, &own.group) && meet((own.from, own.to), (o.from, o.to))
            };
            if others().flat_map(|p| &p.rules).any(same) {
                pointers.push((at("rules", position), own.group.clone()));
            }
        }
        for (position, own) in provision.ends.iter().enumerate() {
            let mut ends = others().flat_map(|p| &p.ends);
            if ends.any(|o| end_the_same(own, o)) || other.repeals.contains(&own.instrument) {
                pointers.push((at("ends", position), own.instrument.clone()));
            }
        }
        for (position, own) in provision.effects.iter().enumerate() {
            let mut effects = others().flat_map(|p| &p.effects);
            if effects.any(|o| meet((own.from, own.to), (o.from, o.to))) {
                pointers.push((at("effects", position), String::new()));
            }
        }
        for (position, own) in provision.together.iter().enumerate() {
            let same = |o: &Together| {
                o.group == own.group
                    && o.beside.iter().any(|beside| own.beside.contains(beside))
                    && meet((own.from, own.to), (o.from, o.to))
            };
            if others().flat_map(|p| &p.together).any(same) {
                pointers.push((at("together", position), own.group.clone()));
            }
        }
    }
    for (index, number) in draft.repeals.iter().enumerate() {
        let mut ends = other.provisions.iter().flat_map(|p| &p.ends);
        if other.repeals.contains(number) || other.amends.contains(number) || ends.any(|e| e.instrument == *number) {
            pointers.push((format!("/repeals/{index}"), number.clone()));
        }
    }
    pointers
}

/// Values of one key, known or declared unknown, for the same months.
fn values(
    draft: &Instrument,
    provision: &Provision,
    other: &Instrument,
    at: &impl Fn(&str, usize) -> String,
    pointers: &mut Vec<(String, String)>,
) {
    let one_issuer = draft.issuer == other.issuer;
    let said = |key: &str, days: Days| {
        let parameters = other.provisions.iter().flat_map(|p| &p.parameters);
        one_issuer
            && parameters
                .into_iter()
                .any(|o| o.key == key && meet(days, (o.from, o.to)))
    };
    let unknown = |subject: &str, days: Days| {
        let mut unknowns = other.provisions.iter().flat_map(|p| &p.unknowns);
        let same = |o: &DeclaredUnknown| o.subject == subject && meet(days, (o.from, o.to));
        one_issuer && unknowns.any(same)
    };
    for (position, own) in provision.parameters.iter().enumerate() {
        let days = (own.from, own.to);
        if said(&own.key, days) || unknown(&own.key, days) {
            pointers.push((at("parameters", position), own.key.clone()));
        }
    }
    for (position, own) in provision.unknowns.iter().enumerate() {
        let days = (own.from, own.to);
        if said(&own.subject, days) || unknown(&own.subject, days) {
            pointers.push((at("unknowns", position), own.subject.clone()));
        }
    }
}

type Days = (Option<chrono::NaiveDate>, Option<chrono::NaiveDate>);

fn meet(a: Days, b: Days) -> bool {
    months_of(a.0, a.1)
        .zip(months_of(b.0, b.1))
        .is_some_and(|(a, b)| overlap(a, b))
}

fn end_the_same(a: &RuleEnd, b: &RuleEnd) -> bool {
    let lists_meet =
        |a: &[String], b: &[String]| a.is_empty() || b.is_empty() || a.iter().any(|group| b.contains(group));
    let rules = a.ends_rules()
        && b.ends_rules()
        && a.benefit.zip(b.benefit).is_none_or(|(a, b)| a == b)
        && lists_meet(&a.groups, &b.groups);
    let values = a.parameters.iter().any(|key| b.parameters.contains(key));
    let pairs = a.together.iter().any(|own| {
        let mut others = b.together.iter();
        others.any(|other| own.group == other.group && lists_meet(&own.beside, &other.beside))
    });
    a.instrument == b.instrument && lists_meet(&a.articles, &b.articles) && (rules || values || pairs)
}
