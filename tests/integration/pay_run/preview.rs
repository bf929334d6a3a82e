//! What is told of a run before anybody signs it: whether the money is there, how many must approve, what the month lacks.

use serde_json::{Value, json};
use service::Role;
use service::month_close::{self, CloseMonth};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{each_engine, sets_tiers};
use crate::overpayment::town::{AREA, LAN, Town};

/// The other people of the town.
const SECOND: Uuid = Uuid::from_u128(0x52);
const THIRD: Uuid = Uuid::from_u128(0x53);
/// Where the third lives.
const ELSEWHERE: &str = "06658@1900-01";

async fn preview(desk: &Desk<'_>, run: Uuid) -> Value {
    desk.get(&format!("/v1/pay-runs/{run}/preview")).await
}

#[test]
fn what_the_fund_lacks_and_how_many_must_approve_is_told_before_submission() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 1_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let told = preview(&desk, run).await;
        assert_eq!(
            told["by_fund_year"],
            json!([{"key": "2024", "lines": 2, "total": 1_500_000, "available": 1_000_000, "missing": 500_000}])
        );
        assert_eq!(told["approvals_needed"], 1);
        let submit = format!("{}/submit", of(run));
        let refused = desk.tries(&desk.preparer, ("POST", &submit), &of(run), None).await;
        refused.problem("fund-exhausted");

        let tiers = json!({"note": "kiểm thử", "tiers": [
            {"subject": "pay_run", "from_amount": 0, "approvals": 1, "role": "approver"},
            {"subject": "pay_run", "from_amount": 1_500_000, "approvals": 2, "role": "approver"},
            {"subject": "relief_request", "from_amount": 0, "approvals": 1, "role": "approver"},
        ]});
        sets_tiers(&house.app, serde_json::from_value(tiers).unwrap()).await;
        assert_eq!(preview(&desk, run).await["approvals_needed"], 2);

        // Funds are the province's: who sees one area sees none of them.
        let inside = house.key(Role::Auditor, Some(AREA)).await;
        let path = format!("{}/preview", of(run));
        let told = house.call("GET", &path).key(&inside).send().await.json();
        assert_eq!(
            (
                &told["by_fund_year"][0]["available"],
                &told["by_fund_year"][0]["missing"]
            ),
            (&Value::Null, &Value::Null)
        );
        town.close().await;
    });
}

fn of(run: Uuid) -> String {
    format!("/v1/pay-runs/{run}")
}

#[test]
fn a_submitted_run_lacks_nothing_of_the_fund() {
    each_engine(async |house| {
        let town = Town::with_fund(house, 2_000_000).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await.id;
        let of_year = async || preview(&desk, run).await["by_fund_year"][0].clone();
        let told = of_year().await;
        assert_eq!((&told["available"], &told["missing"]), (&json!(2_000_000), &json!(0)));
        town.submit(run).await.unwrap();
        let told = of_year().await;
        assert_eq!((&told["available"], &told["missing"]), (&json!(500_000), &json!(0)));
        town.close().await;
    });
}

/// Two people in one commune, one in another, and a run for the first that leaves one out.
async fn one_area<'t>(town: &'t Town<'t>) -> (Desk<'t>, Uuid) {
    let desk = Desk::of(town).await;
    let run = desk
        .opens(json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": ["06652"]}))
        .await
        .id;
    let why = json!({"person_id": SECOND, "reason": "Chờ xác minh"});
    desk.takes(&desk.preparer, run, "exclusions", Some(why)).await;
    (desk, run)
}

async fn three_people(house: &crate::harness::House) -> Town<'_> {
    let people = [
        (LAN, "022190001234", "06652"),
        (SECOND, "022190001235", "06652"),
        (THIRD, "022190001236", "06658"),
    ];
    Town::of_people(house, 1_000_000_000, &people).await
}

/// State, area and amount of what a month lacks.
fn lacks(items: &Value) -> Vec<Value> {
    let items = items.as_array().unwrap().iter();
    items
        .filter(|item| item["kind"] == "month_not_completed")
        .map(|item| json!([item["state"], item["area_id"], item["amount"]]))
        .collect()
}

#[test]
fn a_month_that_is_paid_by_areas_alone_says_so_and_names_what_no_run_is_for() {
    each_engine(async |house| {
        let town = three_people(house).await;
        let (desk, first) = one_area(&town).await;
        let told = preview(&desk, first).await;
        assert_eq!(
            told["month_not_completed"],
            json!({"month": "2024-09", "uncovered": [{"area_id": ELSEWHERE, "channel": null,
                "fund_code": "social_assistance"}]})
        );
        town.sign(first).await;
        let tie = desk.get("/v1/month-closes/2024-09/tie").await;
        assert_eq!(
            lacks(&tie["month_not_completed"]),
            [
                json!(["no_whole_run", null, 750_000]),
                json!(["all_channels", ELSEWHERE, 0])
            ]
        );

        let post = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": ["06658"],
            "channel": "post_cash"});
        let second = desk.opens(post).await.id;
        let told = preview(&desk, second).await;
        assert_eq!(
            told["month_not_completed"]["uncovered"],
            json!([{"area_id": ELSEWHERE, "channel": "bank_transfer", "fund_code": "social_assistance"}])
        );
        town.sign(second).await;

        let (app, month) = (&house.app, "2024-09".parse().unwrap());
        let note = CloseMonth { note: String::new() };
        let prepared = month_close::close(app, &town.officers[0], month, note).await.unwrap();
        month_close::confirm(app, &town.officers[1], month, prepared.version)
            .await
            .unwrap();
        let items = desk.get("/v1/month-closes/2024-09/open-items").await;
        assert_eq!(
            lacks(&items["items"]),
            [
                json!(["no_whole_run", null, 750_000]),
                json!(["bank_transfer", ELSEWHERE, 0])
            ]
        );
        town.close().await;
    });
}

#[test]
fn a_run_for_everybody_else_completes_the_month() {
    each_engine(async |house| {
        let town = three_people(house).await;
        let (desk, first) = one_area(&town).await;
        town.sign(first).await;
        let rest = town.build("2024-09").await.id;
        assert_eq!(preview(&desk, rest).await["month_not_completed"], Value::Null);
        assert_eq!(preview(&desk, first).await["month_not_completed"], Value::Null);
        town.sign(rest).await;
        let tie = desk.get("/v1/month-closes/2024-09/tie").await;
        assert_eq!(tie["month_not_completed"], json!([]));
        town.close().await;
    });
}
