//! What a bank says after a month was closed is accepted, and stands in the next close.

use serde_json::{Value, json};
use service::month_close::{self, Correction};

use crate::harness::each_engine;
use crate::reconciliation::bank::{AMOUNT, BankTown, answer, camt054, month, pain002};

/// `[month, reference, standing, đồng]` of each correction.
fn told(corrections: &[Correction]) -> Value {
    let each = corrections
        .iter()
        .map(|own| json!([own.month, own.reference, own.standing, own.amount]));
    Value::Array(each.collect())
}

#[test]
fn a_late_return_is_a_correction_in_the_next_close() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        town.now("2024-09-05T02:00:00Z").await;
        let september = town.pay("2024-09").await;
        let orders = town.orders(september).await;
        let arrived: Vec<_> = orders[..2].iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("A1", &arrived)).await;
        town.now("2024-09-20T02:00:00Z").await;
        let closed = town.close_month("2024-09").await;
        let before = month_close::get(app, &town.preparer, month("2024-09")).await.unwrap();

        // One comes back after the close, one is credited late, one is answered late.
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        town.bring(pain002(
            "A3",
            &[answer(&orders[1], "ACCC", None), answer(&orders[2], "ACSC", None)],
        ))
        .await;
        assert_eq!(town.statuses(september).await, ["returned", "credited", "settled"]);
        assert_eq!(
            month_close::get(app, &town.preparer, month("2024-09")).await.unwrap(),
            before,
            "the close stays as it was"
        );
        let reference = |at: usize| orders[at].reference.clone();
        let mut expected = vec![
            json!(["2024-09", reference(0), "settled", -AMOUNT]),
            json!(["2024-09", reference(0), "to_reissue", AMOUNT]),
            json!(["2024-09", reference(1), "settled", -AMOUNT]),
            json!(["2024-09", reference(1), "credited", AMOUNT]),
            json!(["2024-09", reference(2), "in_flight", -AMOUNT]),
            json!(["2024-09", reference(2), "settled", AMOUNT]),
        ];
        expected.sort_by_key(ToString::to_string);
        let sorted = |corrections: &[Correction]| {
            let mut all = told(corrections).as_array().unwrap().clone();
            all.sort_by_key(ToString::to_string);
            all
        };
        let tie = month_close::tie(app, &town.preparer, month("2024-09")).await.unwrap();
        assert_eq!(tie.corrections, [], "the tie of a month has its own news in its sums");
        town.holds().await;

        // October pays it again, and its close carries what changed in September.
        town.now("2024-10-05T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        let again = town.orders(october).await;
        let arrived: Vec<_> = again.iter().map(|order| answer(order, "ACCC", None)).collect();
        town.bring(pain002("B1", &arrived)).await;
        town.now("2024-10-20T02:00:00Z").await;
        let next = town.close_month("2024-10").await;
        for own in &mut expected {
            if own[2] == "to_reissue" {
                own[2] = json!("reissued");
            }
        }
        expected.sort_by_key(ToString::to_string);
        assert_eq!(sorted(&next.corrections), expected, "by then it was paid again");
        assert_eq!(next.net, 4 * AMOUNT);
        town.holds().await;

        // Nothing is told twice; the reissue itself comes back, after October was closed.
        let own = again.iter().find(|order| order.amount == 2 * AMOUNT).unwrap();
        town.bring(camt054("B2", &[answer(own, "BOOK", Some("AM04"))])).await;
        town.now("2024-11-05T02:00:00Z").await;
        town.pay("2024-11").await;
        let last = town.close_month("2024-11").await;
        let expected = json!([
            ["2024-10", own.reference, "credited", -2 * AMOUNT],
            ["2024-10", own.reference, "reissued", 2 * AMOUNT],
        ]);
        assert_eq!(told(&last.corrections), expected);
        assert_ne!(closed.digest, next.digest);
        town.holds().await;
    });
}

#[test]
fn what_comes_after_a_close_is_told_though_its_clock_is_behind() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        town.now("2024-09-05T02:00:00Z").await;
        let september = town.pay("2024-09").await;
        let orders = town.orders(september).await;
        let arrived: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("A1", &arrived)).await;
        town.now("2024-09-20T02:00:00Z").await;
        town.close_month("2024-09").await;
        // The process that reads the answer has a clock that is a few seconds behind that of the close.
        town.now("2024-09-20T01:59:57Z").await;
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        assert_eq!(town.statuses(september).await, ["returned", "settled"]);
        town.holds().await;
        town.now("2024-10-05T02:00:00Z").await;
        town.pay("2024-10").await;
        let next = town.close_month("2024-10").await;
        let reference = &orders[0].reference;
        let mut expected = vec![
            json!(["2024-09", reference, "settled", -AMOUNT]),
            json!(["2024-09", reference, "reissued", AMOUNT]),
        ];
        let mut corrections = told(&next.corrections).as_array().unwrap().clone();
        for own in [&mut expected, &mut corrections] {
            own.sort_by_key(ToString::to_string);
        }
        assert_eq!(corrections, expected);
        town.holds().await;
    });
}
