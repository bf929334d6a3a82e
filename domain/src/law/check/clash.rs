//! Two drafts that change the same: whoever is published second would lie over the first.

use super::overlap;
use crate::law::finding::{Finding, FindingCode, Severity};
use crate::law::instrument::{Instrument, RuleEnd, months_of};

/// The clauses of a draft that another open draft changes too, each a warning with its pointer.
pub fn clashes(draft: &Instrument, other: &Instrument) -> Vec<Finding> {
    let mut pointers = Vec::new();
    for (index, provision) in draft.provisions.iter().enumerate() {
        let at = |list: &str, position: usize| format!("/provisions/{index}/{list}/{position}");
        for (position, own) in provision.parameters.iter().enumerate() {
            let mut others = other.provisions.iter().flat_map(|p| &p.parameters);
            let same = draft.issuer == other.issuer
                && others.any(|o| o.key == own.key && meet((own.from, own.to), (o.from, o.to)));
            if same {
                pointers.push((at("parameters", position), own.key.clone()));
            }
        }
        for (position, own) in provision.rules.iter().enumerate() {
            let mut others = other.provisions.iter().flat_map(|p| &p.rules);
            let same = |o: &crate::law::BenefitRule| {
                (o.benefit, &o.group) == (own.benefit, &own.group) && meet((own.from, own.to), (o.from, o.to))
            };
            if others.any(same) {
                pointers.push((at("rules", position), own.group.clone()));
            }
        }
        for (position, own) in provision.ends.iter().enumerate() {
            let mut others = other.provisions.iter().flat_map(|p| &p.ends);
            if others.any(|o| end_the_same(own, o)) || other.repeals.contains(&own.instrument) {
                pointers.push((at("ends", position), own.instrument.clone()));
            }
        }
        for (position, own) in provision.effects.iter().enumerate() {
            let mut others = other.provisions.iter().flat_map(|p| &p.effects);
            if others.any(|o| meet((own.from, own.to), (o.from, o.to))) {
                pointers.push((at("effects", position), String::new()));
            }
        }
    }
    for (index, number) in draft.repeals.iter().enumerate() {
        let mut ends = other.provisions.iter().flat_map(|p| &p.ends);
        if other.repeals.contains(number) || other.amends.contains(number) || ends.any(|e| e.instrument == *number) {
            pointers.push((format!("/repeals/{index}"), number.clone()));
        }
    }
    let finding = |(pointer, what): (String, String)| Finding {
        instrument: draft.number.clone(),
        pointer,
        severity: Severity::Warning,
        code: FindingCode::AnotherDraft,
        detail: format!("{}: {what}", other.number).trim_end_matches(": ").to_owned(),
    };
    pointers.into_iter().map(finding).collect()
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
    a.instrument == b.instrument
        && a.benefit.zip(b.benefit).is_none_or(|(a, b)| a == b)
        && lists_meet(&a.groups, &b.groups)
        && lists_meet(&a.articles, &b.articles)
}
