//! The rarer findings, and that each is tried by some test.

use super::*;

#[test]
fn months_without_a_rule_of_effect() {
    let repealed = draft(json!([]), json!({"repeals": ["NĐ 20/2021/NĐ-CP"]}));
    assert_found(&repealed, "", "effect_hole");
}

#[test]
fn groups_that_refer_to_each_other_in_a_circle() {
    let refers = |group: &str, other: &str| rule(json!({"group": group, "when": {"group": {"any_of": [other]}}}));
    let circle = rules(json!([refers("qn_mot", "qn_hai"), refers("qn_hai", "qn_mot")]));
    assert_found(&circle, "/provisions", "circular_groups");
}

#[test]
fn an_amount_with_a_fraction_of_a_dong() {
    // A millionth of 500,000.
    let half = json!({"amount": {"times": {"coefficient": "0.000001", "of": ["standard.central"]}}});
    assert_found(&rules(json!([rule(half)])), "/provisions/0/rules/0/amount", "not_whole");
}

#[test]
fn a_special_area_without_an_amount() {
    let keys = json!({"urban": "fixed.poor_unable_to_work.urban", "rural": "fixed.poor_unable_to_work.rural"});
    let amount = json!({"amount": {"fixed_by_area": keys}});
    assert_found(
        &rules(json!([rule(amount)])),
        "/provisions/0/rules/0/amount/fixed_by_area",
        "special_area_undeclared",
    );
}

#[test]
fn an_amount_of_a_parameter_that_nobody_sets() {
    let nobodys = json!({"amount": {"fixed": {"of": ["fixed.khong_co"]}}});
    assert_found(
        &rules(json!([rule(nobodys)])),
        "/provisions/0/rules/0/amount",
        "unknown_parameter",
    );
}

#[test]
fn a_condition_with_more_ways_to_meet_it_than_a_release_can_hold() {
    let ages: Vec<Value> = (1..10).map(|from| json!({"age": {"from": from}})).collect();
    let kinds = [
        "hiv",
        "no_caregiver",
        "studying",
        "no_supporter",
        "cared_in_community",
        "single_parent",
        "pregnant",
        "unable_to_work",
        "difficult_area",
    ];
    let kinds = kinds.map(|kind| json!({"evidence": {"kind": kind}}));
    let when = json!({"when": {"all": [{"any": ages}, {"any": kinds}]}});
    assert_found(&rules(json!([rule(when)])), "/provisions/0/rules/0/when", "too_complex");
}

#[test]
fn an_instrument_that_is_there_already_and_one_without_a_name() {
    let again = draft(json!([]), json!({"number": "NĐ 20/2021/NĐ-CP"}));
    assert_found(&again, "/number", "duplicate_instrument");
    assert_found(&draft(json!([]), json!({"title": " "})), "/title", "empty");
}

#[test]
fn every_finding_is_tried_by_a_test() {
    let tests = [
        include_str!("../tests.rs"),
        include_str!("cases.rs"),
        include_str!("codes.rs"),
        include_str!("ends.rs"),
        include_str!("holes.rs"),
        include_str!("since.rs"),
    ];
    for code in FindingCode::ALL {
        let said = [format!("\"{}\"", code.code()), format!("FindingCode::{code:?}")];
        let named = tests.iter().any(|text| said.iter().any(|name| text.contains(name)));
        assert!(named, "{} is tried by no test", code.code());
    }
}
