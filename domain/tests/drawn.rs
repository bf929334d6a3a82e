//! The engine against a second reading of the rules under releases that no catalogue has: with one more instrument,
//! drawn at random, that changes an amount, a coefficient, a first or a last month, or repeals. The engine reads its text,
//! the oracle its own table.
//!
//! `ANSINH_ORACLE_CASES` says how many questions are asked, two for each (2,000 if unset), `ANSINH_ORACLE_SEED` where to
//! begin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test program")]

mod oracle;

use std::collections::BTreeMap;

use domain::case_file::CaseFile;
use domain::law::Release;
use oracle::amend::{amended, drawn};
use oracle::engine::{answer_by, disagreement};
use oracle::evaluate_as;
use oracle::generate::{Question, json, question};
use oracle::law::{Drawn, Known};
use oracle::shrink::smallest;

#[allow(
    clippy::disallowed_methods,
    reason = "how many cases is the choice of whoever runs the tests"
)]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// How many questions each drawn instrument is asked of.
const ASKED_OF_EACH: u64 = 16;

/// Where the engine under a drawn law and the oracle's own reading of it disagree.
fn differs_under(asked: &Question, known: Known, by: &Release) -> Vec<String> {
    let expected = evaluate_as(known, &asked.case, asked.from, asked.to, false);
    disagreement(&expected, &answer_by(by, &asked.case, asked.from, asked.to))
}

#[test]
fn the_engine_agrees_with_the_second_reading_of_a_drawn_instrument() {
    let begin = setting("ANSINH_ORACLE_SEED", 0);
    let count = setting("ANSINH_ORACLE_CASES", 2_000).div_ceil(ASKED_OF_EACH / 2);
    let mut reports = Vec::new();
    for seed in begin..begin + count {
        let (release, step) = drawn(seed);
        let known = Known {
            drawn: Some(step),
            ..Known::at(release)
        };
        let by = amended(release, step);
        let fails = |asked: &Question| {
            !differs_under(asked, known, &by).is_empty() && CaseFile::from_value(&json(&asked.case)).is_ok()
        };
        for number in 0..ASKED_OF_EACH {
            let asked = Question {
                release,
                ..question(seed * ASKED_OF_EACH + number)
            };
            if reports.len() < 5 && fails(&asked) {
                let small = smallest(asked, fails);
                let (from, to) = (small.from, small.to);
                reports.push(format!(
                    "seed {seed}, after release {release}: {step:?}, {from}..{to}\n{}\n  {}",
                    json(&small.case),
                    differs_under(&small, known, &by).join("\n  ")
                ));
            }
        }
    }
    assert!(reports.is_empty(), "the first, made small:\n{}", reports.join("\n"));
}

/// A drawn instrument that one of the two readers does not know of is noticed, whatever it changes.
#[test]
fn a_drawn_instrument_that_one_side_forgets_is_noticed() {
    let mut noticed = BTreeMap::<String, bool>::new();
    for seed in 0..1_200 {
        let (release, step) = drawn(seed);
        let kind = match step {
            Drawn::Amount { subject, to, .. } => format!("{subject:?}, ends: {}", to.is_some()),
            Drawn::Coefficient { group, .. } => group.to_owned(),
            Drawn::Repeal { .. } => "repeal".to_owned(),
        };
        let seen = noticed.entry(kind).or_default();
        if *seen {
            continue;
        }
        let by = amended(release, step);
        *seen =
            (0..100).any(|number| !differs_under(&question(seed * 100 + number), Known::at(release), &by).is_empty());
    }
    // Seven amounts, with and without an end, two coefficients, a repeal.
    assert_eq!(noticed.len(), 17, "{noticed:?}");
    assert!(noticed.values().all(|seen| *seen), "{noticed:?}");
}
