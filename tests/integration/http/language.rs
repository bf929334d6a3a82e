//! What is wrong with content, told in the caller's language.

use serde_json::{Value, json};
use service::Role;

use crate::harness::{House, each_engine};

/// The problem of a request, in a language: its title, its detail and its faults.
async fn told(house: &House, key: &str, language: &str, method: &str, path: &str, body: &Value) -> Value {
    let call = house
        .call(method, path)
        .key(key)
        .once("k")
        .header("Accept-Language", language);
    let answer = if method == "GET" {
        call.send().await
    } else {
        call.json(body).send().await
    };
    assert!((400..500).contains(&answer.status), "{path}: {answer:?}");
    assert_eq!(answer.header("content-language"), language, "{path}");
    assert_eq!(answer.header("vary"), "Accept-Language");
    answer.json()
}

/// Whether a sentence has a letter that English has not.
fn is_vietnamese(text: &str) -> bool {
    text.chars().any(|letter| letter.is_alphabetic() && !letter.is_ascii())
}

#[test]
fn each_fault_is_told_in_both_languages() {
    each_engine(async |house| {
        let caseworker = house.key(Role::Caseworker, None).await;
        let preparer = house.key(Role::Preparer, None).await;
        let person = |change: Value| {
            let mut body = json!({"full_name": "Lan", "birth_date": "1990-05-01", "sex": "female",
                "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}], "evidence": []});
            for (name, value) in change.as_object().unwrap() {
                body[name] = value.clone();
            }
            body
        };
        let fact = |kind: &str, value: Value, from: &str, to: Value| json!({"evidence": [{"kind": kind, "value": value, "from": from, "to": to}]});
        let persons = ("POST", "/v1/persons", &caseworker);
        let nothing = Value::Null;
        let table = [
            (persons, person(json!({"colour": "red"})), "unknown_field"),
            (persons, person(json!({"sex": 1})), "wrong_type"),
            (persons, person(json!({"sex": "x"})), "unknown_value"),
            (
                persons,
                person(json!({"residences": [["06652", "2018-01-01", "community"]]})),
                "wrong_type",
            ),
            (
                persons,
                person(json!({"citizen_id": "12345678901"})),
                "citizen_id_eleven_digits",
            ),
            (persons, person(json!({"full_name": "  "})), "name_empty"),
            (persons, person(json!({"birth_date": "1990-02-30"})), "date"),
            (persons, person(json!({"birth_date": "2190-02-20"})), "date_bounds"),
            (
                persons,
                person(fact("disability", json!("very"), "2022-01-01", Value::Null)),
                "evidence_value",
            ),
            (
                persons,
                person(fact("hiv", json!(true), "2022-01-01", json!("2021-01-01"))),
                "to_before_from",
            ),
            (
                persons,
                person(json!({"residences": [{"area": "99999", "from": "2018-01-01", "setting": "community"}]})),
                "unknown_area",
            ),
            (
                ("GET", "/v1/persons?colour=red", &caseworker),
                nothing.clone(),
                "unknown_filter",
            ),
            (
                ("GET", "/v1/persons?limit=many", &caseworker),
                nothing.clone(),
                "invalid_value",
            ),
            (
                ("POST", "/v1/pay-runs", &preparer),
                json!({"cover_month": "2024-09"}),
                "missing_field",
            ),
            (
                ("POST", "/v1/instruments", &preparer),
                json!({"number": 7}),
                "malformed",
            ),
            (
                ("POST", "/v1/instruments", &preparer),
                json!({"colour": "red"}),
                "malformed",
            ),
        ];
        for ((method, path, key), body, code) in &table {
            let vi = told(house, key, "vi", method, path, body).await;
            let en = told(house, key, "en", method, path, body).await;
            assert_eq!(
                (&vi["code"], &vi["status"]),
                (&en["code"], &en["status"]),
                "{path} {body}"
            );
            assert!(is_vietnamese(vi["title"].as_str().unwrap()) && !is_vietnamese(en["title"].as_str().unwrap()));
            let (vi, en) = (vi["errors"].as_array().unwrap(), en["errors"].as_array().unwrap());
            assert_eq!(vi.len(), en.len());
            assert!(vi.iter().any(|fault| fault["code"] == *code), "{code}: {vi:?}");
            for (vi, en) in vi.iter().zip(en) {
                assert_eq!((&vi["pointer"], &vi["code"]), (&en["pointer"], &en["code"]));
                let (vi, en) = (vi["message"].as_str().unwrap(), en["message"].as_str().unwrap());
                assert!(is_vietnamese(vi), "{code}: {vi}");
                assert!(!en.is_empty() && !is_vietnamese(en), "{code}: {en}");
                for inner in ["expected", "invalid type", "unknown field", "missing field"] {
                    assert!(!vi.contains(inner) && !en.contains(inner), "{code}: {vi} / {en}");
                }
            }
        }
    });
}
