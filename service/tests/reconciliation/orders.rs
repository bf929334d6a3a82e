//! What lines say of single orders: matched, wrong, doubled, late, out of order.

use domain::Vnd;
use domain::bank_report::synthetic::Answer;
use entity::enums::*;

use crate::house::{AMOUNT, answer, camt054, findings, house, pain002, statuses};

#[tokio::test]
async fn an_unknown_reference_a_wrong_amount_a_duplicate_and_a_return_stop_no_other_line() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 6)
        .await;
    let orders = house.orders(run).await;
    let mut answers: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    answers[0].amount = Vnd::new(orders[0].amount - 1).unwrap();
    answers.push(Answer {
        reference: "NOBODY".into(),
        uetr: None,
        ..answers[1].clone()
    });
    answers.push(answers[2].clone());
    let first = house.bring(pain002("A1", &answers)).await;
    assert_eq!(
        (first.status, first.line_count, first.matched, first.suspense),
        (ReportStatus::Reconciled, 8, 5, 3)
    );
    house
        .bring(camt054("A2", &[answer(&orders[3], "BOOK", Some("AC04"))]))
        .await;

    use OrderStatus::{Extracted, Returned, Settled};
    let now = house.orders(run).await;
    assert_eq!(
        statuses(&now),
        [Extracted, Settled, Settled, Returned, Settled, Settled]
    );
    assert_eq!((now[3].reason.as_deref(), now[3].version), (Some("AC04"), 4));
    assert_eq!(now[1].bank_reference, Some(format!("FT{}", now[1].account_number)));
    let expected = [
        ("amount_differs", LineOutcome::AmountDiffers),
        ("duplicate_line", LineOutcome::Duplicate),
        ("unknown_reference", LineOutcome::UnknownReference),
    ];
    assert_eq!(
        findings(&house.waiting().await),
        expected.map(|(code, outcome)| (code.to_owned(), outcome)).into()
    );
    // The lines of an order are of two fiscal years, and each year's money moves in its own fund.
    for year in [2023, 2024] {
        let fund = house.fund(year).await;
        assert_eq!(
            (fund.in_transit, fund.paid, fund.to_reissue),
            (AMOUNT, 4 * AMOUNT, AMOUNT)
        );
    }
    assert_eq!(house.status(run).await, PayRunStatus::Settling);
    house.ties().await;

    house.bring(pain002("A3", &[answer(&orders[0], "ACCC", None)])).await;
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    // A return can come after the month is closed.
    house
        .bring(camt054("A4", &[answer(&orders[1], "BOOK", Some("AC06"))]))
        .await;
    assert_eq!(house.fund(2024).await.to_reissue, 2 * AMOUNT);
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;
}

#[tokio::test]
async fn the_same_file_twice_and_the_same_lines_in_another_order_change_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    let mut answers: Vec<Answer> = orders.iter().map(|order| answer(order, "ACSC", None)).collect();
    answers[1].status = "RJCT".into();
    answers[1].reason = Some("AC01".into());
    let bytes = pain002("A1", &answers);
    let first = house.bring(bytes.clone()).await;
    let (events, fund) = (house.events().await, house.fund(2024).await);
    assert_eq!(house.upload(bytes).await.unwrap(), first);
    answers.reverse();
    let again = house.bring(pain002("A2", &answers)).await;
    assert_ne!(again.id, first.id);
    assert_eq!((again.matched, again.suspense), (3, 0));
    assert_eq!(house.events().await, events);
    assert_eq!(house.fund(2024).await.to_reissue, fund.to_reissue);
    assert_eq!(house.fund(2024).await.paid, 2 * AMOUNT);
    house.ties().await;
}

#[tokio::test]
async fn answers_out_of_order_end_in_the_same_state() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 2)
        .await;
    let orders = house.orders(run).await;
    let settled = |order| pain002(&format!("S{}", order == &orders[0]), &[answer(order, "ACSC", None)]);
    let returned = |order| {
        camt054(
            &format!("R{}", order == &orders[0]),
            &[answer(order, "BOOK", Some("AC04"))],
        )
    };
    house.bring(settled(&orders[0])).await;
    house.bring(returned(&orders[0])).await;
    house.bring(returned(&orders[1])).await;
    let late = house.bring(settled(&orders[1])).await;
    assert_eq!((late.matched, late.suspense), (1, 0));
    let now = house.orders(run).await;
    assert_eq!(statuses(&now), [OrderStatus::Returned, OrderStatus::Returned]);
    assert_eq!(
        (now[0].reason.as_deref(), now[1].reason.as_deref()),
        (Some("AC04"), Some("AC04"))
    );
    let fund = house.fund(2023).await;
    assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, 0, 2 * AMOUNT));
    assert_eq!(house.status(run).await, PayRunStatus::Closed);
    house.ties().await;
}

#[tokio::test]
async fn a_refusal_after_the_debit_and_a_refusal_as_duplicate_move_nothing() {
    let house = house().await;
    let run = house
        .released(PayRunKind::Regular, 202_409, Channel::BankTransfer, 3)
        .await;
    let orders = house.orders(run).await;
    house.bring(pain002("A1", &[answer(&orders[0], "ACSC", None)])).await;
    let refusals = [
        answer(&orders[0], "RJCT", Some("AC01")),
        answer(&orders[1], "RJCT", Some("DU04")),
        answer(&orders[2], "BLCK", None),
    ];
    house.bring(pain002("A2", &refusals)).await;
    use OrderStatus::{Extracted, Settled};
    assert_eq!(statuses(&house.orders(run).await), [Settled, Extracted, Extracted]);
    let expected = [
        ("blocked", LineOutcome::Pending),
        ("duplicate_reason", LineOutcome::Duplicate),
        ("late_answer", LineOutcome::Late),
    ];
    assert_eq!(
        findings(&house.waiting().await),
        expected.map(|(code, outcome)| (code.to_owned(), outcome)).into()
    );
    assert_eq!(house.fund(2024).await.to_reissue, 0);
    house.ties().await;
}
