//! The engine's answer in the oracle's shape.

use std::sync::OnceLock;

use domain::Month;
use domain::case_file::CaseFile;
use domain::determination::calculate;
use domain::law::{self, Release};

use super::{Line, Outcome};

/// The law as it stood after the first so many instruments of the catalogue.
pub(crate) fn release(number: u32) -> &'static Release {
    static RELEASES: OnceLock<Vec<Release>> = OnceLock::new();
    let releases = RELEASES.get_or_init(|| {
        let all = law::catalogue();
        (0_u32..)
            .zip(0..=all.len())
            .map(|(number, count)| Release::compile(number, &all[..count]).expect("a release of the catalogue"))
            .collect()
    });
    &releases[usize::try_from(number).expect("a place")]
}

/// What the calculator says falls due in the months from `from` to `to`, by the whole catalogue.
pub(crate) fn answer(case: &CaseFile, from: Month, to: Month) -> Outcome {
    answer_by(law::latest(), case, from, to)
}

/// The same by a release.
pub(crate) fn answer_by(release: &Release, case: &CaseFile, from: Month, to: Month) -> Outcome {
    let calculation = calculate(case, release, from, to);
    let mut outcome = Outcome::default();
    let mut before = None;
    for due in &calculation.months {
        assert!(before < Some(due.month), "months in order, each once");
        before = Some(due.month);
        let total: i64 = due.components.iter().map(|component| component.amount.dong()).sum();
        assert_eq!(due.total.dong(), total, "the total of {}", due.month);
        assert!(total > 0, "months without money are left out");
        outcome.lines.extend(due.components.iter().map(|component| Line {
            due: due.month,
            benefit: component.benefit.code(),
            group: component.group.to_string(),
            kind: component.kind.code().into(),
            for_month: component.for_month,
            amount: component.amount.dong(),
            provision: component.provision.to_string(),
        }));
    }
    let listed = calculation.undetermined.iter();
    outcome
        .undetermined
        .extend(listed.map(|open| (open.month, open.benefit.code().into(), open.reason.to_string())));
    outcome.lines.sort();
    outcome.undetermined.sort();
    outcome
}

/// What the readings disagree about, the oracle's own first; provisions are compared where the oracle names one.
pub(crate) fn disagreement(oracle: &Outcome, engine: &Outcome) -> Vec<String> {
    let bare = |outcome: &Outcome| -> Vec<Line> {
        let mut lines = outcome.lines.clone();
        lines.iter_mut().for_each(|line| line.provision.clear());
        lines.sort();
        lines
    };
    let mut found = difference("oracle", &bare(oracle), &bare(engine));
    found.extend(difference("engine", &bare(engine), &bare(oracle)));
    if found.is_empty() {
        let wrong = oracle
            .lines
            .iter()
            .zip(&engine.lines)
            .filter(|(ours, theirs)| !theirs.provision.starts_with(&ours.provision));
        found.extend(wrong.map(|(ours, theirs)| format!("provision: oracle {ours:?}, engine {theirs:?}")));
    }
    found.extend(difference("oracle", &oracle.undetermined, &engine.undetermined));
    found.extend(difference("engine", &engine.undetermined, &oracle.undetermined));
    found
}

/// What stands in one list more often than in the other.
pub(crate) fn difference<T: PartialEq + std::fmt::Debug>(label: &str, these: &[T], others: &[T]) -> Vec<String> {
    let count = |list: &[T], item: &T| list.iter().filter(|other| *other == item).count();
    these
        .iter()
        .filter(|item| count(these, item) > count(others, item))
        .map(|item| format!("{label} {item:?}"))
        .collect()
}
