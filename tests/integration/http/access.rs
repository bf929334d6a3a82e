//! Credentials over the API, pages, and the audit trail of it all.

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::Role;

use crate::harness::each_engine;

#[test]
fn a_revoked_credential_opens_nothing() {
    each_engine(async |house| {
        let admin = house.key(Role::Administrator, None).await;
        let body = json!({"name": "Một cửa", "grants": [{"role": "caseworker"}]});
        let made = house
            .call("POST", "/v1/clients")
            .key(&admin)
            .once("c")
            .json(&body)
            .send()
            .await;
        let (key, path) = (
            made.json()["key"].as_str().unwrap().to_owned(),
            made.header("location").to_owned(),
        );
        let me = house.call("GET", "/v1/me").key(&key).send().await.json();
        assert_eq!(me["roles"], json!([{"role": "caseworker", "areas": null}]));
        assert_eq!(house.call("DELETE", &path).key(&admin).send().await.status, 200);
        house
            .call("GET", "/v1/me")
            .key(&key)
            .send()
            .await
            .problem("unauthenticated");
        let trail = house
            .call("GET", "/v1/audit-events?limit=200")
            .key(&admin)
            .send()
            .await
            .json();
        let actions: Vec<&str> = trail["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["action"].as_str().unwrap())
            .filter(|action| *action != "law.install")
            .collect();
        assert_eq!(
            actions,
            ["user.create", "client.create", "client.create", "client.revoke"]
        );
    });
}

#[test]
fn pages_follow_one_another() {
    each_engine(async |house| {
        let admin = house.key(Role::Administrator, None).await;
        for number in 0..6 {
            let post = house.call("POST", "/v1/users").key(&admin).once(&number.to_string());
            assert_eq!(
                post.json(&json!({"name": format!("Người {number}"), "staff_number": format!("QN-{number}")}))
                    .send()
                    .await
                    .status,
                201
            );
        }
        let mut path = "/v1/users?limit=3".to_owned();
        let mut seen = Vec::new();
        loop {
            let page = house.call("GET", &path).key(&admin).send().await;
            seen.extend(
                page.json()["items"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|user| user["id"].to_string()),
            );
            let Some(link) = page.header("link").strip_suffix(">; rel=\"next\"") else {
                assert!(page.json()["next"].is_null());
                break;
            };
            path = link.trim_start_matches('<').to_owned();
        }
        let distinct: std::collections::BTreeSet<_> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (7, 7));
    });
}

#[test]
fn a_page_of_an_allowed_origin_may_call() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = api::ServerOptions {
            cors: vec!["https://motcua.example".to_owned()],
            ..Default::default()
        };
        let house = crate::harness::House::open(None, options).await;
        let ask = |origin: &str| {
            house
                .call("OPTIONS", "/v1/me")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "GET")
                .send()
        };
        let allowed = ask("https://motcua.example").await;
        assert_eq!(
            (allowed.status, allowed.header("access-control-allow-origin")),
            (204, "https://motcua.example")
        );
        assert_eq!(
            ask("https://other.example").await.header("access-control-allow-origin"),
            ""
        );
        house.close().await;
    });
}

#[test]
fn one_person_is_registered_once_by_the_official_number() {
    each_engine(async |house| {
        let admin = house.key(Role::Administrator, None).await;
        let post = async |once: &str, body: serde_json::Value| {
            let call = house.call("POST", "/v1/users").key(&admin).once(once);
            call.json(&body).send().await
        };
        let nobody = post("none", json!({"name": "Nguyễn Thị Hạnh"})).await;
        assert_eq!(nobody.status, 422, "{nobody:?}");
        assert_eq!(
            nobody.problem("invalid"),
            [("/staff_number".to_owned(), "required".to_owned())]
        );
        for faulty in ["", " ", "-1", "QN 1", "QN_1", &"9".repeat(41)] {
            let answer = post("faulty", json!({"name": "Hạnh", "staff_number": faulty})).await;
            assert_eq!(
                answer.problem("invalid"),
                [("/staff_number".to_owned(), "staff_number".to_owned())],
                "{faulty}"
            );
        }
        let first = post("first", json!({"name": "Hạnh", "staff_number": " qn-004217 "})).await;
        assert_eq!(
            (first.status, &first.json()["staff_number"]),
            (201, &json!("QN-004217")),
            "{first:?}"
        );
        // Under another name, and in other letters, it is the same person.
        let again = post("again", json!({"name": "Trần Văn Bình", "staff_number": "Qn-004217"})).await;
        assert_eq!(again.status, 409, "{again:?}");
        again.problem("already-exists");
        let conn = house.app.db.owner();
        for change in ["'QN-004218'", "NULL"] {
            let sql = format!("UPDATE user_account SET staff_number = {change} WHERE staff_number = 'QN-004217'");
            let told = conn.execute_unprepared(&sql).await.unwrap_err().to_string();
            assert!(told.contains("refused user_account: immutable"), "{told}");
        }
        let other = "UPDATE user_account SET staff_number = 'QN-004217' WHERE staff_number IS NULL";
        assert!(conn.execute_unprepared(other).await.is_err(), "nobody else takes it");
    });
}

#[test]
fn who_was_registered_without_an_official_number_is_given_one_once() {
    each_engine(async |house| {
        let admin = house.key(Role::Administrator, None).await;
        let me = house.call("GET", "/v1/me").key(&admin).send().await.json();
        let own = me["user_id"].as_str().unwrap().to_owned();
        let list = house.call("GET", "/v1/users").key(&admin).send().await.json();
        let users = list["items"].as_array().unwrap();
        assert!(users.iter().all(|user| user["staff_number"].is_null()), "{users:?}");
        let give = async |user: &str, once: &str, number: &str| {
            let call = house.call("POST", &format!("/v1/users/{user}/staff-number"));
            let call = call.key(&admin).once(once).json(&json!({"staff_number": number}));
            call.send().await
        };
        let faulty = give(&own, "faulty", "QN 1").await;
        assert_eq!(
            faulty.problem("invalid"),
            [("/staff_number".to_owned(), "staff_number".to_owned())]
        );
        let given = give(&own, "given", " qn-000001 ").await;
        assert_eq!(
            (given.status, &given.json()["staff_number"]),
            (200, &json!("QN-000001")),
            "{given:?}"
        );
        // A repeated request has the answer of the first.
        let again = give(&own, "given", " qn-000001 ").await;
        assert_eq!((again.status, again.json()), (200, given.json()));
        // It stays, and nobody else takes it.
        let other = give(&own, "other", "QN-000002").await;
        assert_eq!(other.status, 409, "{other:?}");
        other.problem("conflict");
        let body = json!({"name": "Hạnh", "staff_number": "QN-000003"});
        let registered = house.call("POST", "/v1/users").key(&admin).once("new").json(&body);
        let registered = registered.send().await.json();
        let second = give(registered["id"].as_str().unwrap(), "second", "QN-000004").await;
        assert_eq!(second.status, 409, "{second:?}");
        second.problem("conflict");
        let colleague = house.key(Role::Preparer, None).await;
        let me = house.call("GET", "/v1/me").key(&colleague).send().await.json();
        let taken = give(me["user_id"].as_str().unwrap(), "taken", "Qn-000001").await;
        assert_eq!(taken.status, 409, "{taken:?}");
        taken.problem("already-exists");
        let nobody = give(&uuid::Uuid::from_u128(7).to_string(), "nobody", "QN-000005").await;
        assert_eq!(nobody.status, 404, "{nobody:?}");
        let told = house
            .call("GET", "/v1/audit-events?action=user.give_staff_number")
            .key(&admin)
            .send()
            .await
            .json();
        assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
        assert_eq!(told["items"][0]["detail"]["staff_number"], "QN-000001");
    });
}

#[test]
fn a_refusal_names_the_permission_and_says_nothing_of_what_there_is() {
    each_engine(async |house| {
        let detail = async |language: &str, key: &str, path: &str| {
            let answer = house.call("GET", path).key(key).header("Accept-Language", language);
            let answer = answer.send().await;
            assert_eq!(answer.status, 403, "{path}: {answer:?}");
            answer.problem("forbidden");
            answer.json()["detail"].as_str().unwrap().to_owned()
        };
        let keeper = house.key(Role::Administrator, None).await;
        let listed = detail("vi", &keeper, "/v1/persons").await;
        assert!(
            listed.starts_with("Thao tác này cần quyền RegistryRead (vai trò: Cán bộ một cửa, "),
            "{listed}"
        );
        // As much is said of somebody who is not there as of everybody.
        let nobody = "/v1/persons/0192f3a0-7c1d-7e55-8b1a-3d0c2b1a0f9e";
        assert_eq!(detail("vi", &keeper, nobody).await, listed);
        let english = detail("en", &keeper, nobody).await;
        assert!(
            english.starts_with("this needs the permission RegistryRead (roles: caseworker, "),
            "{english}"
        );

        let either = detail("en", &keeper, "/v1/payment-orders").await;
        assert!(
            either.contains("PayRunRead (") && either.contains(" or ") && either.contains("RegistryWrite ("),
            "{either}"
        );

        let of_one_area = house.key(Role::Auditor, Some("06652@1900-01")).await;
        assert_eq!(
            [
                detail("vi", &of_one_area, "/v1/audit-events").await,
                detail("en", &of_one_area, "/v1/audit-events").await,
            ],
            [
                "Thao tác này cần quyền AuditRead cho toàn tỉnh",
                "this needs the permission AuditRead for the whole province",
            ]
        );
    });
}
