//! Months and days of payment.

use serde_json::{Value, json};

use super::desk::Desk;
use crate::harness::each_engine;
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
        let put = |key: &str, body: &Value| {
            house
                .call("PUT", "/v1/pay-calendar/days/2025-09-01")
                .key(key)
                .json(body)
        };
        put(&desk.preparer, &decided).send().await.problem("forbidden");
        assert_eq!(put(&desk.approver, &decided).send().await.json()["standing"], "closed");
        let worked = json!({"kind": "working", "reason": "Đổi ngày nghỉ"});
        assert_eq!(put(&desk.approver, &worked).send().await.json()["standing"], "banking");
        let year = desk.get("/v1/pay-calendar?year=2025").await;
        assert_eq!(day(&year, "2025-09-01")["name"], "Đổi ngày nghỉ");
        let wrong = json!({"kind": "pay_early", "reason": "Tết"});
        let refused = put(&desk.approver, &wrong).send().await;
        assert_eq!(
            refused.problem("invalid"),
            [("/cover_months".to_owned(), "months_of_early_pay".to_owned())]
        );
        let sunday = house
            .call("PUT", "/v1/pay-calendar/days/2025-01-26")
            .key(&desk.approver);
        let early = json!({"kind": "pay_early", "cover_months": ["2025-02"], "reason": "Tết"});
        let refused = sunday.json(&early).send().await;
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
        service::fund::open(&house.app, &town.officers[0], serde_json::from_value(fund).unwrap())
            .await
            .unwrap();
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
        let put = house
            .call("PUT", "/v1/pay-calendar/days/2025-01-20")
            .key(&desk.approver);
        assert_eq!(put.json(&tet).send().await.status, 200);
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
        let desk = Desk::of(&town).await;
        // 1/9/2024 is a Sunday, the 2nd a holiday, and of the 3rd nobody knows yet.
        let run = town.build("2024-09").await;
        assert_eq!(
            (run.pay_date.to_string(), run.execution_date.to_string()),
            ("2024-09-01".into(), "2024-09-04".into())
        );
        town.submit(run.id).await.unwrap();
        town.approve(run.id).await.unwrap();
        let put = house
            .call("PUT", "/v1/pay-calendar/days/2024-09-04")
            .key(&desk.approver);
        let closed = json!({"kind": "holiday", "reason": "Bão số 3"});
        assert_eq!(put.json(&closed).send().await.status, 200);
        let run = town.run(run.id).await;
        assert_eq!(run.execution_date.to_string(), "2024-09-04", "what was approved stays");
        town.release(run.id).await.unwrap();
        town.arrives(run.id).await;
        town.close().await;
    });
}
