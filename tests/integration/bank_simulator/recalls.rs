//! Recalls: asked over folders and over the API, granted or refused.

use std::fs;
use std::path::Path;

use domain::bank_report::{LineKind, read};
use domain::bank_simulator::BankFile;
use domain::payment_file::acknowledged_hash;
use serde_json::{Value, json};
use service::payment_order::{OrderView, decide_recall, propose_recall, recall_message};
use service::{Code, Role};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use worker::{Carrier, Worker, WorkerOptions};

use super::api::released;
use super::folders::{over_folders, reading};
use super::{simulator, text};
use crate::harness::{House, Place, each_engine};
use crate::reconciliation::bank::{accept, of};
use crate::story::files::{check_schema, tree};
use crate::story::run::Story;
use crate::treasury_year::town::Town;

/// A request to recall an order of a file, as a house writes it.
fn request(id: &str, file: &BankFile, reference: &str) -> String {
    let order = file.orders.iter().find(|order| order.reference == reference).unwrap();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.055.001.09\">\
         <CstmrPmtCxlReq><Assgnmt><Id>{id}</Id><CreDtTm>2024-09-10T09:00:00+07:00</CreDtTm></Assgnmt><Undrlyg>\
         <OrgnlPmtInfAndCxl><OrgnlGrpInf><OrgnlMsgId>{}</OrgnlMsgId></OrgnlGrpInf><TxInf><CxlId>{id}</CxlId>\
         <OrgnlEndToEndId>{reference}</OrgnlEndToEndId><OrgnlInstdAmt Ccy=\"VND\">{}</OrgnlInstdAmt></TxInf>\
         </OrgnlPmtInfAndCxl></Undrlyg></CstmrPmtCxlReq></Document>",
        file.id,
        order.amount.dong()
    )
}

/// What the answers in a folder say of a recall, and which orders come back because of one.
fn told(outbox: &Path) -> (Vec<(String, Option<String>)>, Vec<String>) {
    let (mut answers, mut returns) = (Vec::new(), Vec::new());
    for bytes in tree(outbox).into_values() {
        for line in read(&bytes, &reading()).unwrap().lines {
            match line.kind {
                LineKind::Recall => answers.push((line.status, line.reason)),
                LineKind::Return if line.reason.as_deref() == Some("FOCR") => returns.push(line.reference.unwrap()),
                _ => {}
            }
        }
    }
    (answers, returns)
}

#[test]
fn over_folders_a_recall_is_answered_and_what_is_granted_comes_back_however_often_it_is_stopped() {
    let story = Story::told(&Place::embedded(), &[]);
    let inbox = story.out.join("2024-09");
    let message = tree(&inbox)
        .into_keys()
        .find(|name| name.extension().is_some_and(|own| own == "xml"))
        .unwrap();
    let file = BankFile::read(&fs::read(inbox.join(message)).unwrap()).unwrap();
    let reference = file.orders[0].reference.clone();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    let look = |name: &str, day: &str, behaviour: &str| {
        let more = ["--behaviour", behaviour, "--date", day];
        over_folders(&inbox, &path(name), &path(&format!("{name}.json")), &more)
    };
    // The bank already runs when the request comes.
    assert!(look("good", "2024-09-09", "good").status.success());
    fs::write(inbox.join("camt055-R1.xml"), request("R1", &file, &reference)).unwrap();
    for day in ["2024-09-10", "2024-09-11", "2024-09-12", "2024-10-30", "2024-10-30"] {
        let output = look("good", day, "good");
        assert!(output.status.success(), "{}", text(&output.stderr));
        if day == "2024-09-10" {
            assert!(
                text(&output.stdout).contains("recalls taken"),
                "{}",
                text(&output.stdout)
            );
        }
    }
    assert_eq!(
        told(&path("good")),
        (vec![("ACCR".to_owned(), None)], vec![reference.clone()])
    );
    let acknowledged = fs::read(inbox.join("camt055-R1.xml.ack")).unwrap();
    let sent = hex::encode(Sha256::digest(fs::read(inbox.join("camt055-R1.xml")).unwrap()));
    assert_eq!(acknowledged_hash(&acknowledged), Some(sent), "it arrived whole");
    // One that is started late says the same.
    look("once", "2024-10-30", "good");
    assert_eq!(tree(&path("once")), tree(&path("good")));
    let answer = path("good").join("camt029-R1-2024-09-11.xml");
    assert_eq!(check_schema(&answer), "camt.029.001.10");
    let whole = fs::read_to_string(&answer).unwrap();
    assert!(whole.contains("<Conf>CNCL</Conf>"), "cancelled as asked for: {whole}");

    let hard = path("hard-bank.json");
    fs::write(&hard, r#"{"recalls_refused": 1000, "recall_days": 2}"#).unwrap();
    let output = look("hard", "2024-10-30", &hard.display().to_string());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let (answers, returns) = told(&path("hard"));
    assert_eq!((answers[0].0.as_str(), returns.len()), ("RJCR", 0));
    assert!(answers[0].1.is_some(), "it says why");

    fs::write(inbox.join("camt055-R2.xml"), "<Document/>").unwrap();
    let output = look("good", "2024-10-31", "good");
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("camt.055"), "{}", text(&output.stderr));
}

/// Two people recall an order that stands in a message.
async fn recalled(house: &House, town: &Town, run: uuid::Uuid) -> OrderView {
    let files = town.files(run).await;
    let message = files.iter().find(|file| file.kind.code() == "pain001").unwrap().id;
    let orders = town.orders(run).await.unwrap().into_iter();
    let order = orders.into_iter().find(|order| order.file_id == Some(message)).unwrap();
    let why = json!({"reason": "AC03", "note": "Nhập sai số tài khoản"});
    let (treasury, approver) = (&town.officers.treasury, &town.officers.approver);
    let proposed = propose_recall(&house.app, treasury, order.id, of(why)).await.unwrap();
    decide_recall(&house.app, approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    recall_message(&house.app, treasury, proposed.id).await.unwrap();
    order
}

/// Plays a recall over the API with a bank that refuses so many of a thousand: the recall, and its order in the end.
async fn played(house: &House, refused: u32) -> (Value, OrderView) {
    let (town, run) = released(house).await;
    let order = recalled(house, &town, run).await;
    let options = WorkerOptions {
        schedules: false,
        ..WorkerOptions::default()
    };
    let worker = Worker::start(house.app.clone(), Carrier::in_process(), options)
        .await
        .unwrap();
    let key = house.key(Role::Treasury, None).await;
    let folder = TempDir::new().unwrap();
    let behaviour = folder.path().join("bank.json");
    fs::write(&behaviour, json!({"recalls_refused": refused}).to_string()).unwrap();
    let once = async || {
        let mut command = simulator();
        command.args(["--api", &house.base, "--key", &key, "--date", "2024-12-31", "--once"]);
        command.arg("--behaviour").arg(&behaviour);
        command.arg("--state").arg(folder.path().join("state.json"));
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        output
    };
    let output = once().await;
    assert!(
        text(&output.stdout).contains("recalls taken"),
        "{}",
        text(&output.stdout)
    );
    let count = "SELECT COUNT(*) AS number FROM bank_report";
    let reports = town.number(count).await;
    once().await;
    assert_eq!(town.number(count).await, reports, "a recall is answered once");
    let recalls = house.call("GET", "/v1/recalls").key(&key).send().await.json();
    let orders = town.orders(run).await.unwrap().into_iter();
    let after = orders.into_iter().find(|own| own.id == order.id).unwrap();
    town.invariants_hold().await;
    worker.stop().await;
    (recalls["items"][0].clone(), after)
}

#[test]
fn over_the_api_a_granted_recall_brings_the_money_back() {
    each_engine(async |house| {
        let (recall, order) = played(house, 0).await;
        assert_eq!(recall["answer"], "accepted");
        assert_eq!(
            (order.status.code().as_str(), order.reason.as_deref()),
            ("returned", Some("FOCR"))
        );
    });
}

#[test]
fn over_the_api_a_refused_recall_says_why_and_the_money_stays() {
    each_engine(async |house| {
        let (recall, order) = played(house, 1_000).await;
        assert_eq!(recall["answer"], "refused");
        let reason = recall["answer_reason"].as_str().unwrap();
        assert!(["CUST", "AM04", "LEGL", "NOAS"].contains(&reason), "{recall}");
        assert_eq!(order.status.code(), "credited");
    });
}
