//! Months in which a group has no rule, and parameters that are no đồng.

use super::*;
use crate::case_file::CaseFile;
use crate::determination::calculate;

/// Ends group 5.6 with the year 2024 and begins another rule of it on a day.
fn successor(from: &str, more: Value) -> Value {
    let fields = json!({"group": "5.6", "from": from, "when": {"evidence": {"kind": "disability", "is": ["severe"]}}});
    let end = json!({"instrument": "NĐ 20/2021/NĐ-CP", "groups": ["5.6"], "to": "2024-12-31", "source": "thử",
        "confidence": "high"});
    let own = json!({"article": "Art 1", "rules": [rule(fields)], "ends": [end]});
    let head = json!({"issuer": "central", "amends": ["NĐ 20/2021/NĐ-CP"]});
    draft(json!([merged(own, more)]), head)
}

#[test]
fn months_between_a_rule_and_its_successor() {
    assert_found(
        &successor("2025-03-01", json!({})),
        "/provisions/0/rules/0",
        "rule_hole",
    );
    assert_eq!(found(&successor("2025-01-01", json!({}))), []);
    let findings = check(
        published(),
        &Instrument::from_value(&successor("2025-03-01", json!({}))).unwrap(),
    );
    let hole = findings.iter().find(|finding| finding.code == FindingCode::RuleHole);
    assert_eq!(hole.unwrap().detail, "5.6 2025-01..2025-02");
    let part = json!({"unknowns": [{"subject": "5.6", "from": "2025-01-01", "to": "2025-01-31", "reason": "chua_ro",
        "source": "thử"}]});
    assert_found(&successor("2025-03-01", part), "/provisions/0/rules/0", "rule_hole");
}

#[test]
fn months_without_a_rule_that_are_declared_unknown_are_undetermined_and_not_nothing() {
    let declared = json!({"unknowns": [{"subject": "5.6", "from": "2025-01-01", "to": "2025-02-28",
        "reason": "chua_ro", "source": "thử"}]});
    let declared = successor("2025-03-01", declared);
    assert_eq!(found(&declared), []);
    let mut all = published().to_vec();
    all.push(Instrument::from_value(&declared).unwrap());
    let release = Release::compile(99, &all).unwrap();
    let case = json!({"id": "x", "jurisdiction": "central", "birth_date": "1990-05-01", "sex": "female",
        "death_date": null,
        "residences": [{"area_type": "urban", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "disability", "value": "severe", "from": "2020-01-01", "to": null}]});
    let case = CaseFile::from_value(&case).unwrap();
    let told = calculate(&case, &release, "2024-12".parse().unwrap(), "2025-03".parse().unwrap());
    let paid: Vec<(String, i64)> = told
        .months
        .iter()
        .map(|due| (due.month.to_string(), due.total.dong()))
        .collect();
    assert_eq!(paid, [("2024-12".to_owned(), 750_000), ("2025-03".to_owned(), 750_000)]);
    let open: Vec<(String, &str)> = told
        .undetermined
        .iter()
        .map(|open| (open.month.to_string(), &*open.reason))
        .collect();
    let expected = ["2025-01", "2025-02"].map(|month| (month.to_owned(), "chua_ro"));
    assert_eq!(open, expected);
}

#[test]
fn months_without_a_rule_for_some_people_of_a_group() {
    let disabled = |degree: &str, fields: Value| {
        let when = json!({"when": {"evidence": {"kind": "disability", "is": [degree]}}});
        merged(rule(when), fields)
    };
    let all = |from: &str| {
        rules(json!([
            disabled("severe", json!({"to": "2024-12-31"})),
            disabled("severe", json!({"from": from})),
            disabled("mild", json!({}))
        ]))
    };
    assert_found(&all("2025-03-01"), "/provisions/0/rules/1", "rule_hole");
    assert_eq!(found(&all("2025-01-01")), []);
}

#[test]
fn an_amount_that_is_no_money() {
    let days = provision(json!({
        "parameters": [parameter("recovery.appeal_days", json!({"value": 30, "unit": "days"}))],
        "rules": [rule(json!({"amount": {"fixed": {"of": ["recovery.appeal_days"]}}}))],
    }));
    assert_found(&days, "/provisions/0/rules/0/amount/fixed/of", "wrong_unit");
    let daily = provision(json!({
        "parameters": [parameter("fixed.thu", json!({"unit": "vnd_per_day"}))],
        "rules": [rule(json!({"amount": {"times": {"coefficient": 1, "of": ["standard.central", "fixed.thu"]}}}))],
    }));
    assert_found(&daily, "/provisions/0/rules/0/amount/times/of", "wrong_unit");
    let once = provision(json!({
        "parameters": [parameter("fixed.thu", json!({"unit": "vnd"}))],
        "rules": [rule(json!({"amount": {"fixed": {"of": ["fixed.thu"]}}}))],
    }));
    assert_eq!(found(&once), []);
}

#[test]
fn what_nobody_knows_of_recovery_is_told_in_what_it_counts() {
    use crate::law::Unit;
    use crate::overpayment::RecoveryParameter;
    let release = crate::law::latest();
    let known: Vec<(&str, Unit)> = RecoveryParameter::ALL
        .iter()
        .map(|own| {
            let timelines = release.parameters.get(own.key()).unwrap();
            let units: Vec<Unit> = timelines
                .iter()
                .flat_map(|timeline| timeline.pieces())
                .map(|piece| piece.value.unit)
                .collect();
            assert!(
                !units.is_empty() && units.iter().all(|unit| *unit == own.unit()),
                "{units:?}"
            );
            (own.key(), own.unit())
        })
        .collect();
    let expected = [
        ("recovery.minimum_amount", Unit::Vnd),
        ("recovery.limitation_months", Unit::Months),
        ("recovery.response_days", Unit::Days),
        ("recovery.appeal_days", Unit::Days),
        ("recovery.instalment_cap", Unit::Percent),
        ("recovery.protected_minimum", Unit::VndPerMonth),
    ];
    assert_eq!(known, expected);
    // No amount of money is made of one that counts days, even while its value is unknown.
    let days = provision(json!({"rules": [rule(json!({"amount": {"fixed": {"of": ["recovery.appeal_days"]}}}))]}));
    assert_found(&days, "/provisions/0/rules/0/amount/fixed/of", "wrong_unit");
}

#[test]
fn a_parameter_keeps_its_unit() {
    // NĐ 136/2013 and NĐ 20/2021 count it in standards.
    let money = parameters(json!([parameter("relief.death", json!({"unit": "vnd"}))]));
    assert_found(&money, "/provisions/0/parameters/0/unit", "wrong_unit");
    let standards = parameters(json!([parameter(
        "relief.death",
        json!({"value": 60, "unit": "times_standard"})
    )]));
    assert_eq!(found(&standards), []);
}

#[test]
fn a_limit_of_pensions_that_nobody_sets() {
    let below = |key: &str| {
        let when = json!({"all": [{"age": {"from": 75}}, {"pension_below": {"of": [key]}}]});
        provision(json!({
            "parameters": [parameter("fixed.thu", json!({"from": "2025-01-01"})),
                parameter("fixed.thu_hai", json!({}))],
            "rules": [rule(json!({"when": when}))],
        }))
    };
    let at = "/provisions/0/rules/0/when/all/1/pension_below/of";
    assert_found(&below("fixed.thu_ba"), at, "unknown_parameter");
    assert_found(&below("relief.death"), at, "wrong_unit");
    assert_found(&below("fixed.thu"), at, "parameter_hole");
    assert_eq!(found(&below("fixed.thu_hai")), []);
}
