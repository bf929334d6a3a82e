//! One reassessment after another: each corrects what the one before had made of a month, and no month is paid again.

use serde_json::json;
use service::payment_order;

use super::town::Town;
use crate::harness::each_engine;

const fn standard(amount: i64) -> [(&'static str, i64, &'static str); 1] {
    [("standard.community", amount, "vnd_per_month")]
}

async fn publish(town: &Town<'_>, number: &str, amount: i64) {
    let [(key, amount, unit)] = standard(amount);
    town.publish(number, &[(key, json!(amount), unit)], true).await;
}

#[test]
fn a_second_reassessment_corrects_the_first_exactly() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        publish(&town, "1/2024/NQ-TH", 700_000).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        // 1,050,000 was paid for August and September; 1,125,000 is due, then 1,080,000.
        publish(&town, "2/2024/NQ-TH", 750_000).await;
        publish(&town, "3/2024/NQ-TH", 720_000).await;
        town.holds().await;
        let run = town.build("2024-10").await;
        let lines = town.lines(run.id).await;
        let mut lines: Vec<(i32, i64)> = lines
            .iter()
            .map(|line| (line.cover_month.yyyymm(), line.amount))
            .collect();
        lines.sort_unstable();
        assert_eq!(lines, [(202_408, 30_000), (202_409, 30_000), (202_410, 1_080_000)]);
        town.sign(run.id).await;
        town.arrives(run.id).await;
        // Too much by 45,000 a month, then by nothing, then too little by 30,000: only the last is anything.
        publish(&town, "4/2024/NQ-TH", 690_000).await;
        let cases = town.cases("&status=detected").await;
        assert_eq!(cases.len(), 1);
        assert_eq!(cases[0]["detected"], 135_000, "45,000 of August, September and October");
        town.holds().await;
        publish(&town, "5/2024/NQ-TH", 720_000).await;
        assert_eq!(town.cases("&status=detected").await.len(), 0);
        assert_eq!(town.cases("&status=superseded").await.len(), 1);
        town.holds().await;
        publish(&town, "6/2024/NQ-TH", 740_000).await;
        let mut lines = town.next_run("2024-11").await;
        lines.sort_by_key(|line| line.1);
        let lines: Vec<(i32, i64)> = lines.into_iter().map(|(_, month, amount)| (month, amount)).collect();
        let expected = [
            (202_408, 30_000),
            (202_409, 30_000),
            (202_410, 30_000),
            (202_411, 1_110_000),
        ];
        assert_eq!(lines, expected);
        town.close().await;
    });
}

#[test]
fn a_changed_guardian_is_never_paid_the_month_again() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        publish(&town, "1/2024/NQ-TH", 700_000).await;
        let run = town.pay("2024-09").await;
        town.arrives(run).await;
        // A guardian with a past date: September was paid, to whomever.
        town.guardian("2024-08-01", "022190009999").await;
        publish(&town, "2/2024/NQ-TH", 720_000).await;
        town.holds().await;
        let run = town.pay("2024-10").await;
        let mut lines: Vec<(i32, i64)> = town
            .lines(run)
            .await
            .iter()
            .map(|line| (line.cover_month.yyyymm(), line.amount))
            .collect();
        lines.sort_unstable();
        let expected = [(202_408, 30_000), (202_409, 30_000), (202_410, 1_080_000)];
        assert_eq!(lines, expected, "what the law adds to a month, not the month again");
        let orders = payment_order::list(&house.app, &town.officers[0], run, None, None)
            .await
            .unwrap();
        let guardian = orders.items.iter().find(|order| order.account_number == "022190009999");
        assert_eq!(guardian.unwrap().amount, 1_140_000, "all of it goes to the guardian");
        // And back again: nothing more is due.
        town.arrives(run).await;
        town.guardian("2024-08-01", "022190008888").await;
        let lines = town.next_run("2024-11").await;
        assert_eq!(lines, [("regular".to_owned(), 202_411, 1_080_000)]);
        town.close().await;
    });
}
