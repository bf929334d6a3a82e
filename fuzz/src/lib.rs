//! What the targets share.

use std::io::{Cursor, Write};

use domain::bank::{BankProfile, BankProfiles, Encoding};
use domain::bank_report::{NamedLayout, Options, read};
use domain::bank_simulator::{BankFile, TableHead};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// How reports are read, with every result table that the program knows, that of the post office among them.
pub fn options(strict: bool) -> Options {
    let profiles = BankProfiles::embedded().expect("the profiles in the program");
    let of_banks = profiles
        .own()
        .filter_map(|(bank, own)| Some((bank, own.result.as_ref()?)));
    let of_post = profiles.post_result().map(|own| (BankProfiles::POST, own));
    let layouts = of_banks.chain(of_post).map(|(bank, layout)| NamedLayout {
        bank: bank.to_owned(),
        layout: layout.clone(),
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
    report_with(bytes, options);
}

/// The same, of banks that write their tables in this encoding.
pub fn report_in(encoding: Encoding, bytes: &[u8]) {
    report_with(bytes, |strict| {
        let mut options = options(strict);
        for own in &mut options.layouts {
            own.layout.encoding = encoding;
        }
        options
    });
}

fn report_with(bytes: &[u8], options: impl Fn(bool) -> Options) {
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

/// A sound workbook around the parts of a fuzzer's input: a sheet of this name, a zero byte, and the shared texts. A packed
/// part would break by every byte that is changed in it.
pub fn workbook(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (sheet, texts) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let root = format!(
        "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets><sheet name=\"{name}\" sheetId=\"1\" r:id=\"rId1\"/>\
         </sheets></workbook>"
    );
    let of_book = format!(
        "<Relationships xmlns=\"{PACKAGE}\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/worksheet\" \
         Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" Type=\"{RELATIONS}/sharedStrings\" \
         Target=\"sharedStrings.xml\"/></Relationships>"
    );
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (place, part) in [
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        ("xl/_rels/workbook.xml.rels", of_book.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/sharedStrings.xml", texts),
    ] {
        archive.start_file(place, stored).expect("a part in memory");
        archive.write_all(part).expect("a part in memory");
    }
    archive.finish().expect("an archive in memory").into_inner()
}

/// The profile of a bank in the program.
pub fn profile(bank: &str) -> BankProfile {
    BankProfiles::embedded()
        .expect("the profiles in the program")
        .of(bank)
        .clone()
}

/// The same, of a bank that takes its tables in this encoding.
pub fn profile_in(encoding: Encoding, bank: &str) -> BankProfile {
    let mut own = profile(bank);
    if let Some(table) = &mut own.table {
        table.encoding = encoding;
    }
    own
}

/// What is decoded and can be written is the same text when it is read again.
pub fn decoded(encoding: Encoding, bytes: &[u8]) {
    let Some(text) = encoding.read(bytes) else { return };
    if let Ok(again) = encoding.write(&text) {
        assert_eq!(encoding.read(&again), Some(text));
    }
}

/// Reads a payment table in the layout of its bank: no reference stands in it twice.
pub fn payment_table(bytes: &[u8], profile: &BankProfile) {
    if let Ok(file) = BankFile::read_table(bytes, head(), profile) {
        distinct(&file);
    }
}

/// Reads a cash list: no reference stands in it twice.
pub fn cash_list(bytes: &[u8]) {
    if let Ok(file) = BankFile::read_cash_list(bytes, head()) {
        distinct(&file);
    }
}

/// What a receiver knows of a table by its manifest.
fn head() -> TableHead {
    TableHead {
        id: "AS-1".to_owned(),
        execution_date: "2024-09-05".parse().expect("a day"),
    }
}

/// No reference stands in a payment file twice.
pub fn distinct(file: &BankFile) {
    let mut references: Vec<&str> = file.orders.iter().map(|order| order.reference.as_str()).collect();
    references.sort_unstable();
    references.dedup();
    assert_eq!(references.len(), file.orders.len());
}
