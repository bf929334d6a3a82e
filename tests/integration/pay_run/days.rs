//! What is not asked of a bank: to execute on a day that has passed.

use serde_json::json;
use service::{ProblemCode, Role, payment_file};

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn a_run_names_a_day_that_is_still_to_come_and_not_one_of_another_age() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        // It is the 20th of August 2024.
        for (day, code) in [
            ("2024-08-19", "past"),
            ("2023-09-05", "past"),
            ("2025-08-22", "too_far"),
            ("2099-09-05", "too_far"),
        ] {
            let refused = desk
                .tries_to_open(json!({"cover_month": "2024-09", "pay_date": day}))
                .await;
            assert_eq!(
                refused.problem("invalid"),
                [("/pay_date".to_owned(), code.to_owned())],
                "{day}"
            );
        }
        let year = desk.get("/v1/pay-calendar?year=2024").await;
        assert_eq!(year["pay_date_within_days"], 366, "the bound can be read");
        let today = desk
            .opens(json!({"cover_month": "2024-09", "pay_date": "2024-08-20"}))
            .await;
        assert_eq!(today.pay_date.to_string(), "2024-08-20");
        town.close().await;
    });
}

#[test]
fn what_was_approved_for_a_day_that_has_passed_is_not_released_but_approved_again() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        assert_eq!(
            town.approve(run).await.unwrap().execution_date.to_string(),
            "2024-09-04"
        );
        let before = desk.fund().await;
        town.now("2024-09-05T02:00:00Z").await;
        let refused = town.release(run).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        let told = refused.detail.as_ref().unwrap();
        for (text, day) in [(&told.vi, "04/09/2024"), (&told.en, "2024-09-04")] {
            assert!(text.contains(day), "{text}");
        }
        assert!(told.en.contains("send the run back") && told.en.contains("approve it again"));
        assert_eq!(refused.fields[0].code, "execution_date_past");
        let stays = town.run(run).await;
        assert_eq!(json!(stays.status), "approved");
        assert_eq!(desk.fund().await, before, "a refused release moves nothing");

        let back = Some(json!({"reason": "Quá ngày thực hiện"}));
        desk.takes(&desk.releaser, run, "reject", back).await;
        town.submit(run).await.unwrap();
        let again = town.approve(run).await.unwrap();
        assert_eq!(again.execution_date.to_string(), "2024-09-05");
        town.release(run).await.unwrap();
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn what_was_approved_for_today_is_not_released_from_the_cut_off_on() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        // Approved in the morning to be executed today: the 20th of August 2024, a Tuesday.
        let of = json!({"cover_month": "2024-09", "pay_date": "2024-08-20"});
        let run = desk.opens(of).await.id;
        town.submit(run).await.unwrap();
        assert_eq!(
            town.approve(run).await.unwrap().execution_date.to_string(),
            "2024-08-20"
        );
        let before = desk.fund().await;
        // 15:30 in Vietnam.
        town.now("2024-08-20T08:30:00Z").await;
        let refused = town.release(run).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        assert!(
            !refused.fields.is_empty() && refused.fields.iter().all(|own| own.code == "cut_off_passed"),
            "{refused}"
        );
        let told = refused.detail.as_ref().unwrap();
        assert!(told.vi.contains("15:30") && told.en.contains("15:30"), "{told:?}");
        assert_eq!(json!(town.run(run).await.status), "approved");
        assert_eq!(desk.fund().await, before, "a refused release moves nothing");

        let back = Some(json!({"reason": "Quá giờ nhận lệnh"}));
        desk.takes(&desk.releaser, run, "reject", back).await;
        town.submit(run).await.unwrap();
        let again = town.approve(run).await.unwrap();
        assert_eq!(again.execution_date.to_string(), "2024-08-21");
        town.release(run).await.unwrap();
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn a_second_before_the_cut_off_it_is_released() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let of = json!({"cover_month": "2024-09", "pay_date": "2024-08-20"});
        let run = desk.opens(of).await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        town.now("2024-08-20T08:29:59Z").await;
        town.release(run).await.unwrap();
        town.arrives(run).await;
        town.close().await;
    });
}

#[test]
fn on_its_day_it_is_still_released_and_a_file_fetched_later_warns() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let run = town.build("2024-09").await.id;
        town.submit(run).await.unwrap();
        town.approve(run).await.unwrap();
        town.now("2024-09-04T02:00:00Z").await;
        town.release(run).await.unwrap();
        let key = house.key(Role::Treasury, None).await;
        let treasury = &town.officers[3];
        let files = payment_file::list(&house.app, treasury, run).await.unwrap();
        let file = files.iter().find(|file| file.execution_date.is_some()).unwrap();
        let path = format!("/v1/payment-files/{}", file.id);
        let read = async |path: &str| house.call("GET", path).key(&key).send().await;
        assert_eq!(read(&path).await.json()["execution_days_past"], json!(null));
        let fetched = read(&format!("{path}/content")).await;
        assert_eq!(fetched.header("warning"), "", "in time");

        town.now("2024-09-07T02:00:00Z").await;
        assert_eq!(read(&path).await.json()["execution_days_past"], 3);
        let late = read(&format!("{path}/content")).await;
        assert_eq!(
            late.header("warning"),
            "299 ansinh \"the execution date 2024-09-04 has passed\""
        );
        town.acknowledges_first(run).await;
        let known = payment_file::list(&house.app, treasury, run).await.unwrap();
        assert_eq!(
            known[0].execution_days_past, None,
            "what the treasury has needs no warning"
        );
        town.arrives(run).await;
        town.close().await;
    });
}
