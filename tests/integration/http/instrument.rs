//! Law over HTTP: from draft to release, and who may not sign.

use serde_json::{Value, json};
use service::{Role, job};
use sha2::{Digest, Sha256};

use crate::harness::{Answer, House, each_engine};

/// A provincial resolution of September 2024 that raises the community standard from a day on.
pub(super) fn resolution(number: &str, from: &str) -> Value {
    json!({"number": number, "cite": number, "title": "Mức chuẩn trợ giúp xã hội", "issuer": "provincial",
        "issued_on": "2024-08-20", "in_force_from": from, "provisions": [{"article": "Art 1", "parameters": [
            {"key": "standard.community", "from": from, "to": null, "value": 640_000, "unit": "vnd_per_month",
             "source": "thử", "confidence": "high"}]}]})
}

/// A resolution about another standard, which changes nothing of what the others say.
fn elsewhere(number: &str, from: &str) -> Value {
    let mut body = resolution(number, from);
    body["provisions"][0]["parameters"][0]["key"] = json!("standard.facility");
    body["provisions"][0]["parameters"][0]["value"] = json!(660_000);
    body
}

/// Those who make law in these tests, each another person.
pub(super) struct Office {
    pub(super) preparer: String,
    pub(super) approver: String,
    pub(super) releaser: String,
}

impl Office {
    pub(super) async fn open(house: &House) -> Self {
        Self {
            preparer: house.key(Role::Preparer, None).await,
            approver: house.key(Role::Approver, None).await,
            releaser: house.key(Role::Releaser, None).await,
        }
    }
}

/// A request that carries what every request may need; keys are used once.
pub(super) async fn send(
    house: &House,
    key: &str,
    method: &str,
    path: &str,
    tag: &str,
    body: Option<&Value>,
) -> Answer {
    let call = house
        .call(method, path)
        .key(key)
        .once(&house.app.ids.next().to_string())
        .if_match(tag);
    match body {
        Some(body) => call.json(body),
        None => call,
    }
    .send()
    .await
}

/// Drafts an instrument and gives its path and entity tag.
pub(super) async fn draft(house: &House, office: &Office, body: &Value) -> (String, String) {
    let drafted = send(house, &office.preparer, "POST", "/v1/instruments", "*", Some(body)).await;
    assert_eq!(drafted.status, 201, "{drafted:?}");
    (drafted.header("location").to_owned(), drafted.header("etag").to_owned())
}

/// The entity tag as it is now.
pub(super) async fn tag(house: &House, office: &Office, path: &str) -> String {
    let found = house.call("GET", path).key(&office.preparer).send().await;
    found.header("etag").to_owned()
}

pub(super) async fn check(house: &House, office: &Office, path: &str) -> Vec<Value> {
    let found = send(house, &office.preparer, "POST", &format!("{path}/check"), "*", None).await;
    assert_eq!(found.status, 200, "{found:?}");
    found.json()["items"].as_array().unwrap().clone()
}

pub(super) async fn simulate(house: &House, office: &Office, path: &str) {
    let begun = send(house, &office.preparer, "POST", &format!("{path}/simulate"), "*", None).await;
    assert_eq!(begun.status, 202, "{begun:?}");
    job::drain(&house.app, job::KINDS).await.unwrap();
}

/// The newest simulation of an instrument, of whatever kind and state.
pub(super) async fn newest_simulation(house: &House, key: &str, path: &str) -> Value {
    let listed = house.call("GET", &format!("{path}/simulations")).key(key).send().await;
    assert_eq!(listed.status, 200, "{listed:?}");
    let id = listed.json()["items"][0]["id"].as_str().unwrap().to_owned();
    let found = house
        .call("GET", &format!("{path}/simulation?id={id}"))
        .key(key)
        .send()
        .await;
    assert_eq!(found.status, 200, "{found:?}");
    let (listed, found) = (listed.json()["items"][0].clone(), found.json());
    if listed["status"] == "done" {
        for (field, told) in listed.as_object().unwrap() {
            assert_eq!(found[field], *told, "the list tells another {field}");
        }
        assert!(
            listed.get("result").is_none() && found["result"].is_object(),
            "{listed}"
        );
    }
    found
}

/// What whoever approves or publishes has read: the simulation that is given to be signed; of a draft without one,
/// something that is not there.
pub(super) async fn read(house: &House, office: &Office, path: &str) -> Value {
    let found = house.call("GET", &format!("{path}/simulation")).key(&office.approver);
    let found = found.send().await;
    match found.status {
        200 => json!({"simulation": found.json()["id"]}),
        _ => json!({"simulation": "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"}),
    }
}

/// Sends a verb with the present entity tag; approval and publication name what the approver reads now.
pub(super) async fn act(house: &House, office: &Office, key: &str, path: &str, verb: &str) -> Answer {
    let tag = tag(house, office, path).await;
    let body = match verb {
        "approve" | "publish" => Some(read(house, office, path).await),
        _ => None,
    };
    send(house, key, "POST", &format!("{path}/{verb}"), &tag, body.as_ref()).await
}

/// Takes a draft to its approval.
pub(super) async fn approve(house: &House, office: &Office, path: &str) {
    let found = check(house, office, path).await;
    assert!(
        found.iter().all(|finding| finding["severity"] == "warning"),
        "{found:?}"
    );
    simulate(house, office, path).await;
    for (key, verb) in [(&office.preparer, "submit"), (&office.approver, "approve")] {
        let answer = act(house, office, key, path, verb).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// Takes a draft to its publication.
pub(super) async fn publish(house: &House, office: &Office, path: &str) -> i64 {
    approve(house, office, path).await;
    let published = act(house, office, &office.releaser, path, "publish").await;
    assert_eq!(published.status, 202, "{published:?}");
    job::drain(&house.app, job::KINDS).await.unwrap();
    published.json()["release"].as_i64().unwrap()
}

#[test]
fn a_draft_becomes_a_release_by_three_people() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let before = house
            .call("GET", "/v1/releases")
            .key(&office.preparer)
            .send()
            .await
            .json();
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let release = publish(house, &office, &path).await;
        assert_eq!(release, before["items"][0]["number"].as_i64().unwrap() + 1);
        let after = house
            .call("GET", "/v1/releases")
            .key(&office.preparer)
            .send()
            .await
            .json();
        assert_eq!(after["items"][0]["instrument"], "NQ 1/2024");
        assert_eq!(after["items"][0]["reach_back"], "2024-10");
        assert_eq!(
            after["items"].as_array().unwrap()[1..],
            before["items"].as_array().unwrap()[..]
        );
    });
}

#[test]
fn a_draft_with_a_fault_or_a_failing_case_is_pointed_at_and_not_submitted() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let case = json!({"jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
            "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
            "evidence": [{"kind": "disability", "value": "severe", "from": "2020-01-01", "to": null}]});
        let case = |amount: i64| {
            json!([{"name": "Hệ số 1,5", "case": case, "month": "2024-10",
                "expect": [{"benefit": "monthly_allowance", "group": "5.6", "amount": amount}]}])
        };
        body["cases"] = case(960_001);
        let (path, etag) = draft(house, &office, &body).await;
        let found = check(house, &office, &path).await;
        assert_eq!(
            (&found[0]["pointer"], &found[0]["code"]),
            (&json!("/cases/0/expect"), &json!("case_fails"))
        );
        assert_eq!(found[0]["severity"], "error");
        let refused = act(house, &office, &office.preparer, &path, "submit").await;
        let faults = refused.problem("instrument-faulty");
        assert_eq!(faults, [("/cases/0/expect".to_owned(), "case_fails".to_owned())]);
        body["cases"] = case(960_000);
        let edited = send(house, &office.preparer, "PUT", &path, &etag, Some(&body)).await;
        assert_eq!(edited.status, 200, "{edited:?}");
        publish(house, &office, &path).await;
    });
}

#[test]
fn another_open_draft_of_the_same_clause_is_told() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2025-03-01")).await;
        let (other, etag) = draft(house, &office, &resolution("NQ 2/2024", "2025-05-01")).await;
        let told = async || {
            let found = check(house, &office, &path).await;
            let drafts = found.iter().filter(|finding| finding["code"] == "another_draft");
            drafts
                .map(|finding| finding["message"]["en"].to_string())
                .collect::<Vec<_>>()
        };
        assert!(told().await.iter().any(|message| message.contains("NQ 2/2024")));
        let withdrawn = send(
            house,
            &office.preparer,
            "POST",
            &format!("{other}/withdraw"),
            &etag,
            None,
        )
        .await;
        assert_eq!(withdrawn.json()["status"], "withdrawn");
        assert!(!told().await.iter().any(|message| message.contains("NQ 2/2024")));
    });
}

#[test]
fn what_is_edited_after_its_simulation_or_submission_is_not_approved() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let (path, _) = draft(house, &office, &body).await;
        let edit = async |body: &Value| {
            let tag = tag(house, &office, &path).await;
            let edited = send(house, &office.preparer, "PUT", &path, &tag, Some(body)).await;
            assert_eq!(
                (edited.status, edited.json()["status"].as_str()),
                (200, Some("draft")),
                "{edited:?}"
            );
        };
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        body["title"] = json!("Mức khác");
        edit(&body).await;
        act(house, &office, &office.preparer, &path, "submit")
            .await
            .problem("illegal-transition");
        check(house, &office, &path).await;
        act(house, &office, &office.preparer, &path, "submit")
            .await
            .problem("illegal-transition");
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        let submitted = tag(house, &office, &path).await;
        body["provisions"][0]["parameters"][0]["value"] = json!(650_000);
        edit(&body).await;
        let late = send(
            house,
            &office.approver,
            "POST",
            &format!("{path}/approve"),
            &submitted,
            Some(&read(house, &office, &path).await),
        )
        .await;
        late.problem("stale");
        act(house, &office, &office.approver, &path, "approve")
            .await
            .problem("illegal-transition");
    });
}

#[test]
fn a_simulation_of_an_earlier_body_counts_for_nothing() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let (path, _) = draft(house, &office, &body).await;
        check(house, &office, &path).await;
        // Asked for, then edited and checked again before the worker comes to it.
        send(house, &office.preparer, "POST", &format!("{path}/simulate"), "*", None).await;
        body["provisions"][0]["parameters"][0]["value"] = json!(650_000);
        let tag = tag(house, &office, &path).await;
        send(house, &office.preparer, "PUT", &path, &tag, Some(&body)).await;
        check(house, &office, &path).await;
        job::drain(&house.app, job::KINDS).await.unwrap();
        let simulation = newest_simulation(house, &office.preparer, &path).await;
        assert_eq!(
            (&simulation["status"], &simulation["result"]),
            (&json!("failed"), &Value::Null)
        );
        act(house, &office, &office.preparer, &path, "submit")
            .await
            .problem("illegal-transition");
    });
}

#[test]
fn a_release_published_meanwhile_asks_for_another_simulation() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        check(house, &office, &path).await;
        simulate(house, &office, &path).await;
        assert_eq!(act(house, &office, &office.preparer, &path, "submit").await.status, 200);
        let (other, _) = draft(house, &office, &elsewhere("NQ 2/2024", "2024-09-01")).await;
        publish(house, &office, &other).await;
        act(house, &office, &office.approver, &path, "approve")
            .await
            .problem("content-changed");
        simulate(house, &office, &path).await;
        assert_eq!(
            act(house, &office, &office.approver, &path, "approve").await.status,
            200
        );
        assert_eq!(
            act(house, &office, &office.releaser, &path, "publish").await.status,
            202
        );
    });
}

#[test]
fn an_approval_on_another_simulation_publishes_nothing() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let body = resolution("NQ 1/2024", "2024-10-01");
        let (path, _) = draft(house, &office, &body).await;
        approve(house, &office, &path).await;
        // What the approver saw was counted against a law that another release has changed since.
        let (other, _) = draft(house, &office, &elsewhere("NQ 2/2024", "2024-09-01")).await;
        publish(house, &office, &other).await;
        simulate(house, &office, &path).await;
        act(house, &office, &office.releaser, &path, "publish")
            .await
            .problem("content-changed");
        let tag = tag(house, &office, &path).await;
        let saved = send(house, &office.preparer, "PUT", &path, &tag, Some(&body)).await;
        assert_eq!(saved.json()["signed_digest"], Value::Null, "{saved:?}");
        approve(house, &office, &path).await;
        let signed = house.call("GET", &path).key(&office.approver).send().await.json();
        let simulation = format!("{path}/simulation");
        let seen = house.call("GET", &simulation).key(&office.approver).send().await.json();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (body, base, digest) = (text(&signed["body_hash"]), &seen["base_release"], text(&seen["digest"]));
        let bound = format!("instrument\0{body}\0{base}\0{digest}");
        assert_eq!(text(&signed["signed_digest"]), hex::encode(Sha256::digest(bound)));
        let published = act(house, &office, &office.releaser, &path, "publish").await;
        assert_eq!(published.status, 202, "{published:?}");
    });
}
