//! A bank that takes tables is asked to send back an order by a letter, and answers by one.

use domain::bank_report::synthetic::write_result_csv;
use serde_json::{Value, json};
use service::bank_report::Reading;
use service::payment_order::{
    OrderView, RecallView, decide_recall, propose_recall, recall_letter, recall_message, recalls,
};
use service::reconciliation::{
    RecallAnswerView, ageing, decide_recall_answer, decide_silence, propose_recall_answer, propose_silence,
    recall_answers,
};
use service::{Error, ProblemCode, Role, payment_file};
use uuid::Uuid;

use super::answers::layout;
use super::office::{Office, answer, code};
use crate::harness::{codes_in, each_engine};
use crate::month_close::report::text_of;
use crate::reconciliation::bank::{accept, of};
use crate::treasury::desk::{Browser, seal};
use crate::treasury::recall_delivery::both;

const ANSWER: &str = "CV 31/KLB-QN ngày 05/09/2024";

async fn asked(office: &Office<'_>, order: &OrderView) -> Result<RecallView, Error> {
    let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
    propose_recall(office.app(), &office.treasury, order.id, of(why)).await
}

/// Two people recall an order.
async fn recalled(office: &Office<'_>, order: &OrderView) -> Uuid {
    let recall = asked(office, order).await.unwrap().id;
    decide_recall(office.app(), &office.approver, recall, accept(recall))
        .await
        .unwrap();
    recall
}

/// The bank says of these orders that they are paid.
async fn paid(office: &Office<'_>, orders: &[OrderView]) {
    let told: Vec<_> = orders.iter().map(|order| answer(order, "Thành công", None)).collect();
    let mut csv = Vec::new();
    write_result_csv(&mut csv, &layout("KLB"), &told).unwrap();
    let report = office.bring(csv, Reading::default()).await.unwrap();
    assert_eq!((report.matched, report.suspense), (2, 0));
}

/// One person enters how the bank answers a recall.
async fn told(office: &Office<'_>, recall: Uuid, says: &str) -> Result<RecallAnswerView, Error> {
    let said = json!({"answer": says, "letter": ANSWER, "note": "Ngân hàng trả lời công văn"});
    propose_recall_answer(office.app(), &office.treasury, recall, of(said)).await
}

/// How the recall of an order was answered last, and why.
async fn answer_of(office: &Office<'_>, order: &OrderView) -> (Value, Option<String>) {
    let page = recalls(office.app(), &office.treasury, None, None).await.unwrap();
    let own = page.items.into_iter().rfind(|own| own.order_id == order.id).unwrap();
    (json!(own.answer), own.answer_reason)
}

/// Of which orders a recall waits for its answer.
async fn unanswered(office: &Office<'_>) -> Vec<Option<Uuid>> {
    let page = ageing(office.app(), &office.treasury, of(json!({}))).await.unwrap();
    let open = page.items.into_iter();
    let open = open.filter(|own| code(&own.item.kind) == "recall_unanswered");
    open.map(|own| own.item.order_id).collect()
}

#[test]
fn a_letter_answers_the_recall_of_a_paid_order_and_moves_nothing() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let app = office.app();
        let run = office.pay("2024-09").await;
        office.file(run, "orders-KLB-1.csv").await;
        let orders = office.orders(run, "KLB").await;
        // One is recalled before its bank has paid it, the other afterwards.
        let first = recalled(&office, &orders[0]).await;
        let early = told(&office, first, "refused").await.unwrap_err();
        assert_eq!(early.code, ProblemCode::IllegalTransition, "{early:?}");
        paid(&office, &orders).await;
        let proposed = asked(&office, &orders[1]).await.unwrap().id;
        let early = told(&office, proposed, "refused").await.unwrap_err();
        assert_eq!(early.code, ProblemCode::IllegalTransition, "two people have not agreed");
        decide_recall(app, &office.approver, proposed, accept(proposed))
            .await
            .unwrap();
        let second = proposed;
        assert_eq!(unanswered(&office).await.len(), 2);

        let unsaid = told(&office, first, "pending").await.unwrap_err();
        assert_eq!(unsaid.code, ProblemCode::Invalid);
        for (recall, says) in [(first, "refused"), (second, "accepted")] {
            let own = told(&office, recall, says).await.unwrap();
            let again = told(&office, recall, says).await.unwrap_err();
            assert_eq!(again.code, ProblemCode::AlreadyExists);
            assert_eq!(unanswered(&office).await.len(), if recall == first { 2 } else { 1 });
            decide_recall_answer(app, &office.approver, recall, accept(own.id))
                .await
                .unwrap();
            let twice = told(&office, recall, says).await.unwrap_err();
            assert_eq!(twice.code, ProblemCode::IllegalTransition);
            let kept = recall_answers(app, &office.treasury, recall).await.unwrap();
            assert_eq!((kept.len(), kept[0].letter.as_str()), (1, ANSWER));
        }
        let kept = Some(ANSWER.to_owned());
        assert_eq!(answer_of(&office, &orders[0]).await, (json!("refused"), kept.clone()));
        assert_eq!(answer_of(&office, &orders[1]).await, (json!("accepted"), kept));
        assert!(unanswered(&office).await.is_empty());
        let after = office.orders(run, "KLB").await;
        let states: Vec<String> = after.iter().map(|order| code(&order.status)).collect();
        assert_eq!(states, ["credited", "credited"], "a letter moves no money");
        // What was refused may be asked once more; what is granted is waited for.
        let open = asked(&office, &orders[1]).await.unwrap_err();
        assert_eq!(open.code, ProblemCode::AlreadyExists);
        asked(&office, &orders[0]).await.unwrap();
        office.ties().await;
    });
}

#[test]
fn the_letter_about_a_paid_order_is_entered_at_the_desk() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let run = office.pay("2024-09").await;
        office.file(run, "orders-KLB-1.csv").await;
        let orders = office.orders(run, "KLB").await;
        paid(&office, &orders).await;
        let recall = recalled(&office, &orders[0]).await;
        let page = format!("/treasury/recalls/{recall}");
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let open = clerk.get("/treasury/recalls").await;
        assert!(open.text.contains(&format!("href=\"{page}\"")), "{}", open.text);

        let sealed = seal(&clerk.get(&page).await);
        let fields = [
            ("_seal", sealed.as_str()),
            ("answer", "refused"),
            ("letter", ANSWER),
            ("note", "Chủ tài khoản không đồng ý"),
        ];
        let proposed = clerk.post(&format!("{page}/answer/propose"), &fields).await;
        assert_eq!(
            (proposed.status, proposed.header("location")),
            (303, page.as_str()),
            "{}",
            proposed.text
        );
        let own = recall_answers(office.app(), &office.approver, recall).await.unwrap();
        let own = own[0].id.to_string();
        let head = Browser::signed_in(house, &both(house).await).await;
        let form = head.get(&page).await;
        assert!(form.text.contains(ANSWER), "{}", form.text);
        let sealed = seal(&form);
        let fields = [
            ("_seal", sealed.as_str()),
            ("proposal", own.as_str()),
            ("decision", "accept"),
            ("note", "Đã xem văn bản"),
        ];
        let decided = head.post(&format!("{page}/answer/decide"), &fields).await;
        assert_eq!(
            (decided.status, decided.header("location")),
            (303, "/treasury/recalls"),
            "{}",
            decided.text
        );
        let done = head.get("/treasury/recalls?done=1").await;
        for told in [orders[0].reference.as_str(), "Đã chi, không thu hồi được", ANSWER] {
            assert!(done.text.contains(told), "{told} is missing: {}", done.text);
        }
        office.ties().await;
    });
}

#[test]
fn a_bank_of_tables_is_asked_by_letter_and_its_letter_ends_the_order() {
    each_engine(async |house| {
        let office = Office::open(house, &[("KLB", "0101"), ("KLB", "0102")]).await;
        let app = office.app();
        let run = office.pay("2024-09").await;
        let (file, _) = office.file(run, "orders-KLB-1.csv").await;
        let orders = office.orders(run, "KLB").await;
        let recall = recalled(&office, &orders[0]).await;
        let message = recall_message(app, &office.treasury, recall).await;
        assert_eq!(message.unwrap_err().code, ProblemCode::Conflict);
        let (_, bytes) = recall_letter(app, &office.treasury, recall).await.unwrap();
        let text = text_of(&bytes);
        assert_eq!(codes_in(&text), [""; 0], "{text}");
        for part in [
            "Kính gửi: Ngân hàng TMCP Kiên Long",
            orders[0].reference.as_str(),
            "Sai tài khoản (AC03). Nhập sai số tài khoản.",
            "orders-KLB-1.csv",
            file.sha256.as_deref().unwrap(),
            "hoàn trả số tiền vào tài khoản",
            "Ngân hàng của người nhận:",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }

        // No days are waited for: the bank was asked, and its letter is the answer.
        let said = json!({"outcome": "not_executed", "letter": ANSWER, "note": "Ngân hàng đã hủy lệnh"});
        let early = propose_silence(app, &office.treasury, orders[0].id, of(said.clone())).await;
        assert_eq!(
            early.unwrap_err().code,
            ProblemCode::IllegalTransition,
            "a bank that has no file stops nothing"
        );
        let hash = file.sha256.as_deref().unwrap();
        payment_file::acknowledge(app, &office.treasury, file.id, file.version, hash)
            .await
            .unwrap();
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
        // The other one is paid by the same file.
        assert!(office.files(run).await.iter().all(|file| !file.withdrawn));
        office.file(run, "orders-KLB-1.csv").await;
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

#[test]
fn the_letter_beside_a_message_asks_the_bank_that_the_message_asks() {
    each_engine(async |house| {
        let office = Office::open(house, &[("AGRIBANK", "8000205100001")]).await;
        let app = office.app();
        let run = office.pay("2024-09").await;
        office.file(run, "pain001-AGRIBANK-1.xml").await;
        let order = office.orders(run, "AGRIBANK").await.remove(0);
        let recall = recalled(&office, &order).await;
        let (_, message) = recall_message(app, &office.treasury, recall).await.unwrap();
        let message = String::from_utf8(message).unwrap();
        let (_, asked) = message.split_once("<Assgne>").unwrap();
        let (asked, _) = asked.split_once("</Assgne>").unwrap();
        assert!(asked.contains("<BICFI>ICBVVNVX</BICFI>"), "{asked}");
        let (_, bytes) = recall_letter(app, &office.treasury, recall).await.unwrap();
        let text = text_of(&bytes);
        for part in [
            "Kính gửi: Ngân hàng TMCP Công thương Việt Nam",
            "Ngân hàng của người nhận:",
            "Ngân hàng Nông nghiệp và Phát triển Nông thôn Việt Nam.",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        office.ties().await;
    });
}
