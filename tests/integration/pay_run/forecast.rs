//! What a forecast foresees comes to pass: the runs are played in the order in which it tells them, and after each the fund
//! has what was told, to the đồng.

use serde_json::json;
use service::fund::{self, ForecastView};
use service::pay_run::{self, CreatePayRun};
use service::person::{self, bulk};
use service::{access, application};
use uuid::Uuid;

use super::desk::Desk;
use super::determined_anew::not_collected;
use super::fund_lines::{drawn, draws_on, line};
use super::program_funds::went_over;
use super::run_funds::{self, BUDGET, CARER, DONATIONS, opens};
use super::year_end::december_is_owed;
use crate::harness::{House, decides_day, each_engine, sets_fund_lines};
use crate::overpayment::newcomer::{carer, newcomer};
use crate::overpayment::town::{LAN, Town};

const SECOND: Uuid = Uuid::from_u128(0x52);
/// Somebody who is granted an allowance later.
pub(super) const NEW: Uuid = Uuid::from_u128(0x54);
/// The number of the account of the person of the tests.
const OWN_ACCOUNT: &str = "022190001234";
/// What each of them gets, đồng a month.
const ALLOWANCE: i64 = 750_000;

/// The forecast of a fund.
async fn told(town: &Town<'_>, code: &str, year: i32) -> ForecastView {
    let (app, officer) = (&town.house.app, &town.officers[0]);
    let funds = fund::list(app, officer).await.unwrap();
    let own = funds.iter().find(|own| own.code == code && own.fiscal_year == year);
    fund::forecast(app, officer, own.unwrap().id).await.unwrap()
}

/// Month and cost, each.
fn costs(told: &ForecastView) -> Vec<(String, i64)> {
    let months = told.months.iter();
    months.map(|own| (own.month.to_string(), own.cost)).collect()
}

fn cost(month: &str, dong: i64) -> (String, i64) {
    (month.to_owned(), dong)
}

/// What a fund has that has not left it, đồng.
async fn left(town: &Town<'_>, told: &ForecastView) -> i64 {
    let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
    let own = funds.iter().find(|own| own.id == told.fund_id).unwrap();
    own.available + own.reserved + own.committed + own.to_reissue
}

/// The run for everybody of a month that was foreseen.
async fn pays(town: &Town<'_>, told: &ForecastView, place: usize) {
    let own = told.months[place];
    let command = CreatePayRun::regular(own.month, own.pay_date).on_fund(&told.code);
    let run = pay_run::create(&town.house.app, &town.officers[0], command)
        .await
        .unwrap();
    town.idle().await;
    town.sign(run.id).await;
}

/// Every month that was foreseen is paid, and nothing more is then.
async fn comes_to_pass(town: &Town<'_>, foreseen: &ForecastView) {
    for (place, own) in foreseen.months.iter().enumerate() {
        pays(town, foreseen, place).await;
        assert_eq!(left(town, foreseen).await, own.left, "{}: {foreseen:?}", own.month);
    }
    town.holds().await;
    let after = told(town, &foreseen.code, foreseen.fiscal_year).await;
    assert_eq!((after.months, after.pending_arrears), (Vec::new(), 0));
    assert_eq!(after.free, foreseen.months.last().unwrap().left);
}

/// September of one area, or one channel, is paid.
async fn ahead(desk: &Desk<'_>, of: (&str, serde_json::Value)) -> (Uuid, i64) {
    let mut body = json!({"cover_month": "2024-09", "pay_date": "2024-09-05"});
    body[of.0] = of.1;
    let run = desk.opens(body).await;
    desk.town.sign(run.id).await;
    (run.id, run.total)
}

#[test]
fn what_an_area_was_paid_ahead_of_the_others_is_not_foreseen_again() {
    each_engine(async |house| {
        let people = vec![
            newcomer(LAN, OWN_ACCOUNT, "06652"),
            carer(CARER, "022190001235", "06652"),
            newcomer(SECOND, "022190001236", "06658"),
        ];
        let town = Town::of_newcomers(house, 1_000_000_000, people).await;
        let desk = Desk::of(&town).await;
        // The line of the allowances has what they come to until the end of the year, and no đồng more.
        let whole = 4 * 3 * ALLOWANCE;
        let id = told(&town, BUDGET, 2024).await.fund_id;
        let lines = json!([line("allowance", whole), line("care", 900_000_000)]);
        sets_fund_lines(&house.app, id, lines).await;
        draws_on(&desk, "monthly_allowance", "allowance").await;
        draws_on(&desk, "care_support", "care").await;

        let before = told(&town, BUDGET, 2024).await;
        let (run, total) = ahead(&desk, ("areas", json!(["06652"]))).await;
        let care = total - 2 * ALLOWANCE;
        assert!(care > 0);
        let after = told(&town, BUDGET, 2024).await;
        let month = 3 * ALLOWANCE + care;
        let rest = ["2024-10", "2024-11", "2024-12"].map(|own| cost(own, month));
        assert_eq!(costs(&after)[0], cost("2024-09", ALLOWANCE));
        assert_eq!(costs(&after)[1..], rest);
        assert_eq!(after.months.last(), before.months.last(), "the year comes to the same");
        let own = &after.lines[0];
        assert_eq!(
            (own.code.as_str(), own.unspent, own.missing),
            ("allowance", whole - 2 * ALLOWANCE, 0)
        );

        // What came back of it is paid again with the rest.
        let answer = |number: &str| if number == OWN_ACCOUNT { "not_collected" } else { "paid" };
        town.answers(run, |order| Some(answer(&order.account_number))).await;
        let after = told(&town, BUDGET, 2024).await;
        assert_eq!(
            (after.to_reissue, &costs(&after)[0]),
            (ALLOWANCE, &cost("2024-09", 2 * ALLOWANCE))
        );
        comes_to_pass(&town, &after).await;
        let lines = drawn(&desk, &id.to_string()).await;
        assert_eq!(lines[0], ("allowance".to_owned(), whole, 0));
        town.close().await;
    });
}

#[test]
fn a_rise_after_an_area_was_paid_is_foreseen_where_runs_pay_it() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        let desk = Desk::of(&town).await;
        ahead(&desk, ("areas", json!(["06652"]))).await;
        // From August on, 150,000 đồng a month more.
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        let foreseen = told(&town, BUDGET, 2024).await;
        assert_eq!(
            foreseen.pending_arrears, 450_000,
            "two people for August, one for September"
        );
        let expected = [
            cost("2024-09", 900_000 + 300_000),
            // What September owes whom it paid before is made up for by the month after it.
            cost("2024-10", 1_800_000 + 150_000),
            cost("2024-11", 1_800_000),
            cost("2024-12", 1_800_000),
        ];
        assert_eq!(costs(&foreseen), expected);
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

#[test]
fn what_an_area_held_and_what_it_paid_of_who_is_determined_anew_is_foreseen_once() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        town.second_moves("06658").await;
        // September makes up for July and August.
        reaches_back(&town, ("2024-09-02T02:00:00Z", "2024-07-20", "2024-09-02")).await;
        let desk = Desk::of(&town).await;
        let own = json!({"cover_month": "2024-09", "pay_date": "2024-09-05", "areas": ["06652"]});
        let own = desk.opens(own).await.id;
        let why = json!({"person_id": LAN, "reason": "Chờ xác minh nơi cư trú"});
        desk.takes(&desk.preparer, own, "exclusions", Some(why)).await;
        town.sign(own).await;
        let foreseen = told(&town, BUDGET, 2024).await;
        assert_eq!(
            costs(&foreseen)[..2],
            [cost("2024-09", 2 * ALLOWANCE), cost("2024-10", 3 * ALLOWANCE)],
            "whom the area held is paid with the rest of September"
        );
        // From August on, 150,000 đồng a month more.
        let rise = [("standard.community", json!(600_000), "vnd_per_month")];
        town.publish("1/2024/NQ-TH", &rise, false).await;
        let foreseen = told(&town, BUDGET, 2024).await;
        let expected = [
            cost("2024-09", 2 * 900_000 + 3 * 150_000),
            cost("2024-10", 3 * 900_000 + 150_000),
            cost("2024-11", 3 * 900_000),
            cost("2024-12", 3 * 900_000),
        ];
        assert_eq!(costs(&foreseen), expected);
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

#[test]
fn what_was_paid_and_is_put_off_since_is_not_foreseen_again() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        town.pay("2024-09").await;
        town.pay("2024-10").await;
        let november = town.build("2024-11").await.id;
        let why = json!({"person_id": LAN, "reason": "Chờ xác minh"});
        desk.takes(&desk.preparer, november, "exclusions", Some(why)).await;
        town.sign(november).await;
        // By this record all three months fall due with December.
        not_collected(&town, "2024-09-01", "2024-11-30").await;
        let foreseen = told(&town, BUDGET, 2024).await;
        assert_eq!(
            costs(&foreseen),
            [cost("2024-12", 3 * ALLOWANCE)],
            "December of two people and the one month that was not paid"
        );
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

#[test]
fn what_the_predecessor_paid_and_is_put_off_since_is_not_foreseen_either() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let before = told(&town, BUDGET, 2024).await;
        not_collected(&town, "2024-06-01", "2024-08-31").await;
        let foreseen = told(&town, BUDGET, 2024).await;
        assert_eq!(foreseen.months, before.months, "the predecessor settled them");
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

#[test]
fn a_month_that_one_channel_has_paid_in_full_costs_nothing_more() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let before = told(&town, BUDGET, 2024).await;
        ahead(&desk, ("channel", json!("post_cash"))).await;
        let foreseen = told(&town, BUDGET, 2024).await;
        assert_eq!(
            costs(&foreseen)[..2],
            [cost("2024-09", 0), cost("2024-10", 2 * ALLOWANCE)]
        );
        assert_eq!(foreseen.months[1..], before.months[1..]);
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

#[test]
fn each_benefit_is_foreseen_from_the_month_that_is_not_paid_of_it() {
    each_engine(async |house| {
        let town = run_funds::town(house, 100_000_000).await;
        let desk = Desk::of(&town).await;
        let september = opens(&desk, "2024-09", BUDGET).await.id;
        town.sign(september).await;
        went_over(&desk, DONATIONS).await;
        let october = opens(&desk, "2024-10", DONATIONS).await;
        town.sign(october.id).await;
        let (allowances, care) = (2 * ALLOWANCE, october.total);
        assert!(care > 0);
        let donated = told(&town, DONATIONS, 2024).await;
        assert_eq!(costs(&donated), [cost("2024-11", care), cost("2024-12", care)]);

        // Care support comes back with its October paid, the allowances still have theirs to come.
        went_over(&desk, BUDGET).await;
        let foreseen = told(&town, BUDGET, 2024).await;
        let expected = [
            cost("2024-10", allowances),
            cost("2024-11", allowances + care),
            cost("2024-12", allowances + care),
        ];
        assert_eq!(costs(&foreseen), expected);
        comes_to_pass(&town, &foreseen).await;
        town.close().await;
    });
}

/// Somebody new is granted an allowance from a day on, by a decision that is recorded at an instant.
pub(super) async fn reaches_back(town: &Town<'_>, (now, since, signed_on): (&str, &str, &str)) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    town.now(now).await;
    let mut new = newcomer(NEW, "022190004444", "06652");
    new["person"]["evidence"][0]["from"] = json!(since);
    new["decisions"] = json!([]);
    new["pending"] = json!([{"benefit": "monthly_allowance"}]);
    let command = serde_json::from_value(json!({"persons": [new]})).unwrap();
    let report = bulk::import(app, caseworker, command).await.unwrap();
    assert_eq!((report.accepted, report.rows.len()), (1, 0));
    let decider = access::authenticate(app, &town.deciders[0]).await.unwrap();
    let payees = person::list_payees(app, caseworker, NEW).await.unwrap();
    let own = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    let version = person::get(app, caseworker, NEW).await.unwrap().version;
    person::confirm_payee(app, &decider, NEW, own.id, version)
        .await
        .unwrap();
    let asked = serde_json::from_value(json!({"person_id": NEW})).unwrap();
    let asked = application::list(app, caseworker, asked).await.unwrap();
    let granted = json!({"outcome": "granted", "number": "2/QĐ", "signed_on": signed_on});
    let granted = serde_json::from_value(granted).unwrap();
    application::decide(app, &decider, asked.items[0].id, asked.items[0].version, granted)
        .await
        .unwrap();
    town.idle().await;
}

/// Over the end of the year, December of one person waits and two months of another fall due in January; from `closed` on
/// the year before is closed. What the forecasts of both years say of January comes to pass; their costs of it and arrears.
async fn over_the_year_end(house: &House, closed: Option<&str>) -> [(i64, i64); 2] {
    let town = december_is_owed(house).await;
    if let Some(day) = closed {
        let rule = json!({"kind": "year_closed", "reason": "Khóa sổ năm ngân sách 2024 (giả định của kiểm thử)"});
        decides_day(&house.app, day, serde_json::from_value(rule).unwrap()).await;
    }
    // From November on, and January is not paid yet.
    reaches_back(&town, ("2025-01-03T02:00:00Z", "2024-11-20", "2025-01-03")).await;
    let (old, new) = (told(&town, BUDGET, 2024).await, told(&town, BUDGET, 2025).await);
    assert_eq!(
        (new.months[0].month, new.months.len()),
        ("2025-01".parse().unwrap(), 12)
    );
    assert_eq!(new.months[0].pay_date.to_string(), "2025-01-06");
    let before = left(&town, &old).await;
    pays(&town, &new, 0).await;
    assert_eq!(left(&town, &new).await, new.months[0].left);
    let foreseen = old.months.first().map_or(before, |own| own.left);
    assert_eq!(left(&town, &old).await, foreseen);
    // The rest of the new year is as it was told.
    let after = told(&town, BUDGET, 2025).await;
    assert_eq!(after.months, new.months[1..]);
    let after = told(&town, BUDGET, 2024).await;
    assert!(after.months.is_empty(), "{after:?}");
    town.close().await;
    [&old, &new].map(|own| (own.months.first().map_or(0, |first| first.cost), own.pending_arrears))
}

#[test]
fn a_fund_foresees_what_runs_of_the_next_year_make_up_for() {
    each_engine(async |house| {
        let told = over_the_year_end(house, None).await;
        assert_eq!(told, [(3 * ALLOWANCE, ALLOWANCE), (3 * ALLOWANCE, 0)]);
    });
}

#[test]
fn a_fund_foresees_what_it_makes_up_for_of_a_year_that_is_closed_by_then() {
    each_engine(async |house| {
        // Open today, closed when January is paid.
        let told = over_the_year_end(house, Some("2025-01-06")).await;
        assert_eq!(told, [(0, 0), (6 * ALLOWANCE, ALLOWANCE)]);
    });
}
