//! What a bank calls a duplicate is never paid again by itself, whether it refuses it or sends it back.

use sea_orm::ConnectionTrait;
use serde_json::json;

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002, person};
use super::batch_debits::names;
use super::files_found_paid::{File, take_back};
use super::refused_debited::{months, reasons};
use super::second_debits::marked;
use super::whole_files::refusal;
use crate::harness::each_engine;

/// The kinds of the lines of the first person in a run.
async fn kinds(town: &BankTown<'_>, run: uuid::Uuid) -> Vec<String> {
    let lines = town.lines(run, person(0)).await.into_iter();
    let mut kinds: Vec<String> = lines
        .map(|line| json!(line.kind).as_str().unwrap().to_owned())
        .collect();
    kinds.sort();
    kinds
}

#[test]
fn a_return_as_a_duplicate_waits_for_two_people() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACCC", None)).collect();
        town.bring(pain002("A1", &told)).await;
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("DUPL"))]))
            .await;
        assert_eq!(town.statuses(run).await, ["credited", "credited"]);
        let line = town.waiting("duplicate_reason").await.line.id;
        town.holds().await;
        // The next regular run pays nothing of it.
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(kinds(&town, october).await, ["regular"]);
        // Two people find that the first one never was: then it is paid again.
        let back = json!({"resolution": "accepted_as_returned", "note": "Lệnh đầu chưa từng được chi"});
        town.resolve(line, back).await;
        assert_eq!(town.statuses(run).await, ["returned", "credited"]);
        assert_eq!(town.fund().await.to_reissue, AMOUNT);
        town.rebuild(october).await;
        assert_eq!(kinds(&town, october).await, ["regular", "reissue"]);
        town.holds().await;
    });
}

#[test]
fn what_came_back_as_a_duplicate_before_two_people_were_asked_is_held() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(camt054("A1", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        // As an installation of before has it.
        let legacy = "UPDATE payment_order SET reason = 'AM05'";
        town.app().db.owner().execute_unprepared(legacy).await.unwrap();
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(kinds(&town, october).await, ["regular"]);
        let held: Vec<String> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(held, ["called_duplicate"]);
    });
}

#[test]
fn what_two_people_explained_before_it_came_back_does_not_pay_a_duplicate_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let mut less = answer(&orders[0], "BOOK", None);
        less.amount = domain::Vnd::new(AMOUNT - 1).unwrap();
        town.bring(camt054("A1", &[less])).await;
        let line = town.waiting("partial").await.line.id;
        let explained = json!({"resolution": "amount_explained", "note": "Phí một đồng"});
        town.resolve(line, explained).await;
        assert_eq!(town.statuses(run).await, ["settled"]);
        // Then it comes back, and its bank calls it a duplicate.
        town.now("2024-09-20T02:00:00Z").await;
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        assert_eq!(town.statuses(run).await, ["returned"]);
        let called = "UPDATE payment_order SET reason = 'AM05'";
        town.app().db.owner().execute_unprepared(called).await.unwrap();
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(kinds(&town, october).await, ["regular"]);
        let held: Vec<String> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(
            held,
            ["called_duplicate"],
            "nobody has said that the first one was not paid"
        );
        // Two people find that its money is with us.
        town.bring(camt054("A3", &[answer(&orders[0], "BOOK", Some("AM04"))]))
            .await;
        let line = town.waiting("returned_again").await.line.id;
        let back = json!({"resolution": "accepted_as_returned", "note": "Lệnh đầu chưa từng được chi"});
        town.resolve(line, back).await;
        town.rebuild(october).await;
        assert_eq!(kinds(&town, october).await, ["regular", "reissue"]);
    });
}

#[test]
fn a_file_that_was_debited_twice_and_called_a_duplicate_is_paid_again_where_two_people_find_that_all_came_back() {
    let roads = [
        ["D1", "D2", "G", "C1", "C2"],
        ["D1", "G", "C1", "D2", "C2"],
        ["D1", "C1", "G", "D2", "C2"],
    ];
    for (road, by_people) in roads.into_iter().flat_map(|road| [(road, true), (road, false)]) {
        each_engine(async |house| {
            let case = format!("{road:?}, by people: {by_people}");
            let town = BankTown::open(house, 2).await;
            let file = File::of(&town, 2).await;
            let (_, message) = names(&town, file.run).await;
            for id in road {
                let credit = || file.credit(id, file.whole());
                let bytes = match id {
                    "G" => refusal(id, &message, "DU01"),
                    "D1" | "D2" => file.debit(id),
                    _ if by_people => credit(),
                    // The bank's own references tell one from the other.
                    _ => marked(credit(), id, "2024-09-10"),
                };
                town.bring(bytes).await;
            }
            if by_people {
                town.now("2024-09-20T02:00:00Z").await;
                take_back(&town).await;
            }
            let orders = town.orders(file.run).await.into_iter();
            let stand: Vec<_> = orders.map(|own| json!([own.status, own.reason])).collect();
            assert_eq!(stand, vec![json!(["returned", "DU01"]); 2], "{case}");
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            let (paid, held) = if by_people {
                (vec![202_409, 202_410], vec![])
            } else {
                // The bank alone says so: the first one may have been paid.
                (vec![202_410], vec!["called_duplicate"; 2])
            };
            assert_eq!(months(&town, october).await, paid, "{case}");
            assert_eq!(reasons(&town, october).await, held, "{case}");
            town.holds().await;
        });
    }
}
