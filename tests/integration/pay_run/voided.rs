//! A run that a change below it sends back to draft keeps nothing of what was approved.

use serde_json::json;
use service::{payment_file, payment_order};

use super::desk::Desk;
use crate::harness::each_engine;
use crate::overpayment::town::Town;

#[test]
fn a_voided_run_has_no_orders_no_files_and_no_fixed_day() {
    each_engine(async |house| {
        let town = Town::open(house).await;
        let desk = Desk::of(&town).await;
        let run = town.build("2024-09").await;
        town.submit(run.id).await.unwrap();
        let approved = town.approve(run.id).await.unwrap();
        assert_eq!(approved.execution_date.to_string(), "2024-09-04");
        let treasury = &town.officers[3];
        let orders = async || {
            payment_order::list(&house.app, treasury, run.id, None, None)
                .await
                .unwrap()
                .items
                .len()
        };
        let files = async || payment_file::list(&house.app, treasury, run.id).await.unwrap().len();
        assert!(orders().await > 0 && files().await > 0);

        town.disability_ends(Some("2024-12-31")).await;
        town.now("2024-09-20T02:00:00Z").await;
        let voided = desk.get(&format!("/v1/pay-runs/{}", run.id)).await;
        assert_eq!(
            (&voided["status"], &voided["build"], &voided["approved_at"]),
            (&json!("draft"), &json!("pending"), &json!(null))
        );
        assert_eq!(
            voided["execution_date"], "2024-09-20",
            "what it would be if it were approved now"
        );
        assert_eq!((orders().await, files().await), (0, 0));

        town.rebuild(run.id).await;
        town.sign(run.id).await;
        town.arrives(run.id).await;
        town.close().await;
    });
}
