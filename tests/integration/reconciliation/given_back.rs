//! A file that the bank debits and gives back in one sum: its orders came back, whatever it told first.

use serde_json::{Value, json};
use service::bank_report;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002, person};
use super::batch_debits::{ROADS, batch, end, entry, names, statement};
use super::refused_debited::{months, reasons};
use super::whole_files::refusal;
use crate::harness::each_engine;

/// The whole file was debited, and given back.
async fn there_and_back(town: &BankTown<'_>, run: Uuid) -> [Vec<u8>; 2] {
    let (name, _) = names(town, run).await;
    [("D", "DBIT"), ("C", "CRDT")].map(|(id, direction)| entry(id, direction, 4 * AMOUNT, &batch(&name)))
}

fn all(status: &str, reason: &str) -> Value {
    json!(vec![json!([status, reason]); 4])
}

#[test]
fn a_file_that_is_debited_refused_and_given_back_ends_alike_in_any_order_and_is_paid_once_more() {
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (_, message) = names(&town, run).await;
            let [debit, credit] = there_and_back(&town, run).await;
            let files = [debit, refusal("G", &message, "TM01"), credit];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let expected = json!({
                "orders": all("returned", "TM01"),
                "waiting": [],
                "reports": [["C", 1, 0], ["D", 1, 0], ["G", 0, 0]],
                "fund": [0, 0, 4 * AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{road:?}");
            for bytes in files {
                town.bring(bytes).await;
            }
            assert_eq!(end(&town, run).await, expected, "{road:?}, all of them again");
            let listed = bank_report::list(town.app(), &town.treasury, None, None).await.unwrap();
            let refused = listed.items.iter().find(|own| own.message_id.as_deref() == Some("G"));
            let refused = bank_report::get(town.app(), &town.treasury, refused.unwrap().id)
                .await
                .unwrap();
            let own = &refused.files[0];
            assert_eq!(
                (own.finding.as_deref(), json!(own.outcome)),
                (None, json!("matched")),
                "{road:?}"
            );
            town.ties().await;

            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_409, 202_410], "{road:?}");
            town.sign(october).await;
            assert_eq!(town.fund().await.to_reissue, 0, "{road:?}");
            town.holds().await;
        });
    }
}

#[test]
fn a_file_that_is_given_back_without_a_word_is_not_paid_again_by_itself() {
    for first in [0, 1] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let files = there_and_back(&town, run).await;
            town.bring(files[first].clone()).await;
            town.bring(files[1 - first].clone()).await;
            let expected = json!({
                "orders": all("returned", "book"),
                "waiting": [],
                "reports": [["C", 1, 0], ["D", 1, 0]],
                "fund": [0, 0, 4 * AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{first}");
            town.ties().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{first}");
            assert_eq!(reasons(&town, october).await, ["returned_book"; 4], "{first}");
        });
    }
}

#[test]
fn what_was_told_of_single_orders_changes_nothing_of_what_came_back() {
    let ends = std::sync::Mutex::new(Vec::new());
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            let [debit, credit] = there_and_back(&town, run).await;
            let files = [debit, credit, pain002("S", &[answer(&orders[0], "ACSC", None)])];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let end = end(&town, run).await;
            assert_eq!(end["orders"], all("returned", "book"), "{road:?}");
            assert_eq!(end["waiting"], json!([]), "{road:?}");
            town.ties().await;
            ends.lock().unwrap().push(end);
        });
    }
    let ends = ends.into_inner().unwrap();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

#[test]
fn a_sum_that_may_repeat_what_came_back_one_by_one_moves_nothing_by_itself() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        let orders = town.orders(run).await;
        town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        let back: Vec<_> = orders[..2]
            .iter()
            .map(|order| answer(order, "BOOK", Some("AC04")))
            .collect();
        town.bring(camt054("F", &back)).await;
        // Two of four came back, and the statement has them in one sum.
        town.bring(statement(entry("C", "CRDT", 2 * AMOUNT, &batch(&name))))
            .await;
        assert_eq!(town.statuses(run).await, ["returned", "returned", "settled", "settled"]);
        town.waiting("batch_refund").await;
        town.holds().await;
    });
}

#[test]
fn a_file_that_the_bank_calls_a_duplicate_and_gives_back_is_not_paid_again_by_itself() {
    let ends = std::sync::Mutex::new(Vec::new());
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (_, message) = names(&town, run).await;
            let [debit, credit] = there_and_back(&town, run).await;
            let files = [debit, refusal("G", &message, "DU01"), credit];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let end = end(&town, run).await;
            assert_eq!(end["orders"], all("returned", "DU01"), "{road:?}");
            town.waiting("duplicate_reason").await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(reasons(&town, october).await, ["called_duplicate"; 4], "{road:?}");
            assert_eq!(town.lines(october, person(3)).await.len(), 1, "{road:?}");
            town.holds().await;
            ends.lock().unwrap().push(end);
        });
    }
    let ends = ends.into_inner().unwrap();
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:#?}");
}

#[test]
fn an_order_found_paid_after_its_file_came_back_stays_paid_whatever_is_told_next() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (name, message) = names(&town, run).await;
        let orders = town.orders(run).await;
        town.bring(entry("D", "DBIT", 2 * AMOUNT, &batch(&name))).await;
        town.bring(refusal("G", &message, "TM01")).await;
        town.bring(entry("C", "CRDT", 2 * AMOUNT, &batch(&name))).await;
        assert_eq!(town.statuses(run).await, ["returned", "returned"]);
        // The bank debits one of the two alone.
        town.bring(camt054("X", &[answer(&orders[0], "BOOK", None)])).await;
        let line = town.waiting("debited_again").await.line.id;
        let what = json!({"resolution": "accepted_as_paid", "note": "Đã đối chiếu sao kê tài khoản"});
        town.resolve(line, what).await;
        let stands = async |told: &str| {
            assert_eq!(town.statuses(run).await, ["settled", "returned"], "{told}");
            assert_eq!(town.suspense().await, [], "{told}");
            let fund = town.fund().await;
            assert_eq!(
                [fund.in_transit, fund.paid, fund.to_reissue],
                [0, AMOUNT, AMOUNT],
                "{told}"
            );
            town.ties().await;
            town.holds().await;
        };
        stands("found paid").await;
        for order in [1, 0] {
            let id = format!("S{order}");
            town.bring(pain002(&id, &[answer(&orders[order], "ACSC", None)])).await;
            stands(&id).await;
        }
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        for (number, lines) in [(0, 1), (1, 2)] {
            assert_eq!(town.lines(october, person(number)).await.len(), lines, "{number}");
        }
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
        town.holds().await;
    });
}
