//! The engine against a second reading of the rules, on random case files: each under the newest release and under
//! one of the earlier ones, drawn at random. `drawn.rs` asks under releases that no catalogue has.
//!
//! `ANSINH_ORACLE_CASES` says how many (2,000 if unset), `ANSINH_ORACLE_SEED` where to begin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(missing_docs, unreachable_pub, dead_code, reason = "a test program")]

mod oracle;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::Month;
use domain::case_file::CaseFile;
use domain::determination::{Determination, Determiner, Explanation};
use oracle::engine::{answer, answer_by, disagreement, release};
use oracle::generate::{Question, json, question};
use oracle::law::{INSTRUMENTS, Known, NEWEST, STEPS, Subject};
use oracle::shrink::smallest;
use oracle::{Outcome, evaluate, evaluate_as, law};

#[allow(
    clippy::disallowed_methods,
    reason = "how many cases is the choice of whoever runs the tests"
)]
fn setting(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Where the engine's release and what the oracle knows of the law disagree about a question.
fn differs_by(asked: &Question, known: Known, by: u32) -> Vec<String> {
    let expected = evaluate_as(known, &asked.case, asked.from, asked.to, false);
    disagreement(&expected, &answer_by(release(by), &asked.case, asked.from, asked.to))
}

fn differs(asked: &Question) -> Vec<String> {
    differs_by(asked, Known::at(asked.release), asked.release)
}

/// The question of a seed under the newest release, and under the one drawn for it.
fn questions(seed: u64) -> [Question; 2] {
    let drawn = question(seed);
    let newest = Question {
        release: NEWEST,
        ..drawn.clone()
    };
    [newest, drawn]
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
    for (seed, asked) in seeds
        .clone()
        .flat_map(|seed| questions(seed).map(|asked| (seed, asked)))
    {
        if differs(&asked).is_empty() {
            continue;
        }
        failing += 1;
        if reports.len() < 5 {
            let small = smallest(asked, fails);
            let Question {
                case,
                from,
                to,
                release,
            } = &small;
            let last = INSTRUMENTS[..usize::try_from(*release).expect("a place")].last();
            reports.push(format!(
                "seed {seed}, release {release} ({}), {from}..{to}\n{}\n  {}",
                last.unwrap_or(&"no instrument"),
                json(case),
                differs(&small).join("\n  ")
            ));
        }
    }
    assert!(
        failing == 0,
        "{failing} answers to {seeds:?} differ; the first, made small:\n{}",
        reports.join("\n")
    );
}

/// What the oracle knows of the instruments by heart is what the catalogue holds, in its order.
#[test]
fn the_instruments_known_by_heart_are_those_of_the_catalogue() {
    let catalogue = domain::law::catalogue();
    let numbers: Vec<&str> = catalogue.iter().map(|instrument| instrument.number.as_str()).collect();
    assert_eq!(numbers, INSTRUMENTS);
    assert_eq!(usize::try_from(NEWEST), Ok(INSTRUMENTS.len()));
    assert!(STEPS.is_sorted_by_key(|step| step.by), "in order of publication");
    for seed in 0..50 {
        let Question { case, from, to, .. } = question(seed);
        assert_eq!(
            answer(&case, from, to),
            answer_by(release(NEWEST), &case, from, to),
            "{}",
            json(&case)
        );
    }
}

/// No release is left out, not one: each is drawn, and each but the empty one gives something to somebody.
#[test]
fn the_random_releases_reach_every_release() {
    let mut reached = vec![false; INSTRUMENTS.len()];
    for seed in 0..2_000 {
        let asked = question(seed);
        let place = usize::try_from(asked.release).expect("a place");
        if !reached[place] {
            let outcome = evaluate_as(Known::at(asked.release), &asked.case, asked.from, asked.to, false);
            reached[place] = (outcome == Outcome::default()) == (asked.release == 0);
        }
    }
    assert!(reached.iter().all(|reached| *reached), "{reached:?}");
}

/// An instrument that brings something and is seen one release too early does not go unnoticed.
#[test]
fn an_instrument_seen_too_early_is_noticed() {
    let mut bringing: Vec<u32> = STEPS.iter().map(|step| step.by).collect();
    bringing.dedup();
    for release in bringing {
        let noticed = |seed| !differs_by(&question(seed), Known::at(release), release - 1).is_empty();
        assert!((0..2_000).any(noticed), "release {release} seen too early");
    }
}

/// Nor does a step of the law that the oracle forgets, except one that says again what was in force.
#[test]
fn a_forgotten_step_is_noticed() {
    let mut said_again = Vec::new();
    for (place, step) in STEPS.iter().enumerate() {
        let from = step.from.max(201_501);
        let month = Month::new(from / 100, u32::try_from(from % 100).expect("a month")).expect("a month");
        let forgetful = |release| Known {
            forgotten: Some(place),
            ..Known::at(release)
        };
        if forgetful(step.by).amount(step.subject, month) == Some(step.amount) {
            said_again.push((step.subject, step.by));
            continue;
        }
        let noticed = |seed| !differs_by(&question(seed), forgetful(NEWEST), NEWEST).is_empty();
        assert!((0..2_000).any(noticed), "{step:?} forgotten");
    }
    // NQ 21/2021 keeps the 500,000 đồng of NQ 47/2016 in a facility
    assert_eq!(said_again, [(Subject::FacilityStandard, 8)]);
}

/// A counter-example made small names the first release that shows the fault, and a month in which it shows.
#[test]
fn a_counter_example_comes_down_to_the_release_at_fault() {
    let place = STEPS
        .iter()
        .position(|step| (step.subject, step.from) == (Subject::CommunityStandard, 202_108));
    let wrong = |asked: &Question| {
        let known = Known {
            forgotten: place,
            ..Known::at(asked.release)
        };
        CaseFile::from_value(&json(&asked.case)).is_ok() && !differs_by(asked, known, asked.release).is_empty()
    };
    let found = (0..2_000).map(|seed| questions(seed)[0].clone()).find(wrong);
    let small = smallest(found.expect("a case file that notices"), wrong);
    assert!(wrong(&small));
    assert_eq!(
        INSTRUMENTS[usize::try_from(small.release).expect("a place") - 1],
        "NQ 21/2021/NQ-HĐND"
    );
    assert_eq!(small.from, small.to, "one month is enough");
    assert!(small.case.evidence.len() <= 3, "{}", json(&small.case));
}

/// The oracle skips days on which nothing can change: looking at every day gives the same.
#[test]
fn the_oracle_misses_no_day() {
    for seed in 0..10 {
        for asked in questions(seed) {
            let read = |daily| evaluate_as(Known::at(asked.release), &asked.case, asked.from, asked.to, daily);
            assert_eq!(
                read(false),
                read(true),
                "release {}: {}",
                asked.release,
                json(&asked.case)
            );
        }
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
    let mut determiners: Vec<Determiner<'_>> = (0..=NEWEST).map(|number| Determiner::new(release(number))).collect();
    let begin = setting("ANSINH_ORACLE_SEED", 0);
    for seed in begin..begin + setting("ANSINH_ORACLE_CASES", 2_000) {
        for asked in questions(seed) {
            let determiner = &mut determiners[usize::try_from(asked.release).expect("a place")];
            let (determination, trace) = determiner.traced(&asked.case);
            assert_eq!(
                explained(&trace, asked.to),
                determined(&determination, asked.to),
                "seed {seed}, release {}: {}",
                asked.release,
                json(&asked.case)
            );
        }
    }
}
