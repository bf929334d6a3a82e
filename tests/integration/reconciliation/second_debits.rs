//! A file that is debited a second time, told in a report of its own.

use serde_json::json;
use service::month_close;

use super::bank::{AMOUNT, BankTown, answer, month, pain002};
use super::batch_debits::{batch, entry, names, statement};
use super::debited_again::voided;
use super::refused_debited::{months, reasons};
use crate::harness::each_engine;

/// The entry with a reference of the bank, and its day.
pub(super) fn marked(bytes: Vec<u8>, reference: &str, day: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let mark = format!("<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls>");
    assert!(text.contains("<NtryDtls>"), "{text}");
    text.replace("<NtryDtls>", &mark).into_bytes()
}

/// The entry with the code of why it came back.
pub(super) fn because(bytes: Vec<u8>, reason: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let inside = format!("<TxDtls><RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf></TxDtls></NtryDtls>");
    assert!(text.contains("</NtryDtls>"), "{text}");
    text.replace("</NtryDtls>", &inside).into_bytes()
}

/// The notification, or the statement that tells the same.
pub(super) fn told(stated: bool, bytes: Vec<u8>) -> Vec<u8> {
    if stated { statement(bytes) } else { bytes }
}

#[test]
fn a_second_debit_of_a_file_in_a_further_report_waits_and_is_in_the_tie_until_it_is_back() {
    for stated in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            let debit = |id: &str| told(stated, entry(id, "DBIT", 4 * AMOUNT, &batch(&name)));
            let first = town.bring(debit("D1")).await;
            let second = town.bring(debit("D2")).await;
            assert_eq!((first.matched, first.suspense), (1, 0), "{stated}");
            assert_eq!((second.matched, second.suspense), (0, 1), "{stated}");
            let line = town.waiting("duplicate_line").await.line;
            assert_eq!((line.report_id, json!(line.outcome)), (second.id, json!("duplicate")));
            assert_eq!(town.statuses(run).await, ["settled"; 4]);
            town.holds().await;
            let tie = async || {
                month_close::tie(town.app(), &town.preparer, month("2024-09"))
                    .await
                    .unwrap()
            };
            let open = tie().await;
            let differences: Vec<_> = open.sums.differences.iter().map(|own| (own.one, own.other)).collect();
            assert_eq!(
                (open.ties, differences),
                (false, vec![(4 * AMOUNT, 8 * AMOUNT)]),
                "{stated}"
            );
            // The same files again, and what comes later, change nothing about it.
            for id in ["D1", "D2"] {
                town.bring(debit(id)).await;
            }
            let orders = town.orders(run).await;
            town.bring(pain002("S", &[answer(&orders[0], "ACSC", None)])).await;
            assert_eq!(town.waiting("duplicate_line").await.line.id, line.id, "{stated}");
            assert_eq!(town.suspense().await.len(), 1, "{stated}");

            // The bank gives the second one back.
            town.bring(told(stated, entry("C", "CRDT", 4 * AMOUNT, &batch(&name))))
                .await;
            assert_eq!(town.suspense().await, [], "{stated}");
            assert_eq!(town.statuses(run).await, ["settled"; 4]);
            assert!(tie().await.ties, "{stated}");
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "nobody is paid twice");
            town.holds().await;
        });
    }
}

#[test]
fn a_second_debit_without_the_refused_orders_is_even_once_it_is_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        let order = town.orders(run).await.remove(0);
        town.bring(pain002("R", &[answer(&order, "RJCT", Some("TM01"))])).await;
        let entry = |id: &str, direction: &str| entry(id, direction, 3 * AMOUNT, &batch(&name));
        town.bring(entry("D1", "DBIT")).await;
        assert_eq!(town.suspense().await, []);
        town.bring(entry("D2", "DBIT")).await;
        town.waiting("duplicate_line").await;
        town.bring(entry("C", "CRDT")).await;
        let is_even = async |told: &str| {
            assert_eq!(town.suspense().await, [], "{told}");
            assert_eq!(
                town.statuses(run).await,
                ["rejected", "settled", "settled", "settled"],
                "{told}"
            );
            town.ties().await;
            town.holds().await;
        };
        is_even("given back").await;
        // The statement tells of one of the debits, and of both.
        for id in ["S1", "S2"] {
            town.bring(statement(entry(id, "DBIT"))).await;
            is_even(id).await;
        }
    });
}

#[test]
fn a_debit_of_a_file_told_again_by_its_reference_and_day_is_no_second_one() {
    for stated in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            let debit = |id: &str, reference: &str, day: &str| {
                let bytes = marked(entry(id, "DBIT", 4 * AMOUNT, &batch(&name)), reference, day);
                told(stated, bytes)
            };
            town.bring(debit("D1", "FT1", "2024-09-05")).await;
            town.bring(debit("D2", "FT1", "2024-09-05")).await;
            assert_eq!(town.suspense().await, [], "{stated}");
            assert_eq!(town.statuses(run).await, ["settled"; 4]);
            let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
                .await
                .unwrap();
            assert!(tie.ties, "{stated}: {:?}", tie.sums.differences);
            town.holds().await;
            // A day later it is money of its own, and so it is under another reference.
            town.bring(debit("D3", "FT1", "2024-09-06")).await;
            town.bring(debit("D4", "FT2", "2024-09-05")).await;
            let waiting: Vec<_> = town.suspense().await.into_iter().map(|own| own.line.finding).collect();
            assert_eq!(waiting, vec![Some("duplicate_line".to_owned()); 2], "{stated}");
            town.holds().await;
        });
    }
}

#[test]
fn what_a_second_debit_may_have_paid_is_not_paid_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        let order = town.orders(run).await.remove(0);
        town.bring(pain002("R", &[answer(&order, "RJCT", Some("TM01"))])).await;
        town.bring(entry("D1", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.bring(entry("C", "CRDT", AMOUNT, &batch(&name))).await;
        assert_eq!(town.suspense().await, []);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);

        town.bring(entry("D2", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.waiting("duplicate_line").await;
        voided(&town, october).await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["batch_debit_open"]);
        town.holds().await;
    });
}

#[test]
fn what_tells_no_entry_from_another_makes_no_second_debit_the_first_one_again() {
    let number = "<NtryRef>1</NtryRef>";
    for (number, told) in [
        (number, ""),
        (number, "<AcctSvcrRef>NOTPROVIDED</AcctSvcrRef>"),
        ("", "<AcctSvcrRef>NONREF</AcctSvcrRef>"),
    ] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            for id in ["D1", "D2"] {
                let text = String::from_utf8(entry(id, "DBIT", 4 * AMOUNT, &batch(&name))).unwrap();
                let mark = format!("<BookgDt><Dt>2024-09-05</Dt></BookgDt>{told}<NtryDtls>");
                let text = text.replace("<Ntry>", &format!("<Ntry>{number}"));
                town.bring(text.replace("<NtryDtls>", &mark).into_bytes()).await;
            }
            town.waiting("duplicate_line").await;
            let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
                .await
                .unwrap();
            let differences: Vec<_> = tie.sums.differences.iter().map(|own| (own.one, own.other)).collect();
            assert_eq!(differences, [(4 * AMOUNT, 8 * AMOUNT)], "{number}{told}");
            town.holds().await;
        });
    }
}

#[test]
fn a_file_that_is_debited_again_after_it_was_given_back_waits_for_people_and_is_not_paid_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let (name, _) = names(&town, run).await;
        town.bring(entry("D1", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.bring(because(entry("C", "CRDT", 4 * AMOUNT, &batch(&name)), "TM01"))
            .await;
        assert_eq!(town.statuses(run).await, ["returned"; 4]);
        town.bring(entry("D2", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.waiting("duplicate_line").await;
        assert_eq!(town.statuses(run).await, ["returned"; 4]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["batch_debit_open"; 4]);
        town.holds().await;
    });
}
