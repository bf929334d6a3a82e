//! One test per kind of problem that the API itself finds, and that nothing is stored.

use api::ServerOptions;
use serde_json::json;
use service::{ProblemCode, Role};

use super::documents::operations;
use crate::harness::{House, each_engine};

#[test]
fn without_a_key_nothing_opens_and_unknown_paths_are_not_found() {
    each_engine(async |house| {
        for key in [None, Some("ansinh_nobody"), Some("x")] {
            let call = house.call("GET", "/v1/persons");
            let answer = match key {
                Some(key) => call.key(key),
                None => call,
            };
            let answer = answer.send().await;
            assert_eq!(answer.status, 401);
            answer.problem("unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer"));
        }
        for path in ["/v1/nope", "/nope", "/v1/persons/x/y/z"] {
            house.call("GET", path).send().await.problem("not-found");
        }
        let answer = house.call("DELETE", "/healthz").send().await;
        answer.problem("method-not-allowed");
        assert_eq!(answer.header("allow"), "GET, HEAD");
    });
}

#[test]
fn a_body_is_read_strictly() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let post = |body: &'static str| {
            house
                .call("POST", "/v1/clients")
                .key(&key)
                .once("k")
                .body("application/json", body)
        };
        assert_eq!(post("{").send().await.status, 400);
        post("{").send().await.problem("invalid-json");
        let at = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        for (body, pointer, code) in [
            (r#"{"name":"x","colour":1}"#, "/colour", "unknown_field"),
            (r#"{"name":7}"#, "/name", "wrong_type"),
            (r#"{}"#, "/name", "missing_field"),
            (
                r#"{"name":"x","grants":[{"role":"king"}]}"#,
                "/grants/0/role",
                "unknown_value",
            ),
            (r#"{"name":"x","user_id":"no"}"#, "/user_id", "invalid_value"),
            (r#"{"name":9007199254740992}"#, "/name", "number_too_large"),
            // What a client says by name is not taken by its place.
            (r#"["x"]"#, "", "wrong_type"),
            (r#"{"name":"x","grants":[["auditor",null]]}"#, "/grants/0", "wrong_type"),
            // Nor is a list of numbers an id, or an object a word.
            (
                r#"{"name":"x","user_id":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16]}"#,
                "/user_id",
                "wrong_type",
            ),
            (
                r#"{"name":"x","grants":[{"role":{"auditor":null}}]}"#,
                "/grants/0/role",
                "wrong_type",
            ),
            (r#"{"name":"x\u0000"}"#, "/name", "control_character"),
            (r#"{"name":"x","\u001b":1}"#, "/\u{1b}", "control_character"),
        ] {
            let answer = post(body).send().await;
            assert_eq!(answer.status, 422, "{body}");
            assert_eq!(answer.problem("invalid"), at(pointer, code), "{body}");
        }
        let long = "a".repeat(100_000);
        for body in [
            json!({"name": "x", "user_id": long}),
            json!({"name": "x", "grants": long}),
            json!({"name": "x", "grants": [{"role": long}]}),
            json!({"name": "x", (long.as_str()): 1}),
        ] {
            let answer = house.call("POST", "/v1/clients").key(&key).once("k").json(&body);
            let answer = answer.send().await;
            assert_eq!((answer.status, answer.problem("invalid").len()), (422, 1));
            assert!(
                answer.text.len() < 3_000,
                "what was sent is not told back whole: {answer:?}"
            );
        }
        let listed = house.call("GET", "/v1/clients").key(&key).send().await.json();
        assert_eq!(listed["items"].as_array().map(Vec::len), Some(1), "nothing was stored");
    });
}

#[test]
fn an_impossible_date_is_pointed_at() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let call = house.call("PUT", "/v1/sandbox/clock").key(&key);
        let answer = call.json(&json!({"now": "2024-02-30T00:00:00Z"})).send().await;
        assert_eq!(
            answer.problem("invalid"),
            [("/now".to_owned(), "invalid_value".to_owned())]
        );
    });
}

#[test]
fn media_types_other_than_json_are_refused() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        for kind in ["text/plain", "application/xml", "multipart/form-data; boundary=x"] {
            let answer = house
                .call("POST", "/v1/users")
                .key(&key)
                .once("k")
                .body(kind, "{}")
                .send()
                .await;
            assert_eq!(answer.status, 415);
            answer.problem("unsupported-media-type");
        }
    });
}

#[test]
fn no_operation_passes_over_a_filter_that_it_does_not_know() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let (mut tried, mut without_query) = (0, 0);
        for (method, path, told) in operations() {
            if !path.starts_with("/v1/") {
                continue;
            }
            let path: Vec<&str> = path
                .split('/')
                .map(|part| {
                    if part.starts_with('{') {
                        "0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e"
                    } else {
                        part
                    }
                })
                .collect();
            let path = format!("{}?khong_co=1", path.join("/"));
            let answer = house.call(&method, &path).key(&key).send().await;
            assert_eq!(answer.status, 400, "{method} {path}: {answer:?}");
            let unknown = [("/khong_co".to_owned(), "unknown_filter".to_owned())];
            assert_eq!(answer.problem("unknown-filter"), unknown, "{method} {path}");
            let anonymous = house.call(&method, &path).send().await;
            assert!(matches!(anonymous.status, 400 | 401), "{method} {path}: {anonymous:?}");
            let mut declared = told["parameters"].as_array().into_iter().flatten();
            tried += 1;
            without_query += usize::from(!declared.any(|one| one["in"] == "query"));
        }
        assert!(tried > 150 && without_query > 80, "{without_query} of {tried}");
        // One that is known elsewhere is unknown here.
        let month = "/v1/entitlements/0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e/explanation?month=2024-10";
        let answer = house.call("GET", month).key(&key).send().await;
        assert_eq!(
            answer.problem("unknown-filter"),
            [("/month".to_owned(), "unknown_filter".to_owned())]
        );
    });
}

#[test]
fn a_query_is_read_strictly() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let get = async |path: &str| house.call("GET", path).key(&key).send().await;
        let at = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
        let answer = get("/v1/users?colour=red").await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.problem("unknown-filter"), at("/colour", "unknown_filter"));
        assert_eq!(
            get("/v1/users?limit=many").await.problem("invalid-request"),
            at("/limit", "invalid_value")
        );
        get("/v1/users?limit=0").await.problem("invalid-request");
        get("/v1/users?cursor=zzz").await.problem("invalid-cursor");
        assert_eq!(
            get("/v1/clients/7").await.problem("invalid-request"),
            at("/id", "invalid_value")
        );
        get("/v1/clients/0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e")
            .await
            .problem("not-found");
    });
}

#[test]
fn a_role_that_does_not_hold_is_refused() {
    each_engine(async |house| {
        let key = house.key(Role::Caseworker, None).await;
        house
            .call("GET", "/v1/users")
            .key(&key)
            .send()
            .await
            .problem("forbidden");
        house
            .call("GET", "/v1/audit-events")
            .key(&key)
            .send()
            .await
            .problem("forbidden");
    });
}

#[test]
fn a_change_needs_the_version_that_was_read() {
    each_engine(async |house| {
        let key = house.key(Role::Preparer, None).await;
        let draft = json!({"code": "tet_2025", "name": {"vi": "Quà Tết", "en": "New Year gifts"}, "kind": "one_off_cash",
            "legal_basis": "NQ 08/2022", "responsible_unit": "Sở", "fund_code": "social_assistance", "from": "2024-09-01"});
        let made = house
            .call("POST", "/v1/programs")
            .key(&key)
            .once("p")
            .json(&draft)
            .send()
            .await;
        assert_eq!(made.status, 201, "{made:?}");
        let path = format!("{}/activate", made.header("location"));
        let activate = |once: &str| house.call("POST", &path).key(&key).once(once);
        let answer = activate("a").send().await;
        assert_eq!(answer.status, 428);
        answer.problem("precondition-required");
        let answer = activate("b").if_match("\"99\"").send().await;
        assert_eq!(answer.status, 412);
        answer.problem("stale");
        assert_eq!(
            activate("c").if_match("W/\"1\"").send().await.status,
            412,
            "weak tags never match"
        );
        for (once, copied) in [("f", "1"), ("g", "\"1"), ("h", "W/1"), ("i", "1-a")] {
            let answer = activate(once).if_match(copied).send().await;
            assert_eq!(answer.status, 400, "{copied} is no tag");
            answer.problem("invalid-request");
        }
        let answer = activate("d").if_match(made.header("etag")).send().await;
        assert_eq!((answer.status, answer.json()["status"].clone()), (200, json!("active")));
        activate("e")
            .if_match(answer.header("etag"))
            .send()
            .await
            .problem("illegal-transition");
        let read = house.call("GET", made.header("location")).key(&key).send().await;
        let again = house
            .call("GET", made.header("location"))
            .key(&key)
            .header("If-None-Match", read.header("etag"));
        let again = again.send().await;
        assert_eq!((again.status, again.text.as_str()), (304, ""));
    });
}

#[test]
fn a_body_of_200_megabytes_is_refused_unread() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        // The length alone is sent, then the answer is read: a server that waited for the body would never answer.
        let address = house.base.trim_start_matches("http://");
        let head = format!(
            "POST /v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
             Idempotency-Key: k\r\nContent-Length: 209715200\r\n\r\n"
        );
        let answer = exchange(address, &head).await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(
            answer.contains("application/problem+json") && answer.contains("/problems/too-large"),
            "{answer}"
        );
    });
}

#[test]
fn a_body_over_the_limit_is_refused_while_it_is_read() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let house = House::open(
            None,
            ServerOptions {
                json_limit: 1_000,
                ..ServerOptions::default()
            },
        )
        .await;
        let key = house.key(Role::Administrator, None).await;
        let chunks: Vec<Result<Vec<u8>, std::io::Error>> = (0..20).map(|_| Ok(vec![b' '; 100])).collect();
        let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
        let answer = house
            .call("POST", "/v1/users")
            .key(&key)
            .once("k")
            .body("application/json", body)
            .send()
            .await;
        assert_eq!(answer.status, 413);
        answer.problem("too-large");
        house.close().await;
    });
}

#[test]
fn problems_speak_the_callers_language_and_lead_to_a_page() {
    each_engine(async |house| {
        for (language, title) in [
            ("en", "Not authenticated"),
            ("vi-VN, en;q=0.5", "Chưa xác thực"),
            ("fr", "Chưa xác thực"),
        ] {
            let answer = house
                .call("GET", "/v1/me")
                .header("Accept-Language", language)
                .send()
                .await;
            assert_eq!(answer.json()["title"], title);
        }
        for code in ProblemCode::ALL {
            let page = house.call("GET", &format!("/problems/{}", code.code())).send().await;
            assert_eq!(page.status, 200);
            assert!(page.text.contains(code.title().0) && page.text.contains(code.title().1));
        }
        house
            .call("GET", "/problems/none-such")
            .send()
            .await
            .problem("not-found");
    });
}

#[test]
fn the_clock_is_set_in_a_sandbox_alone() {
    each_engine(async |house| {
        let key = house.key(Role::Administrator, None).await;
        let set = house
            .call("PUT", "/v1/sandbox/clock")
            .key(&key)
            .json(&json!({"now": "2024-09-23T18:00:00Z"}));
        assert_eq!(set.send().await.json()["today"], "2024-09-24");
        let read = house.call("GET", "/v1/sandbox/clock").key(&key).send().await;
        assert_eq!(read.json()["now"], "2024-09-23T18:00:00Z");
        // It goes on and stands still, and never goes back.
        for (now, goes) in [
            ("2024-09-23T17:59:59.999999Z", false),
            ("2024-08-01T01:00:00Z", false),
            ("2024-09-23T18:00:00Z", true),
            ("2024-09-23T18:00:00.000001Z", true),
        ] {
            let set = house.call("PUT", "/v1/sandbox/clock").key(&key);
            let answer = set.json(&json!({"now": now})).send().await;
            if goes {
                assert_eq!(answer.json()["now"], now);
            } else {
                assert_eq!(answer.status, 422, "{answer:?}");
                let back = [("/now".to_owned(), "clock_back".to_owned())];
                assert_eq!(answer.problem("invalid"), back);
                let read = house.call("GET", "/v1/sandbox/clock").key(&key).send().await;
                assert_eq!(read.json()["now"], "2024-09-23T18:00:00Z");
            }
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let house = House::open_earnest().await;
        let key = house.key(Role::Administrator, None).await;
        let set = house
            .call("PUT", "/v1/sandbox/clock")
            .key(&key)
            .json(&json!({"now": "2024-09-23T18:00:00Z"}));
        set.send().await.problem("sandbox-only");
        house.close().await;
    });
}

/// Sends these bytes and reads what comes back until the server has nothing more to say.
async fn exchange(address: &str, request: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !String::from_utf8_lossy(&answer).contains("\r\n\r\n") || !answer.ends_with(b"}") {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        if read == 0 {
            break;
        }
        answer.extend_from_slice(&chunk[..read]);
    }
    String::from_utf8(answer).unwrap()
}
