//! Months in their turn: none is passed over, and none is paid twice by a run that comes late.

use futures::future::join_all;
use serde_json::{Value, json};
use service::pay_run;
use service::payment_order::{self, decide_cancellation, propose_cancellation};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::{LAN, Town};

/// The other person of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);

fn month(cover: &str) -> Value {
    json!({"cover_month": cover, "pay_date": format!("{cover}-05")})
}

/// Kind, person and month of the lines of a run.
async fn lines(desk: &Desk<'_>, run: Uuid) -> Vec<(String, Uuid, i32)> {
    let lines = desk.lines(run).await.into_iter();
    lines.map(|(kind, person, month, _)| (kind, person, month)).collect()
}

fn line(kind: &str, person: Uuid, month: i32) -> (String, Uuid, i32) {
    (kind.to_owned(), person, month)
}

async fn cancels(desk: &Desk<'_>, run: Uuid) {
    let why = json!({"reason": "Lập sai"});
    desk.takes(&desk.preparer, run, "cancel", Some(why)).await;
}

#[test]
fn a_month_that_is_passed_over_is_paid_once_by_its_own_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let early = desk.tries_to_open(month("2024-10")).await;
        early.problem("conflict");
        let why = early.json()["detail"].to_string();
        assert!(
            why.contains("09/2024") && !why.contains("2024-09"),
            "it says which month comes first, as people write it: {why}"
        );
        assert!(
            !why.contains("monthly_allowance"),
            "a benefit is called by its name: {why}"
        );
        // In a run it is enough: the fund of its year may lack the money for a while.
        let september = town.build("2024-09").await.id;
        let october = town.build("2024-10").await.id;
        town.sign(october).await;
        town.holds().await;
        // A change of law makes arrears of what is still due.
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        town.holds().await;
        town.rebuild(september).await;
        let paid = lines(&desk, september).await;
        assert_eq!(
            paid,
            [
                line("arrears", LAN, 202_408),
                line("arrears", SECOND, 202_408),
                line("regular", LAN, 202_409),
                line("regular", SECOND, 202_409)
            ]
        );
        town.sign(september).await;
        town.holds().await;
        let november = town.build("2024-11").await.id;
        let paid = lines(&desk, november).await;
        assert_eq!(
            paid,
            [
                line("arrears", LAN, 202_410),
                line("arrears", SECOND, 202_410),
                line("regular", LAN, 202_411),
                line("regular", SECOND, 202_411)
            ],
            "the rise for October, and nothing of September"
        );
        town.close().await;
    });
}

#[test]
fn a_run_that_was_passed_over_stands_as_it_was_signed() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = town.build("2024-09").await.id;
        town.submit(september).await.unwrap();
        let signed = town.approve(september).await.unwrap();
        let october = town.build("2024-10").await.id;
        let november = town.build("2024-11").await.id;
        town.submit(november).await.unwrap();
        town.sign(october).await;
        town.holds().await;
        // September is owed as arrears by now, and its own run pays just that: nobody signs anything anew.
        let standing = town.run(september).await;
        assert_eq!(
            (json!(standing.status), standing.digest, standing.rejected_reason),
            (json!("approved"), signed.digest, None)
        );
        assert_eq!(json!(town.run(november).await.status), "submitted");
        town.release(september).await.unwrap();
        town.holds().await;
        town.approve(november).await.unwrap();
        town.release(november).await.unwrap();
        assert_eq!(
            lines(&desk, november).await,
            [line("regular", LAN, 202_411), line("regular", SECOND, 202_411)]
        );
        let waiting = json!({"kind": "arrears_only", "cover_month": "2024-11", "pay_date": "2024-11-10"});
        assert_eq!(desk.opens(waiting).await.line_count, 0, "each month was paid once");
        town.close().await;
    });
}

#[test]
fn a_month_whose_late_run_is_cancelled_is_owed_as_arrears() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = town.build("2024-09").await.id;
        let october = town.build("2024-10").await.id;
        town.sign(october).await;
        cancels(&desk, september).await;
        town.holds().await;
        let again = desk.tries_to_open(month("2024-09")).await;
        again.problem("conflict");
        assert!(again.json()["detail"].to_string().contains("arrears_only"), "{again:?}");
        let waiting = json!({"kind": "arrears_only", "cover_month": "2024-10", "pay_date": "2024-10-10"});
        let waiting = desk.opens(waiting).await.id;
        assert_eq!(
            lines(&desk, waiting).await,
            [line("arrears", LAN, 202_409), line("arrears", SECOND, 202_409)]
        );
        town.sign(waiting).await;
        town.close().await;
    });
}

#[test]
fn a_run_that_passes_a_month_over_is_not_released_once_that_is_in_no_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let september = town.build("2024-09").await.id;
        let october = town.build("2024-10").await.id;
        town.submit(october).await.unwrap();
        town.approve(october).await.unwrap();
        cancels(&desk, september).await;
        let refused = town.release(october).await.unwrap_err();
        assert_eq!(refused.code, service::ProblemCode::Conflict, "{refused}");
        let september = town.build("2024-09").await.id;
        town.sign(september).await;
        town.release(october).await.unwrap();
        town.close().await;
    });
}

/// The run of an area that is not released when the rest of the month is.
async fn left_behind(town: &Town<'_>, desk: &Desk<'_>) -> Uuid {
    town.second_moves("06658").await;
    let mut own = month("2024-09");
    own["areas"] = json!(["06652"]);
    let own = desk.opens(own).await.id;
    assert_eq!(lines(desk, own).await, [line("regular", LAN, 202_409)]);
    let rest = town.build("2024-09").await.id;
    assert_eq!(lines(desk, rest).await, [line("regular", SECOND, 202_409)]);
    town.sign(rest).await;
    town.holds().await;
    own
}

#[test]
fn an_area_that_is_released_after_the_rest_of_its_month_is_paid_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let own = left_behind(&town, &desk).await;
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        town.holds().await;
        // What is regular there waits as arrears too, and is in no second run meanwhile.
        let waiting = json!({"kind": "arrears_only", "cover_month": "2024-09", "pay_date": "2024-09-25"});
        let other = desk.opens(waiting).await.id;
        let taken = lines(&desk, other).await;
        assert!(!taken.contains(&line("arrears", LAN, 202_409)), "{taken:?}");
        cancels(&desk, other).await;
        town.rebuild(own).await;
        town.sign(own).await;
        town.holds().await;
        let october = town.build("2024-10").await.id;
        let paid = lines(&desk, october).await;
        let of_lan: Vec<_> = paid.into_iter().filter(|line| line.1 == LAN).collect();
        assert_eq!(of_lan, [line("regular", LAN, 202_410)]);
        town.sign(october).await;
        town.close().await;
    });
}

#[test]
fn an_area_that_was_made_up_for_is_left_out_of_its_late_run() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let own = left_behind(&town, &desk).await;
        cancels(&desk, own).await;
        let october = town.build("2024-10").await.id;
        assert_eq!(
            lines(&desk, october).await,
            [
                line("arrears", LAN, 202_409),
                line("regular", LAN, 202_410),
                line("regular", SECOND, 202_410)
            ]
        );
        town.sign(october).await;
        town.close().await;
    });
}

/// Nobody collects what a run pays.
pub(super) async fn comes_back(town: &Town<'_>, run: Uuid) {
    town.sign(run).await;
    town.answers(run, |_| Some("not_collected")).await;
    town.holds().await;
}

/// Two people decide that what came back of a run is not paid again by itself.
pub(super) async fn is_cancelled(town: &Town<'_>, run: Uuid) {
    let (app, officers) = (&town.house.app, &town.officers);
    let orders = payment_order::list(app, &officers[3], run, None, None).await.unwrap();
    let order = orders.items[0].id;
    let note = serde_json::from_value(json!({"note": "Chi lại từ đầu"})).unwrap();
    let proposed = propose_cancellation(app, &officers[0], order, note).await.unwrap();
    let decision = json!({"proposal_id": proposed.id, "decision": "accept", "note": "Đã kiểm tra"});
    let decision = serde_json::from_value(decision).unwrap();
    decide_cancellation(app, &officers[1], order, decision).await.unwrap();
    town.idle().await;
    town.holds().await;
}

#[test]
fn a_month_made_up_for_paid_again_and_cancelled_stays_arrears_and_holds_no_late_run_up() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let own = left_behind(&town, &desk).await;
        let path = format!("/v1/pay-runs/{own}");
        let why = json!({"person_id": LAN, "reason": "Chờ xác minh nơi cư trú"});
        desk.takes(&desk.preparer, own, "exclusions", Some(why)).await;
        let held = desk.get(&format!("{path}/held")).await;
        let exclusion = held["items"][0]["exclusion"]["id"].as_str().unwrap();
        let back = format!("{path}/exclusions/{exclusion}");
        let waiting =
            |kind: &str, day: u8| json!({"kind": kind, "cover_month": "2024-09", "pay_date": format!("2024-09-{day}")});
        // Made up for, paid again, and what came back of that is cancelled: September is owed anew.
        let first = desk.opens(waiting("arrears_only", 24)).await.id;
        assert_eq!(lines(&desk, first).await, [line("arrears", LAN, 202_409)]);
        comes_back(&town, first).await;
        let again = desk.opens(waiting("reissue", 25)).await.id;
        assert_eq!(lines(&desk, again).await, [line("reissue", LAN, 202_409)]);
        comes_back(&town, again).await;
        is_cancelled(&town, again).await;

        // The late run leaves it to arrears, as it was, whoever takes the person in again.
        town.rebuild(own).await;
        let taken = desk.tries(&desk.preparer, ("DELETE", &back), &path, None).await;
        assert_eq!(taken.status, 200, "{taken:?}");
        assert!(lines(&desk, own).await.is_empty());
        town.holds().await;
        let last = desk.opens(waiting("arrears_only", 26)).await.id;
        assert_eq!(lines(&desk, last).await, [line("arrears", LAN, 202_409)]);
        town.sign(last).await;
        town.arrives(last).await;
        town.rebuild(own).await;
        assert!(lines(&desk, own).await.is_empty(), "it was paid once");
        cancels(&desk, own).await;
        town.close().await;
    });
}

#[test]
fn runs_that_are_opened_at_once_are_numbered_one_after_the_other() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let bodies = ["06652", "06658", "06661"].map(|area| {
            let mut body = month("2024-09");
            body["areas"] = json!([area]);
            body
        });
        let opened = bodies.map(|body| {
            let command = serde_json::from_value(body).unwrap();
            pay_run::create(&house.app, &town.officers[0], command)
        });
        let opened = join_all(opened).await.into_iter();
        let mut numbers: Vec<i32> = opened.map(|run| run.unwrap().sequence).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3]);
        town.idle().await;
        town.close().await;
    });
}
