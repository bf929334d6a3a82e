//! Recalls: the request by two people, the message, and what the bank answers.

use std::process::Command;

use serde_json::json;
use service::ProblemCode;
use service::payment_order::{RecallView, decide_recall, propose_recall, recall_message, recalls};

use super::bank::{AMOUNT, BankTown, accept, answer, camt029, camt054, of, pain002, refuse};
use crate::harness::each_engine;

/// By a public tool, against the schema of ISO 20022.
fn check_schema(bytes: &[u8], schema: &str) {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("message.xml");
    std::fs::write(&path, bytes).unwrap();
    let schema = format!("{}/tests/xsd/{schema}.xsd", env!("CARGO_MANIFEST_DIR"));
    let output = Command::new("xmllint")
        .args(["--noout", "--schema", &schema])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

async fn first(town: &BankTown<'_>) -> RecallView {
    recalls(town.app(), &town.preparer, None, None)
        .await
        .unwrap()
        .items
        .remove(0)
}

#[test]
fn a_recall_is_asked_by_two_people_answered_by_the_bank_and_moves_nothing() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản của người giám hộ"});
        let proposed = propose_recall(app, &town.treasury, orders[0].id, of(why.clone()))
            .await
            .unwrap();
        let open = propose_recall(app, &town.treasury, orders[0].id, of(why.clone())).await;
        assert_eq!(open.unwrap_err().code, ProblemCode::AlreadyExists);
        let message = recall_message(app, &town.treasury, proposed.id).await;
        assert_eq!(message.unwrap_err().code, ProblemCode::IllegalTransition);
        let decided = decide_recall(app, &town.approver, proposed.id, accept(proposed.id))
            .await
            .unwrap();
        let (name, bytes) = recall_message(app, &town.treasury, proposed.id).await.unwrap();
        assert_eq!(name, format!("camt055-{}.xml", decided.message_id.unwrap()));
        assert_eq!(recall_message(app, &town.treasury, proposed.id).await.unwrap().1, bytes);
        check_schema(&bytes, "camt.055.001.09");
        let text = String::from_utf8(bytes).unwrap();
        for part in [
            format!("<OrgnlEndToEndId>{}</OrgnlEndToEndId>", orders[0].reference),
            format!("<OrgnlUETR>{}</OrgnlUETR>", orders[0].uetr),
            format!("<OrgnlInstdAmt Ccy=\"VND\">{AMOUNT}</OrgnlInstdAmt>"),
            "<Cd>AC03</Cd>".to_owned(),
            "<AddtlInf>NHAP SAI SO TAI KHOAN CUA NGUOI GIAM HO</AddtlInf>".to_owned(),
        ] {
            assert!(text.contains(&part), "{part} in {text}");
        }
        assert_eq!(
            town.statuses(run).await,
            ["extracted", "extracted"],
            "a request moves nothing"
        );

        // The answers come in any order; the end of one is never taken back.
        // A line may leave it to what is said of all of them: cancelled as asked for.
        let accepted = String::from_utf8(camt029("C1", &[answer(&orders[0], "ACCR", None)])).unwrap();
        assert!(accepted.contains("<Conf>CNCL</Conf>"), "{accepted}");
        let accepted = accepted.replace("<TxCxlSts>ACCR</TxCxlSts>", "").into_bytes();
        check_schema(&accepted, "camt.029.001.10");
        let report = town.bring(accepted).await;
        assert_eq!(
            (json!(report.format), report.matched, report.suspense),
            (json!("camt029"), 1, 0)
        );
        town.bring(camt029("C2", &[answer(&orders[0], "PDCR", None)])).await;
        assert_eq!(json!(first(&town).await.answer), "accepted");
        let contradicts = town
            .bring(camt029("C3", &[answer(&orders[0], "RJCR", Some("LEGL"))]))
            .await;
        assert_eq!(contradicts.suspense, 1);
        assert_eq!(json!(first(&town).await.answer), "accepted");
        let stray = town.bring(camt029("C4", &[answer(&orders[1], "ACCR", None)])).await;
        assert_eq!(stray.suspense, 1);
        town.waiting("recall_unknown").await;
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        town.holds().await;

        // The money comes back as an entry of its own.
        town.bring(pain002("A1", &[answer(&orders[0], "ACSC", None)])).await;
        town.bring(camt054("A2", &[answer(&orders[0], "BOOK", Some("CUST"))]))
            .await;
        assert_eq!(town.statuses(run).await, ["returned", "extracted"]);
        let over = propose_recall(app, &town.treasury, orders[0].id, of(why)).await;
        assert_eq!(over.unwrap_err().code, ProblemCode::IllegalTransition);
        town.holds().await;
    });
}

#[test]
fn a_refused_recall_may_be_asked_again() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        let ask = async || {
            let why = json!({"reason": "CUST", "note": "Người hưởng đã chuyển đi"});
            propose_recall(app, &town.treasury, orders[0].id, of(why))
                .await
                .unwrap()
        };
        let one = ask().await;
        decide_recall(app, &town.approver, one.id, refuse(one.id))
            .await
            .unwrap();
        let two = ask().await;
        decide_recall(app, &town.approver, two.id, accept(two.id))
            .await
            .unwrap();
        town.bring(camt029("C1", &[answer(&orders[0], "RJCR", Some("ARDT"))]))
            .await;
        let mut listed = recalls(app, &town.preparer, None, None).await.unwrap().items;
        listed.sort_by_key(|own| own.sequence);
        assert_eq!(
            (json!(listed[1].answer), listed[1].answer_reason.as_deref()),
            (json!("refused"), Some("ARDT"))
        );
        let three = ask().await;
        assert_eq!(three.sequence, 3);
        town.holds().await;
    });
}
