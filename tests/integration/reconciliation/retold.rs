//! A notification or a statement that a bank makes anew: other bytes, the same entries by their marks.

use domain::bank_report::synthetic::Answer;
use service::month_close;

use super::bank::{AMOUNT, BankTown, camt054, month};
use super::batch_debits::statement;
use super::debited_again::on;
use super::debited_twice::{in_this_order, marked};
use super::refused_debited::months;
use crate::harness::each_engine;

const BACK: Option<&str> = Some("AM04");

#[test]
fn entries_that_a_report_made_anew_tells_again_are_no_news() {
    for by_statement in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            let made = |id: &str, answers: &[Answer]| {
                let bytes = camt054(id, answers);
                if by_statement { statement(bytes) } else { bytes }
            };
            let mut debits = [marked(&orders[0], None, "FT1"), marked(&orders[1], None, "FT2")];
            let first = town.bring(made("D", &debits)).await;
            assert_eq!((first.matched, first.suspense), (2, 0));
            debits.reverse();
            for id in ["D2", "D3"] {
                let again = town.bring(made(id, &debits)).await;
                assert_eq!((again.matched, again.suspense), (0, 0), "{id}");
            }
            town.ties().await;
            town.holds().await;
            // One debit, and one return of it.
            let back = marked(&orders[0], BACK, "FT3");
            let returned = town.bring(made("R", std::slice::from_ref(&back))).await;
            assert_eq!((returned.matched, returned.suspense), (1, 0));
            let again = town.bring(made("R2", &[back])).await;
            assert_eq!((again.matched, again.suspense), (0, 0));
            assert_eq!(town.statuses(run).await, ["returned", "settled"]);
            assert_eq!(town.stands().await, [0, AMOUNT, AMOUNT]);
            town.ties().await;
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_409, 202_410]);
            // The debit of what came back is for people, even by the same mark.
            town.bring(made("D4", &debits)).await;
            town.waiting("debited_again").await;
            town.rebuild(october).await;
            assert_eq!(months(&town, october).await, [202_410]);
            town.holds().await;
        });
    }
}

#[test]
fn another_reference_another_day_and_no_reference_are_another_debit() {
    for (reference, day) in [
        (Some("FT9"), "2024-09-18"),
        (Some("FT1"), "2024-09-19"),
        (None, "2024-09-18"),
    ] {
        each_engine(async |house| {
            let town = BankTown::open(house, 1).await;
            let run = town.pay("2024-09").await;
            let order = town.orders(run).await.remove(0);
            let debit = marked(&order, None, "FT1");
            town.bring(camt054("D", std::slice::from_ref(&debit))).await;
            let other = Answer {
                bank_reference: reference.map(str::to_owned),
                ..debit
            };
            town.bring(on(camt054("X", &[other]), day)).await;
            let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"));
            assert!(!tie.await.unwrap().ties, "{reference:?} {day}");
            town.holds().await;
        });
    }
}

#[test]
fn a_debit_beside_one_that_is_told_again_waits_for_people_and_is_told_again_itself() {
    for by_statement in [false, true] {
        for road in [[0, 1], [1, 0]] {
            each_engine(async |house| {
                let case = format!("{road:?}, by statement: {by_statement}");
                let town = BankTown::open(house, 1).await;
                let run = town.pay("2024-09").await;
                let order = town.orders(run).await.remove(0);
                let made = |id: &str, answers: &[Answer]| {
                    let bytes = in_this_order(id, answers);
                    if by_statement { statement(bytes) } else { bytes }
                };
                let debits = [marked(&order, None, "FT1"), marked(&order, None, "FT2")];
                let both = road.map(|number| debits[number].clone());
                town.bring(made("D", &debits[..1])).await;
                let second = town.bring(made("D2", &both)).await;
                assert_eq!((second.matched, second.suspense), (0, 1), "{case}");
                town.waiting("debited_twice").await;
                let again = town.bring(made("D3", &both)).await;
                assert_eq!((again.matched, again.suspense), (0, 0), "{case}");
                assert_eq!(town.suspense().await.len(), 1, "{case}");
                let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"));
                assert!(!tie.await.unwrap().ties, "{case}: one was debited twice");
                town.holds().await;
            });
        }
    }
}
