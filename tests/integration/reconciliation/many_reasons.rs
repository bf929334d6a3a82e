//! A bank that gives several reasons: one of them may be that it has seen the payment before, or that somebody has died.

use serde_json::json;
use service::registry_finding::{self, ListFindings};

use super::bank::{BankTown, answer, of, pain002, person};
use super::batch_debits::names;
use super::group_statuses::{group, reason, said};
use crate::harness::each_engine;

/// A status report with a further reason behind the first one of each line.
fn and(bytes: Vec<u8>, first: &str, further: &str) -> Vec<u8> {
    let text = String::from_utf8(bytes).unwrap();
    let told = reason(first);
    assert!(text.contains(&told), "{text}");
    text.replace(&told, &(told.clone() + &reason(further))).into_bytes()
}

#[test]
fn an_order_refused_for_the_file_and_as_a_duplicate_is_not_paid_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("FF01")),
            answer(&orders[1], "ACCC", None),
        ];
        let report = town.bring(and(pain002("A", &told), "FF01", "DU04")).await;
        assert_eq!((report.matched, report.suspense), (1, 1));
        let line = town.waiting("duplicate_reason").await.line;
        assert_eq!(
            (line.order_id, line.reason.as_deref()),
            (Some(orders[0].id), Some("DU04"))
        );
        assert_eq!(town.statuses(run).await, ["extracted", "credited"]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(town.kinds(october).await, [json!("regular")]);
        town.holds().await;
    });
}

#[test]
fn a_file_or_batch_refused_for_its_form_and_as_a_duplicate_moves_no_order() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (batch, message) = names(&town, run).await;
        let reasons = reason("FF01") + &reason("DU01");
        let refused = group(&message, "", "RJCT") + &reasons;
        let batch_refused = format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>{reasons}\
             </OrgnlPmtInfAndSts>"
        );
        for (id, of_group, of_batches) in [
            ("G", refused, String::new()),
            ("B", group(&message, "", "PART"), batch_refused),
        ] {
            let report = town.bring(said(id, &of_group, &of_batches)).await;
            let own = report
                .files
                .iter()
                .find(|own| own.status.as_deref() == Some("RJCT"))
                .unwrap();
            assert_eq!(own.finding.as_deref(), Some("duplicate_reason"), "{id}");
            assert_eq!(
                (own.reason.as_deref(), own.note.as_deref()),
                (Some("DU01"), Some("FF01")),
                "{id}"
            );
            assert_eq!((own.moved, own.contradicted), (0, 0), "{id}");
            assert!(town.statuses(run).await.iter().all(|own| own != "rejected"), "{id}");
        }
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(town.kinds(october).await, [json!("regular")]);
        town.holds().await;
    });
}

#[test]
fn a_line_of_a_file_refused_as_a_duplicate_is_one_though_it_gives_no_reason() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let (batch, message) = names(&town, run).await;
        let order = town.orders(run).await.remove(0);
        let refused = group(&message, "", "RJCT") + &reason("DU01");
        let line = format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch}</OrgnlPmtInfId><TxInfAndSts>\
             <OrgnlEndToEndId>{}</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts></OrgnlPmtInfAndSts>",
            order.reference
        );
        town.bring(said("G", &refused, &line)).await;
        let findings: Vec<_> = town.suspense().await.into_iter().map(|own| own.line.finding).collect();
        assert_eq!(findings, vec![Some("duplicate_reason".to_owned()); 2]);
        assert_eq!(town.statuses(run).await, ["extracted"; 2]);
        town.holds().await;
    });
}

#[test]
fn a_death_beside_another_reason_reaches_the_registry() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let told = [
            answer(&orders[0], "RJCT", Some("AC04")),
            answer(&orders[1], "ACCC", None),
        ];
        town.bring(and(pain002("A", &told), "AC04", "MD07")).await;
        assert_eq!(town.statuses(run).await, ["rejected", "credited"]);
        let filter: ListFindings = of(json!({"status": "open"}));
        let open = registry_finding::list(town.app(), &town.caseworker, filter)
            .await
            .unwrap();
        let whose: Vec<_> = open.items.iter().map(|own| (own.person_id, json!(own.kind))).collect();
        assert_eq!(whose, [(person(0), json!("reported_deceased"))]);
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let held: Vec<_> = town.held(october).await.into_iter().map(|own| own.reason).collect();
        assert_eq!(held, vec!["reported_deceased"; 2], "September and October");
        town.holds().await;
    });
}
