//! What people really send: each is a clear problem with a pointer, and nothing is stored.

use serde_json::{Value, json};
use service::Role;

use crate::harness::{House, each_engine};

fn person() -> Value {
    json!({
        "citizen_id": null, "full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
        "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}],
        "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20"}],
    })
}

/// The person with one place of it changed.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = person();
    match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value;
        }
    }
    body
}

async fn people(house: &House, key: &str) -> usize {
    house.call("GET", "/v1/persons").key(key).send().await.json()["items"]
        .as_array()
        .unwrap()
        .len()
}

#[test]
fn a_person_is_registered_or_refused_with_a_pointer_to_each_fault() {
    each_engine(async |house| {
        let key = house.key(Role::Caseworker, None).await;
        let overlapping = json!([
            {"kind": "disability", "value": "severe", "from": "2022-03-20"},
            {"kind": "disability", "value": "mild", "from": "2023-01-01"},
        ]);
        for (pointer, value, fault) in [
            ("/citizen_id", json!("12345678901"), "/citizen_id"),
            ("/birth_date", json!("1990-02-30"), "/birth_date"),
            ("/colour", json!("red"), "/colour"),
            ("/sex", json!(1), "/sex"),
            ("/evidence/0/kind", json!("luck"), "/evidence/0/kind"),
            ("/evidence/0/value", json!("very"), "/evidence/0/value"),
            ("/evidence/0/from", json!("20/3/2022"), "/evidence/0/from"),
            ("/evidence/0/to", json!("2022-03-19"), "/evidence/0/to"),
            ("/evidence", overlapping, "/evidence/1"),
            (
                "/evidence/0",
                json!({"kind": "pension", "value": 9_007_199_254_740_992_i64, "from": "2022-01-01"}),
                "/evidence/0/value",
            ),
            ("/residences/0/area", json!("99999"), "/residences/0/area"),
        ] {
            let body = with(pointer, value);
            let answer = house
                .call("POST", "/v1/persons")
                .key(&key)
                .once(pointer)
                .json(&body)
                .send()
                .await;
            assert_eq!(answer.status, 422, "{body}: {answer:?}");
            let faults = answer.problem("invalid");
            assert!(faults.iter().any(|(at, _)| at.starts_with(fault)), "{body}: {faults:?}");
        }
        assert_eq!(people(house, &key).await, 0);
        let answer = house
            .call("POST", "/v1/persons")
            .key(&key)
            .once("good")
            .json(&person())
            .send()
            .await;
        assert_eq!((answer.status, answer.header("etag")), (201, "\"1\""), "{answer:?}");
        assert_eq!(people(house, &key).await, 1);
    });
}

#[test]
fn another_area_is_not_there() {
    each_engine(async |house| {
        let key = house.key(Role::Caseworker, None).await;
        let made = house
            .call("POST", "/v1/persons")
            .key(&key)
            .once("p")
            .json(&person())
            .send()
            .await;
        let path = made.header("location").to_owned();
        let own = made.json()["area_id"].as_str().unwrap().to_owned();
        let areas = house.call("GET", "/v1/areas?limit=200").key(&key).send().await.json();
        let other = areas["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|area| area["level"] == "commune" && area["id"] != own.as_str());
        let other = other.unwrap()["id"].as_str().unwrap().to_owned();
        let (insider, outsider) = (
            house.key(Role::Caseworker, Some(&own)).await,
            house.key(Role::Caseworker, Some(&other)).await,
        );
        assert_eq!(house.call("GET", &path).key(&insider).send().await.status, 200);
        house
            .call("GET", &path)
            .key(&outsider)
            .send()
            .await
            .problem("not-found");
        assert_eq!((people(house, &insider).await, people(house, &outsider).await), (1, 0));
        let evidence = json!({"kind": "pregnant", "value": true, "from": "2024-01-01", "change": "circumstances"});
        let add = house
            .call("POST", &format!("{path}/evidence"))
            .key(&outsider)
            .once("e")
            .if_match("\"1\"")
            .json(&evidence);
        add.send().await.problem("not-found");
    });
}

#[test]
fn a_bank_file_that_cannot_be_read_is_refused_whole() {
    each_engine(async |house| {
        let key = house.key(Role::Treasury, None).await;
        let truncated = "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt><GrpHdr>";
        for (name, bytes) in [("truncated", truncated), ("text", "xin chào"), ("empty", "")] {
            let upload = house
                .call("POST", "/v1/bank-reports?file_name=report.xml")
                .key(&key)
                .once(name);
            let answer = upload.body("application/xml", bytes).send().await;
            assert_eq!(answer.status, 422, "{answer:?}");
            answer.problem("unreadable-bank-file");
        }
        let listed = house.call("GET", "/v1/bank-reports").key(&key).send().await.json();
        assert_eq!(listed["items"], json!([]));
    });
}

#[test]
fn a_rule_with_a_gap_in_its_ages_is_found_and_cannot_go_on() {
    each_engine(async |house| {
        let key = house.key(Role::Preparer, None).await;
        let brackets =
            json!([{"age": {"below": 16}, "coefficient": "2.0"}, {"age": {"from": 18}, "coefficient": "1.5"}]);
        let rule = json!({
            "benefit": "monthly_allowance", "group": "5.6", "from": "2025-01-01", "to": null, "setting": "community",
            "when": {"evidence": {"kind": "disability", "is": ["severe"]}},
            "amount": {"by_age": {"of": ["standard.central", "standard.community"], "brackets": brackets}},
            "source": "dự thảo", "confidence": "low",
        });
        let draft = json!({
            "number": "NQ thử", "cite": "NQ thử", "title": "Bảng tuổi có khoảng trống", "issuer": "provincial",
            "issued_on": "2024-12-01", "in_force_from": "2025-01-01",
            "provisions": [{"article": "Art 1", "text": "…", "rules": [rule]}],
        });
        let made = house
            .call("POST", "/v1/instruments")
            .key(&key)
            .once("d")
            .json(&draft)
            .send()
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = made.header("location").to_owned();
        let found = house
            .call("POST", &format!("{path}/check"))
            .key(&key)
            .once("c")
            .send()
            .await
            .json();
        let gap = found["items"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["code"] == "age_gap");
        assert!(
            gap.is_some_and(|gap| gap["pointer"]
                .as_str()
                .unwrap()
                .starts_with("/provisions/0/rules/0/amount")),
            "{found}"
        );
        let read = house.call("GET", &path).key(&key).send().await;
        assert_eq!(read.json()["status"], "draft");
        let submit = house
            .call("POST", &format!("{path}/submit"))
            .key(&key)
            .once("s")
            .if_match(read.header("etag"));
        submit.send().await.problem("instrument-faulty");
        let mut unknown = draft.clone();
        unknown["provisions"][0]["rules"][0]["colour"] = json!("red");
        unknown["number"] = json!("NQ thử 2");
        let answer = house
            .call("POST", "/v1/instruments")
            .key(&key)
            .once("u")
            .json(&unknown)
            .send()
            .await;
        assert_eq!(answer.status, 422, "{answer:?}");
    });
}

#[test]
fn a_parameter_without_a_value_in_some_months_is_found_and_cannot_go_on() {
    each_engine(async |house| {
        let key = house.key(Role::Preparer, None).await;
        let value = |from: &str, to: Value| {
            json!({"key": "standard.trial", "from": from, "to": to, "value": 700_000, "unit": "vnd_per_month",
                "source": "dự thảo", "confidence": "low"})
        };
        let rule = json!({
            "benefit": "monthly_allowance", "group": "5.6", "from": "2025-01-01", "to": null, "setting": "community",
            "when": {"evidence": {"kind": "disability", "is": ["severe"]}},
            "amount": {"by_age": {"of": ["standard.trial"], "brackets": [{"age": {"from": 0}, "coefficient": "1.5"}]}},
            "source": "dự thảo", "confidence": "low",
        });
        let parameters = [
            value("2025-01-01", json!("2025-06-30")),
            value("2025-09-01", Value::Null),
        ];
        let draft = json!({
            "number": "NQ thử", "cite": "NQ thử", "title": "Tham số có khoảng trống", "issuer": "provincial",
            "issued_on": "2024-12-01", "in_force_from": "2025-01-01",
            "provisions": [{"article": "Art 1", "text": "…", "parameters": parameters, "rules": [rule]}],
        });
        let call = |method: &str, path: &str| house.call(method, path).key(&key);
        let made = call("POST", "/v1/instruments").once("d").json(&draft).send().await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = made.header("location").to_owned();
        let found = call("POST", &format!("{path}/check")).once("c").send().await.json();
        let findings = found["items"].as_array().unwrap();
        let hole = findings.iter().find(|finding| finding["code"] == "parameter_hole");
        assert!(
            hole.is_some_and(|hole| hole["pointer"].as_str().unwrap().starts_with("/provisions/0")),
            "{found}"
        );
        let read = call("GET", &path).send().await;
        assert_eq!(read.json()["status"], "draft");
        let submit = call("POST", &format!("{path}/submit"))
            .once("s")
            .if_match(read.header("etag"));
        submit.send().await.problem("instrument-faulty");
    });
}

#[test]
fn the_clock_goes_to_no_day_that_cannot_be_written() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        for now in ["2099-12-31T17:00:00Z", "9999-12-31T23:59:59Z"] {
            let set = house.call("PUT", "/v1/sandbox/clock").key(&key);
            let answer = set.json(&json!({"now": now})).send().await;
            assert_eq!(answer.status, 422, "{answer:?}");
            let far = [("/now".to_owned(), "clock_too_far".to_owned())];
            assert_eq!(answer.problem("invalid"), far, "{now}");
        }
        let set = house.call("PUT", "/v1/sandbox/clock").key(&key);
        let answer = set.json(&json!({"now": "2099-12-31T16:59:59Z"})).send().await;
        assert_eq!(answer.json()["today"], "2099-12-31");
    });
}

#[test]
fn what_no_text_holds_is_not_looked_for() {
    each_engine(async |house| {
        let key = house.key(Role::Caseworker, None).await;
        let answer = house.call("GET", "/v1/persons?name=Lan%00").key(&key).send().await;
        assert_eq!(answer.status, 400, "{answer:?}");
        let control = [("/name".to_owned(), "control_character".to_owned())];
        assert_eq!(answer.problem("invalid-request"), control);
    });
}
