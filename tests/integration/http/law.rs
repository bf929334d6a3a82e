//! What is around a draft: its format, versions side by side, corrections, the official text, values on a day.

use serde_json::{Value, json};
use service::{Code, Role};

use super::instrument::{Office, act, draft, publish, resolution, send, tag};
use crate::harness::{House, each_engine};

async fn get(house: &House, office: &Office, path: &str) -> Value {
    let found = house.call("GET", path).key(&office.preparer).send().await;
    assert_eq!(found.status, 200, "{path}: {found:?}");
    found.json()
}

/// The published instrument that is cited so: its path and body.
async fn published(house: &House, office: &Office, cite: &str) -> (String, Value) {
    let all = get(house, office, "/v1/instruments").await;
    let items = all["items"].as_array().unwrap();
    let own = items.iter().find(|own| own["body"]["cite"] == cite).unwrap();
    (
        format!("/v1/instruments/{}", own["id"].as_str().unwrap()),
        own["body"].clone(),
    )
}

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/instrument.schema.json");
    if std::env::var_os("ANSINH_WRITE_OPENAPI").is_some() {
        std::fs::write(path, service::law::schema_text()).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == service::law::schema_text(),
        "openapi/instrument.schema.json is old"
    );
    each_engine(async |house| {
        let office = Office::open(house).await;
        assert_eq!(
            get(house, &office, "/v1/instruments/schema").await,
            service::law::schema()
        );
    });
}

#[test]
fn a_draft_is_compared_with_its_revisions_and_with_the_law_in_force() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        let (path, etag) = draft(house, &office, &body).await;
        body["provisions"][0]["parameters"][0]["value"] = json!(650_000);
        assert_eq!(
            send(house, &office.preparer, "PUT", &path, &etag, Some(&body))
                .await
                .status,
            200
        );
        for query in ["", "?revision=1"] {
            let found = get(house, &office, &format!("{path}/compare{query}")).await;
            assert_eq!(
                (&found["before"]["revision"], &found["after"]["revision"]),
                (&json!(1), &json!(2))
            );
            let clauses = found["clauses"].as_array().unwrap();
            assert_eq!(clauses.len(), 1, "{found}");
            assert_eq!(clauses[0]["pointer"], "/provisions/0/parameters/0");
            assert_eq!(clauses[0]["label"], json!({"vi": "Tham số", "en": "Parameter"}));
            assert_eq!(
                clauses[0]["fields"],
                json!([{"pointer": "/value", "before": 640_000, "after": 650_000}])
            );
        }
        let (other, _) = published(house, &office, "NQ 08/2022").await;
        let with = other.rsplit('/').next().unwrap();
        let found = get(house, &office, &format!("{path}/compare?with={with}")).await;
        assert_eq!(found["before"]["number"], "NQ 08/2022/NQ-HĐND");
        let missing = house
            .call("GET", &format!("{path}/compare?revision=9"))
            .key(&office.preparer)
            .send()
            .await;
        missing.problem("not-found");
        let changes = get(house, &office, &format!("{path}/changes")).await;
        assert_eq!(changes["instruments"][0]["number"], "NQ 1/2024");
        let value = &changes["parameters"][0];
        assert_eq!(
            (&value["key"], &value["from"], &value["to"]),
            (&json!("standard.community"), &json!("2024-10"), &Value::Null)
        );
        assert_eq!(
            (&value["before"]["value"], &value["after"]["value"]),
            (&json!(500_000), &json!(650_000))
        );
    });
}

#[test]
fn releases_are_diffable_and_a_value_of_the_future_changes_no_earlier_day() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let on = async |day: &str, release: i64| {
            let path = format!("/v1/parameters?on={day}&release={release}");
            let found = get(house, &office, &path).await;
            let mut items = found["items"].as_array().unwrap().clone();
            // Where a value ends is what the future changes.
            items.iter_mut().for_each(|item| item["to"] = Value::Null);
            items
        };
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2027-01-01")).await;
        let release = publish(house, &office, &path).await;
        for day in ["2016-03-01", "2021-07-15", "2024-08-20", "2026-12-31"] {
            assert_eq!(on(day, release).await, on(day, release - 1).await, "{day}");
        }
        let community = |items: Vec<Value>| {
            let of = |item: &&Value| item["key"] == "standard.community" && item["issuer"] == "provincial";
            items
                .iter()
                .find(of)
                .map(|item| (item["value"].clone(), item["applies"].clone()))
        };
        assert_eq!(
            community(on("2027-01-01", release).await),
            Some((json!(640_000), json!(true)))
        );
        assert_eq!(
            community(on("2027-01-01", release - 1).await),
            Some((json!(500_000), json!(true)))
        );
        let found = get(house, &office, &format!("/v1/releases/{release}/diff")).await;
        assert_eq!(found["parameters"].as_array().unwrap().len(), 1, "{found}");
        assert_eq!(found["parameters"][0]["from"], "2027-01");
        assert_eq!(found["rules"], json!([]));
        let whole = get(house, &office, &format!("/v1/releases/{release}/diff?from=0")).await;
        assert_eq!(
            whole["instruments"].as_array().unwrap().len(),
            usize::try_from(release).unwrap()
        );
        let none = house
            .call("GET", "/v1/releases/99/diff")
            .key(&office.preparer)
            .send()
            .await;
        none.problem("not-found");
        let none = house
            .call("GET", "/v1/parameters?release=99")
            .key(&office.preparer)
            .send()
            .await;
        none.problem("not-found");
    });
}

#[test]
fn a_later_central_value_does_not_hide_a_higher_provincial_one() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        publish(house, &office, &path).await;
        // Published later, in force from the same day: first below the 640,000 of the province, then above.
        for (number, value, applying) in [("NĐ 1/2024", 560_000, "provincial"), ("NĐ 2/2024", 700_000, "central")] {
            let mut body = resolution(number, "2024-10-01");
            body["issuer"] = json!("central");
            body["provisions"][0]["parameters"][0]["value"] = json!(value);
            let (path, _) = draft(house, &office, &body).await;
            publish(house, &office, &path).await;
            let found = get(house, &office, "/v1/parameters?on=2024-10-01").await;
            let items = found["items"].as_array().unwrap();
            let said: Vec<(&str, i64, bool)> = items
                .iter()
                .filter(|item| item["key"] == "standard.community")
                .map(|item| {
                    (
                        item["issuer"].as_str().unwrap(),
                        item["value"].as_i64().unwrap(),
                        item["applies"].as_bool().unwrap(),
                    )
                })
                .collect();
            let applies = |issuer: &str| issuer == applying;
            assert_eq!(
                said,
                [
                    ("central", value, applies("central")),
                    ("provincial", 640_000, applies("provincial"))
                ],
                "{number}"
            );
        }
    });
}

#[test]
fn an_error_of_the_catalogue_is_corrected_by_three_people_with_a_trail_of_its_own() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (original, mut body) = published(house, &office, "NQ 08/2022").await;
        let path = format!("{original}/corrections");
        let correct = async |reason: &str, body: &Value| {
            let command = json!({"reason": reason, "body": body});
            send(house, &office.preparer, "POST", &path, "*", Some(&command)).await
        };
        let same = correct("Đối chiếu", &body).await.problem("invalid");
        assert_eq!(same, [("/body".to_owned(), "unchanged".to_owned())]);
        body["provisions"][0]["parameters"][0]["value"] = json!(510_000);
        for case in body["cases"].as_array_mut().unwrap() {
            if case["expect"][0]["group"] == "5.6" {
                case["expect"][0]["amount"] = json!(765_000);
            }
        }
        assert_eq!(
            correct(" ", &body).await.problem("invalid"),
            [("/reason".to_owned(), "empty".to_owned())]
        );
        let mut renamed = body.clone();
        renamed["number"] = json!("NQ 9/2022");
        let refused = correct("Đối chiếu", &renamed).await.problem("invalid");
        assert_eq!(refused, [("/body/number".to_owned(), "other_instrument".to_owned())]);
        let drafted = correct("Đối chiếu toàn văn", &body).await;
        assert_eq!(drafted.status, 201, "{drafted:?}");
        let correction = drafted.header("location").to_owned();
        let clauses = get(house, &office, &format!("{correction}/compare")).await["clauses"].clone();
        assert_eq!(clauses[0]["subject"], "standard.community 2023-01-01");
        let release = publish(house, &office, &correction).await;
        let value = async |release: i64| {
            let path = format!("/v1/parameters?on=2023-05-01&release={release}");
            let found = get(house, &office, &path).await;
            let items = found["items"].as_array().unwrap().clone();
            let of = |item: &&Value| item["key"] == "standard.community" && item["issuer"] == "provincial";
            items.iter().find(of).unwrap()["value"].clone()
        };
        assert_eq!(
            (value(release).await, value(release - 1).await),
            (json!(510_000), json!(500_000))
        );
        let releases = get(house, &office, "/v1/releases").await;
        assert_eq!(releases["items"][0]["reach_back"], "2023-01");
        let old = get(house, &office, &original).await;
        assert_eq!(
            old["body"]["provisions"][0]["parameters"][0]["value"], 500_000,
            "what was published stays"
        );
        let auditor = house.key(Role::Auditor, None).await;
        let events = house.call("GET", "/v1/audit-events").key(&auditor).send().await.json();
        let events = events["items"].as_array().unwrap();
        let id = original.rsplit('/').next().unwrap().replace('-', "");
        let told: Vec<&Value> = events
            .iter()
            .filter(|event| event["subject"] == format!("instrument:{id}"))
            .collect();
        let actions: Vec<&str> = told.iter().map(|event| event["action"].as_str().unwrap()).collect();
        assert!(
            actions.contains(&"instrument.correct") && actions.contains(&"instrument.corrected"),
            "{actions:?}"
        );
        let first = told
            .iter()
            .find(|event| event["action"] == "instrument.correct")
            .unwrap();
        assert_eq!(first["detail"]["reason"], "Đối chiếu toàn văn");
    });
}

#[test]
fn an_instrument_that_repeals_ends_what_another_says() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let mut body = resolution("NQ 1/2024", "2024-10-01");
        body["provisions"] = json!([]);
        body["repeals"] = json!(["NQ 08/2022/NQ-HĐND"]);
        let (path, _) = draft(house, &office, &body).await;
        let changes = get(house, &office, &format!("{path}/changes")).await;
        let ended: Vec<&Value> = changes["rules"].as_array().unwrap().iter().collect();
        assert_eq!(ended.len(), 1, "{changes}");
        assert_eq!(
            (&ended[0]["change"], &ended[0]["to_after"]),
            (&json!("ended"), &json!("2024-09"))
        );
        let release = publish(house, &office, &path).await;
        let releases = get(house, &office, "/v1/releases").await;
        assert_eq!(releases["items"][0]["reach_back"], "2024-10");
        let keys = async |day: &str| {
            let found = get(house, &office, &format!("/v1/parameters?on={day}&release={release}")).await;
            let items = found["items"].as_array().unwrap().clone();
            items
                .iter()
                .filter(|item| item["provision"].as_str().unwrap().starts_with("NQ 08/2022"))
                .count()
        };
        assert!(keys("2024-09-30").await > 0);
        assert_eq!(keys("2024-10-01").await, 0);
        let (_, number) = path.rsplit_once('/').unwrap();
        let listed = get(house, &office, "/v1/instruments").await;
        let mut listed = listed["items"].as_array().unwrap().iter();
        let old = listed.find(|own| own["number"] == "NQ 08/2022/NQ-HĐND").unwrap();
        assert_eq!(
            (&old["repealed_by"], &old["ended_on"]),
            (&json!({"id": number, "number": "NQ 1/2024"}), &json!("2024-09"))
        );
    });
}

#[test]
fn the_official_text_is_stored_once_by_its_hash_and_bound_to_the_draft() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let put = async |path: &str, tag: &str, bytes: &'static [u8]| {
            let call = house
                .call("PUT", &format!("{path}/text"))
                .key(&office.preparer)
                .if_match(tag);
            call.body("application/pdf", bytes).send().await
        };
        let (path, etag) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let none = house
            .call("GET", &format!("{path}/text"))
            .key(&office.preparer)
            .send()
            .await;
        none.problem("not-found");
        let faults = put(&path, &etag, b"PK").await.problem("invalid");
        assert_eq!(faults, [(String::new(), "not_a_pdf".to_owned())]);
        let attached = put(&path, &etag, b"%PDF-1.7 one").await;
        assert_eq!(attached.status, 200, "{attached:?}");
        let view = attached.json();
        assert_eq!(
            (&view["revision"], &view["body"]["text_hash"]),
            (&json!(2), &view["text_sha256"])
        );
        let again = put(&path, attached.header("etag"), b"%PDF-1.7 one").await;
        assert_eq!(again.json()["revision"], 2, "the same text again changes nothing");
        let read = house
            .call("GET", &format!("{path}/text"))
            .key(&office.approver)
            .send()
            .await;
        assert_eq!(
            (read.header("content-type"), read.text.as_str()),
            ("application/pdf", "%PDF-1.7 one")
        );
        // Another draft with the same text: one copy.
        let (other, etag) = draft(house, &office, &resolution("NQ 2/2024", "2024-11-01")).await;
        assert_eq!(put(&other, &etag, b"%PDF-1.7 one").await.status, 200);
        publish(house, &office, &path).await;
        let etag = tag(house, &office, &path).await;
        put(&path, &etag, b"%PDF-1.7 two").await.problem("conflict");
        // What the catalogue brought has no text yet and takes it once, without another body.
        let (old, body) = published(house, &office, "NQ 08/2022").await;
        let etag = tag(house, &office, &old).await;
        let attached = put(&old, &etag, b"%PDF-1.7 two").await;
        assert_eq!((&attached.json()["body"], attached.status), (&body, 200));
        put(&old, attached.header("etag"), b"%PDF-1.7 one")
            .await
            .problem("conflict");
        assert_eq!(
            act(house, &office, &office.preparer, &old, "withdraw").await.status,
            409
        );
        let status = entity_status(house, &old).await;
        assert_eq!(status, "published");
    });
}

async fn entity_status(house: &House, path: &str) -> String {
    let id = path.rsplit('/').next().unwrap().parse().unwrap();
    let actor = service::Actor::system("tests");
    service::law::get(&house.app, &actor, id).await.unwrap().status.code()
}
