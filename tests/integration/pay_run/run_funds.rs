//! Programs that draw on funds of their own: a run for each, its shortage, its returns, and a program that goes over to
//! another fund.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use service::ProblemCode;
use service::pay_run::{self, PayRunView};
use uuid::Uuid;

use super::desk::Desk;
use super::program_funds::{goes_over, went_over};
use crate::harness::{House, each_engine, opens_fund};
use crate::overpayment::newcomer::{carer, newcomer};
use crate::overpayment::town::{LAN, Town};

/// Somebody with an allowance who gets care support too.
pub(super) const CARER: Uuid = Uuid::from_u128(0x53);
/// What the allowances of both come to, đồng a month.
const ALLOWANCES: i64 = 1_500_000;
/// The funds.
pub(super) const BUDGET: &str = "social_assistance";
pub(super) const DONATIONS: &str = "donations";

/// A town whose care support may be paid from donations, of which there is so much, đồng.
pub(super) async fn town(house: &House, donations: i64) -> Town<'_> {
    let people = vec![
        newcomer(LAN, "022190001234", "06652"),
        carer(CARER, "022190001235", "06652"),
    ];
    let town = Town::of_newcomers(house, 1_000_000_000, people).await;
    let money = json!({"code": DONATIONS, "fiscal_year": 2024, "source": "donation", "name": "Đóng góp",
        "amount": donations});
    opens_fund(&house.app, serde_json::from_value(money).unwrap()).await;
    town
}

fn month(cover: &str, fund: &str) -> Value {
    json!({"cover_month": cover, "pay_date": format!("{cover}-05"), "fund_code": fund})
}

pub(super) async fn opens(desk: &Desk<'_>, cover: &str, fund: &str) -> PayRunView {
    let run = desk.opens(month(cover, fund)).await;
    assert_eq!(run.fund_code, fund);
    run
}

/// What a fund has available, in transit, paid and to be paid again.
async fn stands(desk: &Desk<'_>, code: &str) -> [i64; 4] {
    let funds = desk.get("/v1/funds").await;
    let mut funds = funds["items"].as_array().unwrap().iter();
    let own = funds.find(|own| own["code"] == code).unwrap();
    ["available", "in_transit", "paid", "to_reissue"].map(|name| own[name].as_i64().unwrap())
}

/// Kind and month of the lines of a run, and whose they are.
async fn lines(desk: &Desk<'_>, run: Uuid) -> Vec<(String, Uuid, i32)> {
    let lines = desk.lines(run).await.into_iter();
    lines.map(|(kind, person, month, _)| (kind, person, month)).collect()
}

/// The months of a person by right and component, with how often runs pay each.
async fn months_of(town: &Town<'_>, runs: &[Uuid], person: Uuid) -> BTreeMap<(Uuid, String, i32), usize> {
    let mut months = BTreeMap::new();
    for run in runs {
        let page = pay_run::lines(&town.house.app, &town.officers[0], *run, Some(200), None)
            .await
            .unwrap();
        for line in page.items.into_iter().filter(|line| line.person_id == person) {
            *months
                .entry((line.entitlement_id, line.component, line.cover_month.yyyymm()))
                .or_insert(0) += 1;
        }
    }
    months
}

/// What the tie of a month lacks: state and fund.
async fn lacks(desk: &Desk<'_>, month: &str) -> Vec<(String, Option<String>)> {
    let tie = desk.get(&format!("/v1/month-closes/{month}/tie")).await;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = tie["month_not_completed"].as_array().unwrap().iter();
    items
        .map(|item| (text(&item["state"]).unwrap(), text(&item["reference"])))
        .collect()
}

#[test]
fn two_programs_on_two_funds_are_paid_by_two_runs() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        went_over(&desk, DONATIONS).await;
        let budget = opens(&desk, "2024-09", BUDGET).await;
        assert_eq!(
            lines(&desk, budget.id).await,
            [
                ("regular".to_owned(), LAN, 202_409),
                ("regular".to_owned(), CARER, 202_409)
            ]
        );
        assert!(!budget.benefits.contains(&"care_support".to_owned()), "{budget:?}");
        let preview = desk.get(&format!("/v1/pay-runs/{}/preview", budget.id)).await;
        assert_eq!(
            preview["month_not_completed"]["uncovered"],
            json!([{"area_id": null, "channel": null, "fund_code": DONATIONS}])
        );
        assert_eq!(preview["changes"], json!([]), "care support is none of this run's");
        town.sign(budget.id).await;
        let lacking = [
            ("no_whole_run".to_owned(), None),
            ("all_channels".to_owned(), Some(DONATIONS.to_owned())),
        ];
        assert_eq!(lacks(&desk, "2024-09").await, lacking);

        let care = opens(&desk, "2024-09", DONATIONS).await;
        let people = lines(&desk, care.id).await;
        assert!(!people.is_empty() && people.iter().all(|(_, person, _)| *person == CARER));
        let preview = desk.get(&format!("/v1/pay-runs/{}/preview", care.id)).await;
        assert_eq!(preview["month_not_completed"], Value::Null);
        assert_eq!(preview["changes"], json!([]), "it is as the predecessor paid it");
        for fund in [BUDGET, DONATIONS] {
            let second = desk.tries_to_open(month("2024-09", fund)).await;
            second.problem("already-exists");
        }
        town.sign(care.id).await;
        assert_eq!(lacks(&desk, "2024-09").await, []);
        assert_eq!(
            stands(&desk, BUDGET).await,
            [1_000_000_000 - ALLOWANCES, ALLOWANCES, 0, 0]
        );
        assert_eq!(
            stands(&desk, DONATIONS).await,
            [100_000_000 - care.total, care.total, 0, 0]
        );

        town.arrives(budget.id).await;
        town.arrives(care.id).await;
        assert_eq!(stands(&desk, BUDGET).await[1..], [0, ALLOWANCES, 0]);
        assert_eq!(stands(&desk, DONATIONS).await[1..], [0, care.total, 0]);
        let tie = desk.get("/v1/month-closes/2024-09/tie").await;
        assert_eq!(tie["ties"], true);
        let rows = tie["rows"].as_array().unwrap().iter();
        let rows: Vec<(String, i64)> = rows
            .map(|row| (row["fund"].as_str().unwrap().to_owned(), row["net"].as_i64().unwrap()))
            .collect();
        assert_eq!(
            rows,
            [(DONATIONS.to_owned(), care.total), (BUDGET.to_owned(), ALLOWANCES)]
        );
        let found = desk.get(&format!("/v1/pay-runs?fund_code={DONATIONS}")).await;
        let found = found["items"].as_array().unwrap();
        assert_eq!((found.len(), &found[0]["id"]), (1, &json!(care.id)));
        town.close().await;
    });
}

#[test]
fn the_shortage_of_one_fund_does_not_stop_the_other() {
    each_engine(async |house| {
        let town = town(house, 1).await;
        let desk = Desk::of(&town).await;
        went_over(&desk, DONATIONS).await;
        let care = opens(&desk, "2024-09", DONATIONS).await;
        let preview = desk.get(&format!("/v1/pay-runs/{}/preview", care.id)).await;
        assert_eq!(preview["by_fund_year"][0]["missing"], care.total - 1);
        assert_eq!(town.submit(care.id).await.unwrap_err().code, ProblemCode::FundExhausted);

        // Two months of the other one are paid meanwhile, and what the first of them held is in the second.
        let september = opens(&desk, "2024-09", BUDGET).await;
        let left_out = json!({"person_id": LAN, "reason": "Chờ xác minh"});
        desk.takes(&desk.preparer, september.id, "exclusions", Some(left_out))
            .await;
        town.sign(september.id).await;
        town.arrives(september.id).await;
        let october = opens(&desk, "2024-10", BUDGET).await;
        assert_eq!(
            lines(&desk, october.id).await,
            [
                ("arrears".to_owned(), LAN, 202_409),
                ("regular".to_owned(), LAN, 202_410),
                ("regular".to_owned(), CARER, 202_410)
            ]
        );
        town.sign(october.id).await;
        town.arrives(october.id).await;
        assert_eq!(stands(&desk, BUDGET).await[2], 2 * ALLOWANCES);
        town.holds().await;

        // With more money, the other pays its own months, each once.
        let funds = desk.get("/v1/funds").await;
        let mut funds = funds["items"].as_array().unwrap().iter();
        let own = funds.find(|own| own["code"] == DONATIONS).unwrap();
        let more = json!({"from_fund_id": null, "to_fund_id": own["id"], "amount": 100_000_000,
            "reason": "Đợt đóng góp thứ hai"});
        let post = house
            .call("POST", "/v1/fund-transfers")
            .key(&desk.preparer)
            .once("more");
        let made = post.json(&more).send().await;
        let transfer = made.header("location").to_owned();
        let approve = format!("{transfer}/approve");
        let done = desk.tries(&desk.approver, ("POST", &approve), &transfer, None).await;
        assert_eq!(done.status, 200, "{done:?}");
        let care = town.rebuild(care.id).await;
        town.sign(care.id).await;
        town.arrives(care.id).await;
        let next = opens(&desk, "2024-10", DONATIONS).await;
        assert_eq!(next.total, care.total, "October, and nothing of September");
        town.sign(next.id).await;
        town.arrives(next.id).await;
        assert_eq!(stands(&desk, DONATIONS).await[1..], [0, 2 * care.total, 0]);
        town.close().await;
    });
}

#[test]
fn what_came_back_goes_back_to_its_own_fund_and_is_paid_again_from_it() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        went_over(&desk, DONATIONS).await;
        let budget = opens(&desk, "2024-09", BUDGET).await;
        town.sign(budget.id).await;
        town.arrives(budget.id).await;
        let care = opens(&desk, "2024-09", DONATIONS).await;
        town.sign(care.id).await;
        town.answers(care.id, |_| Some("not_collected")).await;
        assert_eq!(stands(&desk, DONATIONS).await[1..], [0, 0, care.total]);
        assert_eq!(stands(&desk, BUDGET).await[1..], [0, ALLOWANCES, 0]);
        town.holds().await;

        // The program is the other fund's by now; what came back is not.
        went_over(&desk, BUDGET).await;
        let again = |fund: &str| json!({"kind": "reissue", "cover_month": "2024-09", "pay_date": "2024-09-25", "fund_code": fund});
        assert_eq!(desk.opens(again(BUDGET)).await.line_count, 0);
        let october = opens(&desk, "2024-10", BUDGET).await;
        assert!(october.benefits.is_empty(), "every benefit is its again");
        assert_eq!(october.total, ALLOWANCES + care.total);
        assert!(
            lines(&desk, october.id)
                .await
                .iter()
                .all(|(kind, ..)| kind == "regular")
        );
        town.sign(october.id).await;
        town.arrives(october.id).await;
        let reissue = desk.opens(again(DONATIONS)).await;
        assert_eq!(reissue.total, care.total);
        town.sign(reissue.id).await;
        assert_eq!(stands(&desk, DONATIONS).await[1..], [care.total, 0, 0]);
        town.arrives(reissue.id).await;
        assert_eq!(
            stands(&desk, DONATIONS).await,
            [100_000_000 - care.total, 0, care.total, 0]
        );
        town.close().await;
    });
}

#[test]
fn a_program_goes_over_to_another_fund_between_two_months_and_each_is_paid_once() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        let september = opens(&desk, "2024-09", BUDGET).await;
        goes_over(&desk, DONATIONS).await.problem("conflict");
        town.sign(september.id).await;
        went_over(&desk, DONATIONS).await;

        // September of it is paid already.
        let again = desk.tries_to_open(month("2024-09", DONATIONS)).await;
        again.problem("already-exists");
        let care = opens(&desk, "2024-10", DONATIONS).await;
        assert!(
            lines(&desk, care.id)
                .await
                .iter()
                .all(|(kind, _, month)| kind == "regular" && *month == 202_410)
        );
        town.sign(care.id).await;
        // The fund that it came from has not had its October yet: what it went back to would pay it twice or not at all.
        let october = opens(&desk, "2024-10", BUDGET).await;
        goes_over(&desk, BUDGET).await.problem("conflict");
        town.sign(october.id).await;
        went_over(&desk, BUDGET).await;
        let november = opens(&desk, "2024-11", BUDGET).await;
        town.sign(november.id).await;

        let runs = [september.id, care.id, october.id, november.id];
        for person in [LAN, CARER] {
            let months = months_of(&town, &runs, person).await;
            assert!(months.values().all(|times| *times == 1), "{months:?}");
            let of = |month: i32| months.keys().filter(|(.., own)| *own == month).count();
            assert!(of(202_409) > 0);
            assert_eq!((of(202_409), of(202_409)), (of(202_410), of(202_411)), "{months:?}");
        }
        for run in runs {
            town.arrives(run).await;
        }
        assert_eq!(november.total, september.total);
        assert_eq!(stands(&desk, BUDGET).await[2], 2 * september.total + ALLOWANCES);
        assert_eq!(stands(&desk, DONATIONS).await[2], september.total - ALLOWANCES);
        town.close().await;
    });
}

#[test]
fn what_a_run_held_is_paid_by_the_next_of_its_own_fund() {
    each_engine(async |house| {
        let town = town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        went_over(&desk, DONATIONS).await;
        let care = opens(&desk, "2024-09", DONATIONS).await;
        let page = pay_run::lines(&house.app, &town.officers[0], care.id, None, None)
            .await
            .unwrap();
        assert!(page.items.len() > 1, "one for each whom she cares for");
        let held = &page.items[0];
        let left_out = json!({"line_id": held.id, "reason": "Chờ xác minh"});
        desk.takes(&desk.preparer, care.id, "exclusions", Some(left_out)).await;
        town.sign(care.id).await;
        // The other fund has paid nothing yet, and owes no arrears.
        let next = opens(&desk, "2024-10", DONATIONS).await;
        assert_eq!(next.total, care.total + held.amount);
        town.sign(next.id).await;
        let budget = opens(&desk, "2024-09", BUDGET).await;
        assert_eq!(budget.total, ALLOWANCES);
        town.sign(budget.id).await;
        let waiting = json!({"kind": "arrears_only", "cover_month": "2024-10", "pay_date": "2024-10-10"});
        assert_eq!(desk.opens(waiting).await.line_count, 0);
        town.close().await;
    });
}

#[test]
fn a_fund_that_nobody_opened_is_refused_by_its_field() {
    each_engine(async |house| {
        let town = town(house, 1).await;
        let desk = Desk::of(&town).await;
        let fault = |code: &str| [("/fund_code".to_owned(), code.to_owned())];
        let run = desk.tries_to_open(month("2024-09", "nguon_la")).await;
        assert_eq!(run.problem("invalid"), fault("unknown_fund"));
        let told = run.json()["errors"][0]["message"].as_str().unwrap().to_owned();
        assert!(told.contains(DONATIONS), "{told}");
        let run = desk.tries_to_open(month("2024-09", DONATIONS)).await;
        assert_eq!(run.problem("invalid"), fault("no_program"));
        assert_eq!(
            goes_over(&desk, "nguon_la").await.problem("invalid"),
            fault("unknown_fund")
        );
        town.close().await;
    });
}
