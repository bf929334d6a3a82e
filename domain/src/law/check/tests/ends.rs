//! Ends of values and of pairs that are paid together.

use super::*;
use crate::Month;
use crate::case_file::CaseFile;
use crate::determination::calculate;
use crate::law::difference;

fn ending(instrument: &str, fields: Value) -> Value {
    let end = json!({"instrument": instrument, "to": "2024-12-31", "source": "thử", "confidence": "high"});
    provision(json!({"ends": [merged(end, fields)]}))
}

fn with(draft: &Value) -> Vec<Instrument> {
    let mut all = published().to_vec();
    all.push(Instrument::from_value(draft).unwrap());
    all
}

#[test]
fn a_value_that_another_instrument_ends() {
    let end = ending("NQ 08/2022/NQ-HĐND", json!({"parameters": ["standard.community"]}));
    assert_eq!(found(&end), []);
    let told = difference(published(), &with(&end)).unwrap();
    assert_eq!(told.rules, [], "a value alone ends");
    assert_eq!(told.parameters.len(), 1, "{told:?}");
    let change = &told.parameters[0];
    assert_eq!((change.key.as_str(), &change.after), ("standard.community", &None));
    assert_eq!(change.from, Some("2025-01".parse::<Month>().unwrap()));
    assert_eq!(change.to, None, "nor does what it lay over come back");
    let nobodys = ending("NQ 08/2022/NQ-HĐND", json!({"parameters": ["standard.central"]}));
    assert_found(&nobodys, "/provisions/0/ends/0/parameters/0", "nothing_to_end");
    let elsewhere = json!({"parameters": ["standard.community"], "articles": ["Art 9"]});
    assert_found(
        &ending("NQ 08/2022/NQ-HĐND", elsewhere),
        "/provisions/0/ends/0/parameters/0",
        "nothing_to_end",
    );
    let both = json!({"parameters": ["fixed.poor_unable_to_work.rural", "fixed.poor_unable_to_work.urban"],
        "groups": ["qn_poor_unable_to_work"]});
    let both = ending("NQ 08/2022/NQ-HĐND", both);
    assert_eq!(found(&both), []);
    assert_eq!(difference(published(), &with(&both)).unwrap().rules.len(), 1);
}

#[test]
fn a_rule_that_needs_a_value_after_its_end_is_at_fault() {
    let end = ending(
        "NQ 08/2022/NQ-HĐND",
        json!({"parameters": ["fixed.poor_unable_to_work.rural"]}),
    );
    let findings = check(published(), &Instrument::from_value(&end).unwrap());
    let hole = findings
        .iter()
        .find(|finding| finding.code == FindingCode::ParameterHole);
    assert_eq!(hole.unwrap().instrument, "NQ 08/2022/NQ-HĐND");
}

#[test]
fn a_pair_that_is_paid_together_no_longer() {
    let end = ending(
        "NĐ 20/2021/NĐ-CP",
        json!({"together": [{"group": "5.4", "beside": ["5.6"]}]}),
    );
    assert_eq!(found(&end), []);
    let release = Release::compile(99, &with(&end)).unwrap();
    let due = |kind: &str, value: Value, month: &str| {
        let case = json!({"id": "x", "jurisdiction": "central", "birth_date": "1985-05-01", "sex": "female",
            "death_date": null,
            "residences": [{"area_type": "urban", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [{"kind": kind, "value": value, "from": "2020-01-01", "to": null},
                {"kind": "poverty", "value": "poor", "from": "2020-01-01", "to": null},
                {"kind": "single_parent", "value": true, "from": "2020-01-01", "to": null},
                {"kind": "raising_child", "value": {"birth_date": "2018-01-01"}, "from": "2020-01-01", "to": null}]});
        let month: Month = month.parse().unwrap();
        let told = calculate(&CaseFile::from_value(&case).unwrap(), &release, month, month);
        told.months.iter().map(|due| due.total.dong()).sum::<i64>()
    };
    assert_eq!(due("disability", json!("severe"), "2024-12"), 1_250_000);
    assert_eq!(
        due("disability", json!("severe"), "2025-01"),
        750_000,
        "the higher alone"
    );
    assert_eq!(
        due("hiv", json!(true), "2025-01"),
        1_250_000,
        "beside 5.8 it is paid as before"
    );
    let whole = ending("NĐ 20/2021/NĐ-CP", json!({"together": [{"group": "5.4"}]}));
    let release = Release::compile(99, &with(&whole)).unwrap();
    let paired = |month: &str| {
        let epoch = &release.epochs[release.epoch_of(month.parse().unwrap())];
        !epoch.together.is_empty()
    };
    assert!(paired("2024-12") && !paired("2025-01"));
    let nobodys = json!({"together": [{"group": "5.4", "beside": ["5.1"]}]});
    assert_found(
        &ending("NĐ 20/2021/NĐ-CP", nobodys),
        "/provisions/0/ends/0/together/0",
        "nothing_to_end",
    );
    let unknown = json!({"together": [{"group": "5.4", "beside": ["5.99"]}]});
    assert_found(
        &ending("NĐ 20/2021/NĐ-CP", unknown),
        "/provisions/0/ends/0/together/0/beside",
        "unknown_group",
    );
}

#[test]
fn ends_of_other_things_are_compared_apart() {
    let read = |value: &Value| Instrument::from_value(value).unwrap();
    let one = read(&ending(
        "NQ 08/2022/NQ-HĐND",
        json!({"parameters": ["standard.community"]}),
    ));
    let other = read(&ending(
        "NQ 08/2022/NQ-HĐND",
        json!({"parameters": ["standard.facility"]}),
    ));
    let told = crate::law::compare(&one, &other);
    let subjects: Vec<&str> = told.iter().map(|change| change.subject.as_str()).collect();
    assert_eq!(
        subjects,
        [
            "NQ 08/2022/NQ-HĐND standard.facility",
            "NQ 08/2022/NQ-HĐND standard.community"
        ]
    );
    let pair = read(&ending("NĐ 20/2021/NĐ-CP", json!({"together": [{"group": "5.4"}]})));
    assert_eq!(clashes(&one, &other), []);
    assert_eq!(clashes(&one, &one)[0].pointer, "/provisions/0/ends/0");
    assert_eq!(clashes(&pair, &pair)[0].pointer, "/provisions/0/ends/0");
}
