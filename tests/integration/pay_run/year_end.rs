//! Arrears over the end of a fiscal year: the year of their month carries them, unless the calendar says that it is closed.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::{fund, month_close};
use uuid::Uuid;

use super::desk::Desk;
use crate::harness::{decides_day, each_engine, opens_fund};
use crate::overpayment::town::{LAN, Town};

/// The number of the account of the person of the tests.
const OWN_ACCOUNT: &str = "022190001234";

/// One account of the funds of 2024 and 2025.
async fn by_year(town: &Town<'_>, of: impl Fn(&fund::FundView) -> i64) -> [i64; 2] {
    let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
    [2024, 2025].map(|year| funds.iter().find(|fund| fund.fiscal_year == year).map_or(0, &of))
}

/// What the figures for the treasury say that a run draws, by fiscal year.
async fn figures(town: &Town<'_>, run: Uuid) -> Vec<(i64, i64)> {
    let conn = town.house.app.db.owner();
    let query = "SELECT terms FROM payment_file WHERE kind = 'treasury_figures' AND pay_run_id = $1";
    let query = Statement::from_sql_and_values(conn.get_database_backend(), query, [run.into()]);
    let row = conn.query_one_raw(query).await.unwrap().unwrap();
    let terms: Value = serde_json::from_str(&row.try_get::<String>("", "terms").unwrap()).unwrap();
    let years = terms["years"].as_array().unwrap().iter();
    years
        .map(|year| (year["fiscal_year"].as_i64().unwrap(), year["gross"].as_i64().unwrap()))
        .collect()
}

/// The autumn of 2024 is paid, but for what the person of the tests gets for December; the fund of 2025 is open.
pub(super) async fn december_is_owed(house: &crate::harness::House) -> Town<'_> {
    let town = Town::open(house).await;
    for cover in ["2024-09", "2024-10", "2024-11"] {
        let run = town.pay(cover).await;
        town.arrives(run).await;
    }
    let december = town.build("2024-12").await.id;
    let left_out = json!({"person_id": LAN, "reason": "Chờ xác minh"});
    let desk = Desk::of(&town).await;
    desk.takes(&desk.preparer, december, "exclusions", Some(left_out)).await;
    town.sign(december).await;
    town.arrives(december).await;
    town.now("2024-12-20T02:00:00Z").await;
    let next = json!({"code": "social_assistance", "fiscal_year": 2025, "source": "provincial", "name": "Trợ cấp",
        "amount": 1_000_000_000});
    opens_fund(&house.app, serde_json::from_value(next).unwrap()).await;
    town
}

#[test]
fn the_year_of_the_month_carries_arrears_where_no_rule_says_otherwise() {
    each_engine(async |house| {
        let town = december_is_owed(house).await;
        let january = town.build("2025-01").await.id;
        town.submit(january).await.unwrap();
        assert_eq!(by_year(&town, |fund| fund.reserved).await, [750_000, 1_500_000]);
        town.approve(january).await.unwrap();
        assert_eq!(figures(&town, january).await, [(2024, 750_000), (2025, 1_500_000)]);
        town.release(january).await.unwrap();
        town.arrives(january).await;
        assert_eq!(by_year(&town, |fund| fund.paid).await, [6_000_000, 1_500_000]);
        town.close().await;
    });
}

#[test]
fn the_year_of_the_run_carries_arrears_of_a_year_that_the_calendar_closed() {
    each_engine(async |house| {
        let town = december_is_owed(house).await;
        let desk = Desk::of(&town).await;
        let rule = json!({"kind": "year_closed", "reason": "Khóa sổ năm ngân sách 2024 (giả định của kiểm thử)"});
        decides_day(&house.app, "2025-01-01", serde_json::from_value(rule).unwrap()).await;
        let january = town.build("2025-01").await.id;
        town.submit(january).await.unwrap();
        assert_eq!(by_year(&town, |fund| fund.reserved).await, [0, 2_250_000]);
        let preview = desk.get(&format!("/v1/pay-runs/{january}/preview")).await;
        let drawn = &preview["by_fund_year"];
        assert_eq!(
            (&drawn[0]["key"], &drawn[0]["total"]),
            (&json!("2025"), &json!(2_250_000))
        );
        town.approve(january).await.unwrap();
        assert_eq!(figures(&town, january).await, [(2025, 2_250_000)]);
        town.release(january).await.unwrap();
        let tie = month_close::tie(&house.app, &town.officers[0], "2025-01".parse().unwrap())
            .await
            .unwrap();
        assert!(
            tie.sums.rows.iter().all(|row| row.fiscal_year == 2025),
            "{:?}",
            tie.sums.rows
        );

        // What came back of it waits in the fund that paid it, and is paid again from there.
        town.answers(january, |order| {
            Some(if order.account_number == OWN_ACCOUNT {
                "not_collected"
            } else {
                "paid"
            })
        })
        .await;
        assert_eq!(by_year(&town, |fund| fund.to_reissue).await, [0, 1_500_000]);
        town.holds().await;
        let again = json!({"kind": "reissue", "cover_month": "2025-01", "pay_date": "2025-01-20"});
        let again = desk.opens(again).await.id;
        town.sign(again).await;
        town.arrives(again).await;
        assert_eq!(by_year(&town, |fund| fund.to_reissue).await, [0, 0]);
        assert_eq!(by_year(&town, |fund| fund.paid).await, [5_250_000, 2_250_000]);
        town.close().await;
    });
}
