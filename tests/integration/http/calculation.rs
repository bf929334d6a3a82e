//! The calculator over the API.

use serde_json::{Value, json};
use service::Role;

use super::instrument::{Office, act, draft, resolution};
use crate::harness::{House, each_engine, standing};

/// A severely disabled person who has an allowance since 2022.
fn disabled() -> Value {
    json!({
        "id": "a1", "jurisdiction": "22", "birth_date": "1990-05-01", "sex": "female", "death_date": null,
        "residences": [{"area": "06652", "from": "2018-01-01", "to": null, "setting": "community"}],
        "evidence": [{"kind": "disability", "value": "severe", "from": "2022-03-20", "to": null}],
        "claims": [{"benefit": "monthly_allowance", "filed_on": "2022-03-25", "decided_on": "2022-06-05"}],
    })
}

#[test]
fn a_case_file_gives_months_with_their_provisions() {
    each_engine(async |house| {
        let key = house.key_without_role().await;
        let case = disabled();
        let post = |query: &str| house.call("POST", &format!("/v1/calculations{query}")).key(&key);
        let answer = post("?from=2022-06&to=2022-07").json(&case).send().await;
        assert_eq!(answer.status, 200, "{answer:?}");
        let months = answer.json()["months"].clone();
        // Decided in June for a certificate of March: three months of arrears beside the month itself.
        assert_eq!(
            (months[0]["total"].clone(), months[1]["total"].clone()),
            (json!(2_700_000), json!(675_000))
        );
        assert_eq!(months[1]["components"][0]["provision"], "NĐ 20/2021 Art 6(1)(e)");

        let mut broken = case.clone();
        broken["evidence"][0]["to"] = json!("2022-03-01");
        broken["colour"] = json!("red");
        let answer = post("").json(&broken).send().await;
        assert_eq!(answer.status, 422);
        let pointers: Vec<String> = answer
            .problem("invalid")
            .into_iter()
            .map(|(pointer, _)| pointer)
            .collect();
        assert_eq!(pointers, ["/colour", "/evidence/0/to"]);

        post("?from=2022-13")
            .json(&case)
            .send()
            .await
            .problem("invalid-request");
        post("?from=2023-01&to=2022-01")
            .json(&case)
            .send()
            .await
            .problem("invalid-request");
        post("?release=999").json(&case).send().await.problem("not-found");
    });
}

#[test]
fn a_case_file_without_end_is_refused_by_its_size_and_by_its_depth() {
    each_engine(async |house| {
        // Nobody has to be known to ask.
        let post = async |body: String| {
            let call = house.call("POST", "/v1/calculations?from=2024-08&to=2024-08");
            call.body("application/json", body).send().await
        };
        let case = disabled().to_string();
        let room = " ".repeat(256 * 1024 - case.len());
        assert_eq!(post(format!("{case}{room}")).await.status, 200);
        let long = post(format!("{case}{room} ")).await;
        assert_eq!(long.status, 413);
        long.problem("too-large");
        assert!(long.text.contains("262144"), "{}", long.text);
        let deep = post(format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))).await;
        assert_eq!(deep.status, 400);
        deep.problem("invalid-json");
        assert!(deep.text.contains("127"), "{}", deep.text);
    });
}

#[test]
fn a_draft_is_calculated_for_those_who_may_read_law() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let id = path.rsplit('/').next().unwrap();
        let ask = |more: &str| {
            let path = format!("/v1/calculations?from=2024-09&to=2024-10&instrument={id}{more}");
            house.call("POST", &path).json(&disabled())
        };
        let caseworker = house.key(Role::Caseworker, Some("06652@1900-01")).await;
        let found = ask("").key(&caseworker).send().await;
        assert_eq!(found.status, 200, "{found:?}");
        let months = found.json()["months"].clone();
        // 1.5 times 500,000 by the law in force; 1.5 times 640,000 as soon as the draft is.
        assert_eq!(
            (&months[0]["total"], &months[1]["total"]),
            (&json!(750_000), &json!(960_000))
        );
        assert_eq!(months[1]["components"][0]["amount"], 960_000);

        ask("")
            .key(&house.key_without_role().await)
            .send()
            .await
            .problem("forbidden");
        ask("").send().await.problem("unauthenticated");
        ask("&release=1")
            .key(&caseworker)
            .send()
            .await
            .problem("invalid-request");
        let nothing = "/v1/calculations?instrument=0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e";
        let found = house
            .call("POST", nothing)
            .key(&caseworker)
            .json(&disabled())
            .send()
            .await;
        found.problem("not-found");

        // A draft that can't be law says what is wrong with it.
        let mut faulty = resolution("NQ 2/2024", "2024-10-01");
        faulty["amends"] = json!(["NQ không có"]);
        let (other, _) = draft(house, &office, &faulty).await;
        let path = format!("/v1/calculations?instrument={}", other.rsplit('/').next().unwrap());
        let found = house
            .call("POST", &path)
            .key(&caseworker)
            .json(&disabled())
            .send()
            .await;
        assert_eq!(
            found.problem("instrument-faulty"),
            [("/amends/0".to_owned(), "unknown_instrument".to_owned())]
        );

        assert_eq!(
            act(house, &office, &office.preparer, &path_of(id), "withdraw")
                .await
                .status,
            200
        );
        ask("").key(&caseworker).send().await.problem("illegal-transition");
    });
}

fn path_of(id: &str) -> String {
    format!("/v1/instruments/{id}")
}

#[test]
fn anybody_may_calculate_so_many_times_a_minute() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = api::ServerOptions {
            anonymous_per_minute: 3,
            budgets: api::Budgets {
                reads: 5,
                ..api::Budgets::default()
            },
            stopwatch: standing,
            ..api::ServerOptions::default()
        };
        let house = House::open(None, options).await;
        let ask = async |key: Option<&str>| {
            let call = house.call("POST", "/v1/calculations?from=2024-08&to=2024-08");
            let call = match key {
                Some(key) => call.key(key),
                None => call,
            };
            call.json(&disabled()).send().await
        };
        for _ in 0..3 {
            let found = ask(None).await;
            assert_eq!(
                (found.status, &found.json()["months"][0]["total"]),
                (200, &json!(750_000))
            );
        }
        let refused = ask(None).await;
        assert_eq!((refused.status, refused.header("retry-after")), (429, "60"));
        refused.problem("too-many-requests");
        assert_eq!(refused.json()["retryable"], true);
        // A credential has its own share, and each its own; a bad one is not anonymous.
        let (one, other) = (house.key_without_role().await, house.key_without_role().await);
        for _ in 0..5 {
            assert_eq!(ask(Some(&one)).await.status, 200);
        }
        assert_eq!(ask(Some(&one)).await.status, 429);
        assert_eq!(ask(Some(&other)).await.status, 200);
        ask(Some("ansinh_nobody")).await.problem("unauthenticated");
        // Nothing else opens; and calculating is reading.
        house.call("GET", "/v1/areas").send().await.problem("unauthenticated");
        assert_eq!(house.call("GET", "/v1/me").key(&other).send().await.status, 200);
        assert_eq!(house.call("GET", "/v1/me").key(&one).send().await.status, 429);
        house.close().await;
    });
}

#[test]
fn callers_behind_a_trusted_proxy_are_told_apart_and_nobody_forges_another() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let behind = |proxies: &str| api::ServerOptions {
            anonymous_per_minute: 2,
            stopwatch: standing,
            trusted_proxies: vec![proxies.parse().unwrap()],
            ..api::ServerOptions::default()
        };
        let house = House::open(None, behind("127.0.0.0/8")).await;
        let ask = async |house: &House, header: &str, value: &str| {
            let call = house.call("POST", "/v1/calculations?from=2024-08&to=2024-08");
            call.header(header, value).json(&disabled()).send().await.status
        };
        for one in ["203.0.113.1", "203.0.113.2"] {
            for expected in [200, 200, 429] {
                assert_eq!(ask(&house, "X-Forwarded-For", one).await, expected, "{one}");
            }
        }
        // Whatever the caller writes ahead of what the proxy adds.
        for forged in ["198.51.100.1, 203.0.113.1", "127.0.0.1, 203.0.113.1", "x, 203.0.113.1"] {
            assert_eq!(ask(&house, "X-Forwarded-For", forged).await, 429, "{forged}");
        }
        assert_eq!(ask(&house, "Forwarded", "for=203.0.113.2;proto=https").await, 429);
        assert_eq!(ask(&house, "Forwarded", "for=203.0.113.3;proto=https").await, 200);
        house.close().await;

        // This peer is no proxy of the house: what it says of others counts for nothing.
        let house = House::open(None, behind("192.0.2.1")).await;
        for (number, expected) in [200, 200, 429, 429].into_iter().enumerate() {
            let forged = format!("203.0.113.{number}");
            assert_eq!(ask(&house, "X-Forwarded-For", &forged).await, expected, "{forged}");
            let forged = format!("for=198.51.100.{number}");
            if expected == 429 {
                assert_eq!(ask(&house, "Forwarded", &forged).await, expected, "{forged}");
            }
        }
        house.close().await;
    });
}

/// What `ansinh calculate --explain` says of a case file.
fn told_by_the_command(case: &Value, release: i32) -> Value {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_ansinh"))
        .args(["calculate", "--explain", "--from", "2022-06", "--to", "2024-12"])
        .args(["--release", &release.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(child.stdin.take().unwrap(), "{case}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The reasons of an answer in one language, as they are read aloud.
fn spoken(trace: &Value, language: &str) -> String {
    let reasons = trace.as_array().unwrap().iter();
    let texts: Vec<&str> = reasons.map(|reason| reason[language].as_str().unwrap()).collect();
    texts.join("\n\n")
}

#[test]
fn the_explanation_is_the_one_of_the_command_in_the_language_asked_for() {
    each_engine(async |house| {
        let (case, window) = (disabled(), "from=2022-06&to=2024-12");
        let ask = async |more: &str, language: &str| {
            let call = house.call("POST", &format!("/v1/calculations?{window}{more}"));
            let answer = call.header("Accept-Language", language).json(&case).send().await;
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()
        };
        let plain = ask("", "vi").await;
        assert_eq!((&plain["trace"], &plain["explanation"]), (&Value::Null, &Value::Null));
        let by_command = told_by_the_command(&case, service::law::latest(&house.app).await.unwrap());
        for language in ["vi", "en"] {
            let mut told = ask("&explain=true", language).await;
            let explanation = told.as_object_mut().unwrap().remove("explanation").unwrap();
            assert_eq!(told["months"], plain["months"], "nothing else changes");
            assert!(!told["trace"].as_array().unwrap().is_empty());
            assert_eq!(told["trace"], by_command["trace"]);
            assert_eq!(explanation, spoken(&by_command["trace"], language), "{language}");
        }
    });
}

#[test]
fn a_draft_is_explained_by_its_own_values() {
    each_engine(async |house| {
        let office = Office::open(house).await;
        let (path, _) = draft(house, &office, &resolution("NQ 1/2024", "2024-10-01")).await;
        let id = path.rsplit('/').next().unwrap();
        let caseworker = house.key(Role::Caseworker, Some("06652@1900-01")).await;
        let path = format!("/v1/calculations?from=2024-10&to=2024-10&explain=true&instrument={id}");
        let call = house
            .call("POST", &path)
            .key(&caseworker)
            .header("Accept-Language", "en");
        let told = call.json(&disabled()).send().await.json();
        let reasons = told["trace"].as_array().unwrap().iter();
        let values: Vec<&Value> = reasons.flat_map(|own| own["parameters"].as_array().unwrap()).collect();
        assert!(
            values
                .iter()
                .any(|used| used["value"] == 640_000 && used["provision"].as_str().unwrap().starts_with("NQ 1/2024")),
            "{told}"
        );
        assert!(told["explanation"].as_str().unwrap().contains("640,000"), "{told}");
    });
}
