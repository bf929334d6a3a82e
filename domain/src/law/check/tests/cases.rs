//! The cases that a draft brings, and those of earlier instruments.

use super::*;

#[test]
fn a_case_that_comes_out_otherwise() {
    // 1.5 times 500,000, the standard of NĐ 76/2024 and of the province alike.
    assert_eq!(found(&tried(750_000)), []);
    assert_found(&tried(750_001), "/cases/0/expect", "case_fails");
    let mut unreadable = tried(750_000);
    unreadable["cases"][0]["case"]["sex"] = json!("x");
    assert_found(&unreadable, "/cases/0/case/sex", "malformed");
    let mut silent = tried(750_000);
    silent["cases"][0]["undetermined"] = json!([{"benefit": "monthly_allowance", "reason": "x"}]);
    assert_found(&silent, "/cases/0/undetermined", "case_fails");
}

#[test]
fn a_rule_without_a_case_is_told_to_the_approver() {
    let bare = check(
        published(),
        &Instrument::from_value(&rules(json!([rule(json!({}))]))).unwrap(),
    );
    assert_eq!(bare.len(), 1);
    assert_eq!(
        (bare[0].code, bare[0].severity),
        (FindingCode::RuleWithoutCase, Severity::Warning)
    );
    assert_eq!(bare[0].pointer, "/provisions/0/rules/0");
    assert_eq!(
        check(published(), &Instrument::from_value(&tried(750_000)).unwrap()),
        []
    );
}

#[test]
fn a_case_of_an_earlier_instrument_that_will_change_is_told() {
    let mut before = published().to_vec();
    before.push(Instrument::from_value(&tried(750_000)).unwrap());
    let mut raise = parameters(json!([parameter("standard.community", json!({}))]));
    raise["number"] = json!("NQ 100/2024/NQ-HĐND");
    let findings = check(&before, &Instrument::from_value(&raise).unwrap());
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0].code, FindingCode::EarlierCaseChanges);
    assert!(findings[0].detail.contains("qn_thu 1050000"), "{findings:?}");
}
