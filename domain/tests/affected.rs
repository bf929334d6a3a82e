//! Whom a step of the law can touch, against what it does to random case files.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    reason = "a test program that uses a part of the oracle"
)]

mod oracle;

use domain::case_file::CaseFile;
use domain::determination::{Determination, Determiner};
use domain::law::{Affected, Instrument, Release, catalogue};
use oracle::generate::question;
use serde_json::json;

const CASES: u64 = 3_000;

fn compile(instruments: &[Instrument]) -> Release {
    Release::compile(u32::try_from(instruments.len()).unwrap(), instruments).unwrap()
}

/// How many of the random people a step reaches and how many of them it changes; everybody it changes is reached.
fn step(before: &Release, after: &Release) -> (u64, u64) {
    let affected = Affected::between(before, after);
    let (mut old, mut new) = (Determiner::new(before), Determiner::new(after));
    let (mut reached, mut changed) = (0, 0);
    for seed in 0..CASES {
        let case: CaseFile = question(seed).case;
        let (was, is): (Determination, Determination) = (old.determine(&case), new.determine(&case));
        let differs = was != is;
        let reaches = affected.reaches(&case);
        assert!(
            reaches || !differs,
            "seed {seed} is changed and not reached: {affected:?}\n{was:?}\n{is:?}"
        );
        reached += u64::from(reaches);
        changed += u64::from(differs);
    }
    (reached, changed)
}

/// Each release of the catalogue after the one before it: nobody whom it changes is left out.
#[test]
fn nobody_whom_an_instrument_of_the_catalogue_changes_is_left_out() {
    let all = catalogue();
    let mut changed = 0;
    for count in 1..all.len() {
        changed += step(&compile(&all[..count]), &compile(&all[..=count])).1;
    }
    assert!(changed > CASES, "the steps change many of the random people: {changed}");
}

fn with(article: serde_json::Value) -> Release {
    let body = json!({
        "number": "99/2027/NQ-HĐND", "cite": "NQ 99/2027", "title": "Văn bản kiểm thử", "issuer": "provincial",
        "issued_on": "2027-01-05", "in_force_from": "2027-02-01", "provisions": [article],
    });
    let mut all = catalogue().to_vec();
    all.push(Instrument::from_value(&body).unwrap());
    compile(&all)
}

/// A coefficient of children with HIV reaches those with HIV, of the years of birth in question, and nobody else.
#[test]
fn a_coefficient_of_one_group_reaches_that_group_alone() {
    let after = with(json!({"article": "Điều 1", "rules": [{
        "source": "kiểm thử", "confidence": "high", "benefit": "monthly_allowance", "group": "qn_hiv_child", "from": "2027-02-01", "setting": "community",
        "when": {"all": [{"age": {"below": 16}}, {"evidence": {"kind": "hiv"}}]},
        "amount": {"times": {"coefficient": "9", "of": ["standard.central", "standard.community"]}}}]}));
    let before = compile(catalogue());
    let (reached, changed) = step(&before, &after);
    let Affected::Those(those) = Affected::between(&before, &after) else {
        panic!("not everybody");
    };
    assert!(
        those
            .iter()
            .all(|traits| traits.evidence.iter().any(|(kind, _)| kind.code() == "hiv"))
    );
    assert!(those.iter().all(|traits| traits.born_from == Some(2010)), "{those:?}");
    assert!(
        0 < changed && changed <= reached && reached < CASES / 5,
        "{changed} of {reached}"
    );
}

/// An instrument that says nothing new reaches nobody.
#[test]
fn an_instrument_without_effect_reaches_nobody() {
    let after = with(json!({"article": "Điều 1", "parameters": [{
        "key": "recovery.appeal_days", "from": "2027-02-01", "value": 30, "unit": "days", "source": "kiểm thử",
        "confidence": "high"}]}));
    assert_eq!(
        Affected::between(&compile(catalogue()), &after),
        Affected::Those([].into())
    );
}
