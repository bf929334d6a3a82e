//! What a bank moved more or less than was ordered is booked, stays open, and is settled by two people.

use domain::Vnd;
use domain::bank_report::synthetic::{Answer, Style, write_account_report};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use service::payment_order::OrderView;
use service::reconciliation::{
    AmountDifferenceView, ListAgeing, SettlementView, ageing, decide_settlement, differences, propose_settlement,
};
use service::{Error, ProblemCode, fund, month_close};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt054, header, month, of, pain002};
use crate::harness::each_engine;

fn moved(order: &OrderView, amount: i64, reason: Option<&str>) -> Answer {
    Answer {
        amount: Vnd::new(amount).unwrap(),
        ..answer(order, "BOOK", reason)
    }
}

fn statement(id: &str, lines: &[Answer], debits: Option<i64>) -> Vec<u8> {
    let style = Style {
        statement: true,
        debits: debits.map(|sum| Vnd::new(sum).unwrap()),
        ..Style::default()
    };
    let mut bytes = Vec::new();
    write_account_report(&mut bytes, &header(id), lines, &[], &style).unwrap();
    bytes
}

/// What is told and booked: đồng moved, đồng open or settled, and where it stands.
async fn told(town: &BankTown<'_>) -> Vec<(i64, i64, String)> {
    let all = differences(town.app(), &town.treasury).await.unwrap().into_iter();
    let told = all.map(|own| (own.moved, own.amount, json!(own.status).as_str().unwrap().to_owned()));
    let mut told: Vec<_> = told.collect();
    told.sort();
    told
}

async fn open(town: &BankTown<'_>) -> AmountDifferenceView {
    let all = differences(town.app(), &town.treasury).await.unwrap();
    all.first().filter(|own| json!(own.status) == "open").unwrap().clone()
}

async fn propose(town: &BankTown<'_>, difference: Uuid, what: &str) -> Result<SettlementView, Error> {
    let what = json!({"settlement": what, "note": "Đã làm việc với ngân hàng"});
    propose_settlement(town.app(), &town.treasury, difference, of(what)).await
}

/// Two people of the treasury settle a difference.
async fn settle(town: &BankTown<'_>, difference: Uuid, what: &str) {
    let proposed = propose(town, difference, what).await.unwrap();
    let decided = decide_settlement(town.app(), &town.second, difference, accept(proposed.id))
        .await
        .unwrap();
    assert_eq!(decided.proposal.decided_by, town.second.user_id);
}

/// Two people take a line for good.
async fn take(town: &BankTown<'_>, finding: &str, resolution: &str) {
    let line = town.waiting(finding).await.line.id;
    town.resolve(line, json!({"resolution": resolution, "note": "Đã gọi ngân hàng"}))
        .await;
}

/// Paid, moved too little, moved too much, written off, đồng.
async fn stands(town: &BankTown<'_>) -> [i64; 4] {
    let fund = town.fund().await;
    [fund.paid, fund.short_moved, fund.over_moved, fund.written_off]
}

/// The open items of September of one kind: reference, đồng, state.
async fn listed(town: &BankTown<'_>, kind: &str) -> Vec<(Option<String>, i64, String)> {
    let filter: ListAgeing = of(json!({}));
    let page = ageing(town.app(), &town.treasury, filter).await.unwrap().items;
    let own = page.into_iter().filter(|own| json!(own.item.kind) == kind);
    own.map(|own| (own.item.reference, own.item.amount, own.item.state))
        .collect()
}

#[test]
fn a_fee_of_one_dong_is_open_until_the_bank_makes_it_good() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let lines = [moved(&orders[0], AMOUNT - 1, None), moved(&orders[1], AMOUNT, None)];
        town.bring(camt054("A1", &lines)).await;
        take(&town, "partial", "accepted_as_paid").await;
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(stands(&town).await, [2 * AMOUNT - 1, 1, 0, 0]);
        town.holds().await;
        // The statement tells the same once more.
        town.bring(statement("A2", &lines, None)).await;
        take(&town, "partial", "amount_explained").await;
        let expected = [(AMOUNT - 1, -1, "open".to_owned()), (AMOUNT - 1, 0, "noted".to_owned())];
        assert_eq!(told(&town).await, expected);
        assert_eq!(stands(&town).await, [2 * AMOUNT - 1, 1, 0, 0]);
        town.holds().await;

        let item = (Some(orders[0].reference.clone()), -1, "short_moved".to_owned());
        assert_eq!(listed(&town, "amount_difference").await, [item]);
        let closed = town.close_month("2024-09").await;
        let kinds: Vec<Value> = closed.open.iter().map(|sum| json!([sum.kind, sum.amount])).collect();
        assert_eq!((closed.ties, kinds), (true, vec![json!(["amount_difference", -1])]));

        let own = open(&town).await;
        assert_eq!((own.ordered, own.moved, own.returned), (AMOUNT, AMOUNT - 1, false));
        let proposed = propose(&town, own.id, "made_good").await.unwrap();
        let same = decide_settlement(app, &town.treasury, own.id, accept(proposed.id)).await;
        assert_eq!(same.unwrap_err().code, ProblemCode::SamePerson);
        let twice = propose(&town, own.id, "written_off").await.unwrap_err();
        assert_eq!(twice.code, ProblemCode::AlreadyExists);
        // The database refuses it too, whoever asks.
        let conn = app.db.owner();
        for update in [
            "UPDATE amount_difference SET status = 'made_good' WHERE status = 'open'",
            "UPDATE amount_difference SET amount = amount - 1 WHERE status = 'open'",
            "DELETE FROM amount_difference",
            "UPDATE difference_settlement SET status = 'accepted', decided_by = proposed_by",
        ] {
            let refused = conn
                .execute_raw(Statement::from_string(conn.get_database_backend(), update))
                .await;
            assert!(refused.is_err(), "{update}");
        }
        decide_settlement(app, &town.second, own.id, accept(proposed.id))
            .await
            .unwrap();
        assert_eq!(stands(&town).await, [2 * AMOUNT, 0, 0, 0]);
        assert_eq!(listed(&town, "amount_difference").await, []);
        let over = propose(&town, own.id, "written_off").await.unwrap_err();
        assert_eq!(over.code, ProblemCode::IllegalTransition);
        town.holds().await;
    });
}

#[test]
fn what_a_bank_took_too_much_is_borne_by_the_fund_where_two_people_write_it_off() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let before = town.fund().await.available;
        let line = Answer {
            amount: Vnd::new(AMOUNT + 10_000).unwrap(),
            ..answer(&orders[0], "ACSC", None)
        };
        town.bring(pain002("A1", &[line])).await;
        take(&town, "amount_differs", "amount_explained").await;
        assert_eq!(stands(&town).await, [AMOUNT, 0, 10_000, 0]);
        town.holds().await;
        let estimate = async || {
            let fund = town.fund().await.id;
            let lines = fund::lines(town.app(), &town.preparer, fund).await.unwrap();
            lines.estimate
        };
        assert_eq!(estimate().await, 1_000_000_000, "nobody decided that the fund has more");
        let own = open(&town).await;
        settle(&town, own.id, "written_off").await;
        assert_eq!(stands(&town).await, [AMOUNT, 0, 0, 10_000]);
        assert_eq!(estimate().await, 1_000_000_000);
        assert_eq!(town.fund().await.available, before - 10_000);
        town.holds().await;
    });
}

#[test]
fn the_rest_of_an_order_ends_what_was_open_of_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(camt054("A1", &[moved(&orders[0], 250_000, None)])).await;
        take(&town, "partial", "accepted_as_paid").await;
        assert_eq!(stands(&town).await, [250_000, AMOUNT - 250_000, 0, 0]);
        town.bring(camt054("A2", &[moved(&orders[0], 300_000, None)])).await;
        take(&town, "partial", "accepted_as_paid").await;
        assert_eq!(stands(&town).await, [550_000, AMOUNT - 550_000, 0, 0]);
        town.holds().await;
        town.bring(camt054("A3", &[moved(&orders[0], AMOUNT - 550_000, None)]))
            .await;
        take(&town, "partial", "amount_explained").await;
        assert_eq!(stands(&town).await, [AMOUNT, 0, 0, 0]);
        assert_eq!(listed(&town, "amount_difference").await, []);
        town.holds().await;
    });
}

#[test]
fn an_order_that_comes_back_takes_its_difference_with_it() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let short = |order: &OrderView| moved(order, AMOUNT - 1, None);
        town.bring(camt054("A1", &[short(&orders[0])])).await;
        take(&town, "partial", "accepted_as_paid").await;
        town.bring(camt054("A2", &[short(&orders[1])])).await;
        take(&town, "partial", "accepted_as_paid").await;
        town.bring(camt054("A3", &[moved(&orders[2], AMOUNT, None)])).await;
        assert_eq!(stands(&town).await, [3 * AMOUNT - 2, 2, 0, 0]);
        // What was moved comes back, to the đồng: nothing is open.
        town.bring(camt054("B1", &[moved(&orders[0], AMOUNT - 1, Some("AC04"))]))
            .await;
        take(&town, "partial", "accepted_as_returned").await;
        assert_eq!(stands(&town).await, [2 * AMOUNT - 1, 1, 0, 0]);
        town.holds().await;
        // The bank gives back more than it took.
        town.bring(camt054("B2", &[moved(&orders[1], AMOUNT, Some("AC04"))]))
            .await;
        assert_eq!(town.statuses(run).await[1], "returned");
        assert_eq!(stands(&town).await, [AMOUNT, 1, 0, 0]);
        assert_eq!(open(&town).await.amount, -1);
        town.holds().await;
        // It keeps a fee of what it gives back.
        town.bring(camt054("B3", &[moved(&orders[2], AMOUNT - 5, Some("AC04"))]))
            .await;
        take(&town, "partial", "accepted_as_returned").await;
        assert_eq!(stands(&town).await, [0, 1, 5, 0]);
        assert_eq!(town.fund().await.to_reissue, 3 * AMOUNT);
        town.holds().await;
        for _ in 0..2 {
            let own = open(&town).await;
            settle(&town, own.id, "made_good").await;
        }
        assert_eq!(stands(&town).await, [0, 0, 0, 0]);
        town.holds().await;
    });
}

#[test]
fn the_tie_holds_the_banks_own_amounts_against_orders_and_files() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let mut lines: Vec<Answer> = orders.iter().map(|order| moved(order, AMOUNT, None)).collect();
        lines[0] = moved(&orders[0], AMOUNT - 1, None);
        town.bring(camt054("A1", &lines)).await;
        let tie = async || month_close::tie(app, &town.preparer, month("2024-09")).await.unwrap();
        // A bank that moved one đồng less has its line in suspense, and then its difference.
        let suspense: Vec<_> = listed(&town, "suspense").await;
        assert_eq!((suspense.len(), suspense[0].1), (1, AMOUNT - 1));
        take(&town, "partial", "accepted_as_paid").await;
        let view = tie().await;
        let bank = view.sums.files[0].bank.unwrap();
        assert_eq!((bank.paid, bank.silent, bank.came_back), (3 * AMOUNT - 1, 0, 0));
        assert_eq!((view.ties, view.sums.files[0].paid), (true, 3 * AMOUNT));
        let open: Vec<Value> = view.sums.open.iter().map(|sum| json!([sum.kind, sum.amount])).collect();
        assert_eq!(open, [json!(["amount_difference", -1])]);

        // A statement that says how much it took, and lacks one of the debits.
        town.bring(statement("A2", &lines[1..2], Some(2 * AMOUNT))).await;
        let view = tie().await;
        let mut named: Vec<(String, String, i64, i64)> = view
            .sums
            .differences
            .into_iter()
            .map(|own| (own.legs, own.subject, own.one, own.other))
            .collect();
        named.sort();
        let lacks = |subject: &str, one: i64, other: i64| ("bank_statement".to_owned(), subject.to_owned(), one, other);
        let mut expected = vec![
            lacks("answer.xml", 2 * AMOUNT, AMOUNT),
            lacks(&orders[0].reference, AMOUNT, 0),
            lacks(&orders[2].reference, AMOUNT, 0),
        ];
        expected.sort();
        assert_eq!((view.ties, named), (false, expected));
        let closed = town.close_month("2024-09").await;
        assert!(
            !closed.ties
                && closed
                    .open
                    .iter()
                    .any(|sum| json!(sum.kind) == "difference" && sum.items == 3)
        );
        town.holds().await;
    });
}

#[test]
fn a_debit_told_twice_in_two_notifications_is_named() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(camt054("A1", &[moved(&orders[0], AMOUNT, None)])).await;
        town.bring(camt054("A2", &[moved(&orders[0], AMOUNT, None)])).await;
        let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
            .await
            .unwrap();
        let [named] = tie.sums.differences.as_slice() else {
            panic!("{:?}", tie.sums.differences)
        };
        assert_eq!(
            (named.legs.as_str(), &named.subject),
            ("orders_bank", &orders[0].reference)
        );
        assert_eq!((named.one, named.other), (AMOUNT, 2 * AMOUNT));
    });
}
