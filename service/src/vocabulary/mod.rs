//! The closed sets of the API with labels in both languages, so that a frontend need not invent any.

mod sets;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::bank_report::{Refusal, Tolerance};
use domain::case_file::Benefit;
use domain::evidence::{CareCondition, CareRelation, EvidenceKind, Shape, word_label};
use serde::Serialize;
use utoipa::ToSchema;

use crate::actor::Role;
use crate::bank_report::Finding;
use crate::code::Code;
use crate::delivery::DeliveryProblem;
use crate::entitlement::{Cause, RecordChange};
use crate::error::{Error, ProblemCode, Text};
use crate::month_close::OpenState;
use crate::pay_run::HeldReason;

/// One value of a set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Term {
    /// The code, as bodies and filters carry it.
    #[schema(example = "approved")]
    pub code: String,
    /// What to show.
    pub label: Text,
}

impl Term {
    fn new(code: impl Into<String>, (vi, en): (&str, &str)) -> Self {
        Self {
            code: code.into(),
            label: Text::new(vi, en),
        }
    }
}

/// Every set by name, its values in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Vocabulary {
    /// The sets.
    pub sets: BTreeMap<String, Vec<Term>>,
}

/// The closed sets.
pub fn vocabulary() -> Vocabulary {
    let mut sets = sets::of_tables();
    let roles = Role::ALL.iter().map(|role| Term::new(role.code(), of_role(*role)));
    sets.insert("role".to_owned(), roles.collect());
    let benefits = Benefit::ALL
        .iter()
        .map(|benefit| Term::new(benefit.code(), benefit.label()));
    sets.insert("benefit".to_owned(), benefits.collect());
    let kinds = EvidenceKind::ALL
        .iter()
        .map(|kind| Term::new(kind.code(), kind.label()));
    sets.insert("evidence_kind".to_owned(), kinds.collect());
    let causes = Cause::ALL.iter().map(|cause| cause.term());
    sets.insert("comparison_cause".to_owned(), terms(causes));
    let changes = RecordChange::ALL.iter().map(|change| change.term());
    sets.insert("record_change".to_owned(), terms(changes));
    let refusals = Refusal::ALL.iter().map(|refusal| (refusal.code(), refusal.label()));
    sets.insert("bank_report_refusal".to_owned(), terms(refusals));
    let tolerances = Tolerance::ALL.iter().map(|what| (what.code(), what.label()));
    sets.insert("bank_report_tolerance".to_owned(), terms(tolerances));
    let findings = Finding::ALL.iter().map(|finding| Term {
        code: finding.code().to_owned(),
        label: finding.text(),
    });
    sets.insert("bank_report_finding".to_owned(), findings.collect());
    let problems = DeliveryProblem::ALL.iter().map(|problem| Term {
        code: problem.code().to_owned(),
        label: problem.text(),
    });
    sets.insert("delivery_problem".to_owned(), problems.collect());
    let held = HeldReason::ALL.iter().map(|reason| (reason.code(), reason.label()));
    sets.insert("held_reason".to_owned(), terms(held));
    let states = OpenState::ALL.iter().map(|state| (state.code(), state.label()));
    sets.insert("open_state".to_owned(), terms(states));
    let conditions = CareCondition::ALL.iter().map(|own| (own.code(), own.label()));
    sets.insert("care_condition".to_owned(), terms(conditions));
    let relations = CareRelation::ALL.iter().map(|own| (own.code(), own.label()));
    sets.insert("care_relation".to_owned(), terms(relations));
    for kind in EvidenceKind::ALL {
        if let Shape::Word(words) = kind.shape() {
            let terms = words.iter().map(|word| Term::new(*word, of_word(word)));
            sets.insert(format!("evidence_value.{}", kind.code()), terms.collect());
        }
    }
    Vocabulary { sets }
}

/// The sets of the tables: reports ask for a label with each of their rows.
static OF_TABLES: LazyLock<BTreeMap<String, Vec<Term>>> = LazyLock::new(sets::of_tables);

/// The label of a value of a set of the tables.
pub(crate) fn label(set: &str, code: &str) -> Option<&'static Text> {
    let term = OF_TABLES.get(set)?.iter().find(|term| term.code == code)?;
    Some(&term.label)
}

/// What a value of a set of the tables is called in Vietnamese; a code that is none of the set stands for itself.
pub(crate) fn vietnamese<'c>(set: &str, code: &'c str) -> &'c str {
    label(set, code).map_or(code, |label| label.vi.as_str())
}

/// The refusal of what the present state of something does not allow: what it is called in Vietnamese and in English,
/// and its state as a value of a set of the tables.
pub(crate) fn refused_in_state((vi, en): (&str, &str), set: &str, state: &str) -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        format!("{vi} đang ở trạng thái “{}”", vietnamese(set, state)),
        format!("{en} is {state}"),
    )
}

/// What a value of a set of the tables is called in Vietnamese.
pub(crate) fn said(set: &str, value: &impl Code) -> String {
    vietnamese(set, &value.code()).to_owned()
}

/// What a role is called in Vietnamese; a code that names none stands for itself.
pub(crate) fn role(code: &str) -> &str {
    Role::from_code(code).map_or(code, |role| of_role(role).0)
}

fn terms(all: impl Iterator<Item = (&'static str, (&'static str, &'static str))>) -> Vec<Term> {
    all.map(|(code, label)| Term::new(code, label)).collect()
}

const fn of_role(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Administrator => ("Quản trị viên", "Administrator"),
        Role::Caseworker => ("Cán bộ một cửa", "Caseworker"),
        Role::DecisionMaker => ("Người ký quyết định", "Decision maker"),
        Role::Preparer => ("Người lập", "Preparer"),
        Role::Approver => ("Người duyệt", "Approver"),
        Role::Releaser => ("Người chuyển chi", "Releaser"),
        Role::Treasury => ("Kho bạc", "Treasury"),
        Role::ReliefVerifier => ("Người thẩm tra cứu trợ", "Relief verifier"),
        Role::Auditor => ("Kiểm toán viên", "Auditor"),
    }
}

/// The words that evidence takes as values.
fn of_word(word: &str) -> (&str, &str) {
    word_label(word).unwrap_or((word, word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_in_words_how_something_stands() {
        let refused = refused_in_state(("Đợt chi trả", "the pay run"), "pay_run_status", "released");
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        let told = Text::new(
            "Đợt chi trả đang ở trạng thái “Đã chuyển chi”",
            "the pay run is released",
        );
        assert_eq!(refused.detail, Some(told));
    }

    #[test]
    fn every_value_has_a_label_of_its_own_in_both_languages() {
        let Vocabulary { sets } = vocabulary();
        assert!(sets.len() > 40);
        for (name, terms) in &sets {
            assert!(!terms.is_empty(), "{name}");
            for term in terms {
                let Text { vi, en } = &term.label;
                assert!(
                    !vi.is_empty() && !en.is_empty() && vi != &term.code && en != &term.code,
                    "{name}: {term:?}"
                );
            }
            let codes: std::collections::BTreeSet<_> = terms.iter().map(|term| &term.code).collect();
            assert_eq!(codes.len(), terms.len(), "{name}");
        }
    }
}
