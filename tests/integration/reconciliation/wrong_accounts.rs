//! Messages that name another account than the order's.

use domain::bank_report::synthetic::{AccountVersion, Answer, Style, write_account_report};
use serde_json::{Value, json};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, header, pain002};
use crate::harness::each_engine;

/// What a bank says, of this account.
fn of_account(answer: Answer, account: &str) -> Answer {
    Answer {
        account: Some(account.to_owned()),
        ..answer
    }
}

/// What waits for people: of which order, and why.
async fn waiting(town: &BankTown<'_>) -> Vec<(Option<Uuid>, Value)> {
    let lines = town.suspense().await.into_iter();
    let mut waiting: Vec<_> = lines
        .map(|own| (own.line.order_id, json!([own.line.outcome, own.line.finding])))
        .collect();
    waiting.sort_by_key(|(order, _)| *order);
    waiting
}

#[test]
fn a_line_that_names_another_account_settles_nothing_and_waits() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let elsewhere = "9999000000001";
        let status = of_account(answer(&orders[0], "ACCC", None), elsewhere);
        let told = town.bring(pain002("A1", &[status])).await;
        assert_eq!((told.matched, told.suspense), (0, 1));
        let notice = of_account(answer(&orders[1], "BOOK", None), elsewhere);
        town.bring(camt054("A2", &[notice])).await;
        let entry = of_account(answer(&orders[2], "BOOK", None), elsewhere);
        let style = Style {
            statement: true,
            account: AccountVersion::V02,
            ..Style::default()
        };
        let mut statement = Vec::new();
        write_account_report(&mut statement, &header("A3"), &[entry], &[], &style).unwrap();
        town.bring(statement).await;
        // Refused, the order is not paid again either before people have looked.
        let refused = of_account(answer(&orders[3], "RJCT", Some("AC01")), elsewhere);
        town.bring(pain002("A4", &[refused])).await;

        assert_eq!(town.statuses(run).await, ["extracted"; 4]);
        let mut expected: Vec<(Option<Uuid>, Value)> = orders
            .iter()
            .map(|order| (Some(order.id), json!(["pending", "account_differs"])))
            .collect();
        expected.sort_by_key(|(order, _)| *order);
        assert_eq!(waiting(&town).await, expected);
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (4 * AMOUNT, 0, 0));
        town.holds().await;

        // The bank puts it right, and two people say of another that it is this order's all the same.
        town.bring(pain002("A5", &[answer(&orders[0], "ACCC", None)])).await;
        let line = town
            .suspense()
            .await
            .into_iter()
            .find(|own| own.line.order_id == Some(orders[1].id));
        let how =
            json!({"resolution": "matched_to_order", "note": "Ngân hàng xác nhận ghi nhầm số tài khoản trên giấy báo"});
        town.resolve(line.unwrap().line.id, how).await;
        assert_eq!(
            town.statuses(run).await,
            ["credited", "settled", "extracted", "extracted"]
        );
        town.holds().await;
    });
}

#[test]
fn zeros_hidden_digits_no_account_and_the_account_of_a_return_hold_nothing_up() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let number = |at: usize| orders[at].account_number.clone();
        let padded = format!("000{}", number(0));
        let hidden = format!("{}****{}", &number(1)[..4], &number(1)[9..]);
        let silent = Answer {
            account: None,
            ..answer(&orders[2], "ACCC", None)
        };
        let lines = [
            of_account(answer(&orders[0], "ACCC", None), &padded),
            of_account(answer(&orders[1], "ACCC", None), &hidden),
            silent,
            answer(&orders[3], "ACSC", None),
        ];
        let told = town.bring(pain002("A1", &lines)).await;
        assert_eq!((told.matched, told.suspense), (4, 0));
        // What comes back is credited to ours.
        let back = of_account(answer(&orders[3], "BOOK", Some("AC04")), "102010000000001");
        town.bring(camt054("A2", &[back])).await;
        assert_eq!(
            town.statuses(run).await,
            ["credited", "credited", "credited", "returned"]
        );
        assert_eq!(waiting(&town).await, []);
        town.holds().await;
    });
}
