//! What later reassessments and changes of law do to cases.

use serde_json::json;

use super::road::Road;
use super::town::Town;
use crate::harness::each_engine;

#[test]
fn a_law_with_a_past_date_makes_no_debt_unless_it_says_so() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &standard(700_000), false).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        town.publish("2/2024/NQ-TH", &standard(600_000), false).await;
        let cases = town.cases("").await;
        assert!(!cases.is_empty(), "the months are on record");
        for case in &cases {
            assert_eq!(
                (&case["status"], &case["cause"], &case["open"]),
                (&json!("not_recoverable"), &json!("law"), &json!(0))
            );
        }
        town.holds().await;
        // One that says so only opens a case, which goes the road of every other.
        town.publish("3/2024/NQ-TH", &standard(550_000), true).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        assert_eq!(road.read(&worker).await["cause"], "law");
        let classify = json!({"cause": "law", "recoverable": true, "reason": "Văn bản có quy định"});
        assert_eq!(road.takes(&worker, "classify", classify).await["status"], "classified");
        town.close().await;
    });
}

#[test]
fn evidence_that_changed_without_weight_does_not_make_a_debt_of_law() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let standard = |amount: i64| [("standard.community", json!(amount), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &standard(700_000), false).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        town.disability_ends(Some("2031-01-01")).await;
        town.disability_ends(None).await;
        town.publish("2/2024/NQ-TH", &standard(600_000), false).await;
        let cases = town.cases("&status=detected").await;
        assert_eq!(cases, Vec::<serde_json::Value>::new());
        assert_eq!(town.cases("&status=not_recoverable&cause=law").await.len(), 1);
        town.close().await;
    });
}

#[test]
fn a_case_ends_with_what_it_was_about() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        town.disability_ends(Some("2024-07-31")).await;
        let mut road = Road::of(&town, "detected").await;
        // The paper turns up: nothing was paid too much.
        town.disability_ends(None).await;
        let case = road.read(&town.caseworker.clone()).await;
        assert_eq!(
            (&case["status"], &case["detected"], &case["allowed_actions"]),
            (&json!("superseded"), &json!(0), &json!([]))
        );
        town.holds().await;
        // And is lost again: that is another case.
        town.disability_ends(Some("2024-07-31")).await;
        assert_eq!(town.cases("").await.len(), 2);
        Road::of(&town, "detected").await;
        town.close().await;
    });
}

#[test]
fn what_was_decided_falls_with_the_difference_and_never_rises() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.publish_recovery("").await;
        town.disability_ends(Some("2024-07-31")).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        let worker = town.caseworker.clone();
        let before = road.read(&worker).await["decided"].as_i64().unwrap();
        // August was due after all.
        town.disability_ends(Some("2024-08-31")).await;
        let case = road.read(&worker).await;
        assert_eq!(
            (case["decided"].as_i64().unwrap(), &case["status"]),
            (before - 750_000, &json!("decided"))
        );
        town.holds().await;
        // It was not: the decision stays as low as it was, and August is a case of its own.
        town.disability_ends(Some("2024-07-31")).await;
        assert_eq!(road.read(&worker).await["decided"], before - 750_000);
        let other = Road::of(&town, "detected").await;
        assert_ne!(other.path(), road.path());
        assert_eq!(town.cases("&status=detected").await[0]["detected"], 750_000);
        town.close().await;
    });
}

#[test]
fn money_paid_back_for_nothing_returns_as_arrears() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.publish_recovery("").await;
        town.disability_ends(Some("2024-08-31")).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        town.now("2024-10-22T02:00:00Z").await;
        road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let received = json!({"amount": 400_000, "received_on": "2024-10-22", "reference": "PT1"});
        road.takes(&town.caseworker.clone(), "record-repayment", received).await;
        town.holds().await;
        town.disability_ends(None).await;
        town.holds().await;
        assert_eq!(road.read(&town.caseworker.clone()).await["status"], "superseded");
        let lines = town.next_run("2024-10").await;
        assert!(lines.contains(&("arrears".to_owned(), 202_409, 400_000)), "{lines:?}");
        town.close().await;
    });
}
