//! Months and days of payment.

use serde_json::{Value, json};
use service::ProblemCode;

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
            september["entitlement_month"], "2025-09",
            "what is paid regularly falls due in the month that it is for"
        );
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
            refused.text.contains("31/01/2025") || refused.text.contains("/02/2025"),
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
            let orders = desk.get(&format!("/v1/pay-runs/{}/orders", run.id)).await;
            let orders = orders["items"].as_array().unwrap().len();
            assert_eq!(orders, 2, "each month is an order of its own to each payee");
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
        // No bank executes on it by now: it does not leave the house before somebody approves another day.
        let refused = town.release(run.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        assert!(
            !refused.fields.is_empty() && refused.fields.iter().all(|own| own.code == "execution_date_closed"),
            "{refused}"
        );
        assert_eq!(json!(town.run(run.id).await.status), "approved");
        let desk = Desk::of(&town).await;
        let back = Some(json!({"reason": "Ngân hàng nghỉ vì bão"}));
        desk.takes(&desk.releaser, run.id, "reject", back).await;
        town.submit(run.id).await.unwrap();
        let again = town.approve(run.id).await.unwrap();
        assert_eq!(again.execution_date.to_string(), "2024-09-05");
        town.release(run.id).await.unwrap();
        town.arrives(run.id).await;
        town.close().await;
    });
}

#[test]
fn a_day_is_not_made_something_else_without_giving_up_what_it_was() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let of = |body: &Value| serde_json::from_value(body.clone()).unwrap();
        let tries = async |day: &str, body: &Value| {
            let post = house
                .call("POST", &format!("/v1/pay-calendar/days/{day}/propose"))
                .key(&desk.preparer);
            post.once(&house.app.ids.next().to_string()).json(body).send().await
        };
        let seen = async |day_of: &str| {
            let year = desk.get("/v1/pay-calendar?year=2025").await;
            day(&year, day_of)["standing"].clone()
        };
        // A Saturday on which people work for a free Monday: months paid early on it would close it again.
        let working = json!({"kind": "working", "reason": "Làm bù ngày 27/01/2025"});
        decides_day(&house.app, "2025-01-18", of(&working)).await;
        let early = json!({"kind": "pay_early", "cover_months": ["2025-02"], "reason": "Tết"});
        let refused = tries("2025-01-18", &early).await;
        refused.problem("conflict");
        for told in [
            "18/01/2025",
            "“Ngân hàng làm việc”",
            "“Chi trả sớm”",
            "gives_up: working",
            "ngày chi này",
        ] {
            assert!(refused.text.contains(told), "{told}: {refused:?}");
        }
        assert_eq!(seen("2025-01-18").await, "banking", "it is worked on still");
        let mut closing = early.clone();
        closing["gives_up"] = json!("working");
        assert_eq!(
            tries("2025-01-18", &closing).await.problem("invalid"),
            [("/kind".to_owned(), "no_banking_day".to_owned())],
            "nobody is paid early on a Saturday on which nobody works"
        );

        // From this day on the year 2024 is closed: a holiday would open it again.
        let closed = json!({"kind": "year_closed", "reason": "Khóa sổ 2024 (giả định của kiểm thử)"});
        decides_day(&house.app, "2025-01-31", of(&closed)).await;
        let holiday = json!({"kind": "holiday", "reason": "Nghỉ Tết"});
        let refused = tries("2025-01-31", &holiday).await;
        refused.problem("conflict");
        assert!(refused.text.contains("năm ngân sách trước mở lại"), "{refused:?}");
        // Who means it says so, and nobody gives up what was never decided.
        let mut meant = holiday.clone();
        meant["gives_up"] = json!("pay_early");
        assert_eq!(
            tries("2025-01-31", &meant).await.problem("invalid"),
            [("/gives_up".to_owned(), "not_decided".to_owned())]
        );
        meant["gives_up"] = json!("year_closed");
        decides_day(&house.app, "2025-01-31", of(&meant)).await;
        assert_eq!(seen("2025-01-31").await, "closed");
        // Its like takes its place without further words.
        decides_day(&house.app, "2025-01-31", of(&working)).await;
        assert_eq!(seen("2025-01-31").await, "banking");
        town.close().await;
    });
}

#[test]
fn a_list_that_is_closed_early_or_late_is_told_so_and_goes_on() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let fund = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
            "amount": 1_000_000_000});
        opens_fund(&house.app, serde_json::from_value(fund).unwrap()).await;
        // It is the 20th of August; the list of September closes on Friday the 23rd.
        let run = town.build("2024-09").await.id;
        let path = format!("/v1/pay-runs/{run}");
        let preview = desk.get(&format!("{path}/preview")).await["list_closing"].clone();
        assert_eq!(
            (&preview["list_closes"], &preview["finding"], &preview["days"]),
            (&json!("2024-08-23"), &json!("not_reached"), &json!(3))
        );
        assert!(preview["text"]["vi"].as_str().unwrap().contains("Điều 34(4)"));
        town.now("2024-08-23T02:00:00Z").await;
        assert_eq!(desk.get(&path).await["list_closing"], json!(null), "on its day");
        town.now("2024-08-27T02:00:00Z").await;
        let submitted = desk.takes(&desk.preparer, run, "submit", None).await;
        assert_eq!(submitted["status"], "submitted", "it is told and not refused");
        let told = &submitted["list_closing"];
        assert_eq!((&told["finding"], &told["days"]), (&json!("passed"), &json!(4)));
        town.now("2024-08-28T02:00:00Z").await;
        assert_eq!(
            desk.get(&path).await["list_closing"]["days"],
            4,
            "as of the day it was submitted"
        );
        town.approve(run).await.unwrap();
        town.release(run).await.unwrap();
        assert_eq!(desk.get(&path).await["list_closing"], json!(null));
        // A month that is paid early has no closing day of its own, but a day: the 30th of September.
        let of = |day: &str| json!({"cover_month": "2024-10", "pay_date": day});
        let october = desk.opens(of("2024-09-30")).await;
        let path = format!("/v1/pay-runs/{}", october.id);
        let preview = desk.get(&format!("{path}/preview")).await;
        assert_eq!(preview["list_closing"], json!(null));
        desk.takes(
            &desk.preparer,
            october.id,
            "cancel",
            Some(json!({"reason": "sai ngày chi"})),
        )
        .await;
        let october = desk.opens(of("2024-10-01")).await;
        let preview = desk.get(&format!("/v1/pay-runs/{}/preview", october.id)).await;
        let told = &preview["list_closing"];
        assert_eq!(
            (&told["list_closes"], &told["finding"], &told["days"]),
            (&json!("2024-09-30"), &json!("after_early_day"), &json!(1))
        );
        town.close().await;
    });
}
