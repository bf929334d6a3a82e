//! Reports that are not set aside although none of their lines moved an order: what they say of a whole file is the reason
//! of what came back, or they are being read.

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::{ProblemCode, bank_report, verify};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown};
use super::batch_debits::{ROADS, batch, entry, names, statement};
use super::debited_again::decide;
use super::files_found_paid::File;
use super::refused_debited::reasons;
use super::set_aside::{code, proposed_by, set_aside};
use super::watched::{self, Held, answered};
use super::whole_files::refusal;
use crate::harness::each_engine;

/// A file of four is debited, refused as a duplicate, and given back.
async fn called_duplicate(town: &BankTown<'_>) -> (Uuid, [Vec<u8>; 3]) {
    let run = town.pay("2024-09").await;
    let (name, message) = names(town, run).await;
    let [debit, credit] =
        [("D", "DBIT"), ("C", "CRDT")].map(|(id, direction)| entry(id, direction, 4 * AMOUNT, &batch(&name)));
    (run, [debit, refusal("G", &message, "DU01"), credit])
}

/// Why each order of a run came back.
async fn told(town: &BankTown<'_>, run: Uuid) -> Vec<String> {
    let orders = town.orders(run).await.into_iter();
    orders.map(|own| own.reason.unwrap_or_default()).collect()
}

#[test]
fn what_called_orders_a_duplicate_that_came_back_is_not_set_aside() {
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let (run, files) = called_duplicate(&town).await;
            for number in road {
                town.bring(files[number].clone()).await;
            }
            assert_eq!(town.statuses(run).await, ["returned"; 4], "{road:?}");
            assert_eq!(told(&town, run).await, ["DU01"; 4], "{road:?}");
            let refused = town.bring(files[1].clone()).await;
            assert_eq!((json!(refused.status), refused.suspense), (json!("reconciled"), 1));
            assert_eq!(
                code(proposed_by(&town, &town.treasury, refused.id).await),
                ProblemCode::IllegalTransition,
                "{road:?}: its line is all that people can decide the orders by"
            );
            town.waiting("duplicate_reason").await;
            town.holds().await;
        });
    }
}

#[test]
fn a_refusal_that_was_set_aside_is_no_reason_of_what_comes_back_later() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let (run, [debit, refusal, credit]) = called_duplicate(&town).await;
        let wrong = town.bring(refusal.clone()).await;
        set_aside(&town, wrong.id).await;
        town.bring(debit).await;
        town.bring(credit).await;
        assert_eq!(town.statuses(run).await, ["returned"; 4]);
        assert_eq!(told(&town, run).await, ["book"; 4]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(reasons(&town, october).await, ["returned_book"; 4]);
        town.holds().await;

        // Read anew, it counts, and stays.
        let anew = town.bring(refusal).await;
        assert_ne!(anew.id, wrong.id);
        assert_eq!(told(&town, run).await, ["DU01"; 4]);
        assert_eq!(
            code(proposed_by(&town, &town.treasury, anew.id).await),
            ProblemCode::IllegalTransition
        );
        town.holds().await;

        // Where the report that was set aside had changed an order, that is found.
        let step = format!(
            "INSERT INTO payment_order_event (order_id, sequence, from_status, to_status, reason, source, at) \
             SELECT order_id, MAX(sequence) + 1, 'returned', 'returned', 'DU01', 'bank_report:{}', MAX(at) \
             FROM payment_order_event WHERE to_status = 'returned' GROUP BY order_id",
            wrong.id.simple()
        );
        town.app().db.owner().execute_unprepared(&step).await.unwrap();
        let checks = verify::all(town.app()).await.unwrap().into_iter();
        let faults: Vec<String> = checks.flat_map(|own| own.faults).collect();
        let expected = format!("report {} is set aside, and moved an order or money", wrong.id);
        assert!(faults.contains(&expected), "{faults:?}");
    });
}

#[test]
fn a_report_that_is_being_reconciled_is_refused_at_once() {
    each_engine(async |house| {
        let town = watched::town(house).await;
        let (run, bytes) = answered(&town).await;
        let report = bank_report::upload(town.app(), &town.treasury, "answer.xml", bytes)
            .await
            .unwrap();
        // It has the report and the runs in hand, and goes on only once the proposal is answered.
        let held = Held::half_way(town.app(), report.id).await;
        let refused = proposed_by(&town, &town.treasury, report.id).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        assert!(refused.detail.unwrap().vi.contains("đang được đối soát"));
        held.goes_on().await;
        town.idle().await;
        assert_eq!(town.statuses(run).await, ["settled"; 8]);
        town.holds().await;
    });
}

#[test]
fn a_second_debit_of_a_file_that_people_closed_is_not_set_aside_where_what_came_back_is_of_it() {
    for (last, status) in [("C1", "settled"), ("D2", "returned")] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            let credit = |id: &str| file.credit(id, file.whole());
            town.bring(file.debit("D1")).await;
            if last == "D2" {
                town.bring(credit("C1")).await;
            }
            let second = town.bring(file.debit("D2")).await;
            decide(&town, "duplicate_line", "bank_resends").await;
            if last == "C1" {
                town.bring(credit("C1")).await;
            }
            assert_eq!(town.statuses(file.run).await, [status; 2], "{last}");
            if last == "C1" {
                let refused = code(proposed_by(&town, &town.treasury, second.id).await);
                assert_eq!(refused, ProblemCode::IllegalTransition, "the payees have the first one");
            } else {
                set_aside(&town, second.id).await;
            }
            // What the statement tells of the first debit and of the return changes nothing.
            for bytes in [file.debit("S1"), credit("S2")] {
                town.bring(statement(bytes)).await;
            }
            assert_eq!(town.statuses(file.run).await, [status; 2], "{last}");
            town.ties().await;
            town.holds().await;
        });
    }
}
