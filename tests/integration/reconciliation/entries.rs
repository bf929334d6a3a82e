//! What a bank booked is what moved: whatever was ordered, and whatever its transactions leave out. What does not say where
//! money went moves nothing.

use serde_json::json;
use service::payment_order::OrderView;
use service::reconciliation::differences;
use service::{ProblemCode, month_close};

use super::bank::{AMOUNT, BankTown, answer, camt054, month};
use super::batch_debits::{notification_head, statement};
use crate::harness::each_engine;

/// A fee, đồng.
const FEE: i64 = 5_000;

fn amount(dong: i64) -> String {
    format!("<Amt Ccy=\"VND\">{dong}</Amt>")
}

/// A transaction of an order.
fn details(order: &OrderView, inside: &str) -> String {
    format!(
        "<TxDtls><Refs><EndToEndId>{}</EndToEndId><UETR>{}</UETR></Refs>{inside}</TxDtls>",
        order.reference, order.uetr
    )
}

/// A notification of one entry; `direction` is the whole element.
fn notified(id: &str, dong: i64, direction: &str, inside: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
         <BkToCstmrDbtCdtNtfctn>{}<Ntry>{}{direction}<Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>2024-09-18</Dt></BookgDt><NtryDtls>{inside}</NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn>\
         </Document>",
        notification_head(id),
        amount(dong)
    )
    .into_bytes()
}

/// The same as a statement, with the sum of its debits.
fn stated(notified: &[u8], debits: i64) -> Vec<u8> {
    let text = String::from_utf8(statement(notified.to_vec())).unwrap();
    let summary = format!("</Bal><TxsSummry><TtlDbtNtries><Sum>{debits}</Sum></TtlDbtNtries></TxsSummry>");
    text.replace("</Bal>", &summary).into_bytes()
}

const OUT: &str = "<CdtDbtInd>DBIT</CdtDbtInd>";
const IN: &str = "<CdtDbtInd>CRDT</CdtDbtInd>";
const BACK: &str = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>";

/// What was ordered, beside what moved.
fn ordered(dong: i64, moved: &str) -> String {
    format!("<AmtDtls><InstdAmt>{}</InstdAmt>{moved}</AmtDtls>", amount(dong))
}

#[test]
fn a_return_less_a_fee_is_no_full_return() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told: Vec<_> = orders.iter().map(|order| answer(order, "BOOK", None)).collect();
        town.bring(camt054("D", &told)).await;
        // Said in the transaction, or in its entry alone.
        let moved = format!("<TxAmt>{}</TxAmt>", amount(AMOUNT - FEE));
        for (number, moved) in [moved.as_str(), ""].into_iter().enumerate() {
            let inside = details(&orders[number], &(ordered(AMOUNT, moved) + BACK));
            let report = town
                .bring(notified(&format!("R{number}"), AMOUNT - FEE, IN, &inside))
                .await;
            assert_eq!((report.line_count, report.matched, report.suspense), (1, 0, 1));
            let waiting = town.suspense().await;
            let own = waiting.iter().find(|own| own.line.report_id == report.id).unwrap();
            assert_eq!(
                (own.line.finding.as_deref(), own.line.amount),
                (Some("partial"), Some(AMOUNT - FEE))
            );
        }
        assert_eq!(town.statuses(run).await, ["settled", "settled"]);
        assert_eq!(town.stands().await, [0, 2 * AMOUNT, 0]);
        town.holds().await;

        // Two people take it as returned: what the bank kept is open beside it.
        let line = town.waiting("partial").await.line;
        let back = json!({"resolution": "accepted_as_returned", "note": "Ngân hàng trừ phí"});
        town.resolve(line.id, back).await;
        let mut statuses = town.statuses(run).await;
        statuses.sort();
        assert_eq!(statuses, ["returned", "settled"]);
        let open = differences(town.app(), &town.treasury).await.unwrap();
        let open: Vec<_> = open
            .iter()
            .map(|own| (own.moved, own.returned, json!(own.status)))
            .collect();
        assert_eq!(open, [(AMOUNT - FEE, true, json!("open"))]);
        town.holds().await;
    });
}

#[test]
fn a_fee_that_was_taken_beside_the_payment_is_not_overlooked() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let inside = details(&orders[0], &(amount(AMOUNT + FEE) + &ordered(AMOUNT, "")));
        let report = town.bring(notified("D", AMOUNT + FEE, OUT, &inside)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (1, 0, 1));
        assert_eq!(town.waiting("amount_differs").await.line.amount, Some(AMOUNT + FEE));
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        assert_eq!(town.stands().await, [2 * AMOUNT, 0, 0]);
        // Where the transaction is exact and only the entry has the fee, the payment holds and the fee waits.
        let inside = details(&orders[1], &amount(AMOUNT));
        let report = town.bring(notified("E", AMOUNT + FEE, OUT, &inside)).await;
        assert_eq!((report.line_count, report.matched, report.suspense), (2, 1, 1));
        let fee = town.waiting("entry_differs").await;
        assert_eq!((fee.line.amount, fee.line.order_id), (Some(FEE), None));
        assert_eq!(town.statuses(run).await, ["extracted", "settled"]);
        // It is no part of an order, which its amount would belie.
        let part = json!({"resolution": "accepted_as_paid", "order_id": orders[1].id, "note": "Phí"});
        let error = town.propose(fee.line.id, part).await.unwrap_err();
        assert_eq!(error.code, ProblemCode::IllegalTransition);
        let other = json!({"resolution": "not_ours", "note": "Phí chuyển tiền, đã hạch toán riêng"});
        town.resolve(fee.line.id, other).await;
        assert_eq!(town.suspense().await.len(), 1);
        town.holds().await;
    });
}

#[test]
fn an_entry_that_says_neither_in_nor_out_moves_nothing_until_two_people_have_looked() {
    for (number, direction) in ["", "<CdtDbtInd>XXXX</CdtDbtInd>"].into_iter().enumerate() {
        each_engine(async |house| {
            let town = BankTown::open(house, 2).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            let odd = |id: &str, order: &OrderView, dong: i64| {
                let inside = details(order, &amount(dong));
                notified(&format!("{id}{number}"), dong, direction, &inside)
            };
            // It came back, and is to be paid again to the same account; of the other nothing was heard.
            town.bring(camt054("D", &[answer(&orders[0], "BOOK", None)])).await;
            town.bring(camt054("R", &[answer(&orders[0], "BOOK", Some("AB05"))]))
                .await;
            for (id, order, dong) in [("X", &orders[0], AMOUNT), ("Y", &orders[1], AMOUNT - FEE)] {
                let report = town.bring(odd(id, order, dong)).await;
                assert_eq!((report.line_count, report.matched, report.suspense), (1, 0, 1));
            }
            let mut findings: Vec<_> = town
                .suspense()
                .await
                .into_iter()
                .map(|own| (own.line.amount, own.line.finding.unwrap(), json!(own.line.outcome)))
                .collect();
            findings.sort_by_key(|own| own.0);
            let faulty = |dong: i64| (Some(dong), "line_faulty".to_owned(), json!("pending"));
            assert_eq!(findings, [faulty(AMOUNT - FEE), faulty(AMOUNT)]);
            assert_eq!(town.statuses(run).await, ["returned", "extracted"]);
            assert_eq!(town.stands().await, [AMOUNT, 0, AMOUNT]);
            town.holds().await;

            // It may have been debited again: as long as that waits it is not paid again.
            town.now("2024-09-25T02:00:00Z").await;
            let october = town.build("2024-10").await;
            assert_eq!(town.kinds(october).await, [json!("regular")]);
            for row in town.suspense().await {
                // Of the one that came back before it told nothing new; less of the other came back than was ordered.
                let what = if row.line.order_id == Some(orders[0].id) {
                    "bank_resends"
                } else {
                    "accepted_as_returned"
                };
                let what = json!({"resolution": what, "note": "Đã đối chiếu sao kê tài khoản"});
                town.resolve(row.line.id, what).await;
            }
            assert_eq!(town.suspense().await, []);
            assert_eq!(town.statuses(run).await, ["returned", "returned"]);
            assert_eq!(town.stands().await, [0, 0, 2 * AMOUNT]);
            let open = differences(town.app(), &town.treasury).await.unwrap();
            let open: Vec<_> = open
                .iter()
                .map(|own| (own.order_id, own.returned, own.amount))
                .collect();
            assert_eq!(open, [(orders[1].id, true, FEE)]);
            town.holds().await;
        });
    }
}

#[test]
fn what_an_entry_took_beside_its_transactions_waits_and_may_be_an_order_that_none_names() {
    for statement in [false, true] {
        each_engine(async |house| {
            let town = BankTown::open(house, 3).await;
            let run = town.pay("2024-09").await;
            let orders = town.orders(run).await;
            let two: String = orders.iter().take(2).map(|own| details(own, &amount(AMOUNT))).collect();
            let file = notified("D", 3 * AMOUNT, OUT, &two);
            let file = if statement { stated(&file, 3 * AMOUNT) } else { file };
            let report = town.bring(file.clone()).await;
            assert_eq!((report.line_count, report.matched, report.suspense), (3, 2, 1));
            assert_eq!(town.bring(file).await, report, "the same file again");
            let rest = town.waiting("entry_differs").await;
            assert_eq!(
                (
                    rest.line.position,
                    json!(rest.line.outcome),
                    rest.line.amount,
                    rest.line.order_id
                ),
                (3, json!("amount_differs"), Some(AMOUNT), None)
            );
            assert!(rest.line.finding_text.is_some());
            assert_eq!(town.statuses(run).await, ["settled", "settled", "extracted"]);
            assert_eq!(town.stands().await, [AMOUNT, 2 * AMOUNT, 0]);
            town.holds().await;

            // The line itself does not say what it is; two people do.
            let named = |resolution: &str| json!({"resolution": resolution, "order_id": orders[2].id, "note": "Ngân hàng xác nhận đã chi cả ba lệnh"});
            let error = town.propose(rest.line.id, named("matched_to_order")).await;
            assert_eq!(error.unwrap_err().code, ProblemCode::IllegalTransition);
            town.resolve(rest.line.id, named("accepted_as_paid")).await;
            assert_eq!(town.suspense().await, []);
            assert_eq!(town.statuses(run).await, ["settled"; 3]);
            assert_eq!(town.stands().await, [0, 3 * AMOUNT, 0]);
            assert_eq!(differences(town.app(), &town.treasury).await.unwrap().len(), 0);
            town.holds().await;
            // The statement's lines are what it says they are: the rest is one of them.
            let tie = month_close::tie(town.app(), &town.preparer, month("2024-09"))
                .await
                .unwrap();
            let of_statement = tie.sums.differences.iter().filter(|own| own.one == 3 * AMOUNT);
            assert_eq!(of_statement.count(), 0, "{:?}", tie.sums.differences);
        });
    }
}
