//! Money that came back and was debited again, told in whichever order: nothing is paid twice by itself.

use serde_json::json;
use service::payment_order::OrderView;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002, person};
use super::batch_debits::{batch, entry, names, statement};
use super::debited_again::{back, debit, decide, on};
use super::refused_debited::{months, reasons, stands};
use super::second_debits::marked;
use crate::harness::each_engine;

/// September paid to two people; their bank says this of both orders.
async fn told(town: &BankTown<'_>, status: &str) -> (Uuid, Vec<OrderView>) {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let told: Vec<_> = orders.iter().map(|order| answer(order, status, None)).collect();
    town.bring(pain002("S", &told)).await;
    (run, orders)
}

/// A debit that the bank marks as the reversal of a credit.
fn reversal(id: &str, order: &OrderView) -> Vec<u8> {
    let text = String::from_utf8(debit(id, order)).unwrap();
    let direction = "<CdtDbtInd>DBIT</CdtDbtInd>";
    let marked = text.replacen(direction, &format!("{direction}<RvslInd>true</RvslInd>"), 1);
    assert_ne!(marked, text);
    marked.into_bytes()
}

#[test]
fn a_debit_of_a_day_after_the_return_holds_it_whichever_is_told_first() {
    let (returned_on, debited_on) = ("2024-09-10", "2024-09-12");
    for (road, finding) in [
        ("return, debit", "debited_again"),
        ("debit, return", "late_answer"),
        ("one report, the newest first", "late_answer"),
    ] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let (run, orders) = told(&town, "ACSC").await;
            let own = &orders[0];
            let first = on(back("R", own), returned_on);
            let second = on(debit("X", own), debited_on);
            let files = match road {
                "return, debit" => vec![first, second],
                "debit, return" => vec![second, first],
                _ => {
                    let both = [answer(own, "BOOK", None), answer(own, "BOOK", Some("AM04"))];
                    let text = String::from_utf8(camt054("B", &both)).unwrap();
                    let newest = format!("<Dt>{debited_on}</Dt>");
                    let text = text.replacen("<Dt>2024-09-18</Dt>", &newest, 1);
                    vec![on(text.into_bytes(), returned_on)]
                }
            };
            for bytes in files {
                town.bring(bytes).await;
            }
            let waiting = town.suspense().await;
            assert_eq!(waiting.len(), 1, "{road}: {waiting:#?}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{road}");

            decide(&town, finding, "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"], "{road}");
            assert_eq!(json!(town.lines(run, person(0)).await[0].status), "live", "{road}");
            assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{road}");
            town.ties().await;
            town.holds().await;
            town.rebuild(october).await;
            assert_eq!(months(&town, october).await, [202_410], "{road}");
            assert_eq!(reasons(&town, october).await, Vec::<String>::new(), "{road}");
        });
    }
}

#[test]
fn a_return_that_the_bank_reverses_is_not_paid_again_whichever_is_told_first() {
    for status in ["ACSC", "ACSP"] {
        for road in [[0, 1], [1, 0]] {
            each_engine(async |house| {
                let town = BankTown::open(house, 2).await;
                let (run, orders) = told(&town, status).await;
                let own = &orders[0];
                // Of one day, and without the reason of the return.
                let files = [back("R", own), reversal("X", own)];
                for number in road {
                    town.bring(files[number].clone()).await;
                }
                assert_eq!(town.statuses(run).await[0], "returned", "{status} {road:?}");
                assert_eq!(town.suspense().await.len(), 1, "{status} {road:?}");
                town.waiting("debited_again").await;
                town.holds().await;
                town.now("2024-09-25T02:00:00Z").await;
                let october = town.build("2024-10").await;
                assert_eq!(months(&town, october).await, [202_410], "{status} {road:?}");
                assert_eq!(reasons(&town, october).await, ["line_open"], "{status} {road:?}");

                decide(&town, "debited_again", "accepted_as_paid").await;
                assert_eq!(town.statuses(run).await[0], "settled", "{status} {road:?}");
                let lines = town.lines(run, person(0)).await;
                assert_eq!(json!(lines[0].status), "live", "{status} {road:?}");
                town.ties().await;
                town.holds().await;
                town.rebuild(october).await;
                assert_eq!(months(&town, october).await, [202_410], "{status} {road:?}");
                assert_eq!(reasons(&town, october).await, Vec::<String>::new());
            });
        }
    }
}

#[test]
fn a_return_that_is_told_after_people_have_looked_at_its_reversal_waits_for_them_too() {
    for resolution in ["accepted_as_paid", "bank_resends"] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let (run, orders) = told(&town, "ACSC").await;
            let own = &orders[0];
            town.bring(reversal("X", own)).await;
            decide(&town, "debited_again", resolution).await;
            assert_eq!(town.suspense().await, [], "{resolution}");
            town.bring(back("R", own)).await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"], "{resolution}");
            town.waiting("late_answer").await;
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{resolution}");

            decide(&town, "late_answer", "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"], "{resolution}");
            assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{resolution}");
            town.holds().await;
        });
    }
}

#[test]
fn a_statement_that_repeats_a_return_and_its_reversal_is_no_news() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, orders) = told(&town, "ACSC").await;
        let own = &orders[0];
        town.bring(back("R", own)).await;
        town.bring(reversal("X", own)).await;
        decide(&town, "debited_again", "accepted_as_paid").await;
        // The return and its reversal, as the day had them.
        let [returned, reversed] = [back("S", own), reversal("S", own)].map(|bytes| String::from_utf8(bytes).unwrap());
        let entry = &reversed[reversed.find("<Ntry>").unwrap()..reversed.find("</Ntfctn>").unwrap()];
        let both = returned.replace("</Ntfctn>", &format!("{entry}</Ntfctn>"));
        let report = town.bring(statement(both.into_bytes())).await;
        assert_eq!((report.matched, report.suspense), (2, 0));
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0]);
        town.holds().await;
    });
}

#[test]
fn a_file_that_was_debited_after_it_came_back_is_not_paid_again_although_nobody_told_of_the_first_debit() {
    for road in [[0, 1], [1, 0]] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let (run, _) = told(&town, "ACSC").await;
            let (name, _) = names(&town, run).await;
            let booked = |id: &str, direction: &str, day: &str| {
                let whole = entry(id, direction, 2 * AMOUNT, &batch(&name));
                marked(whole, id, day)
            };
            let files = [booked("C", "CRDT", "2024-09-06"), booked("X", "DBIT", "2024-09-09")];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            assert_eq!(town.statuses(run).await, ["settled"; 2], "{road:?}");
            assert_eq!(town.suspense().await.len(), 2, "{road:?}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{road:?}");

            // The report of the day of payment comes late: two debits, of which one came back.
            town.bring(booked("D", "DBIT", "2024-09-05")).await;
            assert_eq!(town.statuses(run).await, ["settled"; 2], "{road:?}");
            assert_eq!(town.suspense().await, [], "{road:?}");
            assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{road:?}");
            town.ties().await;
            town.holds().await;
        });
    }
}
