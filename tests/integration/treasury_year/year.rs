//! A whole year with a bank that misbehaves in every way it can.

use std::collections::BTreeSet;

use chrono::Days;
use domain::Month;
use domain::bank_simulator::{Behaviour, Fate, Money};

use super::month::day;
use super::town::Town;
use crate::harness::each_engine;

/// People in the town.
const PEOPLE: usize = 240;

#[test]
fn a_year_with_the_worst_bank_is_closed_month_by_month_to_the_last_dong() {
    each_engine(async |house| {
        let behaviour = Behaviour {
            seed: 2024,
            wrong_sums: 30,
            wrong_accounts: 20,
            debits_twice: 20,
            files_debited_twice: 400,
            ..Behaviour::worst()
        };
        let mut town = Town::open(&house.app, PEOPLE, behaviour).await;
        let first: Month = "2024-09".parse().unwrap();
        let mut month = first;
        for number in 0..12_u8 {
            if number == 2 {
                resend_everything(&mut town, month).await;
            }
            town.month(month, number).await;
            month = month.next();
        }
        // Late returns of the last months come when all the months are closed.
        for number in 0..3 {
            let today = day(month, 9) + Days::new(number * 20);
            town.morning(today).await;
            town.answers_arrive(today, 99).await;
        }
        town.clear_suspense().await;
        let end = day(month, 9) + Days::new(60);
        town.books_agree(end).await;
        town.nothing_is_lost().await;

        // Nothing is in flight any more, what the bank did is what it told, and it did everything it can.
        let ledger = town.bank.ledger(end);
        assert!(
            ledger
                .iter()
                .all(|entry| entry.money == entry.told && entry.told != Money::InFlight)
        );
        let fates: BTreeSet<_> = ledger.iter().map(|entry| entry.fate).collect();
        assert_eq!(fates.len(), 17, "{fates:?}");
        // What the bank really moved beside what was ordered is what is open, to the đồng.
        let wrong = ledger.iter().filter(|entry| entry.fate == Fate::WrongSum);
        let wrong: i64 = wrong.map(|entry| entry.sum.dong() - entry.amount.dong()).sum();
        let open =
            "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS number FROM amount_difference WHERE status = 'open'";
        assert_eq!(town.number(open).await, wrong);
        town.settle_differences().await;
        assert_eq!(town.number(open).await, 0);
        town.nothing_is_lost().await;
        town.invariants_hold().await;
        let reissued = "SELECT COUNT(*) AS number FROM payment_line WHERE kind = 'reissue' AND status = 'live'";
        assert!(town.number(reissued).await > 20, "too few were paid again");
        let files = "SELECT COUNT(*) AS number FROM batch_entry WHERE kind = 'credit'";
        assert!(
            town.number(files).await > 0,
            "no second debit of a whole file came back"
        );
        let findings = town
            .rows("SELECT DISTINCT note AS finding FROM bank_report_line WHERE note IS NOT NULL")
            .await;
        let findings: BTreeSet<String> = findings.iter().map(|row| row.try_get("", "finding").unwrap()).collect();
        for finding in [
            "unknown_reference",
            "amount_differs",
            "partial",
            "duplicate_line",
            "duplicate_reason",
            "late_answer",
            "blocked",
            "person_deceased",
            "account_differs",
        ] {
            assert!(findings.contains(finding), "no {finding} in {findings:?}");
        }
    });
}

/// The treasury sends the files of the month before once more; the bank refuses them as duplicates, and nothing moves.
async fn resend_everything(town: &mut Town, month: Month) {
    let before = town.stands().await;
    let ids: BTreeSet<String> = town
        .bank
        .ledger(day(month, 1))
        .into_iter()
        .map(|entry| entry.file)
        .collect();
    let today = day(month, 1) - Days::new(9);
    for id in &ids {
        town.bank.resend(id, today);
    }
    town.morning(today).await;
    let refusals = town.waiting(today);
    assert!(
        refusals.iter().any(|answer| answer.name.starts_with("refusal")),
        "{ids:?}"
    );
    for answer in refusals.iter().filter(|answer| answer.name.starts_with("refusal")) {
        town.bring(answer).await.unwrap();
    }
    town.drain().await;
    assert_eq!(town.stands().await, before);
    // Each file that was refused as a whole waits for people.
    let whole = refusals
        .iter()
        .filter(|answer| answer.name.starts_with("refusal") && answer.name.ends_with(".xml"))
        .count();
    let waiting = "SELECT COUNT(*) AS number FROM bank_report_file WHERE finding = 'duplicate_reason'";
    assert!(town.number(waiting).await >= i64::try_from(whole).unwrap());
}
