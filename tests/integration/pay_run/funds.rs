//! Lines of a fund, more money for it, and how long it lasts.

use serde_json::{Value, json};
use service::Role;

use super::desk::Desk;
use crate::harness::{each_engine, opens_fund};
use crate::overpayment::town::Town;

#[test]
fn more_money_is_proposed_by_one_and_posted_by_another() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let other =
            json!({"code": "donations", "fiscal_year": 2024, "source": "donation", "name": "Đóng góp", "amount": 500});
        opens_fund(&house.app, serde_json::from_value(other).unwrap()).await;
        let funds = desk.get("/v1/funds").await;
        let of = |code: &str| {
            let mut funds = funds["items"].as_array().unwrap().iter();
            funds.find(|fund| fund["code"] == code).unwrap()["id"].clone()
        };
        let (given, own) = (of("donations"), of("social_assistance"));
        let propose = async |from: &Value, amount: i64, once: &str| {
            let body = json!({"from_fund_id": from, "to_fund_id": own, "amount": amount, "reason": "QĐ 120/QĐ-UBND"});
            let post = house.call("POST", "/v1/fund-transfers").key(&desk.preparer).once(once);
            let made = post.json(&body).send().await;
            assert_eq!(made.status, 201, "{made:?}");
            made.header("location").to_owned()
        };
        let supplement = propose(&json!(null), 5_000_000, "one").await;
        let available = async || {
            let funds = desk.get("/v1/funds").await;
            let funds = funds["items"].as_array().unwrap().clone();
            funds
                .iter()
                .map(|fund| fund["available"].as_i64().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            available().await,
            [500, 10_000_000],
            "nothing moves before it is approved"
        );
        let same = town.other_key(&desk.preparer, Role::Approver).await;
        let step = format!("{supplement}/approve");
        desk.tries(&same, ("POST", &step), &supplement, None)
            .await
            .problem("same-person");
        let done = desk.tries(&desk.approver, ("POST", &step), &supplement, None).await;
        assert_eq!((done.status, &done.json()["status"]), (200, &json!("approved")));
        let twice = desk.tries(&desk.approver, ("POST", &step), &supplement, None).await;
        twice.problem("illegal-transition");
        assert_eq!(available().await, [500, 15_000_000]);

        let too_much = propose(&given, 501, "two").await;
        let step = format!("{too_much}/approve");
        desk.tries(&desk.approver, ("POST", &step), &too_much, None)
            .await
            .problem("fund-exhausted");
        let reject = format!("{too_much}/reject");
        let why = json!({"reason": "Nguồn không đủ"});
        let turned_down = desk
            .tries(&desk.approver, ("POST", &reject), &too_much, Some(why))
            .await;
        assert_eq!(
            (turned_down.status, &turned_down.json()["note"]),
            (200, &json!("Nguồn không đủ"))
        );
        let rest = propose(&given, 500, "three").await;
        let step = format!("{rest}/approve");
        assert_eq!(
            desk.tries(&desk.approver, ("POST", &step), &rest, None).await.status,
            200
        );
        assert_eq!(available().await, [0, 15_000_500]);
        assert_eq!(
            desk.get("/v1/fund-transfers?limit=2").await["items"]
                .as_array()
                .unwrap()
                .len(),
            2
        );
        town.close().await;
    });
}

#[test]
fn lines_of_a_fund_are_no_more_than_its_estimate() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 10_000_000).await;
        let desk = Desk::of(&town).await;
        let id = desk.get("/v1/funds").await["items"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/v1/funds/{id}/lines");
        let line = |clause: &str, amount: i64| json!({"chapter": "423", "category": "370", "clause": clause, "name": "Trợ cấp hằng tháng", "amount": amount});
        let propose = format!("{path}/propose");
        let set = |lines: Value| Some(json!({ "lines": lines, "note": "QĐ 45/QĐ-UBND" }));
        let more = set(json!([line("398", 9_000_000), line("374", 1_000_001)]));
        let refused = desk.tries(&desk.preparer, ("POST", &propose), &path, more).await;
        assert_eq!(
            refused.problem("invalid"),
            [("/lines".to_owned(), "above_the_estimate".to_owned())]
        );
        let word = set(json!([line("abc", 1)]));
        let refused = desk.tries(&desk.preparer, ("POST", &propose), &path, word).await;
        assert_eq!(
            refused.problem("invalid"),
            [("/lines/0/clause".to_owned(), "not_a_code".to_owned())]
        );
        let good = set(json!([line("398", 9_000_000), line("374", 1_000_000)]));
        let done = desk.tries(&desk.preparer, ("POST", &propose), &path, good).await;
        assert_eq!(done.status, 201, "{done:?}");
        desk.accepts(&done.json()).await;
        let kept = desk.get(&path).await;
        assert_eq!(
            (&kept["estimate"], &kept["lines"][1]["clause"]),
            (&json!(10_000_000), &json!("374"))
        );
        town.close().await;
    });
}

#[test]
fn a_forecast_names_the_day_on_which_a_fund_runs_out() {
    each_engine(async |house| {
        // 1,500,000 đồng a month from September on: enough for three months and a half.
        let town = Town::with_fund(house, 5_250_000).await;
        let desk = Desk::of(&town).await;
        let id = desk.get("/v1/funds").await["items"][0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        let path = format!("/v1/funds/{id}/forecast");
        let before = desk.get(&path).await;
        let months: Vec<(String, i64, i64)> = before["months"]
            .as_array()
            .unwrap()
            .iter()
            .map(|own| {
                let month = own["month"].as_str().unwrap().to_owned();
                (month, own["cost"].as_i64().unwrap(), own["left"].as_i64().unwrap())
            })
            .collect();
        let expected = [
            ("2024-09", 3_750_000),
            ("2024-10", 2_250_000),
            ("2024-11", 750_000),
            ("2024-12", -750_000),
        ];
        assert_eq!(
            months,
            expected.map(|(month, left)| (month.to_owned(), 1_500_000, left))
        );
        // The town pays December on the day on which it pays October: the calendar says so.
        assert_eq!(
            (&before["runs_out_in"], &before["runs_out_on"], &before["missing"]),
            (&json!("2024-12"), &json!("2024-09-30"), &json!(750_000))
        );
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        let after = desk.get(&path).await;
        assert_eq!(
            (&after["unspent"], &after["months"][0]["month"]),
            (&json!(3_750_000), &json!("2024-10"))
        );
        assert_eq!(after["runs_out_in"], "2024-12", "what was foreseen came to pass");
        // A rise brings it nearer, its arrears with the next month.
        town.publish(
            "1/2024/NQ-TH",
            &[("standard.community", json!(600_000), "vnd_per_month")],
            false,
        )
        .await;
        let risen = desk.get(&path).await;
        assert_eq!(
            (
                &risen["pending_arrears"],
                &risen["months"][0]["cost"],
                &risen["runs_out_in"]
            ),
            (&json!(600_000), &json!(2_400_000), &json!("2024-11"))
        );
        town.close().await;
    });
}

#[test]
fn a_month_that_is_paid_early_takes_its_money_before_those_that_are_paid_later() {
    each_engine(async |house| {
        // Enough for three months and a half.
        let town = Town::with_fund(house, 5_250_000).await;
        let desk = Desk::of(&town).await;
        // December is paid with October, November after both.
        town.pays_early("2024-10-15", &["2024-11"]).await;
        let id = desk.get("/v1/funds").await["items"][0]["id"].clone();
        let told = desk.get(&format!("/v1/funds/{}/forecast", id.as_str().unwrap())).await;
        let months = told["months"].as_array().unwrap().iter();
        let months: Vec<_> = months.map(|own| (own["month"].clone(), own["left"].clone())).collect();
        let expected = [
            ("2024-09", 3_750_000),
            ("2024-10", 2_250_000),
            ("2024-12", 750_000),
            ("2024-11", -750_000),
        ];
        assert_eq!(months, expected.map(|(month, left)| (json!(month), json!(left))));
        assert_eq!(
            (&told["runs_out_in"], &told["runs_out_on"], &told["lines"]),
            (&json!("2024-11"), &json!("2024-10-15"), &json!([]))
        );
        // Whoever is late is not paid on a day that has passed.
        town.now("2024-10-10T02:00:00Z").await;
        let late = desk.get(&format!("/v1/funds/{}/forecast", id.as_str().unwrap())).await;
        assert_eq!(late["months"][0]["pay_date"], "2024-10-10");
        town.close().await;
    });
}

#[test]
fn a_program_names_a_fund_that_runs_post_to() {
    each_engine(async |house| {
        let key = house.key(Role::Preparer, None).await;
        let make = async |code: &str, fund: &str| {
            let draft = json!({"code": code, "name": {"vi": "Quà Tết", "en": "New Year gifts"}, "kind": "one_off_cash",
                "legal_basis": "NQ 08/2022", "responsible_unit": "Sở", "fund_code": fund, "from": "2024-09-01"});
            let post = house.call("POST", "/v1/programs").key(&key).once(code);
            post.json(&draft).send().await
        };
        for fund in ["donations", "", "Social_Assistance"] {
            let refused = make("tet_a", fund).await;
            assert_eq!(
                refused.problem("invalid"),
                [("/fund_code".to_owned(), "unknown_fund".to_owned())]
            );
            let told = refused.json()["errors"][0]["message"].as_str().unwrap().to_owned();
            assert!(told.contains("social_assistance, emergency_relief"), "{told}");
        }
        assert_eq!(make("tet_b", "social_assistance").await.status, 201);
        assert_eq!(make("tet_c", "emergency_relief").await.status, 201);
    });
}
