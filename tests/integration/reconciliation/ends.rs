//! A line that nobody could read when it came ends as what people, or a later answer of its order, made of it.

use serde_json::json;
use service::bank_report::{self, ReportLineView};
use uuid::Uuid;

use super::bank::{BankTown, answer, pain002};
use crate::harness::each_engine;

async fn outcomes(town: &BankTown<'_>, report: Uuid) -> Vec<String> {
    let page = bank_report::lines(town.app(), &town.treasury, report, None, Some(200), None)
        .await
        .unwrap();
    let outcome = |line: &ReportLineView| json!(line.outcome).as_str().unwrap().to_owned();
    page.items.iter().map(outcome).collect()
}

#[test]
fn no_line_stays_pending_that_waits_for_nobody() {
    each_engine(async |house| {
        let town = BankTown::open(house, 6).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let mut told: Vec<_> = orders.iter().map(|order| answer(order, "BLCK", None)).collect();
        // A status that no code list has.
        told[5].status = "XXXX".to_owned();
        let report = town.bring(pain002("B1", &told)).await;
        assert_eq!((report.matched, report.suspense), (0, 6));
        assert_eq!(outcomes(&town, report.id).await, ["pending"; 6]);
        town.holds().await;

        for (place, resolution) in [
            (0, "accepted_as_paid"),
            (1, "accepted_as_returned"),
            (2, "not_ours"),
            (3, "bank_resends"),
            (5, "accepted_as_paid"),
        ] {
            let lines = town.suspense().await;
            let line = lines.iter().find(|own| own.line.order_id == Some(orders[place].id));
            let what = json!({"resolution": resolution, "note": "Đã gọi ngân hàng"});
            town.resolve(line.unwrap().line.id, what).await;
        }
        // The bank lets the last one go.
        town.bring(pain002("B2", &[answer(&orders[4], "ACCC", None)])).await;
        let ends = [
            "matched",
            "returned",
            "unknown_reference",
            "duplicate",
            "matched",
            "matched",
        ];
        assert_eq!(outcomes(&town, report.id).await, ends);
        let report = bank_report::get(town.app(), &town.treasury, report.id).await.unwrap();
        assert_eq!((report.matched, report.suspense), (4, 0));
        let stand = ["settled", "returned", "extracted", "extracted", "credited", "settled"];
        assert_eq!(town.statuses(run).await, stand);
        town.holds().await;
    });
}
