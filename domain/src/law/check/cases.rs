//! The cases of an instrument, tried under the release it would make.

use crate::case_file::CaseFile;
use crate::determination::{Component, Kind, calculate};
use crate::law::finding::{Finding, FindingCode, Severity};
use crate::law::instrument::{BenefitRule, ExpectedComponent, Instrument, RuleCase};
use crate::law::release::{Due, Release};

/// Tries every case of an instrument.
pub(super) fn run(release: &Release, instrument: &Instrument) -> Vec<Finding> {
    let tried = instrument.cases.iter().enumerate();
    tried
        .filter_map(|(index, case)| {
            let (below, code, detail) = outcome(release, case)?;
            Some(Finding {
                instrument: instrument.number.clone(),
                pointer: format!("/cases/{index}{below}"),
                severity: Severity::Error,
                code,
                detail,
            })
        })
        .collect()
}

/// Cases of the instruments that stand now, whatever their place, that held until now and hold no more: for the
/// approver to read. Those that the draft has itself are tried with it.
pub(super) fn changed(release: &Release, standing: &[Instrument], draft: &Instrument) -> Vec<Finding> {
    let number = u32::try_from(standing.len()).unwrap_or(u32::MAX);
    if standing.iter().all(|other| other.cases.is_empty()) {
        return Vec::new();
    }
    let Ok(before) = Release::compile(number, standing) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    for other in standing {
        for case in other.cases.iter().filter(|case| !draft.cases.contains(case)) {
            if let (None, Some((.., detail))) = (outcome(&before, case), outcome(release, case)) {
                findings.push(Finding {
                    instrument: draft.number.clone(),
                    pointer: String::new(),
                    severity: Severity::Warning,
                    code: FindingCode::EarlierCaseChanges,
                    detail: format!("{}: {}: {detail}", other.cite, case.name),
                });
            }
        }
    }
    findings
}

/// Rules that no case tries: nobody has reckoned by hand what they give, so they are not submitted.
pub(super) fn rules_without(release: Option<&Release>, instrument: &Instrument) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, provision) in instrument.provisions.iter().enumerate() {
        for (position, rule) in provision.rules.iter().enumerate() {
            let cited = format!("{} {}", instrument.cite, provision.article);
            let open = release.is_none_or(|release| !pays(release, rule, cited.trim_end()));
            let tried = instrument.cases.iter().any(|case| {
                let mut due = case.expect.iter();
                due.any(|due| due.benefit == rule.benefit && due.group == rule.group)
                    || (open && case.undetermined.iter().any(|unknown| unknown.benefit == rule.benefit))
            });
            if !tried {
                findings.push(Finding {
                    instrument: instrument.number.clone(),
                    pointer: format!("/provisions/{index}/rules/{position}"),
                    severity: Severity::Error,
                    code: FindingCode::RuleWithoutCase,
                    detail: rule.group.clone(),
                });
            }
        }
    }
    findings
}

/// Whether a rule gives a known amount in some month; where it gives none, its cases can but say that it is open.
fn pays(release: &Release, rule: &BenefitRule, cited: &str) -> bool {
    release.epochs.iter().any(|epoch| {
        let due = epoch.due.iter().flat_map(|due| epoch.active.iter().zip(due));
        let mut known = due.filter(|(_, due)| matches!(due, Due::Known(_)));
        known.any(|(index, _)| {
            let variant = release.variants.get(usize::from(*index));
            variant.is_some_and(|variant| {
                variant.benefit == rule.benefit && *variant.group == *rule.group && *variant.provision == *cited
            })
        })
    })
}

/// What is wrong with a case: where in it, the code, the words. None where it comes out as it says.
fn outcome(release: &Release, case: &RuleCase) -> Option<(String, FindingCode, String)> {
    let mut file = case.case.clone();
    if let Some(fields) = file.as_object_mut() {
        fields
            .entry("id")
            .or_insert_with(|| serde_json::Value::String(case.name.clone()));
    }
    let file = match CaseFile::from_value(&file) {
        Ok(file) => file,
        Err(refused) => {
            let problem = refused.problems.first()?;
            let below = format!("/case{}", problem.pointer);
            return Some((below, FindingCode::Malformed, problem.code.code().to_owned()));
        }
    };
    let found = calculate(&file, release, case.month, case.month);
    let due: Vec<&Component> = found.months.iter().flat_map(|month| &month.components).collect();
    let as_said = due.len() == case.expect.len() && {
        let mut left: Vec<&ExpectedComponent> = case.expect.iter().collect();
        due.iter().all(|component| {
            let place = left.iter().position(|expected| meets(case, expected, component));
            place.map(|place| left.swap_remove(place)).is_some()
        })
    };
    if !as_said {
        let expected = case.expect.iter().map(|e| line(&e.group, e.amount.dong(), e.kind));
        let got = due.iter().map(|c| line(&c.group, c.amount.dong(), c.kind));
        let below = if case.expect.is_empty() { "" } else { "/expect" };
        return Some((below.to_owned(), FindingCode::CaseFails, difference(expected, got)));
    }
    let mut open: Vec<(&str, &str)> = found
        .undetermined
        .iter()
        .map(|open| (open.benefit.code(), &*open.reason))
        .collect();
    let mut said: Vec<(&str, &str)> = case
        .undetermined
        .iter()
        .map(|open| (open.benefit.code(), &*open.reason))
        .collect();
    open.sort_unstable();
    said.sort_unstable();
    let words = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(benefit, reason)| format!("{benefit} {reason}"))
            .collect::<Vec<_>>()
    };
    (open != said).then(|| {
        let detail = difference(words(&said).into_iter(), words(&open).into_iter());
        let below = if said.is_empty() { "" } else { "/undetermined" };
        (below.to_owned(), FindingCode::CaseFails, detail)
    })
}

fn meets(case: &RuleCase, expected: &ExpectedComponent, found: &Component) -> bool {
    found.benefit == expected.benefit
        && *found.group == *expected.group
        && found.amount == expected.amount
        && found.kind == expected.kind
        && found.for_month == expected.for_month.unwrap_or(case.month)
        && expected
            .provision
            .as_ref()
            .is_none_or(|provision| **provision == *found.provision)
}

fn line(group: &str, amount: i64, kind: Kind) -> String {
    match kind {
        Kind::Regular => format!("{group} {amount}"),
        other => format!("{group} {amount} {}", other.code()),
    }
}

fn difference(expected: impl Iterator<Item = String>, got: impl Iterator<Item = String>) -> String {
    let list = |lines: Vec<String>| {
        if lines.is_empty() {
            "0".to_owned()
        } else {
            lines.join(", ")
        }
    };
    format!("{} ≠ {}", list(expected.collect()), list(got.collect()))
}
