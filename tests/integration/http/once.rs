//! A request that is sent again.

use serde_json::json;
use service::Role;

use crate::harness::{House, each_engine};

async fn users(house: &House, key: &str) -> usize {
    let listed = house.call("GET", "/v1/users?limit=200").key(key).send().await.json();
    listed["items"].as_array().unwrap().len()
}

#[test]
fn a_repeated_request_is_answered_as_before_and_done_once() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let post = |name: &str| {
            house
                .call("POST", "/v1/users")
                .key(&key)
                .once("one")
                .json(&json!({"name": name, "staff_number": "QN-1"}))
        };
        let first = post("Nguyễn Văn An").send().await;
        assert_eq!(first.status, 201);
        let second = post("Nguyễn Văn An").send().await;
        assert_eq!(
            (second.status, &second.text),
            (first.status, &first.text),
            "byte for byte"
        );
        assert_eq!(second.header("location"), first.header("location"));
        assert_eq!(users(house, &key).await, 2);
        let other = post("Trần Thị Bình").send().await;
        assert_eq!(other.status, 422);
        other.problem("idempotency-key-reused");
        assert_eq!(users(house, &key).await, 2);
    });
}

#[test]
fn a_request_without_a_key_is_refused() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let answer = house
            .call("POST", "/v1/users")
            .key(&key)
            .json(&json!({"name": "An", "staff_number": "QN-1"}))
            .send()
            .await;
        assert_eq!(answer.status, 400);
        answer.problem("idempotency-key-missing");
        assert_eq!(users(house, &key).await, 1);
    });
}

#[test]
fn an_error_frees_the_key() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let post = |name: &str| {
            house
                .call("POST", "/v1/users")
                .key(&key)
                .once("one")
                .json(&json!({"name": name, "staff_number": "QN-1"}))
        };
        post("  ").send().await.problem("invalid");
        assert_eq!(post("An").send().await.status, 201);
    });
}

#[test]
fn requests_at_the_same_time_are_done_once() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let post = || {
            house
                .call("POST", "/v1/users")
                .key(&key)
                .once("one")
                .json(&json!({"name": "An", "staff_number": "QN-1"}))
                .send()
        };
        let answers = futures::future::join_all((0..8).map(|_| post())).await;
        for answer in &answers {
            assert_eq!((answer.status, &answer.text), (201, &answers[0].text));
        }
        assert_eq!(users(house, &key).await, 2);
    });
}

#[test]
fn keys_of_different_callers_do_not_meet() {
    each_engine(async |house| {
        let (one, other) = (
            house.key(Role::Administrator, None).await,
            house.key(Role::Administrator, None).await,
        );
        for (key, number) in [(&one, "QN-1"), (&other, "QN-2")] {
            let post = house
                .call("POST", "/v1/users")
                .key(key)
                .once("same")
                .json(&json!({"name": "An", "staff_number": number}));
            assert_eq!(post.send().await.status, 201);
        }
        assert_eq!(users(house, &one).await, 4);
    });
}

#[test]
fn a_new_credential_is_shown_once_and_stored_nowhere() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let post = || {
            house
                .call("POST", "/v1/clients")
                .key(&key)
                .once("c")
                .json(&json!({"name": "Cổng dịch vụ"}))
                .send()
        };
        let (first, second) = (post().await.json(), post().await.json());
        assert!(first["key"].as_str().unwrap().starts_with("ansinh_"));
        assert_eq!(second["key"], "(shown once)");
        assert_eq!(first["client"], second["client"]);
        let me = house
            .call("GET", "/v1/me")
            .key(first["key"].as_str().unwrap())
            .send()
            .await;
        assert_eq!(me.status, 200);
    });
}
