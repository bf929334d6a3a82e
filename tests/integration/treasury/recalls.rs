//! Recalls at the desk, played against the simulated bank.

use chrono::NaiveDate;
use domain::bank_simulator::{AnswerFile, BankFile, Behaviour, RecallRequest, Receipt, Simulator};
use serde_json::json;
use service::payment_order::{OrderView, decide_recall, propose_recall, recall_letter, recall_message};
use service::reconciliation::{decide_silence, silences};
use service::{Role, payment_file};
use uuid::Uuid;

use super::desk::{Browser, seal};
use crate::harness::each_engine;
use crate::reconciliation::bank::{BankTown, accept, of};

/// The bank with the file of a run.
async fn bank(town: &BankTown<'_>, run: Uuid, behaviour: Behaviour) -> Simulator {
    let (app, treasury) = (town.app(), &town.treasury);
    let files = payment_file::list(app, treasury, run).await.unwrap();
    let file = files.iter().find(|file| file.message_id.is_some()).unwrap();
    let (_, bytes) = payment_file::content(app, treasury, file.id).await.unwrap();
    let mut bank = Simulator::new(behaviour).unwrap();
    let receipt = bank.receive(BankFile::read(&bytes).unwrap(), app.clock.today());
    assert_eq!(receipt, Receipt::Taken);
    bank
}

/// Two people recall an order: the recall.
async fn recalled(town: &BankTown<'_>, order: &OrderView) -> Uuid {
    let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
    let proposed = propose_recall(town.app(), &town.treasury, order.id, of(why))
        .await
        .unwrap();
    decide_recall(town.app(), &town.approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    proposed.id
}

/// A clerk brings answers of the bank.
async fn bring(town: &BankTown<'_>, clerk: &Browser<'_>, answers: &[AnswerFile]) {
    let form = clerk.get("/treasury/reports").await;
    for answer in answers {
        let sent = clerk.upload(Some(&seal(&form)), &answer.name, &answer.bytes).await;
        assert_eq!(sent.status, 303, "{}: {}", answer.name, sent.text);
        town.idle().await;
    }
}

/// Everything that the bank says in the end, the answers to recalls first.
fn said(bank: &Simulator) -> (Vec<AnswerFile>, Vec<AnswerFile>) {
    let all = bank.answers_between(NaiveDate::MIN, "2025-12-31".parse().unwrap());
    all.into_iter().partition(|answer| answer.name.starts_with("camt029-"))
}

#[test]
fn a_recall_is_fetched_at_the_desk_granted_by_the_bank_and_its_money_comes_back() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let mut bank = bank(&town, run, Behaviour::good()).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let none = clerk.get("/treasury/recalls").await;
        assert!(
            none.text.contains("Không có đề nghị thu hồi nào đang mở"),
            "{}",
            none.text
        );

        let id = recalled(&town, &order).await;
        let content = format!("/treasury/recalls/{id}/content");
        let open = clerk.get("/treasury/recalls").await;
        for told in [
            order.reference.as_str(),
            "Sai tài khoản",
            "Đã chấp thuận",
            content.as_str(),
        ] {
            assert!(open.text.contains(told), "{told} is missing: {}", open.text);
        }
        let message = clerk.download(&content).await;
        let (_, own) = recall_message(town.app(), &town.treasury, id).await.unwrap();
        assert_eq!(message, own, "the same bytes each time");

        let asked = RecallRequest::read(&message).unwrap();
        assert_eq!(bank.recall(asked, town.app().clock.today()), Some(Receipt::Taken));
        let (granted, rest) = said(&bank);
        bring(&town, &clerk, &granted).await;
        let open = clerk.get("/treasury/recalls").await;
        assert!(
            open.text.contains("Ngân hàng đồng ý, chờ bút toán tiền về"),
            "{}",
            open.text
        );
        assert_eq!(town.statuses(run).await[0], "extracted", "an answer moves nothing");
        bring(&town, &clerk, &rest).await;
        assert_eq!(town.statuses(run).await, ["returned", "credited"]);
        let open = clerk.get("/treasury/recalls").await;
        assert!(!open.text.contains(&order.reference), "{}", open.text);
        let done = clerk.get("/treasury/recalls?done=1").await;
        assert!(done.text.contains(&order.reference), "{}", done.text);
        town.holds().await;
    });
}

#[test]
fn a_recall_that_the_bank_refuses_is_over_with_its_reason() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let hard = Behaviour {
            recalls_refused: 1_000,
            ..Behaviour::good()
        };
        let mut bank = bank(&town, run, hard).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let id = recalled(&town, &order).await;
        let message = clerk.download(&format!("/treasury/recalls/{id}/content")).await;
        bank.recall(RecallRequest::read(&message).unwrap(), town.app().clock.today());
        let (refused, rest) = said(&bank);
        bring(&town, &clerk, &refused).await;
        bring(&town, &clerk, &rest).await;
        assert_eq!(town.statuses(run).await, ["credited"]);
        let done = clerk.get("/treasury/recalls?done=1").await;
        assert!(done.text.contains("Ngân hàng từ chối"), "{}", done.text);
        let reasons = ["CUST", "AM04", "LEGL", "NOAS"];
        let shown = reasons
            .iter()
            .any(|reason| done.text.contains(&format!("<code>{reason}</code>")));
        assert!(shown, "{}", done.text);
        // The content of a recall that nobody accepted is refused in words.
        let why = json!({"reason": "CUST", "note": "Người hưởng đã chuyển đi"});
        let open = propose_recall(town.app(), &town.treasury, order.id, of(why))
            .await
            .unwrap();
        let early = clerk.get(&format!("/treasury/recalls/{}/content", open.id)).await;
        assert_eq!(early.status, 409, "{}", early.text);
        town.holds().await;
    });
}

#[test]
fn cash_is_recalled_by_a_letter_that_is_printed_at_the_desk_and_its_answer_is_entered_there() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        town.acknowledge(run).await;
        let id = recalled(&town, &order).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let letter = format!("/treasury/recalls/{id}/letter.pdf");
        let answer = format!("/treasury/silences/{}", order.id);
        let open = clerk.get("/treasury/recalls").await;
        for told in [order.reference.as_str(), "Bưu điện", letter.as_str(), answer.as_str()] {
            assert!(open.text.contains(told), "{told} is missing: {}", open.text);
        }
        assert!(!open.text.contains("Tải camt.055"), "no message: {}", open.text);
        let (_, own) = recall_letter(town.app(), &town.treasury, id).await.unwrap();
        assert_eq!(clerk.download(&letter).await, own);

        assert!(open.text.contains("Chưa gửi công văn"), "{}", open.text);
        let (sealed, today) = (seal(&open), town.app().clock.today());
        let note = async |on: NaiveDate| {
            let on = on.to_string();
            let fields = [
                ("_seal", sealed.as_str()),
                ("sent_on", on.as_str()),
                ("number", "125/TT-BTXH"),
            ];
            clerk
                .post(&format!("/treasury/recalls/{id}/letter-sent"), &fields)
                .await
        };
        let early = note(today.succ_opt().unwrap()).await;
        assert_eq!(early.status, 422, "{}", early.text);
        assert!(early.text.contains("Ngày gửi ở tương lai"), "{}", early.text);
        assert_eq!(note(today).await.status, 303);
        let open = clerk.get("/treasury/recalls").await;
        assert!(open.text.contains("Đã gửi công văn số 125/TT-BTXH"), "{}", open.text);
        assert!(!open.text.contains("Chưa gửi công văn"), "{}", open.text);

        let form = clerk.get(&answer).await;
        let fields = [
            ("_seal", seal(&form)),
            ("outcome", "not_executed".to_owned()),
            ("letter", "CV 88/BĐQN ngày 05/09/2024".to_owned()),
            ("note", "Bưu điện đã dừng chi".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let proposed = clerk.post(&format!("{answer}/propose"), &fields).await;
        assert_eq!(proposed.status, 303, "{}", proposed.text);
        let proposal = silences(town.app(), &town.approver, order.id).await.unwrap().remove(0);
        decide_silence(town.app(), &town.approver, order.id, accept(proposal.id))
            .await
            .unwrap();
        let done = clerk.get("/treasury/recalls?done=1").await;
        for told in [
            order.reference.as_str(),
            "Đã dừng, không chi",
            "CV 88/BĐQN ngày 05/09/2024",
        ] {
            assert!(done.text.contains(told), "{told} is missing: {}", done.text);
        }
        town.holds().await;
    });
}
