//! A bank that tells in one report that it debited an order twice, or gave it back twice: the entries count as those of
//! several reports do, unless their marks say that one tells the other again.

use domain::bank_report::synthetic::Answer;
use serde_json::json;
use service::payment_order::OrderView;
use service::{ProblemCode, month_close};

use super::bank::{AMOUNT, BankTown, answer, camt054, month, pain002, person};
use super::batch_debits::{ROADS, batch, entry, names, statement};
use super::debited_again::{back, come_back, debit, decide};
use super::files_found_paid::{self, open};
use super::refused_debited::{months, reasons, stands};
use crate::harness::each_engine;

const BACK: Option<&str> = Some("AM04");

/// The entry with the bank's own reference.
pub(super) fn marked(order: &OrderView, reason: Option<&str>, reference: &str) -> Answer {
    Answer {
        bank_reference: Some(reference.to_owned()),
        ..answer(order, "BOOK", reason)
    }
}

/// A notification whose entries stand in the order in which they are given.
pub(super) fn in_this_order(id: &str, answers: &[Answer]) -> Vec<u8> {
    const END: &str = "</Ntry>";
    let whole = String::from_utf8(camt054(id, answers)).unwrap();
    let (head, _) = whole.split_once("<Ntry>").unwrap();
    let (_, foot) = whole.rsplit_once(END).unwrap();
    let entry = |own: &Answer| {
        let alone = String::from_utf8(camt054(id, std::slice::from_ref(own))).unwrap();
        let from = alone.find("<Ntry>").unwrap();
        alone[from..alone.rfind(END).unwrap() + END.len()].to_owned()
    };
    let entries: String = answers.iter().map(entry).collect();
    format!("{head}{entries}{foot}").into_bytes()
}

/// Does September tie?
async fn ties(town: &BankTown<'_>) -> bool {
    let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"));
    tie.await.unwrap().ties
}

/// The findings that wait.
async fn waiting(town: &BankTown<'_>) -> Vec<String> {
    let lines = town.suspense().await.into_iter();
    lines.filter_map(|own| own.line.finding).collect()
}

/// Two people find that the bank made good the one difference that is open.
async fn made_good(town: &BankTown<'_>) {
    let owed = open(town).await;
    assert_eq!(owed.len(), 1, "{owed:#?}");
    files_found_paid::made_good(town, owed[0].id).await;
}

#[test]
fn two_debits_and_a_return_of_one_report_pay_nothing_again_and_are_found_paid() {
    for by_statement in [false, true] {
        for road in ROADS {
            each_engine(async |house| {
                let case = format!("{road:?}, by statement: {by_statement}");
                let town = BankTown::open(house, 2).await;
                let run = town.pay("2024-09").await;
                let orders = town.orders(run).await;
                town.bring(debit("A", &orders[1])).await;
                let own = [None, BACK, None].map(|reason| answer(&orders[0], "BOOK", reason));
                let told = in_this_order("T", &road.map(|number| own[number].clone()));
                town.bring(if by_statement { statement(told) } else { told }).await;
                town.holds().await;
                town.now("2024-09-25T02:00:00Z").await;
                let october = town.build("2024-10").await;
                assert_eq!(months(&town, october).await, [202_410], "{case}");

                // Where the return came last, people say of it first which of the two debits came back.
                let mut found = waiting(&town).await;
                found.sort();
                if found.len() == 2 {
                    assert_eq!(found, ["debited_twice", "late_answer"], "{case}");
                    assert_eq!(road[2], 1, "{case}");
                    decide(&town, "late_answer", "accepted_as_paid").await;
                    decide(&town, "debited_twice", "accepted_as_paid").await;
                } else {
                    assert_eq!(found, ["debited_again"], "{case}");
                    assert_eq!(reasons(&town, october).await, ["line_open"], "{case}");
                    decide(&town, "debited_again", "accepted_as_paid").await;
                }
                assert_eq!(town.statuses(run).await, ["settled", "settled"], "{case}");
                assert_eq!(json!(town.lines(run, person(0)).await[0].status), "live", "{case}");
                assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0], "{case}");
                assert_eq!(waiting(&town).await, Vec::<String>::new(), "{case}");
                assert!(by_statement || ties(&town).await, "{case}");
                town.holds().await;
                town.rebuild(october).await;
                assert_eq!(months(&town, october).await, [202_410], "{case}");
                town.sign(october).await;
                town.holds().await;
            });
        }
    }
}

#[test]
fn the_return_of_one_of_two_debits_of_one_report_waits_whatever_people_closed_the_second_one_as() {
    for closed in [None, Some("not_ours"), Some("bank_resends")] {
        each_engine(async |house| {
            let town = BankTown::open(house, 1).await;
            let run = town.pay("2024-09").await;
            let order = town.orders(run).await.remove(0);
            let twice = [answer(&order, "BOOK", None), answer(&order, "BOOK", None)];
            let report = town.bring(camt054("T", &twice)).await;
            assert_eq!((report.matched, report.suspense), (1, 1), "{closed:?}");
            assert_eq!(waiting(&town).await, ["debited_twice"], "{closed:?}");
            assert!(!ties(&town).await, "{closed:?}: one was debited twice");
            if let Some(closed) = closed {
                decide(&town, "debited_twice", closed).await;
            }
            assert!(!ties(&town).await, "{closed:?}: and it is still out");

            town.bring(back("R", &order)).await;
            assert_eq!(town.statuses(run).await, ["settled"], "{closed:?}: of the other one");
            decide(&town, "late_answer", "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["settled"], "{closed:?}");
            if closed.is_none() {
                decide(&town, "debited_twice", "accepted_as_paid").await;
            }
            assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, 0], "{closed:?}");
            assert!(ties(&town).await, "{closed:?}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{closed:?}");
        });
    }
}

#[test]
fn two_returns_of_one_report_make_good_two_further_debits_of_one_report() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        town.bring(camt054("T", &[None; 3].map(|reason| answer(&order, "BOOK", reason))))
            .await;
        for _further in 0..2 {
            decide(&town, "debited_twice", "bank_resends").await;
        }
        assert!(!ties(&town).await, "two debits are out");
        town.bring(camt054("R", &[BACK; 2].map(|reason| answer(&order, "BOOK", reason))))
            .await;
        assert_eq!(waiting(&town).await, ["late_answer"; 2]);
        decide(&town, "late_answer", "accepted_as_paid").await;
        assert!(!ties(&town).await, "one debit is out");
        decide(&town, "late_answer", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled"]);
        assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, 0]);
        assert_eq!(waiting(&town).await, Vec::<String>::new());
        assert!(ties(&town).await);
        town.holds().await;
    });
}

#[test]
fn a_second_debit_of_one_report_holds_an_order_that_came_back_until_it_is_found_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let twice = [answer(&order, "BOOK", None), answer(&order, "BOOK", None)];
        town.bring(camt054("T", &twice)).await;
        town.bring(back("R", &order)).await;
        decide(&town, "late_answer", "accepted_as_returned").await;
        assert_eq!(town.statuses(run).await, ["returned"]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        assert!(!ties(&town).await, "one of the two debits is out");
        decide(&town, "debited_twice", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled"]);
        assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_second_debit_of_one_report_that_stays_out_is_owed_by_the_bank() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let twice = [answer(&order, "BOOK", None), answer(&order, "BOOK", None)];
        town.bring(camt054("T", &twice)).await;
        decide(&town, "debited_twice", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled"]);
        assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, AMOUNT]);
        town.ties().await;
        town.holds().await;
        // The statement tells the same money.
        town.bring(statement(camt054("S", &twice))).await;
        decide(&town, "debited_twice", "accepted_as_paid").await;
        assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, AMOUNT]);
        town.ties().await;
        town.holds().await;

        made_good(&town).await;
        assert_eq!(stands(&town).await, [0, AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_second_credit_of_one_report_is_booked_until_the_bank_takes_it_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<Answer> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
        town.bring(camt054("D", &told)).await;
        let twice = [answer(&orders[0], "BOOK", BACK), answer(&orders[0], "BOOK", BACK)];
        town.bring(camt054("R", &twice)).await;
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        decide(&town, "returned_again", "accepted_as_returned").await;
        assert_eq!(stands(&town).await, [0, AMOUNT, AMOUNT, AMOUNT, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn what_one_report_tells_again_by_the_same_mark_counts_once() {
    for (resolution, status) in [("bank_resends", "returned"), ("accepted_as_paid", "settled")] {
        each_engine(async |house| {
            let town = BankTown::open(house, 1).await;
            let run = town.pay("2024-09").await;
            let order = town.orders(run).await.remove(0);
            let told = [
                marked(&order, None, "FT1"),
                marked(&order, BACK, "FT2"),
                marked(&order, None, "FT1"),
            ];
            let report = town.bring(camt054("T", &told)).await;
            assert_eq!((report.matched, report.suspense), (2, 1), "{resolution}");
            assert_eq!(town.statuses(run).await, ["returned"], "{resolution}");
            assert_eq!(waiting(&town).await, ["duplicate_line"], "{resolution}");
            town.ties().await;
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{resolution}");
            // Only people can say that the bank took it twice by one reference.
            decide(&town, "duplicate_line", resolution).await;
            assert_eq!(town.statuses(run).await, [status], "{resolution}");
            town.rebuild(october).await;
            let expected: &[i32] = if status == "returned" {
                &[202_409, 202_410]
            } else {
                &[202_410]
            };
            assert_eq!(months(&town, october).await, expected, "{resolution}");
            town.ties().await;
            town.holds().await;
            if status == "returned" {
                // One debit and one return: a further return is one too many.
                town.bring(camt054("R2", &[marked(&order, BACK, "FT3")])).await;
                assert_eq!(waiting(&town).await, ["returned_again"]);
            }
        });
    }
}

#[test]
fn nobody_finds_an_order_paid_that_came_back_and_was_not_debited_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.bring(pain002("S", &[answer(&order, "RJCT", Some("AC06"))])).await;
        let line = town.waiting("late_answer").await.line.id;
        let paid = json!({"resolution": "accepted_as_paid", "note": "Đã đối chiếu sao kê tài khoản"});
        let refused = town.propose(line, paid).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::IllegalTransition);
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        decide(&town, "late_answer", "accepted_as_returned").await;
        assert_eq!(town.statuses(run).await, ["returned", "settled"]);
        town.holds().await;
    });
}

#[test]
fn what_a_bank_takes_after_it_made_good_is_booked_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let (run, order) = come_back(&town).await;
        town.now("2024-09-25T02:00:00Z").await;
        town.pay("2024-10").await;
        let owes = async |amount: i64, told: &str| {
            let fund = town.fund().await;
            assert_eq!((fund.over_moved, fund.short_moved), (amount, 0), "{told}");
            assert_eq!(town.statuses(run).await, ["returned", "settled"], "{told}");
            assert_eq!(waiting(&town).await, Vec::<String>::new(), "{told}");
            town.ties().await;
            town.holds().await;
        };
        town.bring(debit("X", &order)).await;
        decide(&town, "debited_again", "accepted_as_paid").await;
        owes(AMOUNT, "debited again").await;
        made_good(&town).await;
        owes(0, "made good").await;
        town.now("2024-09-26T02:00:00Z").await;
        town.bring(debit("Y", &order)).await;
        decide(&town, "debited_again", "accepted_as_paid").await;
        owes(AMOUNT, "debited a third time").await;
        // The first credit tells of what was made good, and the next of what was taken since.
        for (id, day, left) in [("R2", 27, AMOUNT), ("R3", 28, 0)] {
            town.now(&format!("2024-09-{day}T02:00:00Z")).await;
            town.bring(back(id, &order)).await;
            decide(&town, "returned_again", "accepted_as_returned").await;
            owes(left, id).await;
        }
        town.now("2024-09-29T02:00:00Z").await;
        town.bring(debit("Z", &order)).await;
        decide(&town, "debited_again", "accepted_as_paid").await;
        owes(AMOUNT, "debited a fourth time").await;
    });
}

#[test]
fn what_a_bank_takes_of_a_refused_order_after_it_made_good_is_booked_anew() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        town.bring(pain002("R", &[answer(&order, "RJCT", BACK)])).await;
        town.now("2024-09-25T02:00:00Z").await;
        town.pay("2024-10").await;
        for id in ["D1", "D2"] {
            town.bring(debit(id, &order)).await;
            decide(&town, "late_answer", "accepted_as_paid").await;
            assert_eq!(town.statuses(run).await, ["rejected"], "{id}");
            assert_eq!(town.fund().await.over_moved, AMOUNT, "{id}");
            town.holds().await;
            made_good(&town).await;
            assert_eq!(town.fund().await.over_moved, 0, "{id}");
            town.holds().await;
        }
    });
}

#[test]
fn a_second_debit_of_a_file_stays_among_what_left_the_account_whatever_people_closed_it_as() {
    for closed in ["not_ours", "bank_resends"] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let run = town.pay("2024-09").await;
            let (name, _) = names(&town, run).await;
            let whole = |id: &str, direction: &str| entry(id, direction, 4 * AMOUNT, &batch(&name));
            town.bring(whole("D1", "DBIT")).await;
            town.bring(whole("D2", "DBIT")).await;
            decide(&town, "duplicate_line", closed).await;
            assert!(!ties(&town).await, "{closed}: the bank took it twice");
            town.holds().await;

            // What comes back is the second debit, and the payees have the first.
            town.bring(whole("C", "CRDT")).await;
            assert_eq!(town.statuses(run).await, ["settled"; 4], "{closed}");
            assert_eq!(waiting(&town).await, Vec::<String>::new(), "{closed}");
            assert_eq!(stands(&town).await, [0, 4 * AMOUNT, 0, 0, 0], "{closed}");
            assert!(ties(&town).await, "{closed}");
            town.holds().await;
            // A further debit alone waits.
            town.bring(whole("D3", "DBIT")).await;
            assert_eq!(waiting(&town).await, ["duplicate_line"], "{closed}");
            assert_eq!(town.statuses(run).await, ["settled"; 4], "{closed}");
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{closed}: none is paid twice");
        });
    }
}
