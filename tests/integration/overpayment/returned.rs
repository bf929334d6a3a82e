//! Money that comes back from the bank after it was paid back by hand.

use serde_json::json;
use service::fund;
use service::reconciliation::{self, SuspenseLineView};

use super::road::Road;
use super::town::{AREA, LAN, Town};
use crate::harness::each_engine;

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
