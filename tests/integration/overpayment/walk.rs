//! The whole road, and what the law must say for each step of it.

use serde_json::json;

use super::road::Road;
use super::town::Town;
use crate::harness::each_engine;

/// What the errors of a problem name.
fn named(errors: &[(String, String)]) -> Vec<&str> {
    errors.iter().map(|(_, code)| code.as_str()).collect()
}

#[test]
fn the_whole_road_is_walked_under_a_law_that_knows_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        let paid = town.paid().await;
        town.now("2024-10-02T02:00:00Z").await;
        town.disability_ends(Some("2024-07-31")).await;
        town.holds().await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        let case = road.read(&worker).await;
        assert_eq!(case["allowed_actions"], json!(["classify"]));
        let detected = case["detected"].as_i64().unwrap();
        let months = i64::try_from(case["months"].as_array().unwrap().len()).unwrap();
        assert_eq!(months * 750_000, detected);

        // No law of recovery is known: nobody is told of a debt.
        let classify = json!({"cause": "citizen_omission", "recoverable": true, "reason": "Không khai báo"});
        road.takes(&worker, "classify", classify.clone()).await;
        let notice = json!({"delivered_on": "2024-10-02", "proof": "Ký nhận"});
        let answer = road.tries(&worker, "serve-notice", notice.clone()).await;
        let keys = [
            "recovery.minimum_amount",
            "recovery.limitation_months",
            "recovery.response_days",
        ];
        assert_eq!(
            (answer.status, named(&answer.problem("law-unknown"))),
            (409, keys.to_vec())
        );

        town.publish_recovery("").await;
        road.read(&worker).await;
        road.takes(&worker, "serve-notice", notice).await;
        let silent = road.tries(&worker, "hear", json!({"statement": null})).await;
        silent.problem("illegal-transition");
        town.now("2024-10-13T02:00:00Z").await;
        road.takes(&worker, "hear", json!({"statement": null})).await;
        let months = road.months(|month| month["detected"].as_i64().unwrap()).await;
        let mut beyond = months.clone();
        beyond["months"][0]["amount"] = json!(750_001);
        let answer = road.tries(&worker, "propose", beyond).await;
        assert_eq!(
            answer.problem("invalid"),
            [("/months/0/amount".to_owned(), "too_much".to_owned())]
        );
        road.takes(&worker, "propose", months).await;
        // The second person decides that of each month a part is to be paid back.
        let months = road.months(|_| 300_000).await;
        let case = road.takes(&town.deciders[0], "decide", months).await;
        assert_eq!(
            (&case["status"], &case["open"]),
            (&json!("decided"), &json!(detected / 750_000 * 300_000))
        );

        // Only once the window is over does the decision stand, and only then may it take anything.
        let early = road.tries(&town.deciders[0], "make-enforceable", json!(null)).await;
        early.problem("not-enforceable");
        let served = json!({"delivered_on": "2024-10-13", "proof": "Ký nhận"});
        let case = road.takes(&worker, "serve-decision", served).await;
        assert_eq!(case["appeal_until"], "2024-11-12");
        let repayment =
            |amount: i64, receipt: &str| json!({"amount": amount, "received_on": "2024-10-13", "reference": receipt});
        road.tries(&worker, "record-repayment", repayment(100_000, "PT1"))
            .await
            .problem("not-enforceable");
        town.now("2024-11-12T16:59:59Z").await;
        road.tries(&town.deciders[0], "make-enforceable", json!(null))
            .await
            .problem("not-enforceable");
        town.now("2024-11-12T17:00:00Z").await;
        road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;

        // The person is paid nothing any more: nothing can be kept back, everything is paid in.
        let open = case["open"].as_i64().unwrap();
        let instalment = json!({"instalments": [{"due_month": "2024-12", "amount": open}]});
        let answer = road.tries(&worker, "plan", instalment).await;
        assert_eq!(named(&answer.problem("invalid")), ["above_ceiling"]);
        let answer = road
            .tries(&worker, "record-repayment", repayment(open + 1, "PT2"))
            .await;
        assert_eq!(named(&answer.problem("invalid")), ["not_open"]);
        let case = road
            .takes(&worker, "record-repayment", repayment(open - 100_000, "PT2"))
            .await;
        assert_eq!(
            (&case["open"], &case["recovered"]),
            (&json!(100_000), &json!(open - 100_000))
        );
        town.holds().await;
        road.tries(&worker, "settle", json!(null))
            .await
            .problem("illegal-transition");
        road.takes(&worker, "record-repayment", repayment(100_000, "PT3")).await;
        let case = road.takes(&worker, "settle", json!(null)).await;
        assert_eq!(
            (&case["status"], &case["allowed_actions"]),
            (&json!("settled"), &json!([]))
        );
        let steps: Vec<&str> = case["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|step| step["action"].as_str().unwrap())
            .collect();
        assert_eq!(
            steps,
            [
                "detect",
                "classify",
                "serve_notice",
                "hear",
                "propose",
                "decide",
                "serve_decision",
                "make_enforceable",
                "record_repayment",
                "record_repayment",
                "settle"
            ]
        );
        // What the fund had paid for September came back to its source; August was the predecessor's.
        assert_eq!(paid - town.paid().await, 300_000);
        town.close().await;
    });
}

#[test]
fn instalments_keep_to_the_cap_and_to_what_is_protected() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
        town.publish("3/2024/NQ-TH", &standard(700_000), false).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.publish_recovery("recovery.instalment_cap").await;
        // The person goes on being paid, 900,000 a month, and can pay back out of it.
        town.publish("4/2024/NQ-TH", &standard(600_000), true).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        town.now("2024-12-02T02:00:00Z").await;
        let case = road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let open = case["open"].as_i64().unwrap();
        let worker = town.caseworker.clone();
        assert_eq!(open, 300_000, "August and September");
        let plan = |first: i64| {
            json!({"instalments": [
                {"due_month": "2025-01", "amount": first},
                {"due_month": "2025-02", "amount": open - first},
            ]})
        };
        let answer = road.tries(&worker, "plan", plan(180_000)).await;
        assert_eq!(named(&answer.problem("law-unknown")), ["recovery.instalment_cap"]);
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("recovery.instalment_cap")
        );
        town.publish(
            "2/2024/NQ-TH",
            &[("recovery.instalment_cap", json!("20"), "percent")],
            false,
        )
        .await;
        // 20 % of 900,000.
        let answer = road.tries(&worker, "plan", plan(180_001)).await;
        assert_eq!(
            answer.problem("invalid")[0],
            ("/instalments/0/amount".to_owned(), "above_ceiling".to_owned())
        );
        let case = road.takes(&worker, "plan", plan(180_000)).await;
        assert_eq!(case["status"], "recovering");
        let received = json!({"amount": 200_000, "received_on": "2024-12-02", "reference": "PT1"});
        let case = road.takes(&worker, "record-repayment", received).await;
        let met: Vec<i64> = case["instalments"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["paid"].as_i64().unwrap())
            .collect();
        assert_eq!(met, [180_000, 20_000]);
        let case = road
            .takes(&town.deciders[0], "write-off", json!({"reason": "Không còn khả năng"}))
            .await;
        assert_eq!((&case["status"], &case["open"]), (&json!("written_off"), &json!(0)));
        town.close().await;
    });
}

#[test]
fn what_is_small_or_forgiven_ends_at_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        town.publish(
            "1/2024/NQ-TH",
            &[("recovery.minimum_amount", json!(50_000_000), "vnd")],
            false,
        )
        .await;
        town.disability_ends(Some("2024-07-31")).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        let classify = json!({"cause": "official_error", "recoverable": true, "reason": "Nhập nhầm"});
        let case = road.takes(&worker, "classify", classify.clone()).await;
        assert_eq!(
            (&case["status"], &case["allowed_actions"]),
            (&json!("below_minimum"), &json!([]))
        );
        road.tries(&worker, "classify", classify)
            .await
            .problem("illegal-transition");
        assert_eq!(town.cases("&cause=official_error").await.len(), 1);
        assert_eq!(town.cases("&cause=technical").await.len(), 0);
        town.close().await;
    });
}
