//! Rows of a result table that name no order: account and amount are those of every month, and the day tells which one a
//! row is of, or people do.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::bank::{BankProfiles, FileFormat};
use domain::bank_report::synthetic::{Answer, write_post_results, write_result};
use serde_json::json;
use service::payment_order::OrderView;
use uuid::Uuid;

use super::bank::{BankTown, answer};
use crate::harness::each_engine;

fn nameless(order: &OrderView, word: &str) -> Answer {
    Answer {
        reference: String::new(),
        uetr: None,
        ..answer(order, word, None)
    }
}

/// The cash list sent back as CSV with one row, which a day may stand on.
fn list(day: Option<&str>, order: &OrderView, word: &str) -> Vec<u8> {
    const SOME_DAY: &str = "2024-10-02";
    let written: NaiveDate = day.unwrap_or(SOME_DAY).parse().unwrap();
    let layout = BankProfiles::embedded().unwrap().post_result().unwrap().clone();
    let bytes = write_result(FileFormat::Csv, &layout, written, &[nameless(order, word)]).unwrap();
    match day {
        Some(_) => bytes,
        None => String::from_utf8(bytes).unwrap().replace(SOME_DAY, "").into_bytes(),
    }
}

/// September was collected by everybody; October left the house on 25/9 and waits for its answers.
async fn two_months(town: &BankTown<'_>) -> (Vec<OrderView>, Uuid) {
    let september = town.pay("2024-09").await;
    let orders = town.orders(september).await;
    let paid: Vec<Answer> = orders.iter().map(|order| answer(order, "paid", None)).collect();
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, "2024-09-10".parse().unwrap(), &paid).unwrap();
    town.bring(bytes).await;
    assert!(town.statuses(september).await.iter().all(|status| status == "credited"));
    town.now("2024-09-25T02:00:00Z").await;
    let october = town.pay("2024-10").await;
    town.now("2024-10-03T02:00:00Z").await;
    (orders, october)
}

#[test]
fn a_row_of_a_day_before_a_run_left_the_house_is_not_of_it() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (_, october) = two_months(&town).await;
        let orders = town.orders(october).await;
        // September's list once more, in other bytes and without our references.
        let again = town.bring(list(Some("2024-09-18"), &orders[0], "Đã trả")).await;
        assert_eq!((again.matched, again.suspense), (0, 1));
        assert_eq!(
            json!(town.waiting("unknown_reference").await.line.outcome),
            "unknown_reference"
        );
        assert_eq!(town.statuses(october).await, ["extracted", "extracted"]);
        // Of a day after it, a payment is October's: September was paid long before.
        let own = town.bring(list(Some("2024-10-02"), &orders[0], "Đã trả")).await;
        assert_eq!((own.matched, own.suspense), (1, 0));
        assert_eq!(town.statuses(october).await, ["credited", "extracted"]);
        town.holds().await;
    });
}

#[test]
fn a_row_that_may_be_of_either_month_is_for_people() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (before, october) = two_months(&town).await;
        let orders = town.orders(october).await;
        // What comes back may be the money of September as well, and a row without a day may be of any month.
        let rows = [(Some("2024-10-02"), "Chưa nhận"), (None, "Đã trả")];
        for (place, (day, word)) in rows.into_iter().enumerate() {
            let report = town.bring(list(day, &orders[place], word)).await;
            assert_eq!((report.matched, report.suspense), (0, 1), "{word}");
            let line = town.waiting("ambiguous_account").await;
            let may: BTreeSet<Uuid> = line.candidates.iter().map(|own| own.order_id).collect();
            assert_eq!(may, BTreeSet::from([before[place].id, orders[place].id]));
            assert_eq!(town.statuses(october).await, ["extracted", "extracted"], "{word}");
            let named =
                json!({"resolution": "matched_to_order", "order_id": orders[place].id, "note": "Đã gọi bưu điện"});
            // It moves only what two people say that it is of.
            if day.is_none() {
                town.resolve(line.line.id, named).await;
            } else {
                let nothing = json!({"resolution": "not_ours", "note": "Bưu điện ghi nhầm"});
                town.resolve(line.line.id, nothing).await;
            }
        }
        assert_eq!(town.statuses(october).await, ["extracted", "credited"]);
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}
