//! A file that two people found paid by its second debit comes back once more, or in part, or is only said once more to have
//! come back.

use sea_orm::ConnectionTrait;
use serde_json::json;
use service::{ProblemCode, month_close, verify};

use super::bank::{AMOUNT, BankTown, month, person};
use super::debited_again::back;
use super::files_found_paid::{File, made_good, open, pay_again, returned, take, take_back};
use super::refused_debited::{months, reasons, stands};
use super::second_debits::{marked, told};
use super::set_aside::{code, proposed_by};
use crate::harness::each_engine;

/// The entry with its day, and no reference of the bank.
fn dated(bytes: Vec<u8>, day: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.contains("<NtryDtls>"), "{text}");
    let booked = format!("<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls>");
    text.replace("<NtryDtls>", &booked).into_bytes()
}

/// Where the legs of September do not agree.
async fn differences(town: &BankTown<'_>) -> Vec<(i64, i64)> {
    let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"));
    let differences = tie.await.unwrap().sums.differences.into_iter();
    differences.map(|own| (own.one, own.other)).collect()
}

#[test]
fn a_return_of_before_that_is_told_again_without_a_mark_waits_and_pays_nobody_again() {
    for stated in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            town.bring(told(stated, file.debit("D1"))).await;
            town.bring(told(stated, file.credit("C1", file.whole()))).await;
            town.bring(told(stated, file.debit("D2"))).await;
            take(&town).await;
            file.is_paid(&town, "found paid").await;
            let again = town.bring(told(stated, file.credit("C9", file.whole()))).await;
            assert_eq!((again.matched, again.suspense), (0, 1), "{stated}");
            let line = town.waiting("file_returned_again").await.line;
            assert_eq!((line.report_id, json!(line.outcome)), (again.id, json!("duplicate")));
            assert_eq!(town.suspense().await.len(), 1, "{stated}: it waits alone");
            assert_eq!(town.statuses(file.run).await, ["settled"; 2], "{stated}");
            assert_eq!(stands(&town).await, [0, file.whole(), 0, 0, 0], "{stated}");
            town.ties().await;
            town.holds().await;
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{stated}");
            assert_eq!(reasons(&town, october).await, Vec::<String>::new(), "{stated}");

            let resent = json!({"resolution": "bank_resends", "note": "Ngân hàng xác nhận báo lại lần hoàn trước"});
            town.resolve(line.id, resent).await;
            file.is_paid(&town, "looked into").await;
            // What the other of the two tells says no more than that.
            for bytes in [file.debit("S1"), file.credit("S2", file.whole()), file.debit("S3")] {
                town.bring(told(!stated, bytes)).await;
            }
            file.is_paid(&town, "told by the other").await;
        });
    }
}

#[test]
fn a_return_told_again_explains_no_second_debit_that_waits() {
    for (last, before) in [("the debit", ["C9", "D2"]), ("the return", ["D2", "C9"])] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            file.came_back(&town).await;
            for id in before {
                let bytes = if id == "D2" {
                    file.debit(id)
                } else {
                    file.credit(id, file.whole())
                };
                town.bring(bytes).await;
            }
            town.waiting("duplicate_line").await;
            town.waiting("file_returned_again").await;
            assert_eq!(town.suspense().await.len(), 2, "{last} last");
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(months(&town, october).await, [202_410], "{last} last");
            assert_eq!(reasons(&town, october).await, ["batch_debit_open"; 2], "{last} last");
            town.holds().await;
            // Two people find that the second debit came back too: what it may have paid is paid again.
            take_back(&town).await;
            assert_eq!(town.suspense().await, [], "{last} last");
            assert_eq!(town.statuses(file.run).await, ["returned"; 2], "{last} last");
            town.ties().await;
            town.rebuild(october).await;
            assert_eq!(months(&town, october).await, [202_409, 202_410], "{last} last");
            town.holds().await;
        });
    }
}

#[test]
fn the_return_of_a_second_debit_that_is_told_again_takes_nothing_back_that_the_first_one_paid() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        town.bring(file.debit("D1")).await;
        town.bring(file.debit("D2")).await;
        town.bring(file.credit("C1", file.whole())).await;
        file.is_paid(&town, "the second one came back").await;
        town.bring(file.credit("C9", file.whole())).await;
        assert_eq!(town.suspense().await.len(), 1);
        assert_eq!(town.statuses(file.run).await, ["settled"; 2]);
        town.ties().await;
        town.holds().await;
        take_back(&town).await;
        assert_eq!(town.statuses(file.run).await, ["returned"; 2]);
        assert_eq!(town.suspense().await, []);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_return_that_its_mark_or_its_day_tells_from_the_first_one_needs_nobody() {
    for by_mark in [true, false] {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            let on = |bytes: Vec<u8>, reference: &str, day: &str| {
                if by_mark {
                    marked(bytes, reference, day)
                } else {
                    dated(bytes, day)
                }
            };
            let credit = |id: &str| file.credit(id, file.whole());
            town.bring(on(file.debit("D1"), "FT1", "2024-09-05")).await;
            town.bring(on(credit("C1"), "FT2", "2024-09-06")).await;
            town.bring(on(file.debit("D2"), "FT3", "2024-09-09")).await;
            take(&town).await;
            file.is_paid(&town, "found paid").await;
            let again = town.bring(on(credit("C2"), "FT4", "2024-09-10")).await;
            assert_eq!((again.matched, again.suspense), (1, 0), "{by_mark}");
            assert_eq!(town.statuses(file.run).await, ["returned"; 2], "{by_mark}");
            assert_eq!(stands(&town).await, [0, 0, file.whole(), 0, 0], "{by_mark}");
            assert_eq!(town.suspense().await, [], "{by_mark}");
            town.ties().await;
            town.holds().await;
        });
    }
}

#[test]
fn a_single_return_waits_until_people_have_looked_at_the_second_debit_of_its_file() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        let order = town.orders(file.run).await.remove(0);
        town.bring(back("R", &order)).await;
        let line = town.waiting("returned_again").await.line.id;
        assert_eq!(
            code(town.propose(line, returned()).await),
            ProblemCode::IllegalTransition,
            "the second debit may have paid it before"
        );
        take(&town).await;
        assert_eq!(town.statuses(file.run).await, ["settled", "settled"]);
        town.resolve(line, returned()).await;
        assert_eq!(town.statuses(file.run).await, ["returned", "settled"]);
        assert_eq!(town.suspense().await, []);
        assert_eq!(stands(&town).await, [0, AMOUNT, AMOUNT, 0, 0]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn people_take_no_return_for_another_one_that_does_not_tie() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        take(&town).await;
        // One of the two came back by itself: the sum of the file can't have come back too.
        let order = town.orders(file.run).await.remove(0);
        town.bring(back("R", &order)).await;
        assert_eq!(town.statuses(file.run).await, ["returned", "settled"]);
        town.bring(file.credit("C9", file.whole())).await;
        let line = town.waiting("file_returned_again").await.line.id;
        assert_eq!(
            code(town.propose(line, returned()).await),
            ProblemCode::IllegalTransition
        );
        assert_eq!(town.statuses(file.run).await, ["returned", "settled"]);
        town.ties().await;
        town.holds().await;
    });
}

#[test]
fn a_part_of_what_a_second_debit_took_beside_its_orders_comes_back_and_is_told_until_people_say_which() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let file = File::of(&town, 4).await;
        file.came_back(&town).await;
        pay_again(&town, (3, 4)).await;
        town.bring(file.debit("D2")).await;
        take(&town).await;
        let stood = ["returned", "returned", "returned", "settled"];
        assert_eq!(town.statuses(file.run).await, stood);
        assert_eq!(town.fund().await.over_moved, 3 * AMOUNT);
        town.ties().await;

        // One of three comes back: nothing of the file is in question, and the month says what is not settled yet.
        let part = town.bring(file.credit("C2", AMOUNT)).await;
        assert_eq!((part.matched, part.suspense), (1, 0));
        assert_eq!(town.suspense().await, []);
        assert_eq!(differences(&town).await, [(4 * AMOUNT, 3 * AMOUNT)]);
        // The same sum once more may be the same return.
        let again = town.bring(file.credit("C3", AMOUNT)).await;
        assert_eq!((again.matched, again.suspense), (0, 1));
        assert_eq!(town.suspense().await.len(), 1, "it waits alone");
        assert_eq!(differences(&town).await, [(4 * AMOUNT, 3 * AMOUNT)]);
        take_back(&town).await;
        assert_eq!(town.suspense().await, []);
        assert_eq!(differences(&town).await, [(4 * AMOUNT, 2 * AMOUNT)]);
        assert_eq!(town.statuses(file.run).await, stood, "no order moves by it");
        assert_eq!(
            code(proposed_by(&town, &town.treasury, again.id).await),
            ProblemCode::IllegalTransition,
            "it counts"
        );
        town.holds().await;

        let owed = open(&town).await;
        assert_eq!(owed.len(), 3, "{owed:#?}");
        made_good(&town, owed[0].id).await;
        assert_eq!(differences(&town).await, [(3 * AMOUNT, 2 * AMOUNT)]);
        made_good(&town, owed[1].id).await;
        town.ties().await;
        assert_eq!(town.fund().await.over_moved, AMOUNT);
        // The last one: all of it is back, before people say so and after.
        let last = town.bring(file.credit("C4", AMOUNT)).await;
        assert_eq!((last.matched, last.suspense), (1, 0));
        town.ties().await;
        made_good(&town, owed[2].id).await;
        town.ties().await;
        assert_eq!(town.lines(file.run, person(3)).await.len(), 1);
        town.holds().await;
    });
}

/// What the invariants find once a decision of two people was made another thing past the program.
async fn forged(town: &BankTown<'_>, was: &str) -> Vec<String> {
    let sql = format!("UPDATE suspense_resolution SET kind = 'accepted_as_returned' WHERE kind = '{was}'");
    town.app().db.owner().execute_unprepared(&sql).await.unwrap();
    let checks = verify::all(town.app()).await.unwrap().into_iter();
    checks.flat_map(|own| own.faults).collect()
}

#[test]
fn a_return_that_does_not_tie_or_is_no_return_is_found() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        take(&town).await;
        for id in ["C8", "C9"] {
            town.bring(file.credit(id, file.whole())).await;
            let line = town.waiting("file_returned_again").await.line.id;
            let resent = json!({"resolution": "bank_resends", "note": "Ngân hàng báo lại lần hoàn trước"});
            town.resolve(line, resent).await;
        }
        town.holds().await;
        let faults = forged(&town, "bank_resends").await;
        let expected = format!("{} came back over the file", 3 * file.whole());
        assert!(faults.iter().any(|own| own.starts_with(&expected)), "{faults:?}");
    });
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let file = File::of(&town, 2).await;
        file.came_back(&town).await;
        town.bring(file.debit("D2")).await;
        let line = town.waiting("duplicate_line").await.line.id;
        let other = json!({"resolution": "not_ours", "note": "Ngân hàng ghi nhầm"});
        town.resolve(line, other).await;
        town.holds().await;
        let faults = forged(&town, "not_ours").await;
        let expected = format!("line {line} is taken for the return of a file, and no credit over one");
        assert!(faults.contains(&expected), "{faults:?}");
    });
}
