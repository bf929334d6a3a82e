//! What printed papers do not say: facts that the law keeps confidential (NĐ 20/2021 Art 8(1)(b)).

use domain::case_file::Language;
use domain::law::{TOGETHER, group_said};

use crate::entitlement::explain::FactView;

/// Groups whose facts never stand on a paper that leaves the house.
const CONFIDENTIAL: &[&str] = &["5.3", "5.8"];

/// Kinds of evidence that are never printed.
pub(super) const CONFIDENTIAL_KINDS: &[&str] = &["hiv"];

/// Whether a group, or one of those paid together, is confidential.
pub(crate) fn is_confidential(group: &str) -> bool {
    group.split(TOGETHER).any(|own| CONFIDENTIAL.contains(&own))
}

/// Whether evidence of this kind is never printed.
pub(crate) fn is_confidential_kind(kind: &str) -> bool {
    CONFIDENTIAL_KINDS.contains(&kind)
}

/// A group as papers print it.
pub(super) fn group(group: &str) -> String {
    if is_confidential(group) {
        "x".to_owned()
    } else {
        group_said(group, Language::Vietnamese)
    }
}

/// A provision as papers print it: that of a confidential group would name it.
pub(super) fn provision(group: &str, cited: &str) -> String {
    if is_confidential(group) {
        "theo hồ sơ".to_owned()
    } else {
        cited.to_owned()
    }
}

/// Facts with their papers, in one sentence.
pub(super) fn said_facts(facts: &[FactView]) -> String {
    let open = facts
        .iter()
        .filter(|fact| !CONFIDENTIAL_KINDS.contains(&fact.kind.as_str()));
    let said = open.map(|fact| {
        let document = fact
            .document
            .as_ref()
            .map_or_else(String::new, |document| format!(" (theo {document})"));
        format!("{}: {}{document}", fact.label.vi.to_lowercase(), fact.said.vi)
    });
    said.collect::<Vec<_>>().join("; ")
}
