//! A month that is paid by several runs needs as many approvers as one that is paid by one.

use futures::future::join_all;
use serde_json::{Value, json};
use service::Role;
use service::approval_tier::ProposeTiers;
use service::pay_run;
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{House, each_engine, sets_tiers};
use crate::overpayment::town::{AREA, LAN, Town};

const SECOND: Uuid = Uuid::from_u128(0x52);
const THIRD: Uuid = Uuid::from_u128(0x53);
/// Where each of the three lives; they are due 750 000 đồng a month.
const AREAS: [&str; 3] = ["06652", "06658", "06661"];

/// Two of the three reach the second tier together, all of them the third.
fn tiers() -> ProposeTiers {
    serde_json::from_value(json!({"note": "kiểm thử", "tiers": [
        {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
        {"subject": "pay_run", "from_amount": 1_500_000, "approvals": 2, "role": "approver"},
        {"subject": "pay_run", "from_amount": 2_250_000, "approvals": 3, "role": "decision_maker"},
        {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
    ]}))
    .unwrap()
}

async fn three_communes(house: &House) -> Town<'_> {
    let people = [
        (LAN, "022190001234", AREAS[0]),
        (SECOND, "022190001235", AREAS[1]),
        (THIRD, "022190001236", AREAS[2]),
    ];
    Town::of_people(house, 1_000_000_000, &people).await
}

/// A run of September for one of the communes.
async fn opens(desk: &Desk<'_>, area: &str) -> Uuid {
    let run = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": [area]});
    desk.opens(run).await.id
}

/// How many must approve a run, and the amount that says so.
async fn told(desk: &Desk<'_>, run: Uuid) -> (Value, Value) {
    let preview = desk.get(&format!("/v1/pay-runs/{run}/preview")).await;
    (preview["approvals_needed"].clone(), preview["tier_amount"].clone())
}

fn says(approvals: i32, amount: i64) -> (Value, Value) {
    (json!(approvals), json!(amount))
}

#[test]
fn a_month_that_is_split_needs_as_many_as_the_whole_of_it() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        sets_tiers(&house.app, tiers()).await;
        let mut runs = Vec::new();
        for area in AREAS {
            runs.push(opens(&desk, area).await);
        }
        for run in &runs {
            assert_eq!(told(&desk, *run).await, says(1, 750_000), "drafts do not count");
        }
        let submitted = desk.takes(&desk.preparer, runs[0], "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 1);
        assert_eq!(told(&desk, runs[1]).await, says(2, 1_500_000));
        let submitted = desk.takes(&desk.preparer, runs[1], "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 2);
        let one = desk.takes(&desk.approver, runs[1], "approve", None).await;
        assert_eq!(one["status"], "submitted");
        let second = house.key(Role::Approver, None).await;
        let two = desk.takes(&second, runs[1], "approve", None).await;
        assert_eq!(two["status"], "approved");
        desk.takes(&desk.releaser, runs[1], "release", None).await;

        // What is approved or released counts as well, and who lacks the role is told why it is asked for.
        let submitted = desk.takes(&desk.preparer, runs[2], "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 3);
        let of = format!("/v1/pay-runs/{}", runs[2]);
        let refused = desk
            .tries(&desk.approver, ("POST", &format!("{of}/approve")), &of, None)
            .await;
        refused.problem("forbidden");
        let detail = refused.json()["detail"].to_string();
        for told in [
            "2.250.000 đồng",
            "riêng đợt này 750.000 đồng",
            "vai trò “Người ký quyết định”",
        ] {
            assert!(
                detail.contains(told),
                "it says by which amount, and who may: {refused:?}"
            );
        }

        // The first keeps what it was submitted under, until it is submitted again.
        assert_eq!(told(&desk, runs[0]).await, says(1, 750_000));
        let why = json!({"reason": "Kiểm tra lại"});
        desk.takes(&desk.approver, runs[0], "reject", Some(why)).await;
        assert_eq!(told(&desk, runs[0]).await, says(3, 2_250_000));
        let again = desk.takes(&desk.preparer, runs[0], "submit", None).await;
        assert_eq!(again["approvals_needed"], 3);
        town.close().await;
    });
}

#[test]
fn the_money_of_a_month_is_not_told_to_who_sees_one_area() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        let run = opens(&desk, AREAS[0]).await;
        let inside = house.key(Role::Auditor, Some(AREA)).await;
        let path = format!("/v1/pay-runs/{run}/preview");
        let seen = house.call("GET", &path).key(&inside).send().await.json();
        assert_eq!((&seen["total"], &seen["tier_amount"]), (&json!(750_000), &Value::Null));
        town.close().await;
    });
}

#[test]
fn runs_of_one_month_that_are_submitted_at_once_see_each_other() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        sets_tiers(&house.app, tiers()).await;
        let mut runs = Vec::new();
        for area in AREAS {
            let run = opens(&desk, area).await;
            runs.push(town.run(run).await);
        }
        let (app, preparer) = (&house.app, &town.officers[0]);
        let submitted = runs
            .iter()
            .map(|run| pay_run::submit(app, preparer, run.id, run.version));
        let submitted = join_all(submitted).await.into_iter();
        let mut needed: Vec<i32> = submitted.map(|run| run.unwrap().approvals_needed).collect();
        needed.sort_unstable();
        assert_eq!(
            needed,
            [1, 2, 3],
            "one of them is the first, one the second, one the third"
        );
        town.close().await;
    });
}

#[test]
fn reissues_are_counted_with_each_other_and_not_with_the_month() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        let september = town.pay("2024-09").await;
        town.answers(september, |_| Some("not_collected")).await;
        town.now("2024-09-20T02:00:00Z").await;
        sets_tiers(&house.app, tiers()).await;
        let again = |area: &str, cover: &str| json!({"kind": "reissue", "cover_month": cover, "pay_date": "2024-09-25", "areas": [area]});
        let first = desk.opens(again(AREAS[0], "2024-09")).await.id;
        assert_eq!(
            told(&desk, first).await,
            says(1, 750_000),
            "September was approved once"
        );
        desk.takes(&desk.preparer, first, "submit", None).await;
        // The month it is called by is the maker's word; the month it is paid in is not.
        let second = desk.opens(again(AREAS[1], "2024-08")).await.id;
        assert_eq!(told(&desk, second).await, says(2, 1_500_000));
        let submitted = desk.takes(&desk.preparer, second, "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 2);
        town.close().await;
    });
}

/// A run of what waits in some of the communes, named for a month and paid on a day.
async fn makes_up(desk: &Desk<'_>, areas: &[&str], (cover, day): (&str, &str)) -> Uuid {
    let run = json!({"kind": "arrears_only", "cover_month": cover, "pay_date": day, "areas": areas});
    desk.opens(run).await.id
}

/// From August on 150 000 đồng a month more for each.
async fn rises(town: &Town<'_>) {
    let rise = [("standard.community", json!(600_000), "vnd_per_month")];
    town.publish("1/2024/NQ-TH", &rise, false).await;
}

#[test]
fn who_was_left_out_of_a_month_is_paid_by_as_many_as_the_whole_of_it() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        sets_tiers(&house.app, tiers()).await;
        let september = town.build("2024-09").await.id;
        for person in [LAN, SECOND] {
            let why = json!({"person_id": person, "reason": "Chờ xác minh"});
            desk.takes(&desk.preparer, september, "exclusions", Some(why)).await;
        }
        assert_eq!(told(&desk, september).await, says(1, 750_000));
        town.sign(september).await;
        // Neither the month it is named for nor the one it is paid in takes it out of September.
        town.now("2024-10-03T02:00:00Z").await;
        let first = makes_up(&desk, &AREAS[..1], ("2024-10", "2024-10-10")).await;
        let own = ("arrears".to_owned(), LAN, 202_409, 750_000);
        assert_eq!(desk.lines(first).await, [own]);
        assert_eq!(told(&desk, first).await, says(2, 1_500_000));
        let submitted = desk.takes(&desk.preparer, first, "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 2);
        let second = makes_up(&desk, &AREAS[1..], ("2024-11", "2024-11-05")).await;
        assert_eq!(told(&desk, second).await, says(3, 2_250_000));
        let submitted = desk.takes(&desk.preparer, second, "submit", None).await;
        assert_eq!(submitted["approvals_needed"], 3);
        town.close().await;
    });
}

#[test]
fn arrears_that_are_paid_ahead_in_a_month_count_with_its_run() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        sets_tiers(&house.app, tiers()).await;
        rises(&town).await;
        // August of all three.
        let ahead = makes_up(&desk, &[], ("2024-08", "2024-09-03")).await;
        assert_eq!(told(&desk, ahead).await, says(1, 450_000));
        desk.takes(&desk.preparer, ahead, "submit", None).await;
        let two = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": AREAS[..2]});
        let september = desk.opens(two).await;
        assert_eq!(september.total, 1_800_000);
        assert_eq!(told(&desk, september.id).await, says(3, 2_250_000));
        town.close().await;
    });
}

#[test]
fn arrears_that_nobody_left_out_are_not_counted_with_a_month_that_was_approved() {
    each_engine(async |house| {
        let town = three_communes(house).await;
        let desk = Desk::of(&town).await;
        town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        rises(&town).await;
        sets_tiers(&house.app, tiers()).await;
        let first = makes_up(&desk, &AREAS[..1], ("2024-09", "2024-09-25")).await;
        assert_eq!(told(&desk, first).await, says(1, 300_000), "August and September");
        desk.takes(&desk.preparer, first, "submit", None).await;
        let others = makes_up(&desk, &AREAS[1..], ("2024-09", "2024-09-25")).await;
        assert_eq!(told(&desk, others).await, says(1, 900_000), "with each other");
        town.close().await;
    });
}
