//! What the targets share.

use domain::bank::BankProfiles;
use domain::bank_report::{NamedLayout, Options, read};

/// How reports are read, with every result table that the program knows.
pub fn options(strict: bool) -> Options {
    let profiles = BankProfiles::embedded().expect("the profiles in the program");
    let layouts = profiles.own().filter_map(|(bank, own)| {
        Some(NamedLayout {
            bank: bank.to_owned(),
            layout: own.result.clone()?,
        })
    });
    Options {
        strict,
        layouts: layouts.collect(),
        // A fuzzer that fills the memory finds nothing else.
        max_bytes: 1 << 20,
        max_unpacked: 8 << 20,
        ..Options::default()
    }
}

/// Reads bytes both ways: what strict reading takes, lenient reading takes with the same lines.
pub fn report(bytes: &[u8]) {
    let lenient = read(bytes, &options(false));
    if let Ok(strict) = read(bytes, &options(true)) {
        let lenient = lenient.expect("what strict reading takes, lenient reading takes");
        assert_eq!(strict.lines, lenient.lines);
        assert!(strict.header.tolerated.is_empty());
    }
}

/// Reads a text between what makes it a message of one kind.
pub fn inside(head: &str, bytes: &[u8], tail: &str) {
    let mut file = head.as_bytes().to_vec();
    file.extend_from_slice(bytes);
    file.extend_from_slice(tail.as_bytes());
    report(&file);
}
