//! What tells one entry from another is kept when a report is reconciled: no report is read again because of a later one.

use sea_orm::{ConnectionTrait, Statement, Value};
use serde_json::json;
use service::pay_run;

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002};
use super::batch_debits::{batch, entry, names, statement};
use super::debited_again::{back, come_back, debit, decide, on};
use super::files_found_paid::{File, take};
use super::refused_debited::months;
use super::second_debits::{marked, told};
use crate::harness::each_engine;

/// Puts other bytes in place of those that are kept of every report.
async fn replace(town: &BankTown<'_>, bytes: &[u8]) {
    let owner = town.app().db.owner();
    let backend = owner.get_database_backend();
    let update = "UPDATE bank_report SET content = $1";
    let statement = Statement::from_sql_and_values(backend, update, [Value::from(bytes.to_vec())]);
    assert!(owner.execute_raw(statement).await.unwrap().rows_affected() > 0);
}

async fn spoil(town: &BankTown<'_>) {
    replace(town, b"spoilt").await;
}

/// Every report is as an earlier release left it.
async fn forget(town: &BankTown<'_>) {
    for update in [
        "UPDATE bank_report SET marks_kept = FALSE",
        "UPDATE bank_report_line SET booked_on = NULL",
    ] {
        town.app().db.owner().execute_unprepared(update).await.unwrap();
    }
}

#[test]
fn a_debit_of_a_file_told_again_is_known_without_reading_the_report_before() {
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
            spoil(&town).await;
            let again = town.bring(debit("D2", "FT1", "2024-09-05")).await;
            assert_eq!(
                (json!(again.status), again.suspense),
                (json!("reconciled"), 0),
                "{stated}"
            );
            // A day later it is money of its own, and so it is under another reference.
            for (id, reference, day) in [("D3", "FT1", "2024-09-06"), ("D4", "FT2", "2024-09-05")] {
                spoil(&town).await;
                let second = town.bring(debit(id, reference, day)).await;
                assert_eq!((second.matched, second.suspense), (0, 1), "{stated}, {id}");
            }
            spoil(&town).await;
            // Of what tells the third one twice, one line waits.
            let again = town.bring(debit("D5", "FT2", "2024-09-05")).await;
            assert_eq!(json!(again.status), "reconciled", "{stated}");
            assert_eq!(town.suspense().await.len(), 2, "{stated}");
            assert_eq!(town.statuses(run).await, ["settled"; 4]);
        });
    }
}

#[test]
fn the_days_of_returns_are_known_without_reading_the_report_before() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("S", &told)).await;
        // Of two days in one report.
        let told: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", Some("AM04"))).collect();
        let text = String::from_utf8(camt054("R", &told)).unwrap();
        let text = text.replacen("<Dt>2024-09-18</Dt>", "<Dt>2024-09-10</Dt>", 1);
        town.bring(on(text.into_bytes(), "2024-09-14")).await;
        assert_eq!(town.statuses(run).await, ["returned", "returned"]);
        spoil(&town).await;
        // The notification of the first debit comes late.
        let late = town.bring(on(debit("D", &orders[1]), "2024-09-12")).await;
        assert_eq!((late.matched, late.suspense), (1, 0));
        spoil(&town).await;
        let again = town.bring(on(debit("X", &orders[0]), "2024-09-12")).await;
        assert_eq!((again.matched, again.suspense), (0, 1));
        town.waiting("debited_again").await;
    });
}

#[test]
fn the_days_of_debits_are_known_without_reading_the_reports_before() {
    for (day, status) in [("2024-09-18", "settled"), ("2024-09-20", "returned")] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let (run, order) = come_back(&town).await;
            town.bring(on(debit("X", &order), "2024-09-19")).await;
            decide(&town, "debited_again", "accepted_as_paid").await;
            spoil(&town).await;
            let told = town.bring(statement(on(back("S", &order), day))).await;
            assert_eq!((told.matched, told.suspense), (1, 0), "{day}");
            assert_eq!(town.statuses(run).await, [status, "settled"], "{day}");
        });
    }
}

#[test]
fn a_debit_of_a_file_that_an_earlier_release_took_is_read_again() {
    for stated in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            let debit = |id: &str, reference: &str| {
                let bytes = entry(id, "DBIT", 4 * AMOUNT, &batch(&name));
                told(stated, marked(bytes, reference, "2024-09-05"))
            };
            town.bring(debit("D1", "FT1")).await;
            // Nobody changes a reference that is kept: what is read instead shows by another one.
            forget(&town).await;
            replace(&town, &debit("D1", "FT2")).await;
            let again = town.bring(debit("D2", "FT2")).await;
            assert_eq!(
                (json!(again.status), again.suspense),
                (json!("reconciled"), 0),
                "{stated}"
            );
            let second = town.bring(debit("D3", "FT1")).await;
            assert_eq!((second.matched, second.suspense), (0, 1), "{stated}");
            town.waiting("duplicate_line").await;
        });
    }
}

#[test]
fn the_mark_of_a_return_of_a_file_that_an_earlier_release_took_is_read_again() {
    for stated in [false, true] {
        for (reference, matched, status) in [("FT2", 0, "settled"), ("FT4", 1, "returned")] {
            each_engine(async |house| {
                let town = BankTown::open(house, 2).await;
                let file = File::of(&town, 2).await;
                let booked = |bytes: Vec<u8>, reference: &str| told(stated, marked(bytes, reference, "2024-09-06"));
                let credit = |id: &str, reference: &str| booked(file.credit(id, file.whole()), reference);
                town.bring(booked(file.debit("D1"), "FT1")).await;
                town.bring(credit("C1", "FT2")).await;
                town.bring(booked(file.debit("D2"), "FT3")).await;
                take(&town).await;
                forget(&town).await;
                let report = town.bring(credit("C2", reference)).await;
                assert_eq!((report.matched, report.suspense), (matched, 0), "{stated}, {reference}");
                assert_eq!(town.statuses(file.run).await, [status; 2], "{stated}, {reference}");
                assert_eq!(town.suspense().await, [], "{stated}, {reference}");
                town.holds().await;
            });
        }
    }
}

#[test]
fn what_an_earlier_release_took_for_the_return_of_a_second_debit_is_not_in_doubt_again() {
    for by_mark in [true, false] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            let credit = |id: &str, reference: &str| marked(file.credit(id, file.whole()), reference, "2024-09-06");
            town.bring(file.debit("D1")).await;
            town.bring(file.debit("D2")).await;
            town.bring(credit("C1", "FT1")).await;
            town.bring(credit("C2", "FT2")).await;
            assert_eq!(town.statuses(file.run).await, ["returned"; 2], "{by_mark}");
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_409, 202_410], "{by_mark}");
            let built = async || {
                let run = pay_run::get(town.app(), &town.preparer, october).await.unwrap();
                json!([run.status, run.build])
            };
            let before = built().await;
            forget(&town).await;
            if !by_mark {
                // The bank had given none: that release told the two apart by their reports alone.
                replace(&town, &file.credit("C", file.whole())).await;
            }
            let order = town.orders(file.run).await.remove(0);
            for bytes in [
                pain002("S", &[answer(&order, "ACSC", None)]),
                told(true, file.debit("S1")),
            ] {
                let later = town.bring(bytes).await;
                assert_eq!((later.matched, later.suspense), (1, 0), "{by_mark}");
                assert_eq!(town.suspense().await, [], "{by_mark}");
                assert_eq!(town.statuses(file.run).await, ["returned"; 2], "{by_mark}");
                assert_eq!(built().await, before, "{by_mark}: the run stands");
            }
        });
    }
}

#[test]
fn the_day_of_a_return_that_an_earlier_release_took_is_read_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        town.bring(pain002("S", &[answer(&order, "ACSC", None)])).await;
        town.bring(on(back("R", &order), "2024-09-10")).await;
        forget(&town).await;
        let again = town.bring(on(debit("X", &order), "2024-09-12")).await;
        assert_eq!((again.matched, again.suspense), (0, 1));
        town.waiting("debited_again").await;
        town.holds().await;
    });
}

#[test]
fn a_day_before_all_calendars_stops_no_report() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
        let text = String::from_utf8(camt054("D", &told)).unwrap();
        assert!(text.contains("<Dt>2024-09-18</Dt>"), "{text}");
        let odd = text.replacen("<Dt>2024-09-18</Dt>", "<Dt>0000-01-01</Dt>", 1);
        let report = town.bring(odd.into_bytes()).await;
        assert_eq!((report.matched, report.suspense), (2, 0));
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        town.holds().await;
    });
}
