//! The parameters that amounts and limits are made of: set by somebody, in đồng, in every month of the rule.

use super::{Draft, Placed};
use crate::Month;
use crate::case_file::Jurisdiction;
use crate::law::condition::Condition;
use crate::law::finding::FindingCode;
use crate::law::instrument::{Amount, Issuer, Unit};
use crate::law::release::Release;

/// Finds the keys that are no đồng, and limits of pensions that nobody sets.
pub(super) fn units(draft: &mut Draft, rules: &[Placed<'_>]) {
    let mut found = Vec::new();
    for placed in rules.iter().filter(|placed| placed.unknown.is_none()) {
        for (pointer, keys) in amounts(placed) {
            let wrong = keys.into_iter().find(|key| no_money(&draft.release, key));
            found.extend(wrong.map(|key| (placed, pointer, FindingCode::WrongUnit, key.to_owned())));
        }
        for (pointer, keys) in limits(placed) {
            if let Some((code, detail)) = limit(&draft.release, placed, keys) {
                found.push((placed, pointer, code, detail));
            }
        }
    }
    for (placed, pointer, code, detail) in found {
        draft.find(placed.instrument, pointer, code, detail);
    }
}

/// The keys of a rule's amounts with their pointers.
fn amounts<'i>(placed: &Placed<'i>) -> Vec<(String, Vec<&'i str>)> {
    let at = |below: &str| format!("{}/amount/{below}", placed.pointer);
    let all = |keys: &'i [String]| -> Vec<&'i str> { keys.iter().map(String::as_str).collect() };
    let rule = placed.rule;
    let mut keys = match &rule.amount {
        Amount::Times { of, .. } => vec![(at("times/of"), all(of))],
        Amount::ByAge { of, .. } => vec![(at("by_age/of"), all(of))],
        Amount::PerChild { of, .. } => vec![(at("per_child/of"), all(of))],
        Amount::Fixed { of } => vec![(at("fixed/of"), all(of))],
        Amount::FixedByArea { urban, rural } => vec![
            (at("fixed_by_area/urban"), vec![urban.as_str()]),
            (at("fixed_by_area/rural"), vec![rural.as_str()]),
        ],
    };
    for (index, unknown) in rule.undetermined.iter().enumerate() {
        let pointer = format!("{}/undetermined/{index}/taken_as", placed.pointer);
        keys.extend(unknown.taken_as.iter().map(|key| (pointer.clone(), vec![key.as_str()])));
    }
    keys
}

/// The keys of the limits of pensions in a rule's conditions with their pointers.
fn limits<'i>(placed: &Placed<'i>) -> Vec<(String, &'i [String])> {
    let mut found: Vec<(String, &'i [String])> = Vec::new();
    let rule = placed.rule;
    let mut visit = |at: &str, part: &'i Condition| {
        if let Condition::PensionBelow { of } = part {
            found.push((format!("{at}/pension_below/of"), of.as_slice()));
        }
    };
    rule.when.walk(&format!("{}/when", placed.pointer), &mut visit);
    for (index, unknown) in rule.undetermined.iter().enumerate() {
        let pointer = format!("{}/undetermined/{index}/when", placed.pointer);
        unknown.when.walk(&pointer, &mut visit);
    }
    found
}

fn limit(release: &Release, placed: &Placed<'_>, keys: &[String]) -> Option<(FindingCode, String)> {
    if let Some(key) = keys.iter().find(|key| !release.parameters.contains_key(*key)) {
        return Some((FindingCode::UnknownParameter, key.clone()));
    }
    if let Some(key) = keys.iter().find(|key| no_money(release, key)) {
        return Some((FindingCode::WrongUnit, key.clone()));
    }
    let jurisdictions: &[Jurisdiction] = match placed.instrument.issuer {
        Issuer::Central => &[Jurisdiction::Central, Jurisdiction::QuangNinh],
        Issuer::Provincial => &[Jurisdiction::QuangNinh],
    };
    let set = |jurisdiction: Jurisdiction, month: Month| {
        keys.iter()
            .any(|key| release.effective(key, jurisdiction, month).is_some())
    };
    let inside =
        |month: &Month| placed.from.is_none_or(|from| from <= *month) && placed.to.is_none_or(|to| *month <= to);
    let starts = release.epochs.iter().map(|epoch| epoch.from);
    let hole = starts
        .filter(inside)
        .find(|month| jurisdictions.iter().any(|jurisdiction| !set(*jurisdiction, *month)))?;
    Some((FindingCode::ParameterHole, format!("{} {hole}", keys.join(", "))))
}

/// Whether a parameter is anything but đồng, once or a month.
fn no_money(release: &Release, key: &str) -> bool {
    let timelines = release.parameters.get(key).into_iter().flatten();
    let mut pieces = timelines.flat_map(|timeline| timeline.pieces());
    pieces.any(|piece| !matches!(piece.value.unit, Unit::VndPerMonth | Unit::Vnd))
}
