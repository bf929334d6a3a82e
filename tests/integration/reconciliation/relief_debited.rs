//! Relief that a bank refused and debited: it is not given out again before two people have looked.

use serde_json::json;
use service::{ProblemCode, reconciliation, relief_request};

use super::bank::{BankTown, answer, camt054, pain002, person};
use super::relief_again::{HOUSE, Storm};
use crate::harness::each_engine;

#[test]
fn relief_that_was_refused_and_debited_is_not_filed_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let first = storm.files("1/TTr", person(0)).await.unwrap();
        let run = storm.pays(&first).await;
        town.idle().await;
        let order = storm.order(run).await;
        town.bring(pain002("R", &[answer(&order, "RJCT", Some("TM01"))])).await;
        town.bring(camt054("D", &[answer(&order, "BOOK", None)])).await;
        assert_eq!(storm.refuses("2/TTr", person(0)).await, "line_open");
        assert_eq!(storm.fund().await, [0, 0, 0, 0, HOUSE], "nothing moved");
        town.holds().await;

        let line = town.waiting("late_answer").await.line.id;
        town.resolve(
            line,
            json!({"resolution": "accepted_as_paid", "note": "Sao kê có ghi nợ"}),
        )
        .await;
        assert_eq!(storm.fund().await, [0, 0, 0, HOUSE, 0]);
        assert_eq!(storm.line(run).await, "live");
        assert_eq!(storm.refuses("3/TTr", person(0)).await, "duplicate");
        town.holds().await;
    });
}

#[test]
fn relief_that_was_filed_again_is_not_approved_when_the_debit_shows() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        town.now("2024-09-20T02:00:00Z").await;
        let storm = Storm::strike(house).await;
        let first = storm.files("1/TTr", person(0)).await.unwrap();
        let run = storm.pays(&first).await;
        town.idle().await;
        let order = storm.order(run).await;
        town.bring(pain002("R", &[answer(&order, "RJCT", Some("TM01"))])).await;
        let second = storm.files("2/TTr", person(0)).await.unwrap();
        town.bring(camt054("D", &[answer(&order, "BOOK", None)])).await;
        let verified = relief_request::verify(storm.app, &storm.verifier, second.id, second.version)
            .await
            .unwrap();
        let refused = relief_request::approve(storm.app, &storm.approver, second.id, verified.version).await;
        assert_eq!(refused.unwrap_err().code, ProblemCode::Conflict);
        assert_eq!(storm.fund().await, [0, HOUSE, 0, 0, 0], "it waits");
        town.holds().await;

        // The bank has to give the debit back; until then it is open, and the house is paid once from the fund.
        let line = town.waiting("late_answer").await.line.id;
        town.resolve(
            line,
            json!({"resolution": "accepted_as_paid", "note": "Sao kê có ghi nợ"}),
        )
        .await;
        assert_eq!(storm.line(run).await, "reissued");
        let open = reconciliation::differences(storm.app, &town.treasury).await.unwrap();
        let open: Vec<_> = open.iter().map(|own| (own.order_id, own.amount)).collect();
        assert_eq!(open, [(order.id, HOUSE)]);
        assert_eq!(storm.fund().await, [0, HOUSE, 0, 0, 0]);
        town.holds().await;
    });
}
