//! Months with banks that take and answer with tables, CSV at one and a workbook at another, among banks of messages.

use std::collections::BTreeSet;

use chrono::Days;
use domain::Month;
use domain::bank_simulator::{Behaviour, Money};

use super::month::day;
use super::town::Town;
use crate::harness::each_engine;

/// People in the town.
const PEOPLE: usize = 200;
/// Months that are paid.
const MONTHS: u8 = 3;

#[test]
fn banks_of_tables_misbehave_like_all_others_and_every_dong_is_where_they_say() {
    each_engine(async |house| {
        let behaviour = Behaviour {
            seed: 11,
            ..Behaviour::worst()
        };
        let mut town = Town::open(&house.app, PEOPLE, behaviour).await;
        town.takes_tables("AGRIBANK", "KLB").await;
        town.takes_tables("BID", "PGB").await;
        let mut month: Month = "2024-09".parse().unwrap();
        for number in 0..MONTHS {
            town.month(month, number).await;
            month = month.next();
        }
        for number in 0..3 {
            let today = day(month, 9) + Days::new(number * 20);
            town.morning(today).await;
            town.answers_arrive(today, 99).await;
        }
        town.clear_suspense().await;
        let end = day(month, 9) + Days::new(60);
        town.books_agree(end).await;
        town.nothing_is_lost().await;
        let ledger = town.bank.ledger(end);
        assert!(
            ledger
                .iter()
                .all(|entry| entry.money == entry.told && entry.told != Money::InFlight)
        );

        // Both forms were there on both roads, and the tables told everything that messages tell.
        let names = town
            .rows("SELECT name FROM payment_file WHERE kind = 'payment_table'")
            .await;
        let names: BTreeSet<String> = names.iter().map(|row| row.try_get("", "name").unwrap()).collect();
        for name in ["orders-AGRIBANK-1.csv", "orders-BID-1.xlsx"] {
            assert!(names.contains(name), "no {name} in {names:?}");
        }
        let sql = "SELECT DISTINCT r.file_name AS file_name FROM bank_report r WHERE r.format = 'result_table'";
        let answers = town.rows(sql).await;
        let answers: BTreeSet<String> = answers
            .iter()
            .map(|row| row.try_get("", "file_name").unwrap())
            .collect();
        for ending in [".csv", ".xlsx"] {
            assert!(answers.iter().any(|name| name.ends_with(ending)), "{answers:?}");
        }
        let findings = town
            .rows(
                "SELECT DISTINCT l.note AS finding FROM bank_report_line l JOIN bank_report r ON r.id = l.bank_report_id \
                 WHERE l.note IS NOT NULL AND r.format = 'result_table'",
            )
            .await;
        let findings: BTreeSet<String> = findings.iter().map(|row| row.try_get("", "finding").unwrap()).collect();
        for finding in [
            "amount_differs",
            "partial",
            "duplicate_line",
            "duplicate_reason",
            "unknown_reference",
        ] {
            assert!(findings.contains(finding), "no {finding} in {findings:?}");
        }
    });
}
