//! Orders that a bank says nothing of: two people say, by its letter, what became of them.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use service::payment_order::{self, OrderView, decide_recall, propose_recall};
use service::reconciliation::{SilenceView, ageing, decide_silence, propose_silence, silences};
use service::reminder::{self, RemindOfDays};
use service::{Actor, Error, ProblemCode, Role, access, job, verify};
use uuid::Uuid;

use super::bank::{AMOUNT, BankTown, accept, answer, camt029, camt054, of, pain002, person, refuse};
use crate::harness::each_engine;

/// Ten days after the 4th of September 2024, on which the banks were to execute the run of that month.
const LONG_AFTER: &str = "2024-09-14T02:00:00Z";

async fn proposed_by(town: &BankTown<'_>, one: &Actor, order: Uuid, outcome: &str) -> Result<SilenceView, Error> {
    let why = json!({"outcome": outcome, "letter": "CV 215/NHNo-QN ngày 12/09/2024",
        "note": "Ngân hàng trả lời bằng văn bản"});
    propose_silence(town.app(), one, order, of(why)).await
}

async fn proposed(town: &BankTown<'_>, order: Uuid, outcome: &str) -> Result<SilenceView, Error> {
    proposed_by(town, &town.treasury, order, outcome).await
}

/// Two people say what became of an order.
async fn said(town: &BankTown<'_>, order: Uuid, outcome: &str) {
    let proposed = proposed(town, order, outcome).await.unwrap();
    let decided = decide_silence(town.app(), &town.approver, order, accept(proposed.id))
        .await
        .unwrap();
    assert_eq!(json!(decided.proposal.status), "accepted");
    assert_eq!(decided.proposal.decided_by, town.approver.user_id);
}

/// The kinds under which orders stand in the list of what is open.
async fn open_as(town: &BankTown<'_>) -> Vec<(Option<Uuid>, Value)> {
    let page = ageing(town.app(), &town.treasury, of(json!({}))).await.unwrap();
    let items = page.items.into_iter();
    items.map(|own| (own.item.order_id, json!(own.item.kind))).collect()
}

/// What the program finds of silent orders this morning: how many, and how much.
async fn reminded(town: &BankTown<'_>) -> Vec<(i64, i64)> {
    let slot = town.app().clock.today();
    town.app()
        .db
        .write(async |txn| job::enqueue(txn, &RemindOfDays { slot }).await)
        .await
        .unwrap();
    town.idle().await;
    let filter = of(json!({"kind": "orders_silent"}));
    let page = reminder::list(town.app(), &town.treasury, filter).await.unwrap();
    page.items.iter().map(|own| (own.items, own.amount)).collect()
}

/// An order as it stands, with the step that came last.
async fn last_step(town: &BankTown<'_>, order: Uuid) -> (Value, Option<String>, String) {
    let own = payment_order::get(town.app(), &town.preparer, order).await.unwrap();
    let last = own.events.last().unwrap();
    (json!(last.to_status), last.reason.clone(), last.source_kind.clone())
}

fn refusal<T: std::fmt::Debug>(done: Result<T, Error>) -> ProblemCode {
    done.unwrap_err().code
}

#[test]
fn what_was_never_executed_is_owed_again_once_two_people_say_so() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        let orders: Vec<OrderView> = town.orders(run).await;
        let (silent, other) = (orders[0].id, &orders[1]);
        town.bring(pain002("A1", &[answer(other, "ACCC", None)])).await;
        // Nine days are none too many; and the list of what is open says so.
        town.now("2024-09-13T02:00:00Z").await;
        assert_eq!(
            refusal(proposed(&town, silent, "not_executed").await),
            ProblemCode::IllegalTransition
        );
        assert_eq!(open_as(&town).await, [(Some(silent), json!("in_flight"))]);
        assert_eq!(reminded(&town).await, []);
        town.now(LONG_AFTER).await;
        assert_eq!(open_as(&town).await, [(Some(silent), json!("bank_silent"))]);
        assert_eq!(reminded(&town).await, [(1, AMOUNT)]);

        let before = town.stands().await;
        assert_eq!(before, [AMOUNT, AMOUNT, 0]);
        assert_eq!(
            refusal(proposed(&town, other.id, "not_executed").await),
            ProblemCode::IllegalTransition,
            "its bank has said how it ended"
        );
        // One person with two keys is one person.
        let keys = house.keys(&[Role::Treasury, Role::Approver]).await;
        let one = access::authenticate(app, &keys[0]).await.unwrap();
        let same = access::authenticate(app, &keys[1]).await.unwrap();
        let own = proposed_by(&town, &one, silent, "not_executed").await.unwrap();
        assert_eq!(
            refusal(decide_silence(app, &same, silent, accept(own.id)).await),
            ProblemCode::SamePerson
        );
        assert_eq!(
            refusal(proposed(&town, silent, "paid").await),
            ProblemCode::AlreadyExists
        );
        // The database refuses it too, whoever asks.
        let alone = "UPDATE bank_silence SET status = 'accepted', decided_by = proposed_by, \
                     decided_at = CURRENT_TIMESTAMP, decision_note = 'một mình'";
        assert!(app.db.owner().execute_unprepared(alone).await.is_err());
        assert_eq!(town.stands().await, before, "what one person proposes moves nothing");
        decide_silence(app, &town.approver, silent, refuse(own.id))
            .await
            .unwrap();
        assert_eq!(town.stands().await, before);

        said(&town, silent, "not_executed").await;
        assert_eq!(town.statuses(run).await, ["rejected", "credited"]);
        let step = (
            json!("rejected"),
            Some("not_executed".to_owned()),
            "bank_silence".to_owned(),
        );
        assert_eq!(last_step(&town, silent).await, step);
        assert_eq!(town.stands().await, [0, AMOUNT, AMOUNT]);
        assert_eq!(open_as(&town).await, [(Some(silent), json!("to_reissue"))]);
        town.now("2024-09-15T02:00:00Z").await;
        assert_eq!(reminded(&town).await, [], "the next morning nobody is reminded of it");
        assert_eq!(silences(app, &town.preparer, silent).await.unwrap().len(), 2);
        assert_eq!(
            refusal(proposed(&town, silent, "paid").await),
            ProblemCode::IllegalTransition
        );
        town.holds().await;

        // The account was not at fault: the next run pays it again.
        town.now("2024-09-25T02:00:00Z").await;
        let october = town.build("2024-10").await;
        let kinds: Vec<Value> = town
            .lines(october, person(0))
            .await
            .iter()
            .map(|line| json!([line.kind, line.cover_month.yyyymm()]))
            .collect();
        assert!(kinds.contains(&json!(["reissue", 202_409])), "{kinds:?}");
        town.sign(october).await;
        assert_eq!(town.fund().await.to_reissue, 0);
        town.holds().await;
    });
}

#[test]
fn what_was_paid_without_word_is_paid_and_its_late_word_is_old_news() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.bring(pain002("A1", &[answer(&orders[1], "ACCC", None)])).await;
        town.now(LONG_AFTER).await;
        said(&town, orders[0].id, "paid").await;
        assert_eq!(town.statuses(run).await, ["settled", "credited"]);
        assert_eq!(town.stands().await, [0, 2 * AMOUNT, 0]);
        assert_eq!(open_as(&town).await, []);
        town.holds().await;
        let closed = town.close_month("2024-09").await;
        assert!(closed.ties, "{closed:?}");
        // The bank finds its voice: it says the same, and then that the money came back.
        let told = town.bring(pain002("A2", &[answer(&orders[0], "ACSC", None)])).await;
        assert_eq!((told.matched, told.suspense), (1, 0));
        town.bring(camt054("A3", &[answer(&orders[0], "BOOK", Some("AC04"))]))
            .await;
        assert_eq!(town.statuses(run).await, ["returned", "credited"]);
        assert_eq!(town.stands().await, [0, AMOUNT, AMOUNT]);
        town.holds().await;
    });
}

#[test]
fn what_was_recalled_before_its_execution_comes_to_an_end() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.fetch(run).await;
        let orders = town.orders(run).await;
        let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
        let asked = propose_recall(app, &town.treasury, orders[0].id, of(why))
            .await
            .unwrap();
        decide_recall(app, &town.approver, asked.id, accept(asked.id))
            .await
            .unwrap();
        // Cancelled before any money moved: the answer leaves no line, and no entry will ever follow.
        let told = town.bring(camt029("C1", &[answer(&orders[0], "ACCR", None)])).await;
        assert_eq!((told.matched, told.suspense), (1, 0));
        town.now(LONG_AFTER).await;
        assert_eq!(open_as(&town).await, [(Some(orders[0].id), json!("bank_silent"))]);
        said(&town, orders[0].id, "not_executed").await;
        let (status, reason, source) = last_step(&town, orders[0].id).await;
        assert_eq!((status, source.as_str()), (json!("rejected"), "bank_silence"));
        assert_eq!(
            reason.as_deref(),
            Some("FOCR"),
            "how it is paid again follows from why it was recalled"
        );
        assert_eq!(town.stands().await, [0, 0, AMOUNT]);
        town.holds().await;
    });
}

#[test]
fn a_bank_that_speaks_meanwhile_is_believed_and_its_open_lines_come_first() {
    each_engine(async |house| {
        let town = BankTown::open(house, 3).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.fetch(run).await;
        let orders = town.orders(run).await;
        town.now(LONG_AFTER).await;
        // It speaks between the two people.
        let late = proposed(&town, orders[0].id, "not_executed").await.unwrap();
        town.bring(pain002("A1", &[answer(&orders[0], "ACCC", None)])).await;
        assert_eq!(
            refusal(decide_silence(app, &town.approver, orders[0].id, accept(late.id)).await),
            ProblemCode::IllegalTransition
        );
        decide_silence(app, &town.approver, orders[0].id, refuse(late.id))
            .await
            .unwrap();
        // It names another amount: that line says where the money is, and is resolved as any other.
        let mut fee = answer(&orders[1], "BOOK", None);
        fee.amount = domain::Vnd::new(AMOUNT - 1).unwrap();
        // And of the third it only says that it does not know yet.
        let blocked = answer(&orders[2], "BLCK", None);
        town.bring(camt054("A2", &[fee])).await;
        town.bring(pain002("A3", &[blocked])).await;
        assert_eq!(
            refusal(proposed(&town, orders[1].id, "not_executed").await),
            ProblemCode::IllegalTransition
        );
        said(&town, orders[2].id, "not_executed").await;
        let waiting = town.suspense().await;
        assert_eq!(waiting.len(), 1, "{waiting:#?}");
        assert_eq!(waiting[0].line.order_id, Some(orders[1].id));
        assert_eq!(town.statuses(run).await, ["credited", "extracted", "rejected"]);
        town.holds().await;
    });
}

/// Where somebody signed beside a person whom they gave the key.
async fn beside_a_giver(town: &BankTown<'_>) -> Vec<String> {
    let checks = verify::all(town.app()).await.unwrap();
    let mut own = checks
        .into_iter()
        .filter(|check| check.name.starts_with("signatures: "));
    own.next().unwrap().faults
}

#[test]
fn who_gave_the_other_the_key_does_not_say_it_with_them_and_is_found_where_somebody_did() {
    each_engine(async |house| {
        let town = BankTown::open(house, 2).await;
        let app = town.app();
        let run = town.pay("2024-09").await;
        town.fetch(run).await;
        let orders = town.orders(run).await;
        town.now(LONG_AFTER).await;
        let mut giver = Vec::new();
        for key in house.keys(&[Role::Administrator, Role::Treasury, Role::Approver]).await {
            giver.push(access::authenticate(app, &key).await.unwrap());
        }
        let hired = of(json!({"name": "Cán bộ mới", "staff_number": "QN-1"}));
        let hired = access::create_user(app, &giver[0], hired).await.unwrap().id;
        let key = of(json!({"name": "khóa", "user_id": hired,
            "grants": [{"role": Role::Treasury}, {"role": Role::Approver}]}));
        let key = access::create_client(app, &giver[0], key).await.unwrap().key;
        let holder = access::authenticate(app, &key).await.unwrap();

        // Either way round, and whatever is decided.
        let own = proposed_by(&town, &giver[1], orders[0].id, "paid").await.unwrap();
        let theirs = proposed_by(&town, &holder, orders[1].id, "not_executed").await.unwrap();
        for decision in [accept, refuse] {
            for (who, silence) in [(&holder, &own), (&giver[2], &theirs)] {
                let told = decide_silence(app, who, silence.order_id, decision(silence.id)).await;
                let told = told.unwrap_err();
                assert_eq!(told.code, ProblemCode::SamePerson);
                assert!(format!("{told:?}").contains("cấp khóa"), "{told:?}");
            }
        }
        assert_eq!(town.statuses(run).await, ["extracted", "extracted"]);
        assert_eq!(town.stands().await, [2 * AMOUNT, 0, 0]);
        // Somebody else may.
        decide_silence(app, &town.approver, own.order_id, accept(own.id))
            .await
            .unwrap();
        assert_eq!(town.statuses(run).await, ["settled", "extracted"]);
        town.holds().await;

        // Decided by the giver past the program, it is found.
        let past = "UPDATE bank_silence SET status = 'refused', decided_at = proposed_at, decision_note = 'một mình', \
                    decided_by = (SELECT given.issued_by FROM key_issue AS given \
                    WHERE given.user_id = bank_silence.proposed_by AND given.issued_by IS NOT NULL) \
                    WHERE status = 'proposed'";
        app.db.owner().execute_unprepared(past).await.unwrap();
        let id = theirs.id;
        let expected = format!("bank_silence {id}: one of the two gave the other the key");
        assert_eq!(beside_a_giver(&town).await, [expected]);
    });
}

#[test]
fn cash_that_the_post_handed_over_without_word_was_collected() {
    each_engine(async |house| {
        let town = BankTown::open_at_post(house, 1).await;
        let run = town.pay("2024-09").await;
        let orders = town.orders(run).await;
        town.now(LONG_AFTER).await;
        said(&town, orders[0].id, "paid").await;
        assert_eq!(town.statuses(run).await, ["credited"]);
        assert_eq!(town.stands().await, [0, AMOUNT, 0]);
        town.holds().await;
    });
}

#[test]
fn a_letter_is_asked_for_and_the_api_takes_both_steps() {
    each_engine(async |house| {
        let town = BankTown::open(house, 1).await;
        let run = town.pay("2024-09").await;
        let order = town.orders(run).await[0].id;
        town.now(LONG_AFTER).await;
        let path = format!("/v1/payment-orders/{order}/bank-silence");
        let (treasury, approver) = (
            house.key(Role::Treasury, None).await,
            house.key(Role::Approver, None).await,
        );
        let propose = async |once: &str, letter: &str| {
            let body = json!({"outcome": "paid", "letter": letter, "note": "Ngân hàng trả lời"});
            let call = house.call("POST", &path).key(&treasury).once(once);
            call.json(&body).send().await
        };
        assert_eq!(
            propose("bare", "  ").await.problem("invalid"),
            [("/letter".to_owned(), "length".to_owned())]
        );
        let proposed = propose("letter", "CV 215/NHNo-QN ngày 12/09/2024").await;
        assert_eq!(proposed.status, 200, "{proposed:?}");
        let body = json!({"proposal_id": proposed.json()["id"], "decision": "accept", "note": "Đã đối chiếu"});
        let call = house.call("POST", &format!("{path}/decide")).key(&approver);
        let decided = call.once("decide").json(&body).send().await;
        assert_eq!(
            (decided.status, &decided.json()["status"]),
            (200, &json!("accepted")),
            "{decided:?}"
        );
        let listed = house.call("GET", &path).key(&approver).send().await.json();
        assert_eq!(
            (&listed["items"][0]["letter"], &listed["items"][0]["outcome"]),
            (&json!("CV 215/NHNo-QN ngày 12/09/2024"), &json!("paid"))
        );
        assert_eq!(town.statuses(run).await, ["settled"]);
        town.holds().await;
    });
}
