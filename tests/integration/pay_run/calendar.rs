//! Months and days of payment.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::harness::{decides_day, each_engine, opens_fund};
use crate::overpayment::town::Town;

fn day(year: &Value, day: &str) -> Value {
    let mut days = year["days"].as_array().unwrap().iter();
    days.find(|own| own["day"] == day).cloned().unwrap_or_default()
}

#[test]
fn a_year_has_its_cycle_its_holidays_and_what_nobody_knows_yet() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let year = desk.get("/v1/pay-calendar?year=2025").await;
        let september = &year["months"][8];
        assert_eq!(
            (
                &september["cover_month"],
                &september["list_closes"],
                &september["pay_date"],
                &september["settlement_due"]
            ),
            (
                &json!("2025-09"),
                &json!("2025-08-22"),
                &json!("2025-09-05"),
                &json!("2025-09-19")
            )
        );
        assert_eq!(day(&year, "2025-04-30")["standing"], "closed");
        assert!(
            day(&year, "2025-04-30")["source"]
                .as_str()
                .unwrap()
                .contains("Điều 112")
        );
        assert_eq!(day(&year, "2025-09-01")["standing"], "undecided");
        let decided = json!({"kind": "holiday", "reason": "Nghỉ liền kề Quốc khánh, TB 10/TB-UBND"});
        let propose = |key: &str, day: &str, body: &Value| {
            house
                .call("POST", &format!("/v1/pay-calendar/days/{day}/propose"))
                .key(key)
                .once(&house.app.ids.next().to_string())
                .json(body)
        };
        propose(&desk.releaser, "2025-09-01", &decided)
            .send()
            .await
            .problem("forbidden");
        let of = |body: &Value| serde_json::from_value(body.clone()).unwrap();
        decides_day(&house.app, "2025-09-01", of(&decided)).await;
        let year = desk.get("/v1/pay-calendar?year=2025").await;
        assert_eq!(day(&year, "2025-09-01")["standing"], "closed");
        let worked = json!({"kind": "working", "reason": "Đổi ngày nghỉ"});
        decides_day(&house.app, "2025-09-01", of(&worked)).await;
        let year = desk.get("/v1/pay-calendar?year=2025").await;
        let own = day(&year, "2025-09-01");
        assert_eq!(
            (&own["standing"], &own["name"]),
            (&json!("banking"), &json!("Đổi ngày nghỉ"))
        );
        let wrong = json!({"kind": "pay_early", "reason": "Tết"});
        let refused = propose(&desk.approver, "2025-09-01", &wrong).send().await;
        assert_eq!(
            refused.problem("invalid"),
            [("/cover_months".to_owned(), "months_of_early_pay".to_owned())]
        );
        let early = json!({"kind": "pay_early", "cover_months": ["2025-02"], "reason": "Tết"});
        let refused = propose(&desk.approver, "2025-01-26", &early).send().await;
        assert_eq!(
            refused.problem("invalid"),
            [("/kind".to_owned(), "no_banking_day".to_owned())]
        );
        assert!(
            refused.text.contains("2025-01-31") || refused.text.contains("2025-02-0"),
            "{refused:?}"
        );
        town.close().await;
    });
}

#[test]
fn before_tet_two_months_are_paid_on_one_day() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(&house.app, serde_json::from_value(fund).unwrap()).await;
        for month in ["2024-09", "2024-10", "2024-11", "2024-12"] {
            let run = town.pay(month).await;
            town.arrives(run).await;
        }
        town.now("2024-12-20T02:00:00Z").await;
        let of = |month: &str| json!({"cover_month": month, "pay_date": "2025-01-20"});
        let january = desk.opens(of("2025-01")).await;
        let early = desk.tries_to_open(of("2025-02")).await;
        assert_eq!(
            early.problem("invalid"),
            [("/cover_month".to_owned(), "too_early".to_owned())]
        );
        let tet = json!({"kind": "pay_early", "cover_months": ["2025-01", "2025-02"], "reason": "Chi trước Tết Ất Tỵ"});
        let post = house
            .call("POST", "/v1/pay-calendar/days/2025-01-20/propose")
            .key(&desk.preparer);
        let proposed = post.once("tet").json(&tet).send().await;
        assert_eq!(proposed.status, 201, "{proposed:?}");
        let early = desk.tries_to_open(of("2025-02")).await;
        assert_eq!(
            early.problem("invalid"),
            [("/cover_month".to_owned(), "too_early".to_owned())],
            "one person alone pays nothing early"
        );
        desk.accepts(&proposed.json()).await;
        let year = desk.get("/v1/pay-calendar?year=2025").await;
        for month in 0..2 {
            let own = &year["months"][month];
            assert_eq!(
                (&own["pay_date"], &own["early"]),
                (&json!("2025-01-20"), &json!("Chi trước Tết Ất Tỵ"))
            );
        }
        let february = desk.opens(of("2025-02")).await;
        for run in [&january, &february] {
            assert_eq!((run.line_count, run.total), (2, 1_500_000));
            town.sign(run.id).await;
        }
        town.arrives(january.id).await;
        town.arrives(february.id).await;
        town.close().await;
    });
}

#[test]
fn files_ask_for_a_banking_day_that_later_decisions_do_not_move() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        // 1/9/2024 is a Sunday, the 2nd a holiday, and of the 3rd nobody knows yet.
        let run = town.build("2024-09").await;
        assert_eq!(
            (run.pay_date.to_string(), run.execution_date.to_string()),
            ("2024-09-01".into(), "2024-09-04".into())
        );
        town.submit(run.id).await.unwrap();
        town.approve(run.id).await.unwrap();
        let closed = json!({"kind": "holiday", "reason": "Bão số 3"});
        decides_day(&house.app, "2024-09-04", serde_json::from_value(closed).unwrap()).await;
        let run = town.run(run.id).await;
        assert_eq!(run.execution_date.to_string(), "2024-09-04", "what was approved stays");
        town.release(run.id).await.unwrap();
        town.arrives(run.id).await;
        town.close().await;
    });
}
