//! The engine against a second reading of the rules, on random case files.
//!
//! `ANSINH_ORACLE_CASES` says how many (2,000 if unset), `ANSINH_ORACLE_SEED` where to begin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(missing_docs, unreachable_pub, reason = "a test program")]

mod oracle;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::case_file::CaseFile;
use domain::determination::{Determination, Determiner, Explanation};
use oracle::engine::{answer, disagreement};
use oracle::generate::{Question, json, question};
use oracle::shrink::smallest;
use oracle::{Outcome, evaluate, law};

#[allow(
    clippy::disallowed_methods,
    reason = "how many cases is the choice of whoever runs the tests"
)]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

fn differs(asked: &Question) -> Vec<String> {
    let expected = evaluate(&asked.case, asked.from, asked.to, false);
    disagreement(&expected, &answer(&asked.case, asked.from, asked.to))
}

/// The same question, if a person could send its case file.
fn fails(asked: &Question) -> bool {
    CaseFile::from_value(&json(&asked.case)).is_ok() && !differs(asked).is_empty()
}

#[test]
fn the_engine_agrees_with_the_second_reading() {
    let begin = setting("ANSINH_ORACLE_SEED", 0);
    let seeds = begin..begin + setting("ANSINH_ORACLE_CASES", 2_000);
    let mut reports = Vec::new();
    let mut failing = 0_usize;
    for seed in seeds.clone() {
        let asked = question(seed);
        if differs(&asked).is_empty() {
            continue;
        }
        failing += 1;
        if reports.len() < 5 {
            let Question { case, from, to } = smallest(asked.clone(), fails);
            let lines = differs(&Question {
                case: case.clone(),
                from,
                to,
            });
            reports.push(format!(
                "seed {seed}, {from}..{to}\n{}\n  {}",
                json(&case),
                lines.join("\n  ")
            ));
        }
    }
    assert!(
        failing == 0,
        "{failing} of {seeds:?} differ; the first, made small:\n{}",
        reports.join("\n")
    );
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

/// A case file written as JSON reads back the same.
#[test]
fn random_case_files_survive_json() {
    for seed in 0..500 {
        let case = question(seed).case;
        assert_eq!(CaseFile::from_value(&json(&case)), Ok(case));
    }
}

/// What the oracle knows of areas by heart is what the table says.
#[test]
fn the_areas_known_by_heart_are_those_of_the_table() {
    let first_days = [(2020, 1), (2024, 11), (2025, 7)].map(|(y, m)| NaiveDate::from_ymd_opt(y, m, 1).expect("a date"));
    for (code, _) in law::AREAS {
        for since in first_days {
            for day in first_days.into_iter().filter(|day| *day >= since) {
                let table = domain::area::table();
                let followed = table.on(code, since).and_then(|_| table.followed(code, since, day));
                let known = law::area_type(code, Month::of(since), Month::of(day));
                assert_eq!(
                    followed.and_then(|area| area.area_type),
                    known,
                    "{code} of {since} on {day}"
                );
            }
        }
    }
}

/// The random case files reach every group, kind and reason: an oracle that is never asked proves nothing.
#[test]
fn the_case_files_reach_every_rule() {
    let mut seen = BTreeMap::<String, usize>::new();
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
    let regular = [
        "5.1",
        "5.2",
        "5.3",
        "5.4",
        "5.5a",
        "5.5b",
        "5.5c",
        "5.5d",
        "5.6",
        "5.7",
        "5.8",
        "qn_poor_unable_to_work",
        "28/17",
        "20(1)(a)",
        "20(1)(b)",
        "20(2)(a)",
        "20(2)(c)",
        "20(2)(d)",
        "136/26",
        "25(1)(a)",
        "25(1)(b)",
        "sp",
    ];
    let mut wanted: Vec<String> = regular.iter().map(|group| format!("{group} regular")).collect();
    wanted.extend(["5.5b", "5.5c", "5.6", "28/17", "136/26"].map(|group| format!("{group} arrears")));
    wanted.extend(["11", "25(3)"].map(|group| format!("{group} one_off")));
    wanted.extend(
        [
            "monthly_allowance no_standard_before_2015",
            "care_support no_standard_before_2015",
            "facility_care no_standard_before_2015",
            "monthly_allowance area_type_special_without_rule",
            "social_pension small_pension_without_rule",
        ]
        .map(String::from),
    );
    wanted.retain(|rule| !seen.contains_key(rule));
    assert!(wanted.is_empty(), "never reached: {wanted:?} in {seen:#?}");
}

/// What is paid, by benefit, person cared for, month and the month it falls due in.
type Amounts = BTreeMap<(&'static str, String, Month, Option<Month>), Vec<(String, i64, String)>>;
/// What the law leaves open.
type Holes = std::collections::BTreeSet<(&'static str, Month, String)>;

fn determined(determination: &Determination, end: Month) -> (Amounts, Holes) {
    let (mut amounts, mut holes) = (Amounts::new(), Holes::new());
    for period in &determination.periods {
        for month in period.from.through(period.to.map_or(end, |to| to.min(end))) {
            let key = (period.benefit.code(), period.component.clone(), month, period.due);
            let amount = (
                period.group.to_string(),
                period.amount.dong(),
                period.provision.to_string(),
            );
            amounts.entry(key).or_default().push(amount);
        }
    }
    for hole in determination.before_2015.iter().chain(&determination.undetermined) {
        for month in hole.from.through(hole.to.map_or(end, |to| to.min(end))) {
            holes.insert((hole.benefit.code(), month, hole.reason.to_string()));
        }
    }
    amounts.values_mut().for_each(|own| own.sort());
    (amounts, holes)
}

fn explained(trace: &Explanation, end: Month) -> (Amounts, Holes) {
    let (mut amounts, mut holes) = (Amounts::new(), Holes::new());
    for reason in &trace.reasons {
        for month in reason.from.through(reason.to.map_or(end, |to| to.min(end))) {
            if let Some(why) = &reason.undetermined {
                holes.insert((reason.benefit.code(), month, why.clone()));
                continue;
            }
            for paid in &reason.paid {
                let key = (paid.benefit.code(), paid.component.clone(), month, reason.due);
                let amount = (paid.group.clone(), paid.amount, paid.provision.clone());
                amounts.entry(key).or_default().push(amount);
            }
        }
    }
    amounts.values_mut().for_each(|own| own.sort());
    (amounts, holes)
}

#[test]
fn an_explanation_never_disagrees_with_the_amounts_it_explains() {
    let mut determiner = Determiner::new(domain::law::latest());
    let begin = setting("ANSINH_ORACLE_SEED", 0);
    for seed in begin..begin + setting("ANSINH_ORACLE_CASES", 2_000) {
        let asked = question(seed);
        let (determination, trace) = determiner.traced(&asked.case);
        assert_eq!(
            explained(&trace, asked.to),
            determined(&determination, asked.to),
            "seed {seed}: {}",
            json(&asked.case)
        );
    }
}
