//! Who may take which step, and who takes it first.

use serde_json::json;
use service::Role;

use super::road::Road;
use super::town::{AREA, Town};
use crate::harness::each_engine;

/// September paid and arrived, then found to have been paid too much, under a law of recovery.
async fn found<'h>(house: &'h crate::harness::House) -> Town<'h> {
    let town = Town::open(house).await;
    let run = town.pay("2024-09").await;
    town.now("2024-09-20T02:00:00Z").await;
    town.arrives(run).await;
    town.publish_recovery("").await;
    town.disability_ends(Some("2024-07-31")).await;
    town
}

#[test]
fn a_second_person_decides_whatever_key_the_first_holds() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_proposal().await;
        let months = road.months(|month| month["proposed"].as_i64().unwrap()).await;
        let other = town.other_key(&town.caseworker, Role::DecisionMaker).await;
        let case = road.read(&other).await;
        assert_eq!(case["allowed_actions"], json!([]), "not offered either");
        let answer = road.tries(&other, "decide", months.clone()).await;
        assert_eq!(answer.status, 403);
        answer.problem("same-person");
        // Nor does the database let it happen behind the program.
        let sql = "UPDATE overpayment_case SET status = 'decided', digest = 'd' WHERE status = 'proposed'";
        let refused = sea_orm::ConnectionTrait::execute_unprepared(town.house.app.db.owner(), sql).await;
        assert!(refused.unwrap_err().to_string().contains("not_approved"));
        let mut more = months.clone();
        more["months"][0]["amount"] = json!(750_001);
        let answer = road.tries(&town.deciders[0], "decide", more).await;
        assert_eq!(answer.problem("invalid")[0].1, "too_much");
        let case = road.takes(&town.deciders[0], "decide", months).await;
        assert_eq!(case["status"], "decided");
        town.close().await;
    });
}

#[test]
fn two_who_decide_at_once_come_to_one_decision() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_proposal().await;
        let (all, nothing) = (
            road.months(|month| month["proposed"].as_i64().unwrap()).await,
            road.months(|_| 0).await,
        );
        let decide = async |key: &str, body: &serde_json::Value| {
            let call = house
                .call("POST", &format!("{}/decide", road.path()))
                .key(key)
                .once(key);
            call.if_match(road.tag()).json(body).send().await
        };
        let (one, other) = tokio::join!(decide(&town.deciders[0], &all), decide(&town.deciders[1], &nothing));
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 412], "{one:?} {other:?}");
        let won = if one.status == 200 { &one } else { &other };
        let case = road.read(&town.caseworker.clone()).await;
        assert_eq!(
            (&case["status"], &case["decided"]),
            (&won.json()["status"], &won.json()["decided"])
        );
        town.close().await;
    });
}

#[test]
fn an_appeal_suspends_everything_by_itself() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        road.reach_decision().await;
        let appeal = json!({"filed_on": "2024-09-20", "grounds": "Tôi đã báo"});
        let resolve = |outcome: &str| json!({"outcome": outcome, "reason": "Xem xét lại"});
        road.takes(&worker, "appeal", appeal.clone()).await;
        town.now("2024-12-01T02:00:00Z").await;
        road.tries(&town.deciders[0], "make-enforceable", json!(null))
            .await
            .problem("illegal-transition");
        let sql = "UPDATE overpayment_case SET status = 'enforceable' WHERE status = 'appealed'";
        let refused = sea_orm::ConnectionTrait::execute_unprepared(town.house.app.db.owner(), sql).await;
        assert!(refused.unwrap_err().to_string().contains("not_enforceable"));
        let own = road
            .tries(&town.deciders[0], "resolve-appeal", resolve("dismissed"))
            .await;
        own.problem("same-person");
        let why = own.json()["detail"].as_str().unwrap().to_owned();
        assert!(why.contains("tự giải quyết khiếu nại"), "{why}");
        let case = road
            .takes(&town.deciders[1], "resolve-appeal", resolve("dismissed"))
            .await;
        assert_eq!(case["status"], "decided", "it goes on where it rested");
        road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let received = json!({"amount": 200_000, "received_on": "2024-12-01", "reference": "PT1"});
        road.takes(&worker, "record-repayment", received.clone()).await;

        // Late, and suspended all the same.
        road.takes(&worker, "appeal", appeal).await;
        let more = road.tries(&worker, "record-repayment", received).await;
        assert_eq!(more.status, 409);
        more.problem("not-enforceable");
        let answer = road.tries(&town.deciders[2], "resolve-appeal", resolve("upheld")).await;
        assert_eq!(
            answer.problem("invalid")[0].0,
            "/refund_reference",
            "what was paid back is given back"
        );
        let upheld = json!({"outcome": "upheld", "reason": "Đã báo thật", "refund_reference": "PC1"});
        let case = road.takes(&town.deciders[2], "resolve-appeal", upheld).await;
        assert_eq!(
            (&case["status"], &case["recovered"], &case["decided"]),
            (&json!("not_recoverable"), &json!(0), &json!(0))
        );
        assert_eq!(case["appeals"].as_array().unwrap().len(), 2);
        town.close().await;
    });
}

#[test]
fn a_case_outside_the_granted_areas_is_not_found() {
    each_engine(async |house| {
        let town = found(house).await;
        let road = Road::of(&town, "detected").await;
        let inside = house.key(Role::Caseworker, Some(AREA)).await;
        let outside = house.key(Role::Caseworker, Some("06658@1900-01")).await;
        let get = |key: &str, path: &str| house.call("GET", path).key(key).send();
        assert_eq!(get(&inside, road.path()).await.status, 200);
        get(&outside, road.path()).await.problem("not-found");
        let listed = get(&outside, "/v1/overpayments").await.json();
        assert_eq!(listed["items"], json!([]));
        let filtered = format!("/v1/overpayments?area={AREA}");
        assert_eq!(
            get(&inside, &filtered).await.json()["items"].as_array().unwrap().len(),
            1
        );
        assert_eq!(get(&outside, &filtered).await.json()["items"], json!([]));
        get(&inside, "/v1/overpayments?colour=red")
            .await
            .problem("unknown-filter");
        let classify = json!({"cause": "technical", "recoverable": false, "reason": "Lỗi"});
        let step = house
            .call("POST", &format!("{}/classify", road.path()))
            .key(&outside)
            .once("x");
        step.if_match(road.tag())
            .json(&classify)
            .send()
            .await
            .problem("not-found");
        // Whoever only reads does nothing.
        let auditor = house.key(Role::Auditor, None).await;
        assert_eq!(get(&auditor, road.path()).await.json()["allowed_actions"], json!([]));
        town.close().await;
    });
}
