//! The ends that nobody pays back everything for: too old, forgiven, decided to be nothing, varied on appeal, not
//! recoverable by hand.

use serde_json::{Value, json};

use super::road::Road;
use super::town::Town;
use crate::harness::{House, each_engine};

/// August and September were paid and are found to have been paid too much, under a law of recovery.
async fn found<'h>(house: &'h House) -> Town<'h> {
    let town = paid(house).await;
    town.publish_recovery("").await;
    town.disability_ends(Some("2024-07-31")).await;
    town
}

/// September is paid and arrived.
async fn paid<'h>(house: &'h House) -> Town<'h> {
    let town = Town::open(house).await;
    let run = town.pay("2024-09").await;
    town.now("2024-09-20T02:00:00Z").await;
    town.arrives(run).await;
    town
}

/// A law under which money may be asked for one month and the next.
async fn publish_short_limitation(town: &Town<'_>) {
    let law = [
        ("recovery.minimum_amount", json!(100_000), "vnd"),
        ("recovery.limitation_months", json!(1), "months"),
        ("recovery.response_days", json!(10), "days"),
    ];
    town.publish("1/2024/NQ-TH", &law, false).await;
}

fn omission() -> Value {
    json!({"cause": "citizen_omission", "recoverable": true, "reason": "Không khai báo"})
}

#[test]
fn a_month_that_is_too_old_is_never_proposed() {
    each_engine(async |house| {
        let town = paid(house).await;
        town.now("2024-10-02T02:00:00Z").await;
        publish_short_limitation(&town).await;
        town.disability_ends(Some("2024-07-31")).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        let case = road.takes(&worker, "classify", omission()).await;
        assert_eq!(case["status"], "classified", "September is not too old");
        let notice = json!({"delivered_on": "2024-10-02", "proof": "Ký nhận"});
        road.takes(&worker, "serve-notice", notice).await;
        road.takes(&worker, "hear", json!({"statement": "Tôi đã báo"})).await;
        let all = road.months(|month| month["detected"].as_i64().unwrap()).await;
        assert_eq!(all["months"][0]["cover_month"], "2024-08");
        let answer = road.tries(&worker, "propose", all).await;
        assert_eq!(
            answer.problem("invalid"),
            [("/months/0".to_owned(), "time_barred".to_owned())]
        );
        let young = |month: &Value| match month["cover_month"].as_str() {
            Some("2024-09") => 750_000,
            _ => 0,
        };
        let months = road.months(young).await;
        let case = road.takes(&worker, "propose", months).await;
        assert_eq!(case["status"], "proposed");
        let proposed: Vec<&Value> = case["months"]
            .as_array()
            .unwrap()
            .iter()
            .map(|month| &month["proposed"])
            .collect();
        assert_eq!(proposed, [&json!(0), &json!(750_000)]);
        town.close().await;
    });
}

#[test]
fn what_is_too_old_in_every_month_ends_at_once() {
    each_engine(async |house| {
        let town = paid(house).await;
        publish_short_limitation(&town).await;
        town.disability_ends(Some("2024-07-31")).await;
        town.now("2024-11-05T02:00:00Z").await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        let case = road.takes(&worker, "classify", omission()).await;
        assert_eq!(
            (&case["status"], &case["open"], &case["allowed_actions"]),
            (&json!("time_barred"), &json!(0), &json!([]))
        );
        assert_eq!(town.cases("&status=time_barred").await.len(), 1);
        road.tries(
            &worker,
            "serve-notice",
            json!({"delivered_on": "2024-11-05", "proof": "Ký nhận"}),
        )
        .await
        .problem("illegal-transition");
        town.close().await;
    });
}

#[test]
fn what_is_not_recoverable_by_hand_ends_at_once() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        let worker = town.caseworker.clone();
        let classify = json!({"cause": "technical", "recoverable": false, "reason": "Lỗi nhập liệu hai lần"});
        let case = road.takes(&worker, "classify", classify).await;
        assert_eq!(
            (&case["status"], &case["cause"], &case["allowed_actions"]),
            (&json!("not_recoverable"), &json!("technical"), &json!([]))
        );
        let last = case["history"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["reason"], &last["detail"]["recoverable"]),
            (&json!("Lỗi nhập liệu hai lần"), &json!(false))
        );
        town.close().await;
    });
}

#[test]
fn a_decision_that_nothing_is_to_be_paid_back_closes_the_case() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_proposal().await;
        let nothing = road.months(|_| 0).await;
        let case = road.takes(&town.deciders[0], "decide", nothing).await;
        assert_eq!(
            (&case["status"], &case["decided"], &case["open"]),
            (&json!("not_recoverable"), &json!(0), &json!(0))
        );
        assert_eq!(
            case["months"][0]["reason"], "Đã được báo trước",
            "a reason for each month all the same"
        );
        assert_eq!(road.read(&town.deciders[0]).await["allowed_actions"], json!([]));
        town.close().await;
    });
}

#[test]
fn what_is_left_may_be_forgiven() {
    each_engine(async |house| {
        let town = found(house).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        let decider = town.deciders[0].clone();
        road.tries(&decider, "waive", json!({"reason": " "}))
            .await
            .problem("invalid");
        let worker = town.caseworker.clone();
        road.tries(&worker, "waive", json!({"reason": "Hộ nghèo"}))
            .await
            .problem("forbidden");
        let case = road.takes(&decider, "waive", json!({"reason": "Hộ nghèo"})).await;
        assert_eq!(
            (&case["status"], &case["open"], &case["decided"], &case["recovered"]),
            (&json!("waived"), &json!(0), &json!(1_500_000), &json!(0))
        );
        let last = case["history"].as_array().unwrap().last().unwrap();
        assert_eq!(
            (&last["reason"], &last["detail"]["given_up"]),
            (&json!("Hộ nghèo"), &json!(1_500_000))
        );
        assert_eq!(case["allowed_actions"], json!([]));
        town.close().await;
    });
}

#[test]
fn an_appeal_may_lower_the_decision_and_what_was_paid_beyond_it_is_given_back() {
    each_engine(async |house| {
        let town = found(house).await;
        let before = town.paid().await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        let (worker, [first, second, _]) = (town.caseworker.clone(), town.deciders.clone());
        town.now("2024-12-01T02:00:00Z").await;
        road.takes(&first, "make-enforceable", json!(null)).await;
        let received = json!({"amount": 1_000_000, "received_on": "2024-12-01", "reference": "PT1"});
        road.takes(&worker, "record-repayment", received).await;
        let appeal = json!({"filed_on": "2024-12-01", "grounds": "Thông báo đến muộn"});
        road.takes(&worker, "appeal", appeal).await;

        let varied = |months: &Value, reference: Value| {
            json!({"outcome": "varied", "reason": "Thông báo đến sau ngày nhận tiền",
                "months": months["months"], "refund_reference": reference})
        };
        let more = road.months(|_| 750_001).await;
        let answer = road.tries(&second, "resolve-appeal", varied(&more, json!("PC1"))).await;
        assert_eq!(answer.problem("invalid")[0].1, "too_much");
        let less = road.months(|_| 200_000).await;
        let answer = road.tries(&second, "resolve-appeal", varied(&less, Value::Null)).await;
        assert_eq!(
            answer.problem("invalid"),
            [("/refund_reference".to_owned(), "empty".to_owned())]
        );
        let case = road.takes(&second, "resolve-appeal", varied(&less, json!("PC1"))).await;
        assert_eq!(
            (&case["status"], &case["decided"], &case["recovered"], &case["open"]),
            (&json!("enforceable"), &json!(400_000), &json!(400_000), &json!(0))
        );
        assert_eq!(case["appeals"][0]["outcome"], "varied");
        assert_eq!(case["months"][0]["reason"], "Đã được báo trước");
        // 750,000 for August and 250,000 for September were paid in; 200,000 of each stay.
        let given_back: i64 = case["recoveries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row["kind"] == "refund")
            .map(|row| row["amount"].as_i64().unwrap())
            .sum();
        assert_eq!(given_back, -600_000);
        assert_eq!(
            before - town.paid().await,
            200_000,
            "of what the fund had paid: September"
        );
        town.holds().await;
        let case = road.takes(&worker, "settle", json!(null)).await;
        assert_eq!(case["status"], "settled");
        town.close().await;
    });
}
