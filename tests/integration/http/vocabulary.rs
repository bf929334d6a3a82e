//! No closed set that a caller may meet is without words.

use std::collections::BTreeSet;
use std::path::Path;

use service::Role;
use service::vocabulary::{Vocabulary, vocabulary};

use crate::harness::each_engine;

/// Sets of the tables that no answer carries.
const INSIDE: [&str; 5] = [
    "ArrearsKind",
    "ArrearsStatus",
    "BatchEntryKind",
    "ChunkStatus",
    "Coverage",
];

/// Words of drafts of law, of comparisons and of decisions, which the schema of their operation explains.
const EXPLAINED: [&str; 6] = ["Change", "Confidence", "Decision", "FirstLevel", "LaterLevel", "Unit"];

/// The codes of each set.
fn served() -> Vec<BTreeSet<String>> {
    let Vocabulary { sets } = vocabulary();
    let codes = sets.into_values().map(|terms| terms.into_iter().map(|term| term.code));
    codes.map(Iterator::collect).collect()
}

/// The enumerations of a source file, each with its values as one word in small letters.
fn enumerations(source: &str) -> Vec<(String, BTreeSet<String>)> {
    let bodies = source.split("\npub enum ").skip(1);
    let told = bodies.map(|rest| {
        let (name, body) = rest.split_once(" {\n").unwrap();
        let lines = body.lines().take_while(|line| *line != "}");
        let values = lines.filter_map(|line| line.trim().strip_suffix(','));
        let values = values.filter(|value| value.chars().all(char::is_alphanumeric));
        let values: BTreeSet<String> = values.map(str::to_lowercase).collect();
        (name.to_owned(), values)
    });
    told.collect()
}

#[test]
fn every_closed_set_of_the_tables_is_served() {
    let plain = |codes: BTreeSet<String>| -> BTreeSet<String> {
        let codes = codes.iter().map(|code| code.replace('_', "").to_lowercase());
        codes.collect()
    };
    let served: Vec<BTreeSet<String>> = served().into_iter().map(plain).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("entity/src");
    let (mut known, mut unserved) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let source = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for (name, values) in enumerations(&source) {
            assert!(!values.is_empty(), "{name}");
            known += 1;
            unserved.extend((!served.contains(&values)).then_some(name));
        }
    }
    unserved.sort();
    assert!(known > 60, "{known}");
    assert_eq!(unserved, INSIDE);
}

#[test]
fn every_closed_set_of_the_document_is_served() {
    let (served, document) = (served(), api::openapi());
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let unserved = schemas.iter().filter_map(|(name, schema)| {
        let values = schema["enum"].as_array()?.iter();
        let values: BTreeSet<String> = values.map(|value| value.as_str().unwrap().to_owned()).collect();
        let known = served.iter().any(|codes| codes.is_superset(&values));
        (!known).then_some(name.as_str())
    });
    assert_eq!(unserved.collect::<Vec<_>>(), EXPLAINED);
}

#[test]
fn what_is_wrong_with_files_lines_and_deliveries_is_served_in_words() {
    each_engine(async |house| {
        let key = house.key(Role::Treasury, None).await;
        let answer = house.call("GET", "/v1/vocabulary").key(&key).send().await.json();
        for (set, code, vi) in [
            ("bank_report_refusal", "report_truncated", "Tệp bị cắt cụt"),
            ("bank_report_tolerance", "delimiter", "Dấu phân cách khác mẫu"),
            ("bank_report_finding", "blocked", "Ngân hàng đang giữ lệnh chi"),
            (
                "delivery_problem",
                "not_signed",
                "Không ký được bản kê khai của tệp; chưa byte nào được gửi đi",
            ),
        ] {
            let terms = answer["sets"][set].as_array().unwrap();
            let term = terms.iter().find(|term| term["code"] == code).unwrap();
            assert_eq!(term["label"]["vi"], vi, "{set}");
            let said: BTreeSet<&str> = terms.iter().map(|term| term["label"]["vi"].as_str().unwrap()).collect();
            assert_eq!(said.len(), terms.len(), "{set}: one says what another says");
        }
    });
}
