//! One person determined over 60 months, beside the floor of copying the answer; and the calculator's whole way for
//! 10,000 case files. Run with `cargo bench -p domain --bench determine`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::as_conversions,
    clippy::float_arithmetic,
    missing_docs,
    reason = "a measurement: it may stop at the first fault, and times are floats"
)]

use std::hint::black_box;
use std::io::Write;
use std::time::Instant;

use domain::Month;
use domain::case_file::{CaseFile, Place, Residence};
use domain::determination::Determiner;
use domain::evidence::Evidence;
use domain::law::latest;
use domain::province;
use serde_json::json;

const PEOPLE: usize = 10_000;
const MONTHS: usize = 60;
const ROUNDS: usize = 5;

fn main() {
    let release = latest();
    let cases: Vec<CaseFile> = province::generate(PEOPLE, 1).map(|own| own.case_file).collect();
    let (from, to) = (Month::new(2020, 1).unwrap(), Month::new(2024, 12).unwrap());
    let mut determiner = Determiner::new(release);

    let whole = best(|| {
        for case in &cases {
            black_box(determiner.determine(case));
        }
    });
    println!(
        "a whole life, as reassessment does it        {:>8.0} ns a person",
        each(whole, PEOPLE)
    );

    let answers: Vec<_> = cases.iter().map(|case| determiner.calculate(case, from, to)).collect();
    let floor = best(|| {
        for answer in &answers {
            black_box(answer.clone());
        }
    });
    let months = best(|| {
        for case in &cases {
            black_box(determiner.calculate(case, from, to));
        }
    });
    for (what, seconds) in [("60 months", months), ("  floor: copying the answers", floor)] {
        println!(
            "{what:44} {:>8.0} ns a person {:>6.1} ns a month",
            each(seconds, PEOPLE),
            each(seconds, PEOPLE * MONTHS)
        );
    }

    let texts: Vec<String> = cases.iter().map(text).collect();
    let floor = best(|| {
        let mut out = std::io::sink();
        for (text, answer) in texts.iter().zip(&answers) {
            black_box(serde_json::from_str::<serde_json::Value>(text).unwrap());
            serde_json::to_writer(&mut out, answer).unwrap();
        }
    });
    let whole = best(|| {
        let mut out = std::io::sink();
        for text in &texts {
            let case = CaseFile::parse(text).unwrap();
            serde_json::to_writer(&mut out, &determiner.calculate(&case, from, to)).unwrap();
            out.write_all(b"\n").unwrap();
        }
    });
    println!("10,000 case files x 60 months, JSON to JSON  {whole:>8.3} s");
    println!("  floor: plain JSON in, the answers out      {floor:>8.3} s");
}

/// A case file as a frontend sends it.
fn text(case: &CaseFile) -> String {
    let stay = |own: &Residence| {
        let Place::Area(area) = &own.place else {
            panic!("a synthetic residence without an area")
        };
        json!({"area": area, "from": own.from, "to": own.to, "setting": own.setting})
    };
    let fact = |own: &Evidence| json!({"kind": own.kind, "value": own.value.to_json(), "from": own.from, "to": own.to});
    json!({
        "id": case.id, "jurisdiction": "22", "birth_date": case.birth_date.day, "sex": case.sex,
        "death_date": case.death_date, "residences": case.residences.iter().map(stay).collect::<Vec<_>>(),
        "evidence": case.evidence.iter().map(fact).collect::<Vec<_>>(), "claims": case.claims,
    })
    .to_string()
}

/// The fastest of some rounds, in seconds.
fn best(mut work: impl FnMut()) -> f64 {
    let round = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(f64::INFINITY, f64::min)
}

fn each(seconds: f64, count: usize) -> f64 {
    seconds * 1e9 / count as f64
}
