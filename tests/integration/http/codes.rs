//! The problem codes that take more than a wrong request, and that no code goes untried.

use std::path::Path;
use std::time::Duration;

use api::{Probe, ServerOptions};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::idempotency::{self, Begun, Claim};
use service::{ProblemCode, Role, law};

use crate::harness::{Answer, House, each_engine, until_seen};
use crate::overpayment::town::Town;

/// Opens the run of September and lets its lines be built.
async fn run_of_september(house: &House, town: &Town<'_>, preparer: &str) -> String {
    let body = json!({"cover_month": "2024-09", "pay_date": "2024-09-05"});
    let post = house.call("POST", "/v1/pay-runs").key(preparer).once("run");
    let opened = post.json(&body).send().await;
    assert_eq!(opened.status, 202, "{opened:?}");
    town.idle().await;
    format!("/v1/pay-runs/{}", opened.json()["id"].as_str().unwrap())
}

/// Takes a step of a run with its present entity tag.
async fn step(house: &House, key: &str, path: &str, verb: &str) -> Answer {
    let read = house.call("GET", path).key(key).send().await;
    let post = house.call("POST", &format!("{path}/{verb}")).key(key).once(verb);
    post.if_match(read.header("etag")).send().await
}

#[test]
fn every_code_is_met_by_some_test() {
    let mut told = String::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                told.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    let untried: Vec<&str> = ProblemCode::ALL
        .iter()
        .map(|code| code.code())
        .filter(|code| !told.contains(&format!("problem(\"{code}\")")))
        .collect();
    assert_eq!(untried, Vec::<&str>::new());
}

#[test]
fn what_the_caller_cannot_read_is_not_sent() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let get = |accept: &'static str| house.call("GET", "/v1/users").key(&key).header("Accept", accept).send();
        for accept in ["application/json", "text/html, */*;q=0.1", "application/*"] {
            assert_eq!(get(accept).await.status, 200, "{accept}");
        }
        for accept in ["application/xml", "text/*", "application/json;q=0, text/csv"] {
            let answer = get(accept).await;
            assert_eq!(answer.status, 406, "{accept}");
            answer.problem("not-acceptable");
        }
        // What was done is told, whatever the caller takes.
        let post = house.call("POST", "/v1/users").key(&key).once("u");
        let made = post
            .header("Accept", "text/csv")
            .json(&json!({"name": "An", "staff_number": "QN-1"}));
        assert_eq!(made.send().await.status, 201);
    });
}

#[test]
fn a_handler_that_panics_is_an_internal_error_and_the_server_goes_on() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let broken = Probe::new("redis", || Box::pin(async { panic!("a secret of the server") }));
        let options = ServerOptions {
            probes: vec![broken],
            ..ServerOptions::default()
        };
        let house = House::open(None, options).await;
        for _ in 0..3 {
            let answer = house.call("GET", "/readyz").send().await;
            assert_eq!(answer.status, 500);
            answer.problem("internal");
            assert_eq!(answer.json()["retryable"], true);
            assert!(
                !answer.text.contains("secret"),
                "the cause is for the log alone: {answer:?}"
            );
        }
        assert_eq!(house.call("GET", "/healthz").send().await.status, 200);
        house.close().await;
    });
}

/// How many other sessions of this PostgreSQL database are in a transaction.
async fn under_way(house: &House) -> i64 {
    let conn = house.app.db.owner();
    let sql = "SELECT count(*) AS number FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid() AND backend_type = 'client backend' AND xact_start IS NOT NULL";
    let asked = Statement::from_string(conn.get_database_backend(), sql);
    let row = conn.query_one_raw(asked).await.unwrap().unwrap();
    row.try_get("", "number").unwrap()
}

#[test]
fn a_request_does_not_wait_for_ever_for_another_with_its_key() {
    // On SQLite one write waits for the other, whatever its key.
    let Ok(server) = std::env::var("ANSINH_TEST_POSTGRES") else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let options = ServerOptions {
            key_patience: Duration::from_millis(50),
            ..ServerOptions::default()
        };
        let house = House::open(Some(&server), options).await;
        let key = house.key(Role::Administrator, None).await;
        let me = house.call("GET", "/v1/me").key(&key).send().await.json();
        let claim = Claim {
            client_id: serde_json::from_value(me["client_id"].clone()).unwrap(),
            operation: "POST /v1/users".to_owned(),
            key: "one".to_owned(),
            fingerprint: "another".to_owned(),
        };
        let running = idempotency::begin(&house.app, claim, Duration::from_secs(1))
            .await
            .unwrap();
        let Begun::First(running) = running else {
            panic!("{running:?}");
        };
        let post = || {
            let post = house.call("POST", "/v1/users").key(&key).once("one");
            post.json(&json!({"name": "An", "staff_number": "QN-1"})).send()
        };
        let answer = post().await;
        assert_eq!((answer.status, answer.header("retry-after")), (409, "1"));
        answer.problem("idempotency-in-progress");
        assert_eq!(answer.json()["retryable"], true);
        drop(running);
        // A task of its own rolls back what is dropped.
        until_seen("nothing is under way", async || {
            (under_way(&house).await == 0).then_some(())
        })
        .await;
        assert_eq!(post().await.status, 201, "what failed left the key free");
        house.close().await;
    });
}

#[test]
fn nothing_is_paid_while_a_reassessment_is_unfinished() {
    each_engine(async |house| {
        let key = house.key(Role::Preparer, None).await;
        let parameters = service::reassessment::Parameters {
            release: law::latest(&house.app).await.unwrap(),
            opening: false,
        };
        // Somebody to be reassessed, and nobody there to do it.
        let caseworker = house.key(Role::Caseworker, None).await;
        let person = json!({"full_name": "Phạm Thị Lan", "birth_date": "1990-05-01", "sex": "female",
            "residences": [{"area": "06652", "from": "2018-01-01", "setting": "community"}]});
        let post = house
            .call("POST", "/v1/persons")
            .key(&caseworker)
            .once("p")
            .json(&person);
        assert_eq!(post.send().await.status, 201);
        house
            .app
            .db
            .write(async |txn| service::reassessment::start(&house.app, txn, parameters.clone(), "tests").await)
            .await
            .unwrap();
        let body = json!({"cover_month": "2024-09", "pay_date": "2024-09-05"});
        let post = |once: &str| {
            house
                .call("POST", "/v1/pay-runs")
                .key(&key)
                .once(once)
                .json(&body)
                .send()
        };
        let answer = post("early").await;
        assert_eq!(answer.status, 409);
        answer.problem("reassessment-unfinished");
        let listed = house.call("GET", "/v1/pay-runs").key(&key).send().await.json();
        assert_eq!(listed["items"], json!([]), "no run was opened");
        service::job::drain(&house.app, service::job::KINDS).await.unwrap();
        assert_eq!(post("later").await.status, 202);
        let again = post("twice").await;
        assert_eq!(again.status, 409);
        again.problem("already-exists");
    });
}

#[test]
fn a_fund_is_never_overspent() {
    each_engine(async |house| {
        // Two people, 750.000 each.
        let town = Town::with_fund(house, 1_499_999).await;
        let preparer = house.key(Role::Preparer, None).await;
        let path = run_of_september(house, &town, &preparer).await;
        let answer = step(house, &preparer, &path, "submit").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        answer.problem("fund-exhausted");
        let funds = house.call("GET", "/v1/funds").key(&preparer).send().await.json();
        let fund = &funds["items"][0];
        assert_eq!((&fund["available"], &fund["reserved"]), (&json!(1_499_999), &json!(0)));
        let run = house.call("GET", &path).key(&preparer).send().await.json();
        assert_eq!(run["status"], "draft", "nothing of it stands");
        town.close().await;
    });
}

#[test]
fn an_account_changed_behind_the_program_voids_what_was_signed() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let preparer = house.key(Role::Preparer, None).await;
        let approver = house.key(Role::Approver, None).await;
        let path = run_of_september(house, &town, &preparer).await;
        assert_eq!(step(house, &preparer, &path, "submit").await.status, 200);
        let redirect = "UPDATE payee_account SET account_number = '022190009999' WHERE account_number = '022190001234'";
        house.app.db.owner().execute_unprepared(redirect).await.unwrap();
        let answer = step(house, &approver, &path, "approve").await;
        assert_eq!(answer.status, 409, "{answer:?}");
        answer.problem("content-changed");
        let run = house.call("GET", &path).key(&preparer).send().await.json();
        assert_eq!(run["status"], "submitted");
    });
}

#[test]
fn nobody_locks_themselves_out() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let me = house.call("GET", "/v1/me").key(&key).send().await.json();
        let user = me["user_id"].as_str().unwrap();
        let disable = house.call("POST", &format!("/v1/users/{user}/disable")).key(&key);
        let answer = disable.once("d").if_match("\"1\"").send().await;
        assert_eq!(answer.status, 409, "{answer:?}");
        answer.problem("conflict");
        assert_eq!(house.call("GET", "/v1/me").key(&key).send().await.status, 200);
    });
}
