//! Money that came back without our reference is found by the bank's own, with its amount and its day.

use domain::Vnd;
use domain::bank_report::synthetic::Answer;
use serde_json::json;
use service::payment_order::OrderView;
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054};
use crate::harness::each_engine;

/// What the bank says of an order, with its own reference.
fn booked(order: &OrderView, reference: &str) -> Answer {
    Answer {
        bank_reference: Some(reference.to_owned()),
        ..answer(order, "BOOK", None)
    }
}

/// Money that came back; the bank does not repeat our reference.
fn nameless(reference: &str, amount: i64) -> Answer {
    Answer {
        reference: "NOTPROVIDED".to_owned(),
        uetr: None,
        amount: Vnd::new(amount).unwrap(),
        status: "BOOK".to_owned(),
        reason: Some("AC04".to_owned()),
        account: None,
        bank_reference: Some(reference.to_owned()),
    }
}

/// A notification whose lines name no batch either.
fn without_batch(id: &str, answers: &[Answer]) -> Vec<u8> {
    let text = String::from_utf8(camt054(id, answers)).unwrap();
    assert!(text.contains("<PmtInfId>P1</PmtInfId>"), "{text}");
    text.replace("<PmtInfId>P1</PmtInfId>", "").into_bytes()
}

/// September paid: the bank told its reference of each order.
async fn paid(town: &BankTown<'_>, references: &[&str]) -> Uuid {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    let told: Vec<Answer> = orders
        .iter()
        .zip(references)
        .map(|(order, reference)| booked(order, reference))
        .collect();
    let report = town.bring(camt054("D", &told)).await;
    assert_eq!((report.matched, report.suspense), (report.line_count, 0));
    run
}

#[test]
fn a_return_without_our_reference_is_matched_by_the_bank_s() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let run = paid(&town, &["FT1", "FT2", "FT3"]).await;
        // With the batch in it, and without.
        let first = camt054("R1", &[nameless("FT1", AMOUNT)]);
        let second = without_batch("R2", &[nameless("FT3", AMOUNT)]);
        for bytes in [first, second] {
            let report = town.bring(bytes.clone()).await;
            assert_eq!((report.line_count, report.matched, report.suspense), (1, 1, 0));
            assert_eq!(town.bring(bytes).await, report, "the same file again");
        }
        assert_eq!(town.statuses(run).await, ["returned", "settled", "returned"]);
        assert_eq!(town.orders(run).await[0].reason.as_deref(), Some("AC04"));
        let fund = town.fund().await;
        assert_eq!((fund.in_transit, fund.paid, fund.to_reissue), (0, AMOUNT, 2 * AMOUNT));
        town.holds().await;
    });
}

#[test]
fn where_the_bank_s_reference_is_not_of_one_order_people_choose_among_the_candidates() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let run = paid(&town, &["FT1", "FT2", "FT2", "FT4"]).await;
        let orders = town.orders(run).await;
        let back = [
            nameless("FT2", AMOUNT),
            nameless("FT4", AMOUNT - 1),
            nameless("FT9", AMOUNT),
        ];
        let report = town.bring(without_batch("R", &back)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (3, 0, 3));
        assert_eq!(town.statuses(run).await, ["settled"; 4]);
        let mut waiting = town.suspense().await;
        waiting.sort_by_key(|own| own.line.position);
        let findings: Vec<_> = waiting.iter().map(|own| own.line.finding.as_deref().unwrap()).collect();
        assert_eq!(
            findings,
            ["bank_reference_unclear", "bank_reference_unclear", "reference_missing"]
        );
        let candidates = |place: usize| {
            let mut ids: Vec<Uuid> = waiting[place].candidates.iter().map(|own| own.order_id).collect();
            ids.sort();
            ids
        };
        let mut both = vec![orders[1].id, orders[2].id];
        both.sort();
        assert_eq!(
            (candidates(0), candidates(1), candidates(2)),
            (both, vec![orders[3].id], vec![])
        );
        assert_eq!(waiting[1].candidates[0].amount, AMOUNT);

        // Two people say which one came back.
        let what = json!({"resolution": "matched_to_order", "order_id": orders[2].id, "note": "Ngân hàng xác nhận"});
        town.resolve(waiting[0].line.id, what).await;
        assert_eq!(town.statuses(run).await, ["settled", "settled", "returned", "settled"]);
        assert_eq!(town.fund().await.to_reissue, AMOUNT);
        town.holds().await;
    });
}

#[test]
fn a_reference_that_the_bank_used_again_is_told_apart_by_the_day() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let september = paid(&town, &["FT1"]).await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.pay("2024-10").await;
        let order = town.orders(october).await.remove(0);
        town.bring(camt054("D2", &[booked(&order, "FT1")])).await;
        // Booked on 18 September, when October had not left.
        let report = town.bring(without_batch("R1", &[nameless("FT1", AMOUNT)])).await;
        assert_eq!((report.matched, report.suspense), (1, 0));
        assert_eq!(town.statuses(september).await, ["returned"]);
        assert_eq!(town.statuses(october).await, ["settled"]);
        // Booked later, it may be either.
        let later = String::from_utf8(without_batch("R2", &[nameless("FT1", AMOUNT)])).unwrap();
        let later = later.replace("<Dt>2024-09-18</Dt>", "<Dt>2024-10-03</Dt>").into_bytes();
        town.bring(later).await;
        assert_eq!(town.waiting("bank_reference_unclear").await.candidates.len(), 2);
        assert_eq!(town.statuses(october).await, ["settled"]);
        town.holds().await;
    });
}
