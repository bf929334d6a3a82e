//! What was published since a draft was written.

use super::*;

fn read(value: &Value) -> Instrument {
    Instrument::from_value(value).unwrap()
}

fn named(number: &str, mut value: Value) -> Instrument {
    value["number"] = json!(number);
    read(&value)
}

fn pointers(own: &Instrument, other: &Instrument, before: Option<&Instrument>) -> Vec<String> {
    let found = changed_since(own, other, before, "id");
    found.into_iter().map(|finding| finding.pointer).collect()
}

#[test]
fn a_clause_changed_by_an_instrument_published_since() {
    let community = |from: &str| parameters(json!([parameter("standard.community", json!({"from": from}))]));
    let own = read(&community("2025-01-01"));
    let other = named("NQ 100/2024/NQ-HĐND", community("2024-11-01"));
    let found = changed_since(&own, &other, None, "0192");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code, found[0].severity, found[0].pointer.as_str()),
        (FindingCode::ChangedSince, Severity::Error, "/provisions/0/parameters/0")
    );
    assert!(found[0].detail.contains("NQ 100/2024/NQ-HĐND [0192]"), "{found:?}");
    let knowing = Instrument {
        amends: vec![other.number.clone()],
        ..own.clone()
    };
    assert_eq!(pointers(&knowing, &other, None), [""; 0]);
    let central = Instrument {
        issuer: crate::law::Issuer::Central,
        ..other
    };
    assert_eq!(
        pointers(&own, &central, None),
        [""; 0],
        "that of the province lies beside"
    );
}

#[test]
fn every_kind_of_clause_can_be_changed_since() {
    let unknown = json!({"subject": "fixed.thu", "from": "2025-01-01", "to": null, "reason": "x", "source": "thử"});
    let together = json!({"from": "2025-01-01", "to": null, "group": "5.4", "beside": ["5.6", "5.8"]});
    let own = read(&provision(
        json!({"rules": [rule(json!({}))], "unknowns": [unknown], "together": [together]}),
    ));
    let all = [
        "/provisions/0/rules/0",
        "/provisions/0/together/0",
        "/provisions/0/unknowns/0",
    ];
    let mut same = pointers(&own, &named("NQ 1/2025", serde_json::to_value(&own).unwrap()), None);
    same.sort();
    assert_eq!(same, all);
    let value = named("NQ 1/2025", parameters(json!([parameter("fixed.thu", json!({}))])));
    assert_eq!(pointers(&own, &value, None), ["/provisions/0/unknowns/0"]);
    assert_eq!(pointers(&value, &own, None), ["/provisions/0/parameters/0"]);
    let apart = json!({"from": "2025-01-01", "to": null, "group": "5.4", "beside": ["5.5a"]});
    let apart = named("NQ 1/2025", provision(json!({"together": [apart]})));
    assert_eq!(pointers(&own, &apart, None), [""; 0]);
}

#[test]
fn a_correction_changes_only_what_it_says_otherwise() {
    let both = |community: i64| {
        named(
            "NQ 1/2024",
            parameters(json!([
                parameter("standard.community", json!({"value": community})),
                parameter("standard.facility", json!({})),
            ])),
        )
    };
    let (before, after) = (both(640_000), both(650_000));
    let of = |key: &str| read(&parameters(json!([parameter(key, json!({}))])));
    assert_eq!(pointers(&of("standard.facility"), &after, Some(&before)), [""; 0]);
    assert_eq!(
        pointers(&of("standard.community"), &after, Some(&before)),
        ["/provisions/0/parameters/0"]
    );
    let mut gone = before.clone();
    gone.provisions[0].parameters.pop();
    assert_eq!(
        pointers(&of("standard.facility"), &gone, Some(&before)),
        ["/provisions/0/parameters/0"],
        "what it takes away is changed too"
    );
}
