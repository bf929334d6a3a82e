//! Differences as an approver reads them.

use serde_json::json;

use super::*;
use crate::law::{Instrument, catalogue};

fn edited(own: &Instrument, change: impl FnOnce(&mut Value)) -> Instrument {
    let mut body = serde_json::to_value(own).unwrap();
    change(&mut body);
    Instrument::from_value(&body).unwrap()
}

#[test]
fn two_versions_are_compared_clause_by_clause_wherever_they_stand() {
    let own = &catalogue()[8];
    assert_eq!(own.cite, "NQ 08/2022");
    assert_eq!(compare(own, own), []);
    let later = edited(own, |body| {
        body["title"] = json!("Tên khác");
        body["provisions"][0]["parameters"].as_array_mut().unwrap().reverse();
        body["provisions"][0]["parameters"][1]["value"] = json!(510_000);
        let last = body["provisions"][1]["parameters"].as_array_mut().unwrap();
        last.pop();
    });
    let found: Vec<_> = compare(own, &later)
        .into_iter()
        .map(|change| {
            (
                change.change,
                change.label.en,
                change.subject,
                change.pointer,
                change.fields,
            )
        })
        .collect();
    let field = |pointer: &str, before: Value, after: Value| FieldChange {
        pointer: pointer.to_owned(),
        before,
        after,
    };
    let title = field("", json!(own.title), json!("Tên khác"));
    let value = field("/value", json!(500_000), json!(510_000));
    assert_eq!(
        found,
        [
            (
                Change::Changed,
                "Head of the instrument",
                "title".into(),
                "/title".into(),
                vec![title]
            ),
            (
                Change::Changed,
                "Parameter",
                "standard.community 2023-01-01".into(),
                "/provisions/0/parameters/1".into(),
                vec![value]
            ),
            (
                Change::Removed,
                "Parameter",
                "fixed.poor_unable_to_work.urban 2023-01-01".into(),
                "/provisions/1/parameters/1".into(),
                vec![]
            ),
        ]
    );
}

#[test]
fn a_release_differs_from_the_one_before_by_what_its_instrument_changes() {
    let all = catalogue();
    // NĐ 176/2025 makes the social pension and ends groups 5.5b and 5.5c.
    let found = difference(&all[..14], &all[..15]).unwrap();
    assert_eq!(found.instruments.len(), 1);
    assert_eq!(
        (found.instruments[0].number.as_str(), found.instruments[0].change),
        ("NĐ 176/2025/NĐ-CP", Change::Added)
    );
    let values: Vec<_> = found
        .parameters
        .iter()
        .map(|p| (p.key.as_str(), p.from.unwrap().to_string(), p.to, p.before.is_some()))
        .collect();
    assert_eq!(values, [("social_pension", "2025-07".to_owned(), None, false)]);
    let rules: Vec<_> = found.rules.iter().map(|r| (r.change, r.group.as_str())).collect();
    assert_eq!(
        rules,
        [(Change::Ended, "5.5b"), (Change::Ended, "5.5c"), (Change::Added, "sp")]
    );
    assert_eq!(found.rules[0].to_after.unwrap().to_string(), "2025-06");
}

#[test]
fn a_corrected_instrument_shows_the_months_in_which_its_value_was_wrong() {
    let before = &catalogue()[..10];
    let mut after = before.to_vec();
    after[8] = edited(&before[8], |body| {
        body["provisions"][0]["parameters"][0]["value"] = json!(510_000);
    });
    let found = difference(before, &after).unwrap();
    assert_eq!(found.instruments[0].change, Change::Changed);
    assert_eq!(found.instruments[0].clauses.len(), 1);
    assert_eq!(found.parameters.len(), 1);
    let change = &found.parameters[0];
    assert_eq!(
        (change.from.unwrap().to_string(), change.to),
        ("2023-01".to_owned(), None)
    );
    let value = |said: &Option<SaidValue>| serde_json::to_value(said.as_ref().unwrap().value).unwrap();
    assert_eq!(
        (value(&change.before), value(&change.after)),
        (json!(500_000), json!(510_000))
    );
    assert_eq!(found.rules, []);
}
