//! Whoever asks again for what it has read is told of all that changed in it, and acts upon the version that it read.

use serde_json::{Value, json};
use service::{Role, payment_file};

use crate::harness::{Answer, House, each_engine};
use crate::overpayment::town::{LAN, Town};

/// Reads a path under this tag.
async fn again(house: &House, key: &str, path: &str, known: &str) -> Answer {
    let read = house.call("GET", path).key(key);
    read.header("If-None-Match", known).send().await
}

/// Takes a step upon what was read under this tag.
async fn step(house: &House, key: &str, path: &str, tag: &str, body: Option<Value>) -> Answer {
    let call = house.call("POST", path).key(key).if_match(tag);
    let call = call.once(&house.app.ids.next().to_string());
    match body {
        Some(body) => call.json(&body).send().await,
        None => call.send().await,
    }
}

#[test]
fn a_run_is_told_anew_where_the_day_changes_it_and_either_form_of_its_tag_changes_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let preparer = house.key(Role::Preparer, None).await;
        let approver = house.key(Role::Approver, None).await;
        let releaser = house.key(Role::Releaser, None).await;
        // It is the 20th of August; the list of September closes on the 23rd.
        let run = town.build("2024-09").await.id;
        let path = format!("/v1/pay-runs/{run}");
        let first = again(house, &preparer, &path, "\"0\"").await;
        assert_eq!(first.status, 200, "{first:?}");
        assert_eq!(
            again(house, &preparer, &path, first.header("etag")).await.status,
            304,
            "it stands as it was"
        );
        town.now("2024-08-27T02:00:00Z").await;
        let second = again(house, &preparer, &path, first.header("etag")).await;
        assert_eq!(second.status, 200, "{second:?}");
        let told = second.json();
        assert_eq!(told["list_closing"]["finding"], "passed");
        assert_eq!(told["version"], first.json()["version"], "nobody has changed the run");

        // What was read on another day is the same version, and so is its number alone.
        let takes = async |key: &str, verb: &str, tag: &str, body: Option<Value>| {
            let answer = step(house, key, &format!("{path}/{verb}"), tag, body).await;
            assert_eq!(answer.status, 200, "{verb}: {answer:?}");
            town.idle().await;
            answer
        };
        let line = town.lines(run).await[0].id;
        let out = json!({"line_id": line, "reason": "Chờ xác minh nơi cư trú"});
        let without = takes(&preparer, "exclusions", first.header("etag"), Some(out)).await;
        let held = again(house, &preparer, &format!("{path}/held"), "\"0\"").await.json();
        let exclusion = held["items"][0]["exclusion"]["id"].as_str().unwrap().to_owned();
        let plain = |answer: &Answer| format!("\"{}\"", answer.json()["version"]);
        let back = house.call("DELETE", &format!("{path}/exclusions/{exclusion}"));
        let with = back.key(&preparer).if_match(&plain(&without)).send().await;
        assert_eq!(with.status, 200, "{with:?}");
        let submitted = takes(&preparer, "submit", &plain(&with), None).await;
        step(house, &approver, &format!("{path}/approve"), with.header("etag"), None)
            .await
            .problem("stale");
        let approved = takes(&approver, "approve", submitted.header("etag"), None).await;
        let why = json!({"reason": "Sai số tài khoản"});
        let rejected = takes(&releaser, "reject", &plain(&approved), Some(why)).await;
        let submitted = takes(&preparer, "submit", rejected.header("etag"), None).await;
        let approved = takes(&approver, "approve", &plain(&submitted), None).await;
        takes(&releaser, "release", approved.header("etag"), None).await;
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_file_whose_day_has_passed_is_told_anew_and_acknowledged_as_it_was_read() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        let key = house.key(Role::Treasury, None).await;
        let files = payment_file::list(&house.app, &town.officers[3], run).await.unwrap();
        let file = files.iter().find(|file| file.execution_date.is_some()).unwrap();
        let path = format!("/v1/payment-files/{}", file.id);
        let first = again(house, &key, &path, "\"0\"").await;
        assert_eq!(again(house, &key, &path, first.header("etag")).await.status, 304);

        town.now("2024-09-07T02:00:00Z").await;
        let second = again(house, &key, &path, first.header("etag")).await;
        assert_eq!(second.status, 200, "{second:?}");
        assert_eq!(
            (&second.json()["execution_days_past"], &second.json()["version"]),
            (&json!(3), &first.json()["version"])
        );
        let fetched = house.call("GET", &format!("{path}/content")).key(&key).send().await;
        assert_eq!(fetched.status, 200);
        let arrived = json!({"sha256": file.sha256});
        let (acknowledge, tag) = (format!("{path}/acknowledge"), first.header("etag"));
        let known = step(house, &key, &acknowledge, tag, Some(arrived)).await;
        assert_eq!(known.status, 200, "{known:?}");
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_household_is_told_anew_where_a_member_has_another_name() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let key = &town.caseworker;
        let home = json!({"area": "06652", "address": "Tổ 3, khu 2"});
        let home = house.call("POST", "/v1/households").key(key).once("home").json(&home);
        let home = home.send().await;
        assert_eq!(home.status, 201, "{home:?}");
        let path = home.header("location").to_owned();
        let member = json!({"person_id": LAN, "relation": "chủ hộ", "from": "2020-01-01"});
        let members = format!("{path}/members");
        let added = step(house, key, &members, home.header("etag"), Some(member)).await;
        assert_eq!(added.status, 201, "{added:?}");
        let first = again(house, key, &path, "\"0\"").await;
        assert_eq!(again(house, key, &path, first.header("etag")).await.status, 304);

        let person = format!("/v1/persons/{LAN}");
        let read = house.call("GET", &person).key(key).send().await;
        let own = read.json();
        let renamed = json!({"citizen_id": own["citizen_id"], "full_name": "Phạm Thị Ngọc Lan",
            "birth_date": own["birth_date"], "sex": own["sex"]});
        let put = house.call("PUT", &person).key(key).if_match(read.header("etag"));
        assert_eq!(put.json(&renamed).send().await.status, 200);
        town.idle().await;
        let second = again(house, key, &path, first.header("etag")).await;
        assert_eq!(second.status, 200, "{second:?}");
        let told = second.json();
        assert_eq!(
            (&told["members"][0]["full_name"], &told["version"]),
            (&json!("Phạm Thị Ngọc Lan"), &first.json()["version"])
        );
        town.close().await;
    });
}

#[test]
fn a_bank_without_a_profile_of_its_own_is_told_anew_where_the_default_changes() {
    each_engine(async |house| {
        let boss = house.key(Role::Administrator, None).await;
        let path = "/v1/bank-profiles/ACB";
        let first = again(house, &boss, path, "\"9\"").await;
        assert_eq!(again(house, &boss, path, first.header("etag")).await.status, 304);
        let default = house
            .change_profile("default", "\"0\"", &json!({"max_lines": 10}))
            .await;
        assert_eq!(default.status, 200, "{default:?}");
        let second = again(house, &boss, path, first.header("etag")).await;
        assert_eq!(second.status, 200, "{second:?}");
        let told = second.json();
        assert_eq!(
            (&told["version"], &told["profile"]["max_lines"]),
            (&json!(0), &json!(10))
        );
        // Its own is proposed over what was read.
        let own = house
            .change_profile("ACB", second.header("etag"), &json!({"max_lines": 5}))
            .await;
        assert_eq!((own.status, &own.json()["version"]), (200, &json!(1)), "{own:?}");
    });
}
