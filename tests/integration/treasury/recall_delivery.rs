//! Requests to recall orders leave the house as payment files do: once agreed on, by the same channel, to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use domain::bank_simulator::RecallRequest;
use domain::payment_file::Manifest;
use sea_orm::ConnectionTrait;
use serde_json::json;
use service::access::{self, CreateClient, CreateUser, NewGrant};
use service::delivery::{self, ChaseUnknownDeliveries, RecallDeliveryView};
use service::payment_order::{OrderView, decide_recall, propose_recall, recall_message};
use service::{Actor, App, Code, ProblemCode, Role, job};
use tempfile::TempDir;
use uuid::Uuid;

use super::desk::{Browser, seal, sha256};
use super::road::{Fate, Road, signed_by_the_installation};
use crate::harness::{House, each_engine};
use crate::reconciliation::bank::{BankTown, accept, of};

/// The house as a process sees it whose files leave by this road.
fn by(town: &BankTown<'_>, road: &Arc<Road>) -> App {
    App {
        delivery: Some(Arc::<Road>::clone(road)),
        ..town.app().clone()
    }
}

/// A town whose order is to be recalled, its files with the bank already.
async fn opened(house: &House) -> (BankTown<'_>, Uuid, OrderView) {
    let town = BankTown::open(house, 2).await;
    let run = town.pay("2024-09").await;
    let order = town.orders(run).await.remove(0);
    (town, run, order)
}

/// One proposes a recall.
async fn proposed(town: &BankTown<'_>, order: &OrderView) -> Uuid {
    let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
    let proposed = propose_recall(town.app(), &town.treasury, order.id, of(why)).await;
    proposed.unwrap().id
}

/// Another agrees, at this house.
async fn agreed(app: &App, town: &BankTown<'_>, order: &OrderView) -> Uuid {
    let id = proposed(town, order).await;
    decide_recall(app, &town.approver, id, accept(id)).await.unwrap();
    id
}

fn lies_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

async fn checked(app: &App, town: &BankTown<'_>, recall: Uuid) -> RecallDeliveryView {
    delivery::check_recall(app, &town.treasury, recall).await.unwrap()
}

#[test]
fn what_two_people_agree_on_goes_out_once_with_its_manifest_and_ends_with_the_word_of_the_bank() {
    each_engine(async |house| {
        let (town, run, order) = opened(house).await;
        let folder = TempDir::new().unwrap();
        let road = Road::to(folder.path(), Fate::Arrives);
        let app = by(&town, &road);
        let id = proposed(&town, &order).await;
        job::drain(&app, job::KINDS).await.unwrap();
        assert_eq!(road.sent(), 0, "one person alone asks nothing of a bank");
        let early = delivery::deliver_recall(&app, &town.treasury, id).await.unwrap_err();
        assert_eq!(early.code, ProblemCode::IllegalTransition);
        decide_recall(&app, &town.approver, id, accept(id)).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        assert_eq!(road.sent(), 1);

        let (name, bytes) = recall_message(&app, &town.treasury, id).await.unwrap();
        let there = lies_in(folder.path());
        assert_eq!(there.len(), 3, "the message, its manifest and its signature");
        assert!(there[&name] == bytes, "it is what was agreed on, to the byte");
        assert!(RecallRequest::read(&bytes).is_ok());
        let beside = Manifest::file_name(&name);
        let manifest = Manifest::read(&there[&beside]).unwrap();
        assert_eq!(
            (manifest.file.as_str(), manifest.sha256),
            (name.as_str(), sha256(&bytes))
        );
        assert_eq!(manifest.bytes, u64::try_from(bytes.len()).unwrap());
        assert_eq!((manifest.format.as_str(), manifest.count), ("camt.055.001.09", Some(1)));
        assert_eq!(manifest.sum.unwrap().dong(), order.amount);
        let signature = &there[&format!("{beside}.sig")];
        let signed = signed_by_the_installation(&app, &town.treasury, &there[&beside], signature).await;
        assert!(signed);

        let sent = checked(&app, &town, id).await;
        assert_eq!((sent.status.code(), sent.sha256), ("sent".to_owned(), sha256(&bytes)));
        let twice = delivery::deliver_recall(&app, &town.treasury, id).await.unwrap_err();
        assert_eq!(twice.code, ProblemCode::IllegalTransition);
        fs::write(
            folder.path().join(format!("{name}.ack")),
            format!("{}  {name}\n", sha256(&bytes)),
        )
        .unwrap();
        assert_eq!(checked(&app, &town, id).await.status.code(), "acknowledged");
        assert_eq!(road.sent(), 1);
        assert_eq!(
            town.statuses(run).await,
            ["extracted"; 2],
            "no order moves by a request"
        );
        town.holds().await;
    });
}

#[test]
fn a_request_nobody_heard_of_is_asked_about_and_only_one_that_is_not_there_goes_out_again_the_same() {
    each_engine(async |house| {
        let (town, _, order) = opened(house).await;
        let folder = TempDir::new().unwrap();
        // It arrives, and nobody can look at first: then the schedule asks.
        let fog = Road::blind(folder.path(), Fate::ArrivesWithAnError);
        let id = agreed(&by(&town, &fog), &town, &order).await;
        job::drain(&by(&town, &fog), job::KINDS).await.unwrap();
        let blind = delivery::check_recall(&by(&town, &fog), &town.treasury, id).await;
        assert_eq!(blind.unwrap_err().code, ProblemCode::Unavailable);
        let before = lies_in(folder.path());
        let clear = Road::to(folder.path(), Fate::MustNotLeave);
        let app = by(&town, &clear);
        let again = delivery::deliver_recall(&app, &town.treasury, id).await.unwrap_err();
        assert_eq!(again.code, ProblemCode::IllegalTransition, "not while nobody knows");
        let chase = ChaseUnknownDeliveries {
            slot: app.clock.local().naive_local(),
        };
        app.db.write(async |txn| job::enqueue(txn, &chase).await).await.unwrap();
        job::drain(&app, job::KINDS).await.unwrap();
        assert_eq!(checked(&app, &town, id).await.status.code(), "sent");
        assert_eq!(lies_in(folder.path()), before);

        // Somebody takes it all away before it is acknowledged as something else: it failed, and goes out as it was.
        let (name, bytes) = recall_message(&app, &town.treasury, id).await.unwrap();
        fs::write(
            folder.path().join(format!("{name}.ack")),
            format!("{}\n", "0".repeat(64)),
        )
        .unwrap();
        let wrong = checked(&app, &town, id).await;
        assert_eq!(wrong.status.code(), "failed");
        assert!(wrong.error_text.is_some());
        for gone in lies_in(folder.path()).keys() {
            fs::remove_file(folder.path().join(gone)).unwrap();
        }
        let road = Road::to(folder.path(), Fate::Arrives);
        let app = by(&town, &road);
        let second = delivery::deliver_recall(&app, &town.treasury, id).await.unwrap();
        assert_eq!((second.attempt, second.target_name.as_str()), (2, name.as_str()));
        job::drain(&app, job::KINDS).await.unwrap();
        let there = lies_in(folder.path());
        assert!(
            there[&name] == bytes && there == before,
            "message, manifest and signature"
        );
        town.holds().await;
    });
}

#[test]
fn the_database_itself_keeps_the_history_of_requests() {
    each_engine(async |house| {
        let (town, _, order) = opened(house).await;
        let folder = TempDir::new().unwrap();
        let app = by(&town, &Road::to(folder.path(), Fate::Arrives));
        agreed(&app, &town, &order).await;
        job::drain(&app, job::KINDS).await.unwrap();
        for sql in [
            "UPDATE recall_delivery SET sha256 = 'other'",
            "UPDATE recall_delivery SET target_name = 'other.xml'",
            "UPDATE recall_delivery SET target = 'elsewhere'",
            "UPDATE recall_delivery SET signature_name = 'other.sig'",
            "UPDATE recall_delivery SET status = 'queued'",
            "UPDATE recall_delivery SET status = 'unknown'",
            "DELETE FROM recall_delivery",
        ] {
            let refused = house.app.db.owner().execute_unprepared(sql).await;
            assert!(refused.is_err(), "{sql}");
        }
    });
}

/// The key of a person who receives files and approves.
pub(crate) async fn both(house: &House) -> String {
    let founder = Actor::system("tests");
    let user = CreateUser {
        name: "Trưởng phòng".to_owned(),
        staff_number: None,
    };
    let user = access::create_user(&house.app, &founder, user).await.unwrap();
    let grants = [Role::Treasury, Role::Approver].map(|role| NewGrant { role, area_id: None });
    let client = CreateClient {
        name: "Trưởng phòng".to_owned(),
        user_id: Some(user.id),
        grants: grants.to_vec(),
    };
    access::create_client(&house.app, &founder, client).await.unwrap().key
}

#[test]
fn two_people_recall_an_order_at_the_desk() {
    each_engine(async |house| {
        let (town, _, order) = opened(house).await;
        let clerk = Browser::signed_in(house, &house.key(Role::Treasury, None).await).await;
        let form = clerk.get("/treasury/recalls").await;
        let seal_of_clerk = seal(&form);
        let asks = async |reference: &str| {
            let fields = [
                ("_seal", seal_of_clerk.as_str()),
                ("order", reference),
                ("reason", "AC03"),
                ("note", "Nhập sai số tài khoản"),
            ];
            clerk.post("/treasury/recalls", &fields).await
        };
        let nobody = asks("AS-KHONG-CO").await;
        assert_eq!(nobody.status, 422, "{}", nobody.text);
        assert!(nobody.text.contains("Không có lệnh chi nào mang mã"), "{}", nobody.text);
        assert!(
            nobody.text.contains("value=\"Nhập sai số tài khoản\""),
            "what was typed stays"
        );
        let asked = asks(&order.reference).await;
        assert_eq!((asked.status, asked.header("location")), (303, "/treasury/recalls"));
        let again = asks(&order.reference).await;
        assert_eq!(again.status, 409, "{}", again.text);
        let waits = clerk.get("/treasury/recalls").await;
        assert!(waits.text.contains(&order.reference), "{}", waits.text);
        assert!(!waits.text.contains("/decide"), "nobody decides on their own proposal");

        let head = Browser::signed_in(house, &both(house).await).await;
        let page = head.get("/treasury/recalls").await;
        let (_, rest) = page.text.split_once("action=\"/treasury/recalls/").unwrap();
        let id = rest.split_once('/').unwrap().0.to_owned();
        let fields = [
            ("_seal", seal(&page)),
            ("decision", "accept".to_owned()),
            ("note", "Đồng ý".to_owned()),
        ];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let decided = head.post(&format!("/treasury/recalls/{id}/decide"), &fields).await;
        assert_eq!(decided.status, 303, "{}", decided.text);
        let page = head.get("/treasury/recalls").await;
        assert!(
            page.text.contains(&format!("/treasury/recalls/{id}/content")),
            "{}",
            page.text
        );
        assert!(!page.text.contains("/deliver"), "there is no channel: it is fetched");
        town.holds().await;
    });
}
