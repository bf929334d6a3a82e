//! A bank that takes tables is asked to send back an order by a letter, and answers by one.

use serde_json::json;
use service::ProblemCode;
use service::payment_order::{decide_recall, propose_recall, recall_letter, recall_message, recalls};
use service::proposal::DecideProposal;
use service::reconciliation::{decide_silence, propose_silence};
use uuid::Uuid;

use super::office::{Office, code};
use crate::harness::each_engine;
use crate::month_close::report::text_of;
use crate::reconciliation::bank::of;

const ANSWER: &str = "CV 31/KLB-QN ngày 05/09/2024";

fn accept(proposal: Uuid) -> DecideProposal {
    of(json!({"proposal_id": proposal, "decision": "accept", "note": "Đã kiểm tra"}))
}

#[test]
fn a_bank_of_tables_is_asked_by_letter_and_its_letter_ends_the_order() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let app = office.app();
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "orders-KLB-1.csv").await;
        let orders = office.orders(run, "KLB").await;
        let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
        let recall = propose_recall(app, &office.treasury, orders[0].id, of(why))
            .await
            .unwrap();
        decide_recall(app, &office.approver, recall.id, accept(recall.id))
            .await
            .unwrap();
        let message = recall_message(app, &office.treasury, recall.id).await;
        assert_eq!(message.unwrap_err().code, ProblemCode::Conflict);
        let (_, bytes) = recall_letter(app, &office.treasury, recall.id).await.unwrap();
        let text = text_of(&bytes);
        for part in [
            "Kính gửi: Ngân hàng TMCP Kiên Long",
            orders[0].reference.as_str(),
            "Sai tài khoản (AC03). Nhập sai số tài khoản.",
            "orders-KLB-1.csv",
            file.sha256.as_deref().unwrap(),
            "hoàn trả số tiền vào tài khoản",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }

        // No days are waited for: the bank was asked, and its letter is the answer.
        let said = json!({"outcome": "not_executed", "letter": ANSWER, "note": "Ngân hàng đã hủy lệnh"});
        let silence = propose_silence(app, &office.treasury, orders[0].id, of(said.clone()))
            .await
            .unwrap();
        let other = propose_silence(app, &office.treasury, orders[1].id, of(said)).await;
        assert_eq!(other.unwrap_err().code, ProblemCode::IllegalTransition);
        decide_silence(app, &office.approver, orders[0].id, accept(silence.id))
            .await
            .unwrap();
        let after = office.orders(run, "KLB").await;
        let states: Vec<String> = after.iter().map(|order| code(&order.status)).collect();
        assert_eq!(states, ["rejected", "extracted"]);
        assert_eq!(after[0].reason.as_deref(), Some("FOCR"));
        let own = recalls(app, &office.treasury, None, None)
            .await
            .unwrap()
            .items
            .remove(0);
        assert_eq!(
            (json!(own.answer), own.answer_reason.as_deref()),
            (json!("accepted"), Some(ANSWER))
        );
        office.ties().await;
    });
}
