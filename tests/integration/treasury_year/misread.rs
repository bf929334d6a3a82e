//! A report that was read as another bank's, set aside by two people who die at each await of it and do it again, and read
//! anew.

use serde_json::json;
use service::bank_report::{self, Reading};
use service::reconciliation::{decide_set_aside, propose_set_aside};
use uuid::Uuid;

use super::repeated::{Desk, id, lived_twice};
use crate::reconciliation::bank::{accept, answer, of, pain002, refuse};

/// The report arrives, is read as one of this bank's, and reconciled.
async fn read_as(desk: &Desk<'_>, bank: &str, bytes: &[u8]) -> Uuid {
    let report = desk.brings(bank, &desk.town.treasury, async |app, actor| {
        let reading = Reading {
            bank: Some(bank.to_owned()),
            mode: None,
        };
        bank_report::upload_as(app, actor, "bao-cao.xml", bytes.to_vec(), reading).await
    });
    let report = id(&report.await);
    desk.works("reconcile").await;
    report
}

/// One proposes to set it aside; another says whether it is.
async fn sets_aside(desk: &Desk<'_>, report: Uuid, accepted: bool) {
    let town = &desk.town;
    let proposed = desk.sends("propose set aside", &town.treasury, async |app, actor| {
        let why = of(json!({"note": "Chọn nhầm ngân hàng khi nạp tệp"}));
        propose_set_aside(app, actor, report, why).await
    });
    let proposed = id(&proposed.await);
    desk.sends("decide set aside", &town.second, async |app, actor| {
        let said = if accepted { accept(proposed) } else { refuse(proposed) };
        decide_set_aside(app, actor, report, said).await
    })
    .await;
}

#[test]
fn a_report_is_set_aside_and_read_anew_once_whoever_dies() {
    lived_twice(2, async |desk| {
        let town = &desk.town;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "ACSC", None),
            answer(&orders[1], "RJCT", Some("AC04")),
        ];
        let bytes = pain002("A1", &told);
        let wrong = read_as(desk, "VCB", &bytes).await;
        assert_eq!(town.suspense().await.len(), 2);
        sets_aside(desk, wrong, false).await;
        assert_eq!(town.suspense().await.len(), 2, "one did not agree");
        sets_aside(desk, wrong, true).await;
        assert_eq!(town.suspense().await, []);
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"], "nothing followed");

        let right = read_as(desk, "AGRIBANK", &bytes).await;
        assert_ne!(right, wrong);
        assert_eq!(town.statuses(run).await, ["settled", "rejected"]);
        assert_eq!(town.suspense().await, []);
    });
}
