//! JSON from others: case files, instruments and profiles, arbitrary, mutated and nested without end, are read or
//! refused. Bank answers have their own tests beside their readers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

use domain::bank::BankProfiles;
use domain::case_file::CaseFile;
use domain::law::{Instrument, catalogue};
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

proptest! {
    #[test]
    fn arbitrary_text_is_read_or_refused(text in "[\\[\\]{}:,\"0-9a-z.eE+-]{0,200}", any in any::<String>()) {
        read_all(&text);
        read_all(&any);
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
