//! Every message that leaves this program, as an order, a recall or an answer of the simulated bank: valid by its schema in
//! every version, and read back by a public reader.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use chrono::{Days, NaiveDate};
use domain::bank_simulator::{BankFile, Behaviour, RecallRequest, Simulator};
use serde_json::{Value, json};
use service::payment_order::{decide_recall, propose_recall, recall_message};
use uuid::Uuid;

use super::office::Office;
use crate::harness::{each_engine, payments};
use crate::reconciliation::bank::accept;
use crate::story::files::check_schema;

/// Two accounts at a bank of each version of pain.001.
const ACCOUNTS: [(&str, &str); 4] = [
    ("AGRIBANK", "8000205100001"),
    ("AGRIBANK", "8000205100002"),
    ("MOMO", "0912345678"),
    ("MOMO", "0912345679"),
];

/// How the simulated bank behaves so that it says everything there is to say, parts of a thousand.
fn behaviours() -> [Value; 4] {
    [
        json!({"returns": 1000}),
        json!({"rejects": 500, "batch_only_debit": 1000, "recalls_refused": 1000}),
        json!({"lost_answers": 1000, "statement_after_days": 5, "duplicates": 1000}),
        json!({"blocked": 200, "partial": 200, "wrong_amounts": 200, "duplicate_rejects": 200, "unknown_references": 500}),
    ]
}

/// The message's name, once a public tool has found it valid.
fn valid(bytes: &[u8]) -> String {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("message.xml");
    fs::write(&path, bytes).unwrap();
    check_schema(&path)
}

/// Two people recall an order: the message to its bank.
async fn recalled(office: &Office<'_>, order: Uuid) -> Vec<u8> {
    let why = serde_json::from_value(json!({"reason": "AC03", "note": "Nhập sai số tài khoản"})).unwrap();
    let proposed = propose_recall(office.app(), &office.treasury, order, why)
        .await
        .unwrap();
    decide_recall(office.app(), &office.approver, proposed.id, accept(proposed.id))
        .await
        .unwrap();
    recall_message(office.app(), &office.treasury, proposed.id)
        .await
        .unwrap()
        .1
}

/// What the bank answers to these files, each sent twice, and to the recalls of their orders.
fn answers(behaviour: Behaviour, files: &[(BankFile, RecallRequest)]) -> Vec<Vec<u8>> {
    let day: NaiveDate = "2024-09-05".parse().unwrap();
    let mut bank = Simulator::new(behaviour).unwrap();
    for (file, recall) in files {
        bank.receive(file.clone(), day);
        bank.resend(&file.id, day + Days::new(2));
        bank.recall(recall.clone(), day + Days::new(1)).unwrap();
    }
    let told = bank.answers_between(NaiveDate::MIN, NaiveDate::MAX).into_iter();
    told.filter(|answer| answer.name.ends_with(".xml"))
        .map(|answer| answer.bytes)
        .collect()
}

#[test]
fn every_message_in_every_version_is_valid_by_its_schema() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        let mut seen = BTreeSet::new();
        let mut files = Vec::new();
        for bank in ["AGRIBANK", "MOMO"] {
            let (_, bytes) = office.file(run, &format!("pain001-{bank}-1.xml")).await;
            seen.insert(valid(&bytes));
            let order = office.orders(run, bank).await[0].id;
            let recall = recalled(&office, order).await;
            seen.insert(valid(&recall));
            files.push((BankFile::read(&bytes).unwrap(), RecallRequest::read(&recall).unwrap()));
        }
        for camt in ["02", "04", "08"] {
            for mut behaviour in behaviours() {
                behaviour["camt"] = json!(camt);
                let behaviour = serde_json::from_value(behaviour).unwrap();
                seen.extend(answers(behaviour, &files).iter().map(|answer| valid(answer)));
            }
        }
        let schemas = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/xsd")).unwrap();
        let schemas = schemas.filter_map(|entry| {
            let name = entry.unwrap().file_name().into_string().unwrap();
            name.strip_suffix(".xsd").map(str::to_owned)
        });
        let all: BTreeSet<String> = schemas.collect();
        assert_eq!(seen, all, "a schema without a message, or a message without a schema");
    });
}

#[test]
fn a_public_reader_reads_orders_of_both_versions_as_they_were_approved() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        for (bank, version, has_uetrs) in [
            ("AGRIBANK", "pain.001.001.09", true),
            ("MOMO", "pain.001.001.03", false),
        ] {
            let (file, bytes) = office.file(run, &format!("pain001-{bank}-1.xml")).await;
            let read = payments(&bytes);
            assert_eq!(read.message, version);
            assert_eq!(Some(read.id), file.message_id);
            assert_eq!((read.count, read.sum), (file.order_count, file.sum));
            let orders = office.orders(run, bank).await;
            let approved: BTreeSet<String> = orders.iter().map(|order| order.reference.clone()).collect();
            assert_eq!(read.references, approved);
            let uetrs = orders.iter().filter(|_| has_uetrs).map(|order| order.uetr.to_string());
            let uetrs: BTreeSet<String> = uetrs.collect();
            assert_eq!(read.uetrs, uetrs);
        }
    });
}
