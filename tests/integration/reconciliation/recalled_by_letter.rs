//! Recalls of cash: asked for by a letter, answered by the post office's letter or by its list that comes back.

use domain::bank::{BankProfiles, FileFormat};
use domain::bank_report::synthetic::{write_post_results, write_result};
use serde_json::{Value, json};
use service::payment_order::{
    OrderView, RecallView, decide_recall, letter_sent, propose_recall, recall_letter, recall_message, recalls,
};
use service::reconciliation::{ageing, decide_silence, propose_silence, silent_orders};
use service::{Error, ProblemCode, Role, payment_file};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, of};
use super::refused_debited::{months, reasons};
use crate::harness::each_engine;
use crate::month_close::report::text_of;

/// The letter in which the post office answers.
const ANSWER: &str = "CV 88/BĐQN ngày 05/09/2024";

async fn asked(town: &BankTown<'_>, order: &OrderView) -> Result<RecallView, Error> {
    let why = json!({"reason": "CUST", "note": "Người nhận đã mất ngày 02/09/2024."});
    propose_recall(town.app(), &town.treasury, order.id, of(why)).await
}

/// Two people recall an order.
async fn recalled(town: &BankTown<'_>, order: &OrderView) -> Uuid {
    let proposed = asked(town, order).await.unwrap();
    decide_recall(town.app(), &town.approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    proposed.id
}

/// One person enters the letter of the post office.
async fn told(town: &BankTown<'_>, order: &OrderView, outcome: &str) -> Result<Uuid, Error> {
    let said = json!({"outcome": outcome, "letter": ANSWER, "note": "Bưu điện trả lời công văn thu hồi"});
    let proposed = propose_silence(town.app(), &town.treasury, order.id, of(said)).await?;
    Ok(proposed.id)
}

/// Two people enter it.
async fn answered(town: &BankTown<'_>, order: &OrderView, outcome: &str) {
    let proposed = told(town, order, outcome).await.unwrap();
    decide_silence(town.app(), &town.approver, order.id, accept(proposed))
        .await
        .unwrap();
}

/// How the recall of an order was answered, and why.
async fn answer_of(town: &BankTown<'_>, order: &OrderView) -> (Value, Option<String>) {
    let page = recalls(town.app(), &town.preparer, None, None).await.unwrap();
    let own = page.items.into_iter().find(|own| own.order_id == order.id).unwrap();
    assert_eq!(own.answer.is_some(), own.answered_at.is_some());
    (json!(own.answer), own.answer_reason)
}

/// The list of the post office comes back.
async fn list(town: &BankTown<'_>, results: &[(&OrderView, &str)]) -> (i64, i64) {
    let told: Vec<_> = results
        .iter()
        .map(|(order, result)| answer(order, result, None))
        .collect();
    let mut bytes = Vec::new();
    write_post_results(&mut bytes, "2024-09-18".parse().unwrap(), &told).unwrap();
    let report = town.bring(bytes).await;
    (report.matched, report.suspense)
}

/// The kinds of what is open of an order.
async fn open_of(town: &BankTown<'_>, order: &OrderView) -> Vec<Value> {
    let page = ageing(town.app(), &town.treasury, of(json!({}))).await.unwrap();
    let own = page.items.into_iter().filter(|own| own.item.order_id == Some(order.id));
    own.map(|own| json!(own.item.kind)).collect()
}

#[test]
fn the_post_office_is_asked_by_a_letter_that_names_order_file_and_reason() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        let proposed = asked(&town, &order).await.unwrap();
        let early = recall_letter(app, &town.treasury, proposed.id).await;
        assert_eq!(early.unwrap_err().code, ProblemCode::IllegalTransition);
        let decided = decide_recall(app, &town.approver, proposed.id, accept(proposed.id))
            .await
            .unwrap();
        assert_eq!(
            town.statuses(run).await,
            ["extracted", "extracted"],
            "asking moves nothing"
        );

        let message = recall_message(app, &town.treasury, decided.id).await;
        assert_eq!(message.unwrap_err().code, ProblemCode::Conflict);
        let (name, bytes) = recall_letter(app, &town.treasury, decided.id).await.unwrap();
        let message_id = decided.message_id.unwrap();
        assert_eq!(name, format!("recall-letter-{message_id}.pdf"));
        town.now("2024-09-06T02:00:00Z").await;
        let again = recall_letter(app, &town.treasury, decided.id).await.unwrap();
        assert_eq!(again.1, bytes, "the same bytes on another day");
        let path = format!("/v1/recalls/{}/letter.pdf", decided.id);
        let key = house.key(Role::Treasury, None).await;
        let (kind, fetched) = house.call("GET", &path).key(&key).download().await;
        assert_eq!((kind.as_str(), fetched), ("application/pdf", bytes.clone()));

        let files = payment_file::list(app, &town.treasury, run).await.unwrap();
        let file = files.iter().find(|file| Some(file.id) == order.file_id).unwrap();
        let said = text_of(&bytes);
        for part in [
            "V/v đề nghị thu hồi lệnh chi",
            "Kính gửi: Bưu điện tỉnh Quảng Ninh",
            "dừng chi trả tiền mặt",
            message_id.as_str(),
            order.reference.as_str(),
            order.account_number.as_str(),
            order.holder_name.as_str(),
            "750.000 đồng (Bằng chữ: Bảy trăm năm mươi nghìn đồng)",
            "Theo yêu cầu của đơn vị (CUST). Người nhận đã mất ngày 02/09/2024.",
            file.name.as_str(),
            file.sha256.as_deref().unwrap(),
            "THỦ TRƯỞNG ĐƠN VỊ",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        town.holds().await;
    });
}

#[test]
fn cash_that_the_post_office_stopped_by_its_letter_is_over_at_once_and_is_never_paid_twice() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        recalled(&town, &orders[0]).await;
        assert!(open_of(&town, &orders[0]).await.contains(&json!("recall_unanswered")));
        let early = told(&town, &orders[1], "not_executed").await;
        assert_eq!(
            early.unwrap_err().code,
            ProblemCode::IllegalTransition,
            "who was not asked is waited for"
        );
        let listed = silent_orders(app, &town.treasury, None).await.unwrap().items;
        let listed: Vec<(Uuid, bool)> = listed.iter().map(|own| (own.order_id, own.is_silent)).collect();
        assert_eq!(listed, [(orders[0].id, true)]);

        // The list goes on being paid: so the post office must have it, and a clerk who has fetched it is not enough.
        for _ in 0..2 {
            let early = told(&town, &orders[0], "not_executed").await.unwrap_err();
            assert_eq!(early.code, ProblemCode::IllegalTransition);
            assert!(format!("{early:?}").contains("nơi nhận phải đã nhận"), "{early:?}");
            town.fetch(run).await;
        }
        town.acknowledge(run).await;
        answered(&town, &orders[0], "not_executed").await;
        assert_eq!(town.statuses(run).await, ["rejected", "extracted"]);
        assert_eq!(town.stands().await, [AMOUNT, 0, AMOUNT]);
        assert_eq!(
            answer_of(&town, &orders[0]).await,
            (json!("accepted"), Some(ANSWER.to_owned()))
        );
        assert_eq!(open_of(&town, &orders[0]).await, [json!("to_reissue")]);
        town.holds().await;
        // The list that comes back says the same once more.
        let came = list(&town, &[(&orders[0], "not_collected"), (&orders[1], "paid")]).await;
        assert_eq!(came, (2, 0));
        assert_eq!(town.statuses(run).await, ["rejected", "credited"]);
        assert_eq!(town.stands().await, [0, AMOUNT, AMOUNT]);
        town.holds().await;
    });
}

#[test]
fn a_list_that_comes_back_filled_in_says_once_more_that_cash_was_stopped() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        recalled(&town, &order).await;
        town.acknowledge(run).await;
        answered(&town, &order, "not_executed").await;
        let layout = BankProfiles::embedded().unwrap().post_result().unwrap().clone();
        let row = answer(&order, "Chưa nhận", None);
        let bytes = write_result(FileFormat::Csv, &layout, "2024-09-18".parse().unwrap(), &[row]).unwrap();
        let report = town.bring(bytes).await;
        assert_eq!((report.matched, report.suspense), (1, 0));
        assert_eq!(town.statuses(run).await, ["rejected"]);
        assert_eq!(town.stands().await, [0, 0, AMOUNT]);
        town.holds().await;
    });
}

#[test]
fn one_that_was_stopped_by_letter_keeps_nobody_else_from_being_paid() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 3).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        // A clerk has fetched the list; it has not gone out yet when somebody in it has died.
        town.fetch(run).await;
        recalled(&town, &orders[0]).await;
        town.acknowledge(run).await;
        answered(&town, &orders[0], "not_executed").await;
        town.fetch(run).await;
        for file in payment_file::list(app, &town.treasury, run).await.unwrap() {
            assert!(!file.withdrawn, "{} goes on", file.name);
        }
        let came = list(&town, &[(&orders[1], "paid"), (&orders[2], "paid")]).await;
        assert_eq!(came, (2, 0));
        assert_eq!(town.statuses(run).await, ["rejected", "credited", "credited"]);
        assert_eq!(town.stands().await, [0, 2 * AMOUNT, AMOUNT]);
        town.holds().await;
    });
}

#[test]
fn who_was_recalled_after_they_were_given_up_does_not_bring_the_list_back() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.fetch(run).await;
        // The post office answers after long silence; nobody had asked it to stop this one order.
        town.now("2024-09-14T02:00:00Z").await;
        answered(&town, &orders[0], "not_executed").await;
        recalled(&town, &orders[1]).await;
        answered(&town, &orders[1], "not_executed").await;
        let files = payment_file::list(town.app(), &town.treasury, run).await.unwrap();
        let own = files.iter().find(|file| Some(file.id) == orders[0].file_id).unwrap();
        assert!(own.withdrawn, "it is withdrawn for the first of them");
        town.holds().await;
    });
}

#[test]
fn a_letter_names_the_file_once_it_is_built_and_does_not_say_that_it_went_out() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let app = town.app();
        let run = town.build("2024-09").await;
        town.release(run).await;
        let order = town.orders(run).await.remove(0);
        let recall = recalled(&town, &order).await;
        let early = recall_letter(app, &town.treasury, recall).await.unwrap_err();
        assert_eq!(early.code, ProblemCode::Conflict, "{early:?}");
        town.idle().await;
        let (_, bytes) = recall_letter(app, &town.treasury, recall).await.unwrap();
        let said = text_of(&bytes);
        assert!(
            said.contains("Tệp có lệnh chi:") && !said.contains("Tệp đã giao"),
            "{said}"
        );
        town.holds().await;
    });
}

#[test]
fn cash_that_was_handed_over_although_its_letter_said_stopped_waits_for_people() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        recalled(&town, &order).await;
        town.acknowledge(run).await;
        answered(&town, &order, "not_executed").await;
        assert_eq!(list(&town, &[(&order, "paid")]).await, (0, 1));
        let late = town.waiting("late_answer").await;
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        assert_eq!(months(&town, october).await, [202_410], "September is not paid twice");
        assert_eq!(reasons(&town, october).await, ["line_open"]);
        let what = json!({"resolution": "matched_to_order", "note": "Bưu điện xác nhận đã trả",
            "order_id": order.id});
        town.resolve(late.line.id, what).await;
        assert_eq!(town.statuses(run).await, ["credited"]);
        assert_eq!(town.stands().await, [0, AMOUNT, 0]);
        town.holds().await;
    });
}

#[test]
fn the_list_that_comes_back_answers_a_recall_of_cash() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        for order in &orders {
            recalled(&town, order).await;
        }
        let came = list(&town, &[(&orders[0], "not_collected"), (&orders[1], "paid")]).await;
        assert_eq!(came, (2, 0));
        assert_eq!(town.statuses(run).await, ["returned", "credited"]);
        let kept = (json!("accepted"), Some("not_collected".to_owned()));
        assert_eq!(answer_of(&town, &orders[0]).await, kept);
        assert_eq!(answer_of(&town, &orders[1]).await, (json!("refused"), None));
        assert_eq!(open_of(&town, &orders[1]).await, Vec::<Value>::new());
        // What was handed over is recalled no more, and what came back needs none.
        for order in &orders {
            assert_eq!(
                asked(&town, order).await.unwrap_err().code,
                ProblemCode::IllegalTransition
            );
        }
        town.holds().await;
    });
}

#[test]
fn a_letter_that_says_paid_ends_the_recall_without_the_money() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        recalled(&town, &order).await;
        answered(&town, &order, "paid").await;
        assert_eq!(town.statuses(run).await, ["credited"]);
        assert_eq!(town.stands().await, [0, AMOUNT, 0]);
        assert_eq!(
            answer_of(&town, &order).await,
            (json!("refused"), Some(ANSWER.to_owned()))
        );
        assert_eq!(open_of(&town, &order).await, Vec::<Value>::new());
        town.holds().await;
    });
}

#[test]
fn a_letter_waits_to_be_sent_until_somebody_notes_the_day() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await.remove(0);
        town.now("2024-09-06T02:00:00Z").await;
        let id = asked(&town, &order).await.unwrap().id;
        let noted = async |on: &str, number: Value| {
            letter_sent(app, &town.treasury, id, of(json!({"sent_on": on, "number": number}))).await
        };
        let state = async || {
            let page = ageing(app, &town.treasury, of(json!({}))).await.unwrap();
            let mut own = page.items.into_iter().filter(|own| own.item.subject_id == Some(id));
            own.next().map(|own| own.item.state)
        };
        let early = noted("2024-09-06", json!(null)).await.unwrap_err();
        assert_eq!(early.code, ProblemCode::IllegalTransition, "two people have not agreed");
        decide_recall(app, &town.approver, id, accept(id)).await.unwrap();
        // Seven in the morning of the tenth in Vietnam.
        town.now("2024-09-10T00:00:00Z").await;
        let wrong = [
            ("2024-09-05", json!(null), "/sent_on"),
            ("2024-09-11", json!(null), "/sent_on"),
            ("2024-09-06", json!(" "), "/number"),
            ("2024-09-06", json!("1".repeat(61)), "/number"),
        ];
        for (on, number, at) in wrong {
            let refused = noted(on, number).await.unwrap_err();
            assert_eq!(
                (refused.code, refused.fields[0].pointer.as_str()),
                (ProblemCode::Invalid, at)
            );
        }
        assert_eq!(state().await.as_deref(), Some("letter_unsent"));
        noted("2024-09-10", json!(null)).await.unwrap();
        assert_eq!(state().await.as_deref(), Some("unanswered"));

        // The day was mistyped.
        let key = house.key(Role::Treasury, None).await;
        let path = format!("/v1/recalls/{id}/letter-sent");
        let said = json!({"sent_on": "2024-09-06", "number": " 125/TT-BTXH "});
        let call = || house.call("POST", &path).once("letter").key(&key).json(&said);
        let told = call().send().await.json();
        assert_eq!(
            (&told["letter_sent_on"], &told["letter_number"]),
            (&json!("2024-09-06"), &json!("125/TT-BTXH"))
        );
        assert_eq!(call().send().await.json(), told, "once");
        let (_, letter) = recall_letter(app, &town.treasury, id).await.unwrap();
        assert!(text_of(&letter).contains("Số: 125/TT-BTXH"));
        let listed = recalls(app, &town.preparer, None, None).await.unwrap().items.remove(0);
        assert_eq!(json!(listed.letter_sent_on), "2024-09-06");
        let preparer = letter_sent(app, &town.preparer, id, of(said)).await.unwrap_err();
        assert_eq!(preparer.code, ProblemCode::Forbidden);
        town.holds().await;
    });
}
