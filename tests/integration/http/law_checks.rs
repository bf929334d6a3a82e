//! What a check refuses over HTTP: drafts without cases, clauses changed since, corrections of what stands no more.

use serde_json::{Value, json};

use super::instrument::{Office, act, approve, check, draft, publish, resolution, send, tag};
use crate::harness::{House, each_engine};

fn rule(when: &Value) -> Value {
    json!({"benefit": "monthly_allowance", "group": "qn_thu", "from": "2024-10-01", "to": null,
        "setting": "community", "when": when,
        "amount": {"times": {"coefficient": "1.5", "of": ["standard.central", "standard.community"]}},
        "source": "thử", "confidence": "high"})
}

fn with_rule(when: &Value) -> Value {
    let mut body = resolution("NQ 1/2024", "2024-10-01");
    body["provisions"] = json!([{"article": "Art 1", "rules": [rule(when)]}]);
    body
}

/// Pointer and code of each error.
fn told(found: &[Value]) -> Vec<(&str, &str)> {
    let errors = found.iter().filter(|finding| finding["severity"] == "error");
    errors
        .map(|finding| (finding["pointer"].as_str().unwrap(), finding["code"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_unknown_kind_of_evidence_is_pointed_at() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let body = with_rule(&json!({"all": [{"age": {"below": 16}}, {"evidence": {"kind": "left_handed"}}]}));
        let refused = send(house, &office.preparer, "POST", "/v1/instruments", "*", Some(&body)).await;
        let faults = refused.problem("invalid");
        let at = "/provisions/0/rules/0/when/all/1/evidence/kind";
        assert_eq!(faults, [(at.to_owned(), "malformed".to_owned())]);
    });
}

#[test]
fn an_instrument_in_force_before_the_one_it_amends_is_not_submitted() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        body["in_force_from"] = json!("2021-07-31");
        body["amends"] = json!(["NQ 21/2021/NQ-HĐND"]);
        let (path, _) = draft(house, &office, &body).await;
        let found = check(house, &office, &path).await;
        assert_eq!(told(&found), [("/amends/0", "in_force_before_amended")]);
        let refused = act(house, &office, &office.preparer, &path, "submit").await;
        let faults = refused.problem("instrument-faulty");
        assert_eq!(faults, [("/amends/0".to_owned(), "in_force_before_amended".to_owned())]);
    });
}

#[test]
fn a_rule_without_a_case_is_not_submitted() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = with_rule(&json!({"evidence": {"kind": "hiv"}}));
        let (path, etag) = draft(house, &office, &body).await;
        let found = check(house, &office, &path).await;
        assert_eq!(told(&found), [("/provisions/0/rules/0", "rule_without_case")]);
        let refused = act(house, &office, &office.preparer, &path, "submit").await;
        let faults = refused.problem("instrument-faulty");
        assert_eq!(
            faults,
            [("/provisions/0/rules/0".to_owned(), "rule_without_case".to_owned())]
        );
        let case = json!({"jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
            "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [{"kind": "hiv", "value": true, "from": "2020-01-01", "to": null}]});
        body["cases"] = json!([{"name": "Người nhiễm HIV", "case": case, "month": "2024-10",
            "expect": [{"benefit": "monthly_allowance", "group": "qn_thu", "amount": 750_000}]}]);
        let edited = send(house, &office.preparer, "PUT", &path, &etag, Some(&body)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        publish(house, &office, &path).await;
    });
}

#[test]
fn a_clause_changed_since_the_draft_was_written_is_not_laid_over_in_silence() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let (path, _) = draft(house, &office, &body).await;
        let (other, _) = draft(house, &office, &resolution("NQ 2/2024", "2024-09-01")).await;
        publish(house, &office, &other).await;
        let found = check(house, &office, &path).await;
        let at = "/provisions/0/parameters/0";
        assert_eq!(told(&found), [(at, "changed_since")]);
        let since = found.iter().find(|finding| finding["code"] == "changed_since");
        let message = since.unwrap()["message"]["en"].as_str().unwrap();
        let id = other.rsplit('/').next().unwrap();
        assert!(message.contains("NQ 2/2024") && message.contains(id), "{message}");
        let refused = act(house, &office, &office.preparer, &path, "submit").await;
        let faults = refused.problem("instrument-faulty");
        assert_eq!(faults, [(at.to_owned(), "changed_since".to_owned())]);
        // Whoever knows of the other says so.
        body["amends"] = json!(["NQ 2/2024"]);
        let etag = tag(house, &office, &path).await;
        let edited = send(house, &office.preparer, "PUT", &path, &etag, Some(&body)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        publish(house, &office, &path).await;
        // What is written after both stands on both.
        let (third, _) = draft(house, &office, &resolution("NQ 3/2024", "2024-11-01")).await;
        publish(house, &office, &third).await;
    });
}

#[test]
fn an_approved_draft_overtaken_by_another_is_not_published() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let (other, _) = draft(house, &office, &resolution("NQ 2/2024", "2024-09-01")).await;
        approve(house, &office, &path).await;
        publish(house, &office, &other).await;
        let refused = act(house, &office, &office.releaser, &path, "publish").await;
        let faults = refused.problem("instrument-faulty");
        assert_eq!(
            faults,
            [("/provisions/0/parameters/0".to_owned(), "changed_since".to_owned())]
        );
    });
}

/// The correction of an instrument of the catalogue that gives its community standard another value, and its case of
/// 1.5 times the standard with it.
async fn correct(house: &House, office: &Office, original: &str, mut body: Value, standard: i64) -> String {
    body["provisions"][0]["parameters"][0]["value"] = json!(standard);
    for case in body["cases"].as_array_mut().unwrap() {
        if case["expect"][0]["group"] == "5.6" {
            case["expect"][0]["amount"] = json!(standard * 3 / 2);
        }
    }
    let command = json!({"reason": "Đối chiếu toàn văn", "body": body});
    let path = format!("{original}/corrections");
    let drafted = send(house, &office.preparer, "POST", &path, "*", Some(&command)).await;
    assert_eq!(drafted.status, 201, "{drafted:?}");
    drafted.header("location").to_owned()
}

#[test]
fn a_second_correction_of_a_body_that_stands_no_more_is_refused() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let all = house.call("GET", "/v1/instruments").key(&office.preparer).send().await;
        let all = all.json();
        let items = all["items"].as_array().unwrap();
        let own = items.iter().find(|own| own["body"]["cite"] == "NQ 08/2022").unwrap();
        let original = format!("/v1/instruments/{}", own["id"].as_str().unwrap());
        let first = correct(house, &office, &original, own["body"].clone(), 510_000).await;
        let second = correct(house, &office, &original, own["body"].clone(), 520_000).await;
        approve(house, &office, &second).await;
        publish(house, &office, &first).await;
        let late = act(house, &office, &office.releaser, &second, "publish").await;
        late.problem("stale");
        let checked = send(house, &office.preparer, "POST", &format!("{second}/check"), "*", None).await;
        checked.problem("stale");
        let third = correct(house, &office, &original, own["body"].clone(), 530_000).await;
        let release = publish(house, &office, &third).await;
        let path = format!("/v1/parameters?on=2023-05-01&release={release}");
        let found = house.call("GET", &path).key(&office.preparer).send().await.json();
        let items = found["items"].as_array().unwrap();
        let of = |item: &&Value| item["key"] == "standard.community" && item["issuer"] == "provincial";
        assert_eq!(items.iter().find(of).unwrap()["value"], 530_000);
    });
}

#[test]
fn a_value_of_another_instrument_is_ended_alone() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let end = json!({"instrument": "NQ 08/2022/NQ-HĐND", "parameters": ["standard.facility"], "to": "2024-09-30",
            "source": "thử", "confidence": "high"});
        body["provisions"] = json!([{"article": "Art 1", "ends": [end]}]);
        let (path, _) = draft(house, &office, &body).await;
        let changes = house.call("GET", &format!("{path}/changes")).key(&office.preparer);
        let changes = changes.send().await.json();
        assert_eq!(changes["rules"], json!([]), "{changes}");
        let ended = &changes["parameters"][0];
        assert_eq!(
            (&ended["key"], &ended["from"], &ended["after"]),
            (&json!("standard.facility"), &json!("2024-10"), &Value::Null)
        );
        publish(house, &office, &path).await;
    });
}
