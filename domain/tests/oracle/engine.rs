//! The engine's answer in the oracle's shape.

use domain::Month;
use domain::case_file::CaseFile;
use domain::determination::determine;
use domain::law;

use super::{Line, Outcome};

/// What the engine says falls due in the months from `from` to `to`, by the whole catalogue.
pub(crate) fn answer(case: &CaseFile, from: Month, to: Month) -> Outcome {
    let determination = determine(case, law::latest());
    let window = |month: &Month| from <= *month && *month <= to;
    let mut outcome = Outcome::default();
    for period in &determination.periods {
        let months =
            period.from.through(
                period
                    .to
                    .unwrap_or(to)
                    .min(if period.due.is_some() { Month::MAX } else { to }),
            );
        for for_month in months {
            let due = period.due.unwrap_or(for_month);
            if window(&due) {
                outcome.lines.push(Line {
                    due,
                    benefit: period.benefit.code(),
                    group: period.group.to_string(),
                    kind: period.kind.code().into(),
                    for_month,
                    amount: period.amount.dong(),
                    provision: period.provision.to_string(),
                });
            }
        }
    }
    for period in &determination.undetermined {
        for month in period.from.through(period.to.unwrap_or(to).min(to)).filter(window) {
            outcome
                .undetermined
                .push((month, period.benefit.code().into(), period.reason.to_string()));
        }
    }
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
