//! What comes back because it was recalled is paid again as the reason of the recall allows, up to the next run.

use serde_json::{Value, json};
use service::payment_order::{OrderView, decide_cancellation, decide_recall, propose_cancellation, propose_recall};
use service::person as people;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt029, camt054, of, pain002, person};
use crate::harness::each_engine;

/// Two people recall an order, the bank grants it, and the money comes back because that was asked for.
async fn comes_back(town: &BankTown<'_>, order: &OrderView, reason: &str) {
    let app = town.app();
    let why = json!({"reason": reason, "note": "Đề nghị thu hồi lệnh chi"});
    let proposed = propose_recall(app, &town.treasury, order.id, of(why)).await.unwrap();
    decide_recall(app, &town.approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    town.bring(camt029(&format!("C{reason}"), &[answer(order, "ACCR", None)]))
        .await;
    town.bring(camt054(&format!("R{reason}"), &[answer(order, "BOOK", Some("FOCR"))]))
        .await;
}

/// A person's new account, confirmed by a second officer.
async fn new_account(town: &BankTown<'_>, number: u128) {
    let app = town.app();
    let own = people::get(app, &town.caseworker, person(number)).await.unwrap();
    let command = json!({"relation": "oneself", "from": "2024-09-20", "account": {
        "channel": "bank_transfer", "bank_code": "AGRIBANK", "account_number": format!("80112059{number:05}"),
        "holder_name": "Phạm Thị Lan"}});
    let own = people::propose_payee(app, &town.caseworker, person(number), own.version, of(command))
        .await
        .unwrap();
    let payees = people::list_payees(app, &town.caseworker, person(number))
        .await
        .unwrap();
    let proposed = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    people::confirm_payee(app, &town.decider, person(number), proposed.id, own.version)
        .await
        .unwrap();
    town.idle().await;
}

/// Kind and month of the lines of a person in a run.
async fn lines(town: &BankTown<'_>, run: Uuid, number: u128) -> Vec<(Value, i32)> {
    let lines = town.lines(run, person(number)).await;
    let mut lines: Vec<_> = lines
        .iter()
        .map(|line| (json!(line.kind), line.cover_month.yyyymm()))
        .collect();
    lines.sort_by_key(|(_, month)| *month);
    lines
}

/// Whom a run holds September for, and why.
async fn held(town: &BankTown<'_>, run: Uuid) -> Vec<(Uuid, String)> {
    let held = town.held(run).await.into_iter();
    let mut held: Vec<_> = held.map(|own| (own.person_id, own.reason)).collect();
    held.sort();
    held
}

#[test]
fn money_that_was_recalled_is_paid_again_as_its_reason_allows() {
    each_engine(async |house| {
        let town = BankTown::open(house, 6).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
        town.bring(pain002("A", &told)).await;
        let reasons = ["TECH", "CUST", "AM09", "AC03", "DUPL", "FRAD"];
        for (order, reason) in orders.iter().zip(reasons) {
            comes_back(&town, order, reason).await;
        }
        assert_eq!(town.statuses(run).await, ["returned"; 6]);
        assert_eq!(town.suspense().await, []);
        town.holds().await;

        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let again = [(json!("reissue"), 202_409), (json!("regular"), 202_410)];
        let alone = [(json!("regular"), 202_410)];
        // A technical fault, our own request and a wrong amount say nothing against the account.
        for number in 0..3 {
            assert_eq!(lines(&town, october, number).await, again, "{number}");
        }
        let expected = [
            (person(3), "returned_focr".to_owned()),
            (person(4), "recalled_dupl".to_owned()),
            (person(5), "recalled_frad".to_owned()),
        ];
        assert_eq!(held(&town, october).await, expected);

        // Another account, confirmed by two, mends a wrong one; it makes nothing of what was sent twice or stolen.
        for number in 3..6 {
            new_account(&town, number).await;
        }
        town.rebuild(october).await;
        assert_eq!(lines(&town, october, 3).await, again);
        for number in 4..6 {
            assert_eq!(lines(&town, october, number).await, alone, "{number}");
        }
        assert_eq!(held(&town, october).await, expected[1..]);

        // Two people cancel what came back: then the month is owed like any other that was not paid.
        let app = town.app();
        let note = json!({"note": "Lệnh kia không phải của tháng này"});
        let proposed = propose_cancellation(app, &town.preparer, orders[4].id, of(note))
            .await
            .unwrap();
        decide_cancellation(app, &town.approver, orders[4].id, accept(proposed.id))
            .await
            .unwrap();
        town.idle().await;
        town.rebuild(october).await;
        let owed = [(json!("arrears"), 202_409), (json!("regular"), 202_410)];
        assert_eq!(lines(&town, october, 4).await, owed);
        assert_eq!(held(&town, october).await, expected[2..]);
        town.sign(october).await;
        assert_eq!(town.fund().await.to_reissue, AMOUNT, "the fraud waits");
        town.holds().await;
    });
}

#[test]
fn what_was_recalled_as_sent_twice_is_not_paid_again_whatever_the_bank_calls_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        for order in &orders {
            let why = json!({"reason": "DUPL", "note": "Gửi trùng"});
            let proposed = propose_recall(town.app(), &town.treasury, order.id, of(why))
                .await
                .unwrap();
            decide_recall(town.app(), &town.approver, proposed.id, accept(proposed.id))
                .await
                .unwrap();
        }
        // One is refused before it leaves, the other comes back for a reason that asks for nothing.
        town.bring(pain002("R", &[answer(&orders[0], "RJCT", Some("AM04"))]))
            .await;
        town.bring(camt054("C", &[answer(&orders[1], "BOOK", Some("TM01"))]))
            .await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let expected = [0, 1].map(|number| (person(number), "recalled_dupl".to_owned()));
        assert_eq!(held(&town, october).await, expected);
        for number in 0..2 {
            assert_eq!(lines(&town, october, number).await, [(json!("regular"), 202_410)]);
        }
        town.holds().await;
    });
}
