//! Lists of the post office that contradict one another: cash that was told not collected and handed over all the same.
//! Nothing is paid twice by itself, and two people say what became of it, whichever list was read first.

use domain::bank::{BankProfiles, FileFormat};
use domain::bank_report::synthetic::{Answer, write_post_results, write_result};
use serde_json::json;
use service::bank_report::BankReportView;
use service::pay_run;
use service::payment_order::OrderView;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, person};
use super::debited_again::{decide, voided};
use super::files_found_paid::{made_good, open};
use super::refused_debited::{months, reasons, stands};
use crate::harness::each_engine;

const PAID: &str = "paid";
const UNCOLLECTED: &str = "not_collected";

/// The forms of a list: the post office's own file, or our list as it comes back filled in.
const FORMS: [bool; 2] = [false, true];

/// What a list of a day says of some orders, as it is written.
fn written(filled_in: bool, day: &str, told: &[Answer]) -> Vec<u8> {
    let day = day.parse().unwrap();
    if !filled_in {
        let mut bytes = Vec::new();
        write_post_results(&mut bytes, day, told).unwrap();
        return bytes;
    }
    let layout = BankProfiles::embedded().unwrap().post_result().unwrap().clone();
    let word = |own: &Answer| match own.status.as_str() {
        PAID => "Đã trả",
        _ => "Chưa nhận",
    };
    let rows = told.iter().map(|own| Answer {
        status: word(own).to_owned(),
        ..own.clone()
    });
    write_result(FileFormat::Csv, &layout, day, &rows.collect::<Vec<_>>()).unwrap()
}

/// A list of a day comes back.
async fn list(town: &BankTown<'_>, filled_in: bool, day: &str, told: &[(&OrderView, &str)]) -> BankReportView {
    let told: Vec<Answer> = told.iter().map(|(order, said)| answer(order, said, None)).collect();
    town.bring(written(filled_in, day, &told)).await
}

/// September of two people, of whom the second has the cash and the first did not come for it.
async fn uncollected(town: &BankTown<'_>) -> (Uuid, OrderView) {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let told = [(&orders[0], UNCOLLECTED), (&orders[1], PAID)];
    let first = list(town, false, "2024-09-12", &told).await;
    assert_eq!((first.matched, first.suspense), (2, 0));
    assert_eq!(town.statuses(run).await, ["returned", "credited"]);
    (run, orders[0].clone())
}

/// October, built on the 25th of September.
async fn october(town: &BankTown<'_>) -> Uuid {
    town.now("2024-09-25T02:00:00Z").await;
    town.build("2024-10").await
}

/// How the order of the first person stands after two people have decided, with the sums of the fund and what October pays.
fn end(resolution: &str) -> (&'static str, [i64; 5], Vec<i32>) {
    if resolution == "accepted_as_paid" {
        ("credited", [0, 2 * AMOUNT, 0, 0, 0], vec![202_410])
    } else {
        ("returned", [0, AMOUNT, AMOUNT, 0, 0], vec![202_409, 202_410])
    }
}

#[test]
fn two_lists_that_contradict_one_another_wait_and_end_alike_whichever_came_first() {
    let (early, late) = ("2024-09-12", "2024-09-18");
    // The list of the later day may be read first.
    let forms = [(false, [early, late]), (false, [late, early]), (true, [early, late])];
    let roads = [
        (UNCOLLECTED, PAID, "returned", "collected_after_all"),
        (PAID, UNCOLLECTED, "credited", "not_collected_after_all"),
    ];
    for (filled_in, days) in forms {
        for (first, second, stood, finding) in roads {
            for resolution in ["accepted_as_paid", "accepted_as_returned"] {
                let told = format!("{first}, {second}, {days:?}, {resolution}");
                each_engine(async |house| {
                    let town = BankTown::open_at_post(house, 2).await;
                    let run = town.pay("2024-09").await;
                    let orders = town.orders(run).await;
                    let both = [(&orders[0], first), (&orders[1], PAID)];
                    let one = list(&town, filled_in, days[0], &both).await;
                    assert_eq!((one.matched, one.suspense), (2, 0), "{told}");
                    let other = list(&town, filled_in, days[1], &[(&orders[0], second)]).await;
                    assert_eq!((other.matched, other.suspense), (0, 1), "{told}");

                    // Before two people have looked, the order stays as it was, and the next run pays nothing of it.
                    assert_eq!(json!(town.waiting(finding).await.line.outcome), "late", "{told}");
                    assert_eq!(town.statuses(run).await, [stood, "credited"], "{told}");
                    town.holds().await;
                    let october = october(&town).await;
                    assert_eq!(months(&town, october).await, [202_410], "{told}");
                    let held: &[&str] = if first == PAID { &[] } else { &["line_open"] };
                    assert_eq!(reasons(&town, october).await, held, "{told}");

                    decide(&town, finding, resolution).await;
                    let (status, sums, due) = end(resolution);
                    assert_eq!(town.suspense().await, [], "{told}");
                    assert_eq!(town.statuses(run).await, [status, "credited"], "{told}");
                    assert_eq!(stands(&town).await, sums, "{told}");
                    town.ties().await;
                    town.holds().await;
                    town.rebuild(october).await;
                    assert_eq!(months(&town, october).await, due, "{told}");
                    assert_eq!(reasons(&town, october).await, Vec::<String>::new(), "{told}");
                    town.sign(october).await;
                    town.holds().await;
                });
            }
        }
    }
}

#[test]
fn money_is_given_back_after_it_was_handed_over_and_never_before() {
    let (early, late) = ("2024-09-12", "2024-09-18");
    let (paid, back) = ("collected_after_all", "not_collected_after_all");
    // The day of the payment, the day of the return, and what waits where the return is read first, or last.
    for (paid_on, back_on, finding) in [
        (early, late, None),
        (early, early, None),
        (late, early, Some([paid, back])),
    ] {
        for return_first in [true, false] {
            each_engine(async |house| {
                let told = format!("paid {paid_on}, back {back_on}, {return_first}");
                let town = BankTown::open_at_post(house, 1).await;
                let run = town.pay("2024-09").await;
                let order = town.orders(run).await.remove(0);
                let mut lists = [(paid_on, PAID), (back_on, "returned")];
                if return_first {
                    lists.reverse();
                }
                let mut last = None;
                for (day, said) in lists {
                    last = Some(list(&town, false, day, &[(&order, said)]).await);
                }
                let last = last.unwrap();
                let stood = if return_first || finding.is_none() {
                    "returned"
                } else {
                    "credited"
                };
                assert_eq!(town.statuses(run).await, [stood], "{told}");
                let Some([after_return, after_payment]) = finding else {
                    assert_eq!((last.matched, last.suspense), (1, 0), "{told}");
                    town.ties().await;
                    return town.holds().await;
                };
                assert_eq!((last.matched, last.suspense), (0, 1), "{told}");
                let waits = if return_first { after_return } else { after_payment };
                decide(&town, waits, "accepted_as_paid").await;
                assert_eq!(town.statuses(run).await, ["credited"], "{told}");
                // The same return, told in another file, takes nothing back.
                list(&town, true, back_on, &[(&order, UNCOLLECTED)]).await;
                town.waiting(back).await;
                let again = list(&town, false, back_on, &[(&order, "returned"), (&order, PAID)]).await;
                assert_eq!(again.suspense, 1, "{told}");
                assert_eq!(town.statuses(run).await, ["credited"], "{told}");
                town.ties().await;
                town.holds().await;
            });
        }
    }
}

#[test]
fn a_list_that_is_told_again_says_nothing_new() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (run, order) = uncollected(&town).await;
        let again = list(&town, true, "2024-09-13", &[(&order, UNCOLLECTED)]).await;
        assert_eq!((again.matched, again.suspense), (1, 0));
        for day in ["2024-09-18", "2024-09-19"] {
            list(&town, false, day, &[(&order, PAID)]).await;
        }
        assert_eq!(town.suspense().await.len(), 2);
        // What is decided of one holds; the other finds nothing else.
        decide(&town, "collected_after_all", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["credited"; 2]);
        decide(&town, "collected_after_all", "matched_to_order").await;
        assert_eq!(town.suspense().await, []);
        assert_eq!(town.statuses(run).await, ["credited"; 2]);
        let last = list(&town, true, "2024-09-20", &[(&order, PAID)]).await;
        assert_eq!((last.matched, last.suspense), (1, 0));
        assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn an_approved_run_that_pays_it_again_goes_back_to_draft_when_the_list_comes() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (run, order) = uncollected(&town).await;
        let october = october(&town).await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        let app = town.app();
        let version = async || pay_run::get(app, &town.preparer, october).await.unwrap().version;
        pay_run::submit(app, &town.preparer, october, version().await)
            .await
            .unwrap();
        pay_run::approve(app, &town.approver, october, version().await)
            .await
            .unwrap();

        list(&town, false, "2024-09-18", &[(&order, PAID)]).await;
        voided(&town, october).await;
        assert_eq!(town.fund().await.to_reissue, AMOUNT, "what was reserved waits again");
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        town.holds().await;
        // The post office wrote it by mistake: nothing follows, and it is paid again.
        decide(&town, "collected_after_all", "not_ours").await;
        assert_eq!(town.statuses(run).await, ["returned", "credited"]);
        town.rebuild(october).await;
        assert_eq!(months(&town, october).await, [202_409, 202_410]);
        town.sign(october).await;
        town.holds().await;
    });
}

#[test]
fn cash_that_shows_as_handed_over_after_it_was_paid_again_is_booked_until_it_is_back() {
    for filled_in in FORMS {
        each_engine(async |house| {
            let town = BankTown::open_at_post(house, 2).await;
            let (run, order) = uncollected(&town).await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.pay("2024-10").await;
            assert_eq!(months(&town, october).await, [202_409, 202_410]);
            let paid = town.fund().await.paid;

            list(&town, filled_in, "2024-09-18", &[(&order, PAID)]).await;
            decide(&town, "collected_after_all", "accepted_as_paid").await;
            // The order is done with; what went out twice is open in whole, and no line is live twice.
            assert_eq!(town.statuses(run).await, ["returned", "credited"]);
            assert_eq!(json!(town.lines(run, person(0)).await[0].status), "reissued");
            let fund = town.fund().await;
            assert_eq!((fund.over_moved, fund.paid), (AMOUNT, paid));
            town.ties().await;
            town.holds().await;
            // Another list tells the same once more.
            list(&town, filled_in, "2024-09-20", &[(&order, PAID)]).await;
            decide(&town, "collected_after_all", "accepted_as_paid").await;
            assert_eq!(town.fund().await.over_moved, AMOUNT);
            town.ties().await;
            town.holds().await;

            let owed = open(&town).await;
            let own: Vec<_> = owed.iter().map(|own| (own.order_id, own.amount, own.moved)).collect();
            assert_eq!(own, [(order.id, AMOUNT, 2 * AMOUNT)]);
            made_good(&town, owed[0].id).await;
            assert_eq!(town.suspense().await, []);
            assert_eq!(town.fund().await.over_moved, 0);
            town.ties().await;
            town.holds().await;
        });
    }
}

#[test]
fn a_row_without_a_reference_holds_the_one_order_that_was_not_collected() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (run, order) = uncollected(&town).await;
        let nameless = Answer {
            reference: String::new(),
            uetr: None,
            ..answer(&order, PAID, None)
        };
        town.bring(written(true, "2024-09-18", &[nameless])).await;
        assert_eq!(town.waiting("collected_after_all").await.pay_run_id, Some(run));
        let october = october(&town).await;
        assert_eq!(months(&town, october).await, [202_410]);
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        decide(&town, "collected_after_all", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["credited"; 2]);
        town.holds().await;
    });
}

#[test]
fn two_people_who_name_the_order_that_was_handed_over_are_believed() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let (run, order) = uncollected(&town).await;
        let misread = Answer {
            reference: "AS-KHONG-RO".to_owned(),
            uetr: None,
            ..answer(&order, PAID, None)
        };
        town.bring(written(false, "2024-09-18", &[misread])).await;
        let line = town.waiting("unknown_reference").await.line.id;
        let named = json!({"resolution": "matched_to_order", "order_id": order.id, "note": "Đã gọi bưu điện"});
        town.resolve(line, named).await;
        assert_eq!(town.statuses(run).await, ["credited"; 2]);
        assert_eq!(json!(town.lines(run, person(0)).await[0].status), "live");
        assert_eq!(stands(&town).await, [0, 2 * AMOUNT, 0, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}
