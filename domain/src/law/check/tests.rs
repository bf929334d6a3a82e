//! One test per finding: what is wrong, and where the pointer leads.

mod cases;
mod codes;
mod ends;
mod holes;
mod since;

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::*;
use crate::law::{ParameterValue, published_by};

fn published() -> &'static [Instrument] {
    published_by(NaiveDate::from_ymd_opt(2024, 8, 20).unwrap())
}

/// A provincial draft of September 2024 with these provisions and fields.
fn draft(provisions: Value, fields: Value) -> Value {
    let mut draft = json!({"number": "NQ 99/2024/NQ-HĐND", "cite": "NQ 99/2024", "title": "Thử",
        "issuer": "provincial", "issued_on": "2024-09-23", "in_force_from": "2024-10-01", "provisions": provisions});
    for (name, value) in fields.as_object().unwrap() {
        draft[name.as_str()] = value.clone();
    }
    draft
}

/// What is found, as (pointer, code), without the note that a rule has no case.
fn found(draft: &Value) -> Vec<(String, &'static str)> {
    let instrument = Instrument::from_value(draft).unwrap();
    let findings = check(published(), &instrument);
    findings
        .into_iter()
        .filter(|finding| finding.code != FindingCode::RuleWithoutCase)
        .map(|finding| (finding.pointer, finding.code.code()))
        .collect()
}

fn provision(fields: Value) -> Value {
    draft(json!([merged(json!({"article": "Art 1"}), fields)]), json!({}))
}

fn merged(mut value: Value, fields: Value) -> Value {
    for (name, field) in fields.as_object().unwrap() {
        value[name.as_str()] = field.clone();
    }
    value
}

fn rule(fields: Value) -> Value {
    let rule = json!({"benefit": "monthly_allowance", "group": "qn_thu", "from": "2024-10-01", "to": null,
        "setting": "community", "when": {"evidence": {"kind": "hiv"}},
        "amount": {"times": {"coefficient": "1.5", "of": ["standard.central", "standard.community"]}},
        "source": "thử", "confidence": "high"});
    merged(rule, fields)
}

fn rules(rules: Value) -> Value {
    provision(json!({"rules": rules}))
}

fn parameter(key: &str, fields: Value) -> Value {
    let parameter = json!({"key": key, "from": "2024-10-01", "to": null, "value": 700_000, "unit": "vnd_per_month",
        "source": "thử", "confidence": "high"});
    merged(parameter, fields)
}

fn parameters(parameters: Value) -> Value {
    provision(json!({"parameters": parameters}))
}

#[track_caller]
fn assert_found(draft: &Value, pointer: &str, code: &str) {
    let all = found(draft);
    assert!(
        all.iter().any(|(at, what)| at.as_str() == pointer && *what == code),
        "no {code} at {pointer} in {all:?}"
    );
    let place = draft.pointer(pointer);
    assert!(place.is_some(), "the pointer {pointer} leads nowhere");
}

#[test]
fn a_sound_draft_is_found_without_fault() {
    assert_eq!(found(&rules(json!([rule(json!({}))]))), []);
    assert_eq!(
        found(&parameters(json!([parameter("standard.community", json!({}))]))),
        []
    );
}

#[test]
fn types_and_unknown_kinds_are_pointed_at() {
    let wrong = rules(json!([rule(
        json!({"when": {"all": [{"evidence": {"kind": "left_handed"}}]}})
    )]));
    let finding = Instrument::from_value(&wrong).unwrap_err();
    assert_eq!(finding.code, FindingCode::Malformed);
    assert_eq!(finding.pointer, "/provisions/0/rules/0/when/all/0/evidence/kind");
    let wrong = rules(json!([rule(
        json!({"when": {"all": [{"evidence": {"kind": "poverty", "is": ["rich"]}}]}})
    )]));
    assert_found(&wrong, "/provisions/0/rules/0/when/all/0/evidence/is", "unknown_value");
}

#[test]
fn an_age_gap() {
    let brackets = |second: u8| {
        json!({"by_age": {"of": ["standard.central"], "brackets": [
            {"age": {"below": 4}, "coefficient": "2.5"}, {"age": {"from": second}, "coefficient": 1}]}})
    };
    let at = "/provisions/0/rules/0/amount/by_age/brackets";
    assert_found(&rules(json!([rule(json!({"amount": brackets(6)}))])), at, "age_gap");
    assert_found(&rules(json!([rule(json!({"amount": brackets(3)}))])), at, "age_overlap");
    assert_eq!(found(&rules(json!([rule(json!({"amount": brackets(4)}))]))), []);
}

#[test]
fn an_age_gap_between_two_rules() {
    let aged = |age: Value| rule(json!({"when": {"all": [{"age": age}, {"evidence": {"kind": "hiv"}}]}}));
    let gap = rules(json!([aged(json!({"below": 16})), aged(json!({"from": 18}))]));
    assert_found(&gap, "/provisions/0/rules/0/when", "age_gap");
    let empty = rules(json!([aged(json!({"from": 16, "below": 16}))]));
    assert_found(&empty, "/provisions/0/rules/0/when/all/0", "empty_bracket");
}

#[test]
fn two_rules_for_the_same_people_in_the_same_months() {
    let again = |from: &str| rule(json!({"from": from, "amount": {"fixed": {"of": ["standard.community"]}}}));
    let both = rules(json!([rule(json!({"to": "2025-12-31"})), again("2025-06-01")]));
    assert_found(&both, "/provisions/0/rules/1", "rule_overlap");
    let after = rules(json!([rule(json!({"to": "2025-12-31"})), again("2026-01-01")]));
    assert_eq!(found(&after), []);
    let others = rules(json!([
        rule(json!({"when": {"evidence": {"kind": "disability", "is": ["severe"]}}})),
        rule(json!({"when": {"evidence": {"kind": "disability", "is": ["mild"]}}})),
    ]));
    assert_eq!(found(&others), []);
}

#[test]
fn a_rule_put_beside_that_of_an_earlier_instrument_without_ending_it() {
    let mut fields = json!({"group": "5.3", "from": "2025-01-01",
        "when": {"all": [{"evidence": {"kind": "hiv"}}, {"evidence": {"kind": "poverty", "is": ["poor"]}}]}});
    let new = |fields: &Value, ends: Value| {
        let provisions = json!([{"article": "Art 1", "rules": [rule(fields.clone())], "ends": ends}]);
        draft(provisions, json!({"issuer": "central", "amends": ["NĐ 20/2021/NĐ-CP"]}))
    };
    let kept = new(&fields, json!([]));
    assert_found(&kept, "/provisions/0/rules/0", "rule_overlap");
    let end = json!([{"instrument": "NĐ 20/2021/NĐ-CP", "articles": ["Art 6(1)(c)"], "to": "2024-12-31",
        "source": "thử", "confidence": "high"}]);
    assert_eq!(found(&new(&fields, end)), []);
    let elsewhere = json!([{"instrument": "NĐ 20/2021/NĐ-CP", "articles": ["Art 99"], "to": "2024-12-31",
        "source": "thử", "confidence": "high"}]);
    fields["group"] = json!("qn_thu");
    assert_found(&new(&fields, elsewhere), "/provisions/0/ends/0", "nothing_to_end");
}

#[test]
fn a_hole_in_a_parameter() {
    let hole = parameters(json!([
        parameter("fixed.thu", json!({"to": "2024-12-31"})),
        parameter("fixed.thu", json!({"from": "2025-03-01"})),
    ]));
    assert_found(&hole, "/provisions/0/parameters/1", "parameter_hole");
    let ends = parameters(json!([parameter("fixed.thu", json!({"to": "2024-12-31"}))]));
    assert_found(&ends, "/provisions/0/parameters/0", "parameter_hole");
    let declared = provision(
        json!({"parameters": [parameter("fixed.thu", json!({"to": "2024-12-31"}))],
        "unknowns": [{"subject": "fixed.thu", "from": "2025-01-01", "to": null, "reason": "chua_ro", "source": "thử"}]}),
    );
    assert_eq!(found(&declared), []);
}

#[test]
fn two_values_or_a_value_that_is_no_money_or_holds_no_month() {
    let twice = parameters(json!([
        parameter("fixed.thu", json!({})),
        parameter("fixed.thu", json!({"from": "2025-03-01"})),
    ]));
    assert_found(&twice, "/provisions/0/parameters/1", "parameter_twice");
    let half = parameters(json!([parameter("fixed.thu", json!({"value": "500000.5"}))]));
    assert_found(&half, "/provisions/0/parameters/0/value", "invalid_number");
    let short = json!({"from": "2024-10-05", "to": "2024-10-20"});
    let short = parameters(json!([parameter("fixed.thu", short)]));
    assert_found(&short, "/provisions/0/parameters/0/to", "no_month");
    let back = parameters(json!([parameter("fixed.thu", json!({"to": "2024-09-30"}))]));
    assert_found(&back, "/provisions/0/parameters/0/to", "to_before_from");
}

#[test]
fn a_contradiction_and_an_empty_condition() {
    let both = json!({"when": {"all": [{"area": "urban"}, {"area": "rural"}]}});
    assert_found(
        &rules(json!([rule(both)])),
        "/provisions/0/rules/0/when",
        "contradiction",
    );
    let old_child = json!({"when": {"all": [{"age": {"below": 16}}, {"age": {"from": 60}}]}});
    assert_found(
        &rules(json!([rule(old_child)])),
        "/provisions/0/rules/0/when",
        "contradiction",
    );
    let none = json!({"when": {"any": []}});
    assert_found(
        &rules(json!([rule(none)])),
        "/provisions/0/rules/0/when",
        "empty_condition",
    );
}

#[test]
fn a_benefit_nobody_can_reach() {
    // Group 5.5b of NĐ 20/2021 is ended here from 2025 on, and the rule that looks at it begins later.
    let provisions = json!([{"article": "Art 1",
        "rules": [rule(json!({"from": "2025-06-01", "when": {"group": {"any_of": ["5.5b"]}}}))],
        "ends": [{"instrument": "NĐ 20/2021/NĐ-CP", "groups": ["5.5b"], "to": "2024-12-31", "source": "thử",
            "confidence": "high"}]}]);
    let lost = draft(provisions, json!({}));
    assert_found(&lost, "/provisions/0/rules/0/when", "unreachable");
    let alive = rules(json!([rule(json!({"when": {"group": {"any_of": ["5.5b"]}}}))]));
    assert_eq!(found(&alive), []);
    let unknown = rules(json!([rule(json!({"when": {"group": {"any_of": ["5.99"]}}}))]));
    assert_found(&unknown, "/provisions/0/rules/0/when", "unknown_group");
}

#[test]
fn a_floor_that_is_broken_is_a_warning() {
    let low = parameters(json!([parameter("standard.community", json!({"value": 450_000}))]));
    assert_found(&low, "/provisions/0/parameters/0/value", "below_floor");
    let findings = check(published(), &Instrument::from_value(&low).unwrap());
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning));
}

#[test]
fn an_instrument_in_force_before_the_one_it_amends() {
    let early = draft(
        json!([]),
        json!({"amends": ["NQ 21/2021/NQ-HĐND"], "in_force_from": "2021-07-31"}),
    );
    assert_found(&early, "/amends/0", "in_force_before_amended");
    let unknown = draft(json!([]), json!({"repeals": ["NQ 1/1999"]}));
    assert_found(&unknown, "/repeals/0", "unknown_instrument");
    let known = draft(json!([]), json!({"amends": ["NQ 21/2021/NQ-HĐND"]}));
    assert_eq!(found(&known), []);
}

#[test]
fn two_open_drafts_that_change_the_same_clause() {
    let read = |value: &Value| Instrument::from_value(value).unwrap();
    let own = read(&parameters(json!([
        parameter("fixed.thu", json!({})),
        parameter("standard.community", json!({"from": "2025-01-01"})),
    ])));
    let until = |to: &str| {
        let mut other = parameters(json!([parameter("standard.community", json!({"to": to}))]));
        other["number"] = json!("NQ 100/2024/NQ-HĐND");
        read(&other)
    };
    assert_eq!(clashes(&own, &until("2024-12-31")), []);
    let found = clashes(&own, &until("2025-01-31"));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].pointer, "/provisions/0/parameters/1");
    assert_eq!(
        (found[0].code, found[0].severity),
        (FindingCode::AnotherDraft, Severity::Warning)
    );
    assert!(found[0].detail.contains("NQ 100/2024"));
    let end = |number: &str, groups: Value| {
        let end = json!({"instrument": "NĐ 20/2021/NĐ-CP", "groups": groups, "to": "2024-12-31", "source": "thử",
            "confidence": "high"});
        read(&merged(provision(json!({"ends": [end]})), json!({"number": number})))
    };
    assert_eq!(clashes(&end("a", json!(["5.1"])), &end("b", json!(["5.2"]))), []);
    assert_eq!(
        clashes(&end("a", json!(["5.1"])), &end("b", json!([])))[0].pointer,
        "/provisions/0/ends/0"
    );
}

#[test]
fn two_rules_of_effect_for_one_month() {
    let effect = |from: &str| {
        json!({"from": from, "to": null, "before_decision": [], "first_level": "decision",
            "later_level": "end_of_month", "source": "thử", "confidence": "high"})
    };
    let twice = provision(json!({"effects": [effect("2025-01-01"), effect("2026-01-01")]}));
    assert_found(&twice, "/provisions/0/effects/1", "effect_twice");
}

fn tried(amount: u64) -> Value {
    let case = json!({"jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
        "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "hiv", "value": true, "from": "2020-01-01", "to": null}]});
    let expect = json!([{"benefit": "monthly_allowance", "group": "qn_thu", "amount": amount}]);
    let mut draft = rules(json!([rule(json!({}))]));
    draft["cases"] = json!([{"name": "Người nhiễm HIV", "case": case, "month": "2024-10", "expect": expect}]);
    draft
}

#[test]
fn what_is_repealed_ends_with_the_month_before() {
    let mut all = published().to_vec();
    all.push(Instrument::from_value(&tried(750_000)).unwrap());
    let mut repeal = draft(
        json!([]),
        json!({"number": "NQ 101/2025", "cite": "NQ 101/2025",
        "issued_on": "2025-01-01", "in_force_from": "2025-03-15", "repeals": ["NQ 99/2024/NQ-HĐND", "NQ 08/2022/NQ-HĐND"]}),
    );
    let case = all.last().unwrap().cases[0].case.clone();
    let gives = |month: &str, expect: Value| json!({"name": "Bãi bỏ", "case": merged(case.clone(), json!({"id": "x"})), "month": month, "expect": expect});
    let expect = json!([{"benefit": "monthly_allowance", "group": "qn_thu", "amount": 750_000}]);
    // In force in the middle of March: March is still governed by what is in force on its first day.
    repeal["cases"] = json!([gives("2025-03", expect), gives("2025-04", json!([]))]);
    let repeal = Instrument::from_value(&repeal).unwrap();
    assert_eq!(check(&all, &repeal), []);
    assert_eq!(repeal.reach_back().unwrap().to_string(), "2025-04");
    all.push(repeal);
    let release = Release::compile(99, &all).unwrap();
    let on = |month: &str| {
        release.parameter(
            "standard.community",
            crate::law::Issuer::Provincial,
            month.parse().unwrap(),
        )
    };
    assert_eq!(on("2025-03").unwrap().cite.as_ref(), "NQ 08/2022");
    assert_eq!(
        on("2025-04"),
        None,
        "what is repealed leaves nothing behind, nor brings back what it replaced"
    );
}

#[test]
fn a_value_inserted_with_a_future_start_changes_no_earlier_month() {
    let before = Release::compile(1, published()).unwrap();
    let mut all = published().to_vec();
    all.push(
        Instrument::from_value(&parameters(json!([parameter(
            "standard.community",
            json!({"from": "2027-01-01"})
        )])))
        .unwrap(),
    );
    let after = Release::compile(2, &all).unwrap();
    let month = |text: &str| text.parse::<crate::Month>().unwrap();
    for key in before.parameter_keys() {
        for month in month("2015-01").through(month("2026-12")) {
            for issuer in [crate::law::Issuer::Central, crate::law::Issuer::Provincial] {
                assert_eq!(
                    before.parameter(key, issuer, month),
                    after.parameter(key, issuer, month),
                    "{key} {month}"
                );
            }
        }
    }
    let value = |release: &Release, at: &str| {
        let value = release.parameter("standard.community", crate::law::Issuer::Provincial, month(at));
        value.and_then(ParameterValue::money).map(Vnd::dong)
    };
    assert_eq!(value(&after, "2027-01"), Some(700_000));
    assert_ne!(value(&after, "2026-12"), Some(700_000));
    let case = crate::case_file::CaseFile::from_value(&merged(
        Instrument::from_value(&tried(0)).unwrap().cases[0].case.clone(),
        json!({"id": "x", "evidence": [{"kind": "disability", "value": "severe", "from": "2020-01-01", "to": null}]}),
    ))
    .unwrap();
    let due = |release: &Release| crate::determination::calculate(&case, release, month("2018-01"), month("2026-12"));
    assert_eq!(due(&before), due(&after));
}
