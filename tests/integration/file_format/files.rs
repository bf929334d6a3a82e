//! Files of every form from one run: valid by public tools, tied to their manifests, signed.

use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use calamine::Data;
use domain::payment_file::{canonical_json, verify_ed25519};
use sea_orm::ConnectionTrait;
use serde_json::Value;
use service::{Role, pay_run};
use sha2::{Digest, Sha256};

use super::office::{AMOUNT, Office};
use crate::harness::{cells, each_engine};

/// An account at a bank of each form.
const ACCOUNTS: [(&str, &str); 6] = [
    ("AGRIBANK", "8000205100001"),
    ("AGRIBANK", "8000205100002"),
    ("MOMO", "0912345678"),
    ("KLB", "0101"),
    ("KLB", "0102"),
    ("PGB", "0201"),
];

/// By a public tool, against the schema of ISO 20022.
fn check_schema(bytes: &[u8], version: &str) {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("file.xml");
    std::fs::write(&file, bytes).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/xsd/{version}.xsd"));
    let output = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(schema)
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The sum of a column below its heading, without the rows of totals.
fn sum(rows: &[Vec<Data>], heading: &str) -> f64 {
    let (at, column) = rows
        .iter()
        .enumerate()
        .find_map(|(at, row)| Some((at, row.iter().position(|cell| *cell == *heading)?)))
        .unwrap();
    let numbered = rows[at + 1..].iter().filter(|row| matches!(row[0], Data::Float(_)));
    numbered
        .map(|row| {
            if let Data::Float(number) = row[column] {
                number
            } else {
                0.0
            }
        })
        .sum()
}

#[test]
fn each_bank_gets_the_form_it_takes_and_every_form_ties() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        let (_, new) = office.file(run, "pain001-AGRIBANK-1.xml").await;
        check_schema(&new, "pain.001.001.09");
        let (_, old) = office.file(run, "pain001-MOMO-1.xml").await;
        check_schema(&old, "pain.001.001.03");
        let (workbook, bytes) = office.file(run, "orders-PGB-1.xlsx").await;
        let table = cells(&bytes, "Danh sach");
        assert_eq!(sum(&table, "Số tiền"), 750_000.0);
        assert_eq!((workbook.order_count, workbook.sum), (1, AMOUNT));
        office.file(run, "orders-KLB-1.csv").await;

        let files = office.files(run).await;
        let sent: Vec<_> = files.iter().filter(|file| file.message_id.is_some()).collect();
        let total: i64 = sent.iter().map(|file| file.sum).sum();
        let count: i64 = sent.iter().map(|file| file.order_count).sum();
        assert_eq!((sent.len(), count, total), (4, 6, 6 * AMOUNT));
        let (figures, bytes) = office.file(run, "treasury-figures.xlsx").await;
        assert_eq!((figures.order_count, figures.sum), (count, total));
        let years = cells(&bytes, "Nguồn kinh phí");
        assert_eq!(sum(&years, "Số tiền rút"), 4_500_000.0);
        let told: Vec<String> = years.iter().map(|row| row[0].to_string()).collect();
        assert!(
            told.iter().any(|text| text.contains("Bốn triệu năm trăm nghìn đồng")),
            "{told:?}"
        );
        let called = "Đợt chi: hằng tháng, tháng 09/2024, số 1. Ngày chi: ";
        assert!(told.iter().any(|text| text.starts_with(called)), "{told:?}");
        assert!(!told.iter().any(|text| text.contains("regular:")), "{told:?}");
        let channels = cells(&bytes, "Kênh chi");
        assert_eq!(sum(&channels, "Số tiền"), 4_500_000.0);
        assert_eq!(sum(&channels, "Số lệnh chi"), 6.0);
        office.ties().await;
    });
}

#[test]
fn a_signature_is_checked_with_nothing_but_the_manifest_the_file_and_the_key() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.pay("2024-09").await;
        let key = house.key(Role::Treasury, None).await;
        let get = async |path: String| house.call("GET", &path).key(&key).send().await;
        let keys = get("/v1/signing-keys".to_owned()).await.json();
        let signing = &keys["items"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        for name in [
            "pain001-AGRIBANK-1.xml",
            "orders-KLB-1.csv",
            "orders-PGB-1.xlsx",
            "treasury-list.xlsx",
            "change-list.xlsx",
            "treasury-figures.xlsx",
        ] {
            let (file, bytes) = office.file(run, name).await;
            let manifest = get(format!("/v1/payment-files/{}/manifest", file.id)).await.json();
            let signed = get(format!("/v1/payment-files/{}/signature", file.id)).await.json();
            assert_eq!(manifest["sha256"], hex::encode(Sha256::digest(&bytes)));
            assert_eq!(signed["file_sha256"], manifest["sha256"]);
            assert_eq!(
                (&signed["key_id"], &signed["algorithm"]),
                (&signing["key_id"], &signing["algorithm"])
            );
            let canonical = canonical_json(&manifest).unwrap();
            assert_eq!(
                signed["manifest_sha256"],
                hex::encode(Sha256::digest(canonical.as_bytes()))
            );
            let public = STANDARD.decode(text(&signing["public_key"])).unwrap();
            let signature = STANDARD.decode(text(&signed["signature"])).unwrap();
            assert!(verify_ed25519(&public, canonical.as_bytes(), &signature), "{name}");
            let mut altered = manifest.clone();
            altered["sum"] = 1.into();
            let altered = canonical_json(&altered).unwrap();
            assert!(!verify_ed25519(&public, altered.as_bytes(), &signature), "{name}");
        }
    });
}

#[test]
fn an_account_altered_between_the_release_and_its_file_is_in_no_file() {
    each_engine(async |house| {
        let office = Office::open(house, &ACCOUNTS).await;
        let run = office.submitted("2024-09").await;
        let run = office.approve(&run).await.unwrap();
        pay_run::release(office.app(), &office.releaser, run.id, run.version)
            .await
            .unwrap();
        house.unguarded("payment_order", "payment_order_keeps_columns").await;
        let altered = "UPDATE payment_order SET account_number = '8000205199999' \
                       WHERE account_number = '8000205100001'";
        house.app.db.owner().execute_unprepared(altered).await.unwrap();
        office.work().await;
        let files = office.files(run.id).await;
        let of_account = files.iter().find(|file| file.name == "pain001-AGRIBANK-1.xml").unwrap();
        assert_eq!(of_account.sha256, None);
        let built = files.iter().filter(|file| file.sha256.is_some());
        assert!(built.count() > 0, "what was built before stands");
    });
}
