//! One debit over a whole payment file: whatever the order of debit, refusals and refunds, the end is the same.

use serde_json::json;
use service::{bank_report, payment_file};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, answer, camt054, pain002};
use crate::harness::each_engine;

/// Every order of three files.
pub(super) const ROADS: [[usize; 3]; 6] = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];

/// The names of a file in the bank's books: its batch and its message.
pub(crate) async fn names(town: &BankTown<'_>, run: Uuid) -> (String, String) {
    for file in payment_file::list(town.app(), &town.treasury, run).await.unwrap() {
        let manifest = payment_file::manifest(town.app(), &town.treasury, file.id).await;
        let Ok(manifest) = manifest else { continue };
        if let Some(batch) = manifest.payment_information_id {
            return (batch, manifest.message_id.unwrap());
        }
    }
    panic!("the run has no message");
}

/// What stands in a notification before its entries.
pub(crate) fn notification_head(id: &str) -> String {
    format!(
        "<GrpHdr><MsgId>{id}</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr><Ntfctn><Id>{id}</Id>\
         <Acct><Id><Othr><Id>102010000000001</Id></Othr></Id></Acct>"
    )
}

/// An entry over a whole file, without the lines in it.
pub(crate) fn entry(id: &str, direction: &str, sum: i64, name: &str) -> Vec<u8> {
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
         <BkToCstmrDbtCdtNtfctn>{}<Ntry>\
         <Amt Ccy=\"VND\">{sum}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <NtryDtls><Btch>{name}</Btch></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
        notification_head(id)
    )
    .into_bytes()
}

pub(crate) fn batch(name: &str) -> String {
    format!("<PmtInfId>{name}</PmtInfId>")
}

/// A notification as the statement of the same account.
pub(super) fn statement(bytes: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let text = text.replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt");
    // A statement has a balance; what the account held is nobody's business here.
    let balance = "</Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">0</Amt>\
                   <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-09-30</Dt></Dt></Bal>";
    text.replace("Ntfctn>", "Stmt>")
        .replace("</Acct>", balance)
        .replace("camt.054", "camt.053")
        .into_bytes()
}

/// Where everything stands at the end, without the numbers that only tell the way.
pub(super) async fn end(town: &BankTown<'_>, run: Uuid) -> serde_json::Value {
    let orders = town.orders(run).await;
    let orders: Vec<_> = orders.iter().map(|own| json!([own.status, own.reason])).collect();
    let mut waiting: Vec<_> = town
        .suspense()
        .await
        .into_iter()
        .map(|own| {
            json!([
                own.line.finding,
                own.line.outcome,
                own.line.amount,
                own.batch.map(|sums| sums.accepted)
            ])
        })
        .collect();
    waiting.sort_by_key(ToString::to_string);
    let listed = bank_report::list(town.app(), &town.treasury, None, None).await.unwrap();
    let mut reports: Vec<_> = listed
        .items
        .into_iter()
        .map(|own| json!([own.message_id, own.matched, own.suspense]))
        .collect();
    reports.sort_by_key(ToString::to_string);
    let fund = town.fund().await;
    town.holds().await;
    json!({"orders": orders, "waiting": waiting, "reports": reports,
        "fund": [fund.in_transit, fund.paid, fund.to_reissue]})
}

/// A file of four orders; the last is refused.
pub(super) async fn paid(town: &BankTown<'_>) -> (Uuid, Vec<u8>) {
    let run = town.pay("2024-09").await;
    let orders = town.orders(run).await;
    assert_eq!(orders.len(), 4);
    (run, pain002("R", &[answer(&orders[3], "RJCT", Some("AC01"))]))
}

#[test]
fn a_debit_of_the_whole_file_ties_with_refusals_and_refunds_one_by_one_in_any_order() {
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let (run, refusals) = paid(&town).await;
            let (name, _) = names(&town, run).await;
            let refused = town.orders(run).await.remove(3);
            let files = [
                entry("D", "DBIT", 4 * AMOUNT, &batch(&name)),
                refusals,
                camt054("F", &[answer(&refused, "BOOK", Some("AC01"))]),
            ];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let expected = json!({
                "orders": [["settled", null], ["settled", null], ["settled", null], ["returned", "AC01"]],
                "waiting": [],
                "reports": [["D", 1, 0], ["F", 1, 0], ["R", 1, 0]],
                "fund": [0, 3 * AMOUNT, AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{road:?}");
            for bytes in files {
                town.bring(bytes).await;
            }
            assert_eq!(end(&town, run).await, expected, "{road:?}, all of them again");
        });
    }
}

#[test]
fn a_debit_of_the_whole_file_ties_with_refusals_and_one_refund_over_the_batch_in_any_order() {
    for road in ROADS {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let (run, refusals) = paid(&town).await;
            let (name, _) = names(&town, run).await;
            let files = [
                entry("D", "DBIT", 4 * AMOUNT, &batch(&name)),
                refusals,
                entry("C", "CRDT", AMOUNT, &batch(&name)),
            ];
            for number in road {
                town.bring(files[number].clone()).await;
            }
            let expected = json!({
                "orders": [["settled", null], ["settled", null], ["settled", null], ["rejected", "AC01"]],
                "waiting": [],
                "reports": [["C", 1, 0], ["D", 1, 0], ["R", 1, 0]],
                "fund": [0, 3 * AMOUNT, AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{road:?}");
        });
    }
}

#[test]
fn a_debit_of_the_orders_taken_waits_for_the_refusals_and_then_ties_by_itself() {
    for first in [0, 1] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let (run, refusals) = paid(&town).await;
            // The statement names the message, not the batch in it.
            let (_, message) = names(&town, run).await;
            let files = [
                entry("D", "DBIT", 3 * AMOUNT, &format!("<MsgId>{message}</MsgId>")),
                refusals,
            ];
            town.bring(files[first].clone()).await;
            if first == 0 {
                let open = town.waiting("batch_differs").await;
                let sums = open.batch.unwrap();
                assert_eq!(
                    (open.line.amount, sums.whole, sums.accepted, sums.came_back),
                    (Some(3 * AMOUNT), 4 * AMOUNT, 4 * AMOUNT, 0)
                );
                assert_eq!(town.statuses(run).await, ["extracted"; 4], "nothing moves on a guess");
            }
            town.bring(files[1 - first].clone()).await;
            let expected = json!({
                "orders": [["settled", null], ["settled", null], ["settled", null], ["rejected", "AC01"]],
                "waiting": [],
                "reports": [["D", 1, 0], ["R", 1, 0]],
                "fund": [0, 3 * AMOUNT, AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{first}");
        });
    }
}

#[test]
fn a_refund_that_does_not_come_stays_open_with_both_sums() {
    for first in [0, 1] {
        each_engine(async |house| {
            let town = BankTown::open(house, 4).await;
            let (run, refusals) = paid(&town).await;
            let (name, _) = names(&town, run).await;
            let files = [entry("D", "DBIT", 4 * AMOUNT, &batch(&name)), refusals];
            town.bring(files[first].clone()).await;
            town.bring(files[1 - first].clone()).await;
            let expected = json!({
                "orders": [["settled", null], ["settled", null], ["settled", null], ["rejected", "AC01"]],
                "waiting": [["batch_refund_due", "amount_differs", 4 * AMOUNT, 3 * AMOUNT]],
                "reports": [["D", 0, 1], ["R", 1, 0]],
                "fund": [0, 3 * AMOUNT, AMOUNT],
            });
            assert_eq!(end(&town, run).await, expected, "{first}");
        });
    }
}

#[test]
fn an_order_that_a_line_of_its_own_calls_paid_is_not_refused_behind_its_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let (run, refusals) = paid(&town).await;
        let (name, _) = names(&town, run).await;
        let orders = town.orders(run).await;
        town.bring(entry("D", "DBIT", 4 * AMOUNT, &batch(&name))).await;
        town.bring(pain002("S", &[answer(&orders[3], "ACSC", None)])).await;
        let late = town.bring(refusals).await;
        assert_eq!((late.matched, late.suspense), (0, 1));
        assert_eq!(town.statuses(run).await, ["settled"; 4]);
        town.waiting("late_answer").await;
        town.holds().await;
    });
}

#[test]
fn a_notification_and_the_statement_after_it_tell_the_same_money() {
    each_engine(async |house| {
        let town = BankTown::open(house, 4).await;
        let (run, refusals) = paid(&town).await;
        let (name, _) = names(&town, run).await;
        let (debit, credit) = (
            |id: &str| entry(id, "DBIT", 4 * AMOUNT, &batch(&name)),
            |id: &str| entry(id, "CRDT", AMOUNT, &batch(&name)),
        );
        for bytes in [
            debit("D1"),
            refusals,
            credit("C1"),
            statement(debit("D2")),
            statement(credit("C2")),
        ] {
            town.bring(bytes).await;
        }
        assert_eq!(town.suspense().await, []);
        assert_eq!(town.statuses(run).await, ["settled", "settled", "settled", "rejected"]);
        town.holds().await;
    });
}

#[test]
fn further_statuses_in_one_report_are_news_and_the_same_again_is_not() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let told = ["ACTC", "ACSP", "ACSC", "ACCC", "ACCC"].map(|status| answer(&order, status, None));
        let report = town.bring(pain002("A", &told)).await;
        assert_eq!((report.matched, report.suspense), (4, 1));
        assert_eq!(town.waiting("duplicate_line").await.line.position, 5);
        assert_eq!(town.statuses(run).await, ["credited"]);
        town.holds().await;
    });
}
