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
fn a_rule_without_a_case_is_refused() {
    let bare = check(
        published(),
        &Instrument::from_value(&rules(json!([rule(json!({}))]))).unwrap(),
    );
    assert_eq!(bare.len(), 1);
    assert_eq!(
        (bare[0].code, bare[0].severity),
        (FindingCode::RuleWithoutCase, Severity::Error)
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

#[test]
fn what_is_said_to_be_open_tries_only_a_rule_that_pays_nothing_known() {
    let open = |amounts: Value, reason: &str| {
        let mut body = tried(0);
        body["cases"][0]["expect"] = json!([]);
        body["cases"][0]["undetermined"] = json!([{"benefit": "monthly_allowance", "reason": reason}]);
        body["provisions"][0]["rules"][0]["amount"] = json!({"fixed": {"of": ["fixed.thu"]}});
        body["provisions"][0]["unknowns"] = json!([{"subject": "fixed.thu", "from": "2024-10-01",
            "to": "2024-12-31", "reason": "chua_ro", "source": "thử"}]);
        body["provisions"][0]["parameters"] = amounts;
        let findings = check(published(), &Instrument::from_value(&body).unwrap());
        findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    let later = json!([parameter("fixed.thu", json!({"from": "2025-01-01"}))]);
    assert_eq!(open(later, "chua_ro"), [FindingCode::RuleWithoutCase]);
    let mut never = tried(0);
    never["cases"][0]["expect"] = json!([]);
    never["cases"][0]["undetermined"] = json!([{"benefit": "monthly_allowance", "reason": "chua_ro"}]);
    never["provisions"][0]["rules"][0]["amount"] = json!({"fixed": {"of": ["fixed.thu"]}});
    never["provisions"][0]["unknowns"] =
        json!([{"subject": "fixed.thu", "from": "2024-10-01", "to": null, "reason": "chua_ro", "source": "thử"}]);
    assert_eq!(check(published(), &Instrument::from_value(&never).unwrap()), []);
}

/// NĐ 20/2021 with another coefficient for the severely disabled from 16 to 60, and without cases.
fn corrected(standing: &[Instrument], place: usize) -> Instrument {
    let mut body = serde_json::to_value(&standing[place]).unwrap();
    body["cases"] = json!([]);
    for provision in body["provisions"].as_array_mut().unwrap() {
        if provision["article"] == "Art 6(1)(e)" {
            let rule = provision["rules"].as_array_mut().unwrap().last_mut().unwrap();
            assert_eq!(rule["amount"]["by_age"]["brackets"][1]["coefficient"], "1.5");
            rule["amount"]["by_age"]["brackets"][1]["coefficient"] = json!("1.6");
        }
    }
    Instrument::from_value(&body).unwrap()
}

#[test]
fn a_correction_is_tried_by_the_cases_of_later_instruments_and_of_the_body_it_replaces() {
    let standing = published();
    let place = standing.iter().position(|own| own.cite == "NĐ 20/2021").unwrap();
    let mut after = standing.to_vec();
    after[place] = corrected(standing, place);
    let findings = check_in(standing, &after, place);
    let changed: Vec<&str> = findings
        .iter()
        .filter(|finding| finding.code == FindingCode::EarlierCaseChanges)
        .map(|finding| finding.detail.as_str())
        .collect();
    let told = |cite: &str, amount: &str| {
        changed
            .iter()
            .any(|text| text.starts_with(cite) && text.contains(amount))
    };
    assert!(told("NQ 08/2022: ", "5.6 800000"), "{changed:?}");
    assert!(told("NĐ 76/2024: ", "5.6 800000"), "{changed:?}");
    assert!(told("NĐ 20/2021: ", "5.6 576000"), "the body replaced: {changed:?}");
    assert!(!told("NĐ 136/2013: ", ""), "{changed:?}");
}
