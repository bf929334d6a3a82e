//! The same answers in every order, and the same file twice.

use serde_json::json;
use service::bank_report;

use super::bank::{BankTown, answer, camt054, pain002, person};
use crate::harness::each_engine;

/// Every order of some things.
fn permutations(of: &[usize]) -> Vec<Vec<usize>> {
    if of.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, first) in of.iter().enumerate() {
        let mut rest = of.to_vec();
        rest.remove(at);
        for mut tail in permutations(&rest) {
            tail.insert(0, *first);
            all.push(tail);
        }
    }
    all
}

#[test]
fn four_answers_in_every_order_end_in_the_same_state() {
    each_engine(async |house| {
        // Taken, debited, credited, sent back: each order hears them in an order of its own.
        let roads = permutations(&[0, 1, 2, 3]);
        let town = BankTown::open(house, 24).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        assert_eq!(orders.len(), roads.len());
        let (mut files, mut last) = (0, 0);
        for round in 0..4 {
            let of = |kinds: &[(usize, &str, Option<&str>)]| -> Vec<_> {
                let each = orders.iter().zip(&roads).filter_map(|(order, road)| {
                    let (_, status, reason) = kinds.iter().find(|(kind, ..)| *kind == road[round])?;
                    Some(answer(order, status, *reason))
                });
                each.collect()
            };
            let told = of(&[(0, "ACSP", None), (1, "ACSC", None), (2, "ACCC", None)]);
            let back = of(&[(3, "BOOK", Some("AC06"))]);
            for bytes in [
                pain002(&format!("S{round}"), &told),
                camt054(&format!("R{round}"), &back),
            ] {
                let first = town.bring(bytes.clone()).await;
                assert_eq!((first.matched, first.suspense), (first.line_count, 0), "{first:?}");
                assert_eq!(town.bring(bytes).await, first, "the same file again");
                files += 1;
                last += first.line_count;
            }
        }
        assert_eq!((files, last), (8, 96));
        let listed = bank_report::list(town.app(), &town.treasury, None, None).await.unwrap();
        assert_eq!(listed.items.len(), files);
        for order in town.orders(run).await {
            assert_eq!(
                (json!(order.status), order.reason.as_deref()),
                (json!("returned"), Some("AC06"))
            );
        }
        for number in 0..24 {
            let lines = town.lines(run, person(number)).await;
            assert_eq!(json!(lines[0].status), "returned");
        }
        let fund = town.fund().await;
        assert_eq!(
            (fund.in_transit, fund.paid, fund.to_reissue),
            (0, 0, 24 * super::bank::AMOUNT)
        );
        town.holds().await;
    });
}
