//! What banks tell again of a file, or once more, after two people took its second debit for the payment.

use serde_json::json;
use service::ProblemCode;

use super::bank::BankTown;
use super::batch_debits::{batch, entry};
use super::files_found_paid::{File, paid, take, take_back};
use super::refused_debited::stands;
use super::second_debits::{because, marked};
use super::set_aside::{code, proposed_by, set_aside};
use crate::harness::each_engine;

#[test]
fn what_is_told_again_of_a_file_that_was_found_paid_moves_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        let debit = |id: &str, reference: &str, day: &str| marked(file.debit(id), reference, day);
        let credit = |id: &str| marked(file.credit(id, file.whole()), "FT2", "2024-09-06");
        town.bring(debit("D1", "FT1", "2024-09-05")).await;
        town.bring(credit("C1")).await;
        assert_eq!(town.statuses(file.run).await, ["returned"; 2]);
        let second = town.bring(debit("D2", "FT3", "2024-09-09")).await;
        take(&town).await;
        for (told, bytes) in [
            ("the return", credit("C9")),
            ("the second debit", debit("D9", "FT3", "2024-09-09")),
            ("the first debit", debit("D8", "FT1", "2024-09-05")),
        ] {
            let again = town.bring(bytes).await;
            assert_eq!((again.matched, again.suspense), (0, 0), "{told}");
            file.is_paid(&town, told).await;
            set_aside(&town, again.id).await;
            file.is_paid(&town, told).await;
        }
        assert_eq!(
            code(proposed_by(&town, &town.treasury, second.id).await),
            ProblemCode::IllegalTransition,
            "the orders were paid by it"
        );
    });
}

#[test]
fn a_further_debit_waits_alone_and_what_stood_before_it_stands() {
    for came_back in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            file.came_back(&town).await;
            town.bring(file.debit("D2")).await;
            take(&town).await;
            if came_back {
                town.bring(file.credit("C2", file.whole())).await;
                take_back(&town).await;
            }
            let before = (town.statuses(file.run).await, stands(&town).await);
            let further = town.bring(file.debit("D3")).await;
            let waiting = town.suspense().await.into_iter().map(|own| own.line);
            let waiting: Vec<_> = waiting.map(|line| (line.report_id, line.finding)).collect();
            assert_eq!(
                waiting,
                [(further.id, Some("duplicate_line".to_owned()))],
                "{came_back}"
            );
            town.holds().await;
            set_aside(&town, further.id).await;
            assert_eq!(town.suspense().await, [], "{came_back}");
            let after = (town.statuses(file.run).await, stands(&town).await);
            assert_eq!(after, before, "{came_back}");
            town.ties().await;
            town.holds().await;
        });
    }
}

#[test]
fn of_two_further_debits_one_pays_the_file_and_the_other_waits() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        town.bring(file.debit("D3")).await;
        assert_eq!(town.suspense().await.len(), 2);
        take(&town).await;
        assert_eq!(town.statuses(file.run).await, ["settled"; 2]);
        let waiting = town.suspense().await;
        assert_eq!(waiting.len(), 1, "{waiting:#?}");
        let other = town.waiting("duplicate_line").await.line.id;
        assert_eq!(
            code(town.propose(other, paid()).await),
            ProblemCode::IllegalTransition,
            "nothing waits to be paid"
        );
        town.holds().await;
        // The bank gives the other one back, and people say that this is no return of before.
        town.bring(file.credit("C2", file.whole())).await;
        assert_eq!(town.suspense().await.len(), 2);
        take_back(&town).await;
        file.is_paid(&town, "the other one came back").await;
    });
}

#[test]
fn a_file_that_comes_back_twice_came_back_for_what_was_said_last() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        let why = async || -> Vec<Option<String>> {
            let orders = town.orders(file.run).await.into_iter();
            orders.map(|own| own.reason).collect()
        };
        assert_eq!(why().await, vec![Some("TM01".to_owned()); 2]);
        town.bring(file.debit("D2")).await;
        take(&town).await;
        let credit = entry("C2", "CRDT", file.whole(), &batch(&file.name));
        let last = town.bring(because(credit, "AM04")).await;
        take_back(&town).await;
        assert_eq!(town.statuses(file.run).await, ["returned"; 2]);
        assert_eq!(why().await, vec![Some("AM04".to_owned()); 2]);
        assert_eq!(json!(last.status), "reconciled");
        assert_eq!(
            code(proposed_by(&town, &town.treasury, last.id).await),
            ProblemCode::IllegalTransition
        );
        town.ties().await;
        town.holds().await;
    });
}
