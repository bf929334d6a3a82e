//! An order that came back and is debited once more, or comes back once more: nothing is paid twice by itself, and two
//! people account for every đồng.

use serde_json::json;
use service::payment_order::OrderView;
use service::{month_close, pay_run};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, month, pain002, person};
use super::batch_debits::{ROADS, statement};
use super::refused_debited::{months, reasons, stands};
use crate::harness::each_engine;

pub(super) fn debit(id: &str, order: &OrderView) -> Vec<u8> {
    camt054(id, &[answer(order, "BOOK", None)])
}

pub(super) fn back(id: &str, order: &OrderView) -> Vec<u8> {
    camt054(id, &[answer(order, "BOOK", Some("AM04"))])
}

/// The same, booked on another day.
pub(super) fn on(bytes: Vec<u8>, day: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("<Dt>2024-09-18</Dt>"), "{text}");
    let dated = format!("<Dt>{day}</Dt>");
    text.replace("<Dt>2024-09-18</Dt>", &dated).into_bytes()
}

/// September paid and debited; the first of two orders came back, through no fault of its account.
pub(super) async fn come_back(town: &BankTown<'_>) -> (Uuid, OrderView) {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let told: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
    town.bring(camt054("D", &told)).await;
    town.bring(back("R", &orders[0])).await;
    assert_eq!(town.statuses(run).await, ["returned", "settled"]);
    (run, orders[0].clone())
}

/// Two people say what they found of the line that waits.
pub(super) async fn decide(town: &BankTown<'_>, finding: &str, resolution: &str) {
    let line = town.waiting(finding).await.line.id;
    let what = json!({"resolution": resolution, "note": "Đã đối chiếu sao kê tài khoản"});
    town.resolve(line, what).await;
}

/// The run is a draft again, and has to be built anew.
pub(super) async fn voided(town: &BankTown<'_>, run: Uuid) {
    let voided = pay_run::get(town.app(), &town.preparer, run).await.unwrap();
    assert_eq!(
        (json!(voided.status), json!(voided.build)),
        (json!("draft"), json!("pending"))
    );
}

#[test]
fn a_debit_after_the_return_holds_the_next_run_and_two_people_find_it_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);

        let report = town.bring(debit("X", &order)).await;
        assert_eq!((report.matched, report.suspense), (0, 1));
        assert_eq!(json!(town.waiting("debited_again").await.line.outcome), "late");
        voided(&town, october).await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        town.holds().await;

        decide(&town, "debited_again", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "live");
        assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
        // The statements tell of the same ways there and back.
        town.bring(statement(debit("S1", &order))).await;
        town.bring(statement(back("S2", &order))).await;
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(town.suspense().await, []);
        town.holds().await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, Vec::<String>::new());
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_return_that_is_taken_back_is_not_paid_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (_, order) = come_back(&town).await;
        // The entry of the return once more, as a debit: it gives the reason of the return.
        let text = String::from_utf8(back("X", &order)).unwrap();
        assert!(text.contains("CRDT"), "{text}");
        town.bring(text.replace("CRDT", "DBIT").into_bytes()).await;
        let line = town.waiting("debited_again").await.line;
        assert_eq!(line.reason.as_deref(), Some("AM04"));
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        town.holds().await;
    });
}

#[test]
fn a_debit_of_a_day_after_the_return_is_a_second_one_where_a_status_told_of_the_first() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("S", &told)).await;
        for order in &orders {
            let id = format!("R{}", order.reference);
            town.bring(on(back(&id, order), "2024-09-10")).await;
        }
        assert_eq!(town.statuses(run).await, ["returned", "returned"]);
        // The notification of the first debit comes late.
        let late = town.bring(on(debit("D", &orders[1]), "2024-09-05")).await;
        assert_eq!((late.matched, late.suspense), (1, 0));
        let again = town.bring(on(debit("X", &orders[0]), "2024-09-12")).await;
        assert_eq!((again.matched, again.suspense), (0, 1));
        town.waiting("debited_again").await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        assert_eq!(town.lines(october, person(1)).await.len(), 2);
        decide(&town, "debited_again", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled", "returned"]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_statement_repeats_what_notifications_told_of_both_ways() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        for bytes in [statement(debit("S1", &order)), statement(back("S2", &order))] {
            let report = town.bring(bytes).await;
            assert_eq!((report.matched, report.suspense), (1, 0));
        }
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        town.holds().await;
        // Each of the two may be the first to tell of the next debit.
        town.bring(statement(debit("S3", &order))).await;
        town.waiting("debited_again").await;
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        town.holds().await;
    });
}

#[test]
fn two_debits_and_a_return_in_any_order_pay_nothing_again_and_are_found_paid() {
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            town.bring(debit("A", &orders[1])).await;
            let own = &orders[0];
            let files = [debit("D", own), back("R", own), debit("X", own)];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let waiting = town.suspense().await;
            assert_eq!(waiting.len(), 1, "{road:?}: {waiting:#?}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{road:?}");
            for bytes in files {
                town.bring(bytes).await;
            }
            assert_eq!(town.suspense().await, waiting, "{road:?}, all of them again");

            let finding = waiting[0].line.finding.clone().unwrap();
            decide(&town, &finding, "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"], "{road:?}");
            assert_eq!(json!(town.lines(run, person(0)).await[0].status), "live", "{road:?}");
            assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{road:?}");
            town.rebuild(october).await;
            assert_eq!(months(&town, october).await, [202_410], "{road:?}");
            town.holds().await;
        });
    }
}

#[test]
fn a_second_debit_that_came_back_ties_once_two_people_say_so() {
    for (reason, finding) in [("NARR", "late_answer"), ("AM05", "duplicate_reason")] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            let told: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
            town.bring(camt054("D", &told)).await;
            town.bring(debit("X", &orders[0])).await;
            let ties = async || {
                let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"));
                tie.await.unwrap().ties
            };
            assert!(!ties().await, "{reason}: one was debited twice");
            town.bring(camt054("R", &[answer(&orders[0], "BOOK", Some(reason))]))
                .await;
            assert!(!ties().await, "{reason}: nobody has said what came back");
            decide(&town, finding, "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"], "{reason}");
            assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{reason}");
            assert_eq!(town.suspense().await, [], "{reason}");
            town.ties().await;
            town.holds().await;
            // It comes back a second time: nobody but people may say what that is.
            town.bring(camt054("R2", &[answer(&orders[0], "BOOK", Some("AM04"))]))
                .await;
            decide(&town, "late_answer", "accepted_as_returned").await;
            assert_eq!(town.statuses(run).await, ["returned", "settled"], "{reason}");
            town.ties().await;
            town.holds().await;
        });
    }
}

#[test]
fn a_second_credit_is_booked_until_the_bank_takes_it_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.bring(back("R2", &order)).await;
        assert_eq!(json!(town.waiting("returned_again").await.line.outcome), "late");
        town.holds().await;
        decide(&town, "returned_again", "accepted_as_returned").await;
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        assert_eq!(stands(&town).await, [0, AMOUNT, AMOUNT, AMOUNT, 0]);
        town.ties().await;
        town.holds().await;
        // What waits for the payee is paid once.
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn a_debit_that_shows_after_it_was_paid_again_is_booked_until_it_is_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        let paid = town.fund().await.paid;

        town.bring(debit("X", &order)).await;
        decide(&town, "debited_again", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "reissued");
        let fund = town.fund().await;
        assert_eq!((fund.over_moved, fund.paid), (AMOUNT, paid));
        town.ties().await;
        town.holds().await;

        town.bring(back("R2", &order)).await;
        decide(&town, "returned_again", "accepted_as_returned").await;
        assert_eq!(town.suspense().await, []);
        let fund = town.fund().await;
        assert_eq!((fund.over_moved, fund.short_moved), (0, 0));
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_debit_after_the_close_of_its_month_waits_too_and_is_a_correction_of_the_next() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.now("2024-09-20T02:00:00Z").await;
        town.close_month("2024-09").await;
        town.bring(debit("X", &order)).await;
        town.now("2024-10-05T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        town.holds().await;

        decide(&town, "debited_again", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        town.rebuild(october).await;
        town.sign(october).await;
        town.now("2024-10-20T02:00:00Z").await;
        let closed = town.close_month("2024-10").await;
        let own = closed.corrections.iter().filter(|own| own.reference == order.reference);
        let mut changed: Vec<_> = own.map(|own| json!([own.standing, own.amount]).to_string()).collect();
        changed.sort();
        let mut expected = [json!(["settled", AMOUNT]), json!(["to_reissue", -AMOUNT])].map(|own| own.to_string());
        expected.sort();
        assert_eq!(changed, expected);
        town.holds().await;
    });
}

#[test]
fn a_return_of_a_day_after_the_second_debit_is_no_repeat_of_the_first_one() {
    for (day, status, months_due) in [
        ("2024-09-18", "settled", vec![202_410]),
        ("2024-09-20", "returned", vec![202_409, 202_410]),
    ] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let (run, order) = come_back(&town).await;
            town.bring(on(debit("X", &order), "2024-09-19")).await;
            decide(&town, "debited_again", "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled", "settled"]);
            // The statement of the day of the first return was never brought.
            let told = town.bring(statement(on(back("S", &order), day))).await;
            assert_eq!((told.matched, told.suspense), (1, 0), "{day}");
            assert_eq!(town.statuses(run).await, [status, "settled"], "{day}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, months_due, "{day}");
        });
    }
}
