//! The engine against a second reading of the rules, on random case files.
//!
//! `ANSINH_ORACLE_CASES` says how many (2,000 if unset), `ANSINH_ORACLE_SEED` where to begin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(missing_docs, unreachable_pub, reason = "a test program")]

mod oracle;

use oracle::generate::{json, question};
use oracle::{Outcome, evaluate};

#[expect(clippy::disallowed_methods, reason = "how many cases is the choice of whoever runs the tests")]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// The oracle skips days on which nothing can change: looking at every day gives the same.
#[test]
fn the_oracle_misses_no_day() {
    for seed in 0..10 {
        let asked = question(seed);
        let quick = evaluate(&asked.case, asked.from, asked.to, false);
        let daily = evaluate(&asked.case, asked.from, asked.to, true);
        assert_eq!(quick, daily, "{}", json(&asked.case));
    }
}

/// The random case files reach every group, kind and reason: an oracle that is never asked proves nothing.
#[test]
fn the_case_files_reach_every_rule() {
    let mut seen = std::collections::BTreeMap::<String, usize>::new();
    for seed in 0..1_500 {
        let asked = question(seed);
        let Outcome { lines, undetermined } = evaluate(&asked.case, asked.from, asked.to, false);
        for line in lines {
            *seen.entry(format!("{} {}", line.group, line.kind)).or_default() += 1;
        }
        for (_, benefit, reason) in undetermined {
            *seen.entry(format!("{benefit} {reason}")).or_default() += 1;
        }
    }
    println!("{seen:#?}");
}
