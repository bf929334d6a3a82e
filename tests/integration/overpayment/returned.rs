//! Money that comes back from the bank after it was paid back by hand.

use domain::Vnd;
use domain::bank_report::synthetic::{Answer, write_post_results};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use service::payment_order::OrderView;
use service::reconciliation::{self, SuspenseLineView};
use service::registry_finding::{self, ListFindings};
use service::{access, bank_report, fund, payment_file, payment_order, person};
use uuid::Uuid;

use super::deduct::recovering;
use super::road::Road;
use super::town::{AREA, LAN, Town};
use crate::harness::each_engine;
use crate::reconciliation::bank::{answer, camt054, pain002};
use crate::reconciliation::batch_debits::notification_head;

async fn waiting(town: &Town<'_>) -> Vec<SuspenseLineView> {
    let treasury = &town.officers[3];
    let page = reconciliation::suspense(&town.house.app, treasury, Some(200), None).await;
    page.unwrap().items
}

#[test]
fn a_return_of_what_was_paid_back_waits_for_people_and_stops_no_file() {
    each_engine(async |house| {
        let area = AREA.split('@').next().unwrap();
        let town = Town::of_people(house, 1_000_000_000, &[(LAN, "022190001234", area)]).await;
        let run = town.pay("2024-09").await;
        town.now("2024-09-20T02:00:00Z").await;
        town.arrives(run).await;
        town.publish_recovery("").await;
        town.disability_ends(Some("2024-08-31")).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        town.now("2024-10-22T02:00:00Z").await;
        let case = road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let worker = town.caseworker.clone();
        let open = case["open"].as_i64().unwrap();
        let paid = town.paid().await;
        let received = json!({"amount": open, "received_on": "2024-10-22", "reference": "PT1"});
        road.takes(&worker, "record-repayment", received).await;
        assert!(town.paid().await < paid, "the fund does not count it as paid any more");

        // The bank had the money all the time. The file is read to its end, and nothing moves by itself.
        let before = town.paid().await;
        town.answers(run, |_| Some("returned")).await;
        let lines = waiting(&town).await;
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert_eq!(lines[0].line.finding.as_deref(), Some("paid_back"));
        assert_eq!(json!(lines[0].order_status), "credited");
        assert_eq!(town.paid().await, before);
        town.holds().await;

        // The repayment is given back: then the return is what it says.
        let appeal = json!({"filed_on": "2024-10-22", "grounds": "Tiền chưa bao giờ đến tài khoản"});
        road.takes(&worker, "appeal", appeal).await;
        let upheld = json!({"outcome": "upheld", "reason": "Ngân hàng đã trả lại", "refund_reference": "PC1"});
        road.takes(&town.deciders[1], "resolve-appeal", upheld).await;
        town.holds().await;
        resolve(&town, &lines[0], "accepted_as_returned").await;
        let funds = fund::list(&town.house.app, &town.officers[0]).await.unwrap();
        assert_eq!(funds.iter().map(|fund| fund.to_reissue).sum::<i64>(), paid);
        assert_eq!(waiting(&town).await.len(), 0);
        town.close().await;
    });
}

/// Two people of the treasury resolve a line.
async fn resolve(town: &Town<'_>, line: &SuspenseLineView, how: &str) {
    let app = &town.house.app;
    let key = town.house.key(service::Role::Treasury, None).await;
    let second = service::access::authenticate(app, &key).await.unwrap();
    let command = json!({"resolution": how, "note": "Đã hoàn lại tiền nộp"});
    let command = serde_json::from_value(command).unwrap();
    let proposed = reconciliation::propose(app, &town.officers[3], line.line.id, command)
        .await
        .unwrap();
    let accept = json!({"proposal_id": proposed.id, "decision": "accept", "note": "Đã kiểm tra"});
    let accept = serde_json::from_value(accept).unwrap();
    reconciliation::decide(app, &second, line.line.id, accept)
        .await
        .unwrap();
}

/// A file of a bank arrives and is reconciled.
async fn bring(town: &Town<'_>, bytes: Vec<u8>) {
    bank_report::upload(&town.house.app, &town.officers[3], "answer", bytes)
        .await
        .unwrap();
    town.idle().await;
}

/// The person of the tests is paid by a bank.
async fn banks(town: &Town<'_>) {
    let (app, caseworker) = (&town.house.app, &town.officers[4]);
    let own = person::get(app, caseworker, LAN).await.unwrap();
    let command = json!({"relation": "oneself", "from": "2024-08-20", "account": {
        "channel": "bank_transfer", "bank_code": "AGRIBANK", "account_number": "8011205100000",
        "holder_name": "Phạm Thị Lan"}});
    let command = serde_json::from_value(command).unwrap();
    let own = person::propose_payee(app, caseworker, LAN, own.version, command)
        .await
        .unwrap();
    let payees = person::list_payees(app, caseworker, LAN).await.unwrap();
    let proposed = payees.iter().find(|payee| json!(payee.status) == "proposed").unwrap();
    let decider = access::authenticate(app, &town.deciders[0]).await.unwrap();
    person::confirm_payee(app, &decider, LAN, proposed.id, own.version)
        .await
        .unwrap();
    town.idle().await;
}

async fn orders(town: &Town<'_>, run: Uuid) -> Vec<OrderView> {
    let page = payment_order::list(&town.house.app, &town.officers[3], run, None, None).await;
    page.unwrap().items
}

/// One debit over the file of a run.
async fn debit(town: &Town<'_>, run: Uuid, sum: i64) -> Vec<u8> {
    let (app, treasury) = (&town.house.app, &town.officers[3]);
    let mut batch = None;
    for file in payment_file::list(app, treasury, run).await.unwrap() {
        if let Ok(manifest) = payment_file::manifest(app, treasury, file.id).await {
            batch = batch.or(manifest.payment_information_id);
        }
    }
    let batch = batch.unwrap();
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">\
         <BkToCstmrDbtCdtNtfctn>{}<Ntry>\
         <Amt Ccy=\"VND\">{sum}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><Btch>\
         <PmtInfId>{batch}</PmtInfId></Btch></NtryDtls></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>",
        notification_head("D")
    )
    .into_bytes()
}

#[test]
fn a_refusal_of_what_was_paid_with_its_file_and_paid_back_waits_for_people_too() {
    each_engine(async |house| {
        let area = AREA.split('@').next().unwrap();
        let town = Town::of_people(house, 1_000_000_000, &[(LAN, "022190001234", area)]).await;
        banks(&town).await;
        let run = town.pay("2024-09").await;
        let order = orders(&town, run).await.remove(0);
        town.now("2024-09-20T02:00:00Z").await;
        bring(&town, debit(&town, run, order.amount).await).await;
        town.publish_recovery("").await;
        town.disability_ends(Some("2024-08-31")).await;
        let mut road = Road::of(&town, "detected").await;
        road.reach_decision().await;
        town.now("2024-10-22T02:00:00Z").await;
        let case = road.takes(&town.deciders[0], "make-enforceable", json!(null)).await;
        let open = case["open"].as_i64().unwrap();
        let received = json!({"amount": open, "received_on": "2024-10-22", "reference": "PT1"});
        road.takes(&town.caseworker.clone(), "record-repayment", received).await;

        let before = town.paid().await;
        bring(&town, pain002("R", &[answer(&order, "RJCT", Some("MD07"))])).await;
        let lines = waiting(&town).await;
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert_eq!(lines[0].line.finding.as_deref(), Some("paid_back"));
        assert_eq!(json!(lines[0].line.outcome), "late");
        assert_eq!(json!(lines[0].order_status), "settled");
        assert_eq!(town.paid().await, before, "nothing moves by itself");
        // That the holder has died is news all the same.
        let filter: ListFindings = serde_json::from_value(json!({"status": "open"})).unwrap();
        let found = registry_finding::list(&house.app, &town.officers[4], filter)
            .await
            .unwrap();
        assert_eq!(found.items.iter().map(|own| own.person_id).collect::<Vec<_>>(), [LAN]);
        town.close().await;
    });
}

#[test]
fn what_a_refused_order_gives_back_counts_before_a_return_is_withheld() {
    each_engine(async |house| {
        let town = recovering(house).await;
        let november = town.pay("2024-11").await;
        let own = town.lines(november).await[0].order_id;
        let runs = service::pay_run::list(&house.app, &town.officers[0], None, None)
            .await
            .unwrap();
        // One file: everything that was ever paid comes back, and November, which keeps something back, never arrived.
        let mut answers = Vec::new();
        for run in runs.items {
            for order in orders(&town, run.id).await {
                let late = run.id == november;
                if late && Some(order.id) != own {
                    continue;
                }
                let status = if late { "not_collected" } else { "returned" };
                answers.push(Answer {
                    reference: order.reference.clone(),
                    uetr: None,
                    amount: Vnd::new(order.amount).unwrap(),
                    status: status.to_owned(),
                    reason: Some("03".to_owned()),
                    account: None,
                    bank_reference: None,
                });
            }
        }
        assert_eq!(answers.len(), 5);
        let mut bytes = Vec::new();
        write_post_results(&mut bytes, house.app.clock.today(), &answers).unwrap();
        bring(&town, bytes).await;
        assert_eq!(waiting(&town).await, [], "nothing was paid back in cash");
        assert_eq!(town.paid().await, 0);
        town.close().await;
    });
}

/// What pay runs have kept back in all, less what was given back, đồng.
async fn taken(town: &Town<'_>) -> i64 {
    let conn = town.house.app.db.owner();
    let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) AS number FROM overpayment_recovery \
               WHERE deduction_id IS NOT NULL";
    let rows = conn
        .query_all_raw(Statement::from_string(conn.get_database_backend(), sql))
        .await
        .unwrap();
    rows[0].try_get("", "number").unwrap()
}

#[test]
fn what_was_kept_back_of_a_refused_order_is_paid_back_again_where_two_people_find_it_debited() {
    each_engine(async |house| {
        let town = recovering(house).await;
        banks(&town).await;
        let november = town.pay("2024-11").await;
        let own = town.lines(november).await[0].order_id;
        let of_run = orders(&town, november).await;
        let order = of_run.into_iter().find(|order| Some(order.id) == own).unwrap();
        let kept: i64 = town.lines(november).await[0]
            .deductions
            .iter()
            .map(|own| own.amount)
            .sum();
        assert!(kept > 0);
        assert_eq!(taken(&town).await, kept);
        bring(&town, pain002("R", &[answer(&order, "RJCT", Some("AM04"))])).await;
        assert_eq!(taken(&town).await, 0, "given back");
        bring(&town, camt054("D", &[answer(&order, "BOOK", None)])).await;
        let lines = waiting(&town).await;
        assert_eq!(lines.len(), 1, "{lines:#?}");
        assert_eq!(lines[0].line.finding.as_deref(), Some("late_answer"));
        resolve(&town, &lines[0], "accepted_as_paid").await;
        assert_eq!(taken(&town).await, kept, "the payee got what was left of it");
        assert_eq!(waiting(&town).await, []);
        town.close().await;
    });
}
