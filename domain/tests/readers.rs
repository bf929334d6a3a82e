//! JSON from others: case files, instruments and profiles, arbitrary, mutated and nested without end, are read or
//! refused. Bank answers have their own tests beside their readers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

use std::path::Path;

use domain::bank::BankProfiles;
use domain::bank_report::{self, NamedLayout, Options};
use domain::bank_simulator::{BankFile, RecallRequest, TableHead};
use domain::case_file::CaseFile;
use domain::law::{Instrument, catalogue};
use domain::payment_file::{Manifest, acknowledged_hash};
use proptest::prelude::*;

const CASE: &str = r#"{"id":"a1","jurisdiction":"22","birth_date":"1990-05-01","sex":"female","death_date":null,
 "residences":[{"area":"06652","from":"2018-01-01","to":null,"setting":"community"}],
 "evidence":[{"kind":"disability","value":"severe","from":"2022-03-20","to":null}],
 "claims":[{"benefit":"monthly_allowance","filed_on":"2022-03-25","decided_on":"2022-06-05"}]}"#;

fn read_all(text: &str) {
    let _ = CaseFile::parse(text);
    let _ = Instrument::from_json(text);
    if let Ok(value) = serde_json::from_str(text) {
        let _ = BankProfiles::embedded().unwrap().read(&value);
    }
}

#[test]
fn nesting_without_end_is_refused() {
    assert!(CaseFile::parse(CASE).is_ok());
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(200_000), close.repeat(200_000));
        assert!(CaseFile::parse(&deep).is_err());
        assert!(Instrument::from_json(&deep).is_err());
        let inside = CASE.replace("\"severe\"", &deep);
        assert!(CaseFile::parse(&inside).is_err());
    }
}

#[test]
fn a_text_without_end_is_refused() {
    let long = "đ".repeat(1_000_000);
    assert!(CaseFile::parse(&CASE.replace("\"a1\"", &format!("\"{long}\""))).is_err());
    assert!(CaseFile::parse(&CASE.replace("\"severe\"", &format!("\"{long}\""))).is_err());
}

/// The seeds of a fuzz target, by their names.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(path).unwrap())
        })
        .collect()
}

/// Those with an ending; the others are parts, which the target puts into a whole.
fn whole_seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let whole = |name: &str| [".xml", ".csv", ".xlsx"].iter().any(|ending| name.ends_with(ending));
    seeds(target).into_iter().filter(|(name, _)| whole(name)).collect()
}

#[test]
fn the_seeds_of_what_the_simulated_bank_reads_are_read() {
    for (name, bytes) in seeds("pain001") {
        let read = BankFile::read(&bytes);
        assert!(
            read.as_ref().is_ok_and(|file| file.orders.len() == 2),
            "{name}: {read:?}"
        );
    }
    for (name, bytes) in seeds("camt055") {
        let read = RecallRequest::read(&bytes);
        assert!(read.is_ok(), "{name}: {read:?}");
    }
    let head = || TableHead {
        id: "AS-1".to_owned(),
        execution_date: "2024-09-05".parse().unwrap(),
    };
    let lists = whole_seeds("cash_list");
    assert!(lists.len() > 1);
    for (name, bytes) in lists {
        let read = BankFile::read_cash_list(&bytes, head());
        assert!(
            read.as_ref().is_ok_and(|file| file.orders.len() == 2),
            "cash_list/{name}: {read:?}"
        );
    }
    for (target, bank) in [("payment_csv", "KLB"), ("payment_xlsx", "PGB")] {
        for (name, bytes) in whole_seeds(target) {
            let read = BankFile::read_table(&bytes, head(), BankProfiles::embedded().unwrap().of(bank));
            assert!(
                read.as_ref().is_ok_and(|file| file.orders.len() == 2),
                "{target}/{name}: {read:?}"
            );
        }
    }
}

/// What is refused at its first byte leads a fuzzer nowhere.
#[test]
fn the_seeds_of_the_fuzz_targets_are_read() {
    let profiles = BankProfiles::embedded().unwrap();
    let of_banks = profiles
        .own()
        .filter_map(|(bank, own)| Some((bank, own.result.as_ref()?)));
    let of_post = profiles.post_result().map(|own| (BankProfiles::POST, own));
    let layouts = of_banks.chain(of_post).map(|(bank, layout)| NamedLayout {
        bank: bank.to_owned(),
        layout: layout.clone(),
    });
    let options = Options {
        layouts: layouts.collect(),
        ..Options::default()
    };
    let strictly = Options {
        strict: true,
        ..options.clone()
    };
    for target in [
        "pain002",
        "camt",
        "camt029",
        "post_csv",
        "post_xlsx",
        "result_csv",
        "result_xlsx",
    ] {
        for (name, bytes) in whole_seeds(target) {
            let read = bank_report::read(&bytes, &options);
            assert!(read.is_ok(), "{target}/{name}: {read:?}");
            // A message is as its schema has it, but for what is odd on purpose.
            let odd = ["odd-entries.xml", "prefixed.xml"].contains(&name.as_str());
            if name.ends_with(".xml") && !odd {
                let read = bank_report::read(&bytes, &strictly);
                assert!(read.is_ok(), "{target}/{name}: {read:?}");
            }
        }
    }
    for (name, bytes) in seeds("case_file") {
        let read = CaseFile::parse(std::str::from_utf8(&bytes).unwrap());
        assert!(read.is_ok(), "{name}: {read:?}");
    }
    for (name, bytes) in seeds("instrument") {
        let read = Instrument::from_json(std::str::from_utf8(&bytes).unwrap());
        assert!(read.is_ok(), "{name}: {read:?}");
    }
    for (name, bytes) in seeds("bank_profile") {
        let read = BankProfiles::embedded()
            .unwrap()
            .read(&serde_json::from_slice(&bytes).unwrap());
        assert!(read.is_ok(), "{name}: {read:?}");
    }
}

#[test]
fn the_seeds_of_what_lies_beside_a_file_are_read() {
    let manifests = seeds("manifest");
    let acknowledgements = seeds("acknowledgement");
    assert!(manifests.len() > 1 && acknowledgements.len() > 1);
    for (name, bytes) in manifests {
        let read = Manifest::read(&bytes);
        assert!(read.is_ok(), "{name}: {read:?}");
        is_read_as_it_is_written(&bytes);
    }
    for (name, bytes) in acknowledgements {
        assert!(acknowledged_hash(&bytes).is_some(), "{name}");
    }
}

/// A manifest is refused, or written again as it was read.
fn is_read_as_it_is_written(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::read(bytes) {
        let written = manifest.to_json().unwrap();
        assert_eq!(Manifest::read(written.as_bytes()).unwrap(), manifest);
        let _ = manifest.signed_bytes();
    }
}

/// An acknowledgement says nothing, or a hash of sixty-four digits that stand in it.
fn says_a_hash_or_nothing(bytes: &[u8]) {
    if let Some(hash) = acknowledged_hash(bytes) {
        assert_eq!(hash.len(), 64);
        assert!(
            hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')),
            "{hash}"
        );
        let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
        assert!(text.contains(&hash), "{hash} in {text}");
    }
}

#[test]
fn of_a_million_faults_a_hundred_are_told() {
    let fields: String = (0..1_000_000).map(|number| format!(",\"f{number}\":0")).collect();
    let refused = CaseFile::parse(&format!("{{\"id\":\"a1\"{fields}}}")).unwrap_err();
    assert_eq!(refused.id.as_deref(), Some("a1"));
    assert_eq!(refused.problems.len(), 100);
    assert_eq!(refused.problems[0].pointer, "/f0");
}

proptest! {
    #[test]
    fn arbitrary_text_is_read_or_refused(text in "[\\[\\]{}:,\"0-9a-z.eE+-]{0,200}", any in any::<String>()) {
        read_all(&text);
        read_all(&any);
    }

    #[test]
    fn what_lies_beside_a_file_is_read_or_refused(
        any in proptest::collection::vec(any::<u8>(), 0..200),
        around in "[\\u{feff} \\t\\r\\nA-Fa-f0-9gG]{0,8}",
        hash in "[0-9a-fA-F]{60,66}",
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..8),
    ) {
        is_read_as_it_is_written(&any);
        says_a_hash_or_nothing(&any);
        says_a_hash_or_nothing(format!("{around}{hash}{around}").as_bytes());
        for (_, mut bytes) in seeds("manifest").into_iter().chain(seeds("acknowledgement")) {
            for (at, byte, how) in &changes {
                if bytes.is_empty() {
                    break;
                }
                let at = at.index(bytes.len());
                match how {
                    0 => bytes[at] = *byte,
                    1 => bytes.insert(at, *byte),
                    _ => { bytes.remove(at); }
                }
            }
            is_read_as_it_is_written(&bytes);
            says_a_hash_or_nothing(&bytes);
        }
    }

    #[test]
    fn mutated_documents_are_read_or_refused(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<char>(), 0_u8..3), 1..8),
        which in 0_usize..3,
    ) {
        let valid = match which {
            0 => CASE.to_owned(),
            1 => serde_json::to_string(&catalogue()[0]).unwrap(),
            _ => serde_json::to_string(BankProfiles::embedded().unwrap().of("KLB")).unwrap(),
        };
        let mut text: Vec<char> = valid.chars().collect();
        for (at, c, how) in changes {
            if text.is_empty() {
                break;
            }
            let at = at.index(text.len());
            match how {
                0 => text[at] = c,
                1 => text.insert(at, c),
                _ => { text.remove(at); }
            }
        }
        read_all(&text.into_iter().collect::<String>());
    }
}
