//! Order tables in other encodings than UTF-8. The golden files were written by Python's codecs.

use super::file_tests::{is_golden, of, of_bank};
use super::tests::header;
use super::*;
use crate::bank::{BankProfile, Encoding};
use crate::bank_report::payment_rows;
use crate::name::NameStyle;

/// A bank that wants names as they are, in this encoding, and three lines to it.
fn wants(encoding: Encoding) -> (BankProfile, Vec<Instruction>) {
    let mut own = of("KLB").clone();
    own.name_style = NameStyle::Vietnamese;
    own.table.as_mut().unwrap().encoding = encoding;
    let mut lines = of_bank("KLB");
    for line in &mut lines {
        line.name = own.name("Nguyễn Thị Hòa");
    }
    (own, lines)
}

#[test]
fn a_table_has_the_bytes_of_its_encoding_and_reads_back() {
    for (encoding, name) in [
        (Encoding::Windows1258, "klb.windows1258.csv"),
        (Encoding::Utf16Le, "klb.utf16le.csv"),
    ] {
        let (own, lines) = wants(encoding);
        let (bytes, written) = write_file(&header(&lines), &own, &lines).unwrap();
        is_golden(name, &bytes);
        assert_eq!(written.bytes, u64::try_from(bytes.len()).unwrap());
        let mut rows: Vec<Vec<String>> = Vec::new();
        let layout = own.table.as_ref().unwrap();
        payment_rows(&bytes, (own.format, layout), &mut |row| {
            rows.push(row.to_vec());
            Ok(())
        })
        .unwrap();
        let headings: Vec<&str> = layout.columns.iter().map(|column| column.heading.as_str()).collect();
        let place = rows.iter().position(|row| *row == headings).unwrap();
        let names: Vec<&str> = rows[place + 1..].iter().map(|row| row[2].as_str()).collect();
        assert_eq!(names, ["Nguyễn Thị Hòa"; 3]);
    }
}

#[test]
fn a_name_that_the_encoding_has_not_is_refused() {
    for (encoding, fault) in [
        (Encoding::Windows1258, Some(FaultCode::NotInEncoding)),
        (Encoding::Utf16Le, None),
        (Encoding::Utf8, None),
    ] {
        let (own, mut lines) = wants(encoding);
        lines[1].name = "Nguyễn Thị Łucja".to_owned();
        let found = check_file(&header(&lines), &own, Channel::BankTransfer, &lines);
        let codes: Vec<_> = found.iter().map(|own| (own.field, own.code)).collect();
        assert_eq!(codes, fault.map(|code| ("name", code)).into_iter().collect::<Vec<_>>());
    }
}

#[test]
fn the_size_of_a_table_in_utf_16_is_never_more_than_was_reckoned() {
    let (mut own, lines) = wants(Encoding::Utf16Le);
    own.table.as_mut().unwrap().header_rows = vec!["A".repeat(500); 20];
    let layout = own.table.as_ref().unwrap();
    let (bytes, _) = write_file(&header(&lines), &own, &lines).unwrap();
    let of_lines: u64 = lines.iter().map(|line| table::line_bytes(line, layout)).sum();
    let reckoned = table::envelope_bytes(&own) + of_lines;
    assert!(u64::try_from(bytes.len()).unwrap() <= reckoned, "{reckoned}");
}
