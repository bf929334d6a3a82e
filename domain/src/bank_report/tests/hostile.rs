//! Files made to do harm. Time is bounded by what is looked at: where reading stopped, and how much was kept.

use std::io::{Cursor, Read, Write};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::table::{csv_of, told};
use super::*;
use crate::bank::BankProfiles;
use crate::bank_report::synthetic::result_xlsx;

fn options() -> Options {
    let layouts = BankProfiles::embedded().unwrap().own();
    let layouts = layouts.filter_map(|(bank, own)| {
        Some(NamedLayout {
            bank: bank.to_owned(),
            layout: own.result.clone()?,
        })
    });
    Options {
        layouts: layouts.collect(),
        ..Options::default()
    }
}

fn workbook_with(name: &str, content: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default()).unwrap();
    archive.write_all(content).unwrap();
    archive.finish().unwrap().into_inner()
}

#[test]
fn nesting_is_refused_where_it_gets_too_deep_however_deep_it_goes() {
    let deep = format!("<Document><CstmrPmtStsRpt>{}", "<a>".repeat(200_000));
    let refused = read_text(&deep).unwrap_err();
    assert_eq!(refused.refusal, Refusal::TooDeep);
    assert!(refused.offset < 400, "it read as far as byte {}", refused.offset);
}

#[test]
fn attributes_are_refused_before_each_is_compared_with_all_others() {
    let many: String = (0..100_000).map(|number| format!(" a{number}=\"\"")).collect();
    let refused = read_text(&format!("<Document{many}><CstmrPmtStsRpt/></Document>")).unwrap_err();
    assert_eq!(refused.refusal, Refusal::TooManyAttributes);
}

#[test]
fn document_types_and_entities_are_refused_and_never_expanded() {
    let bomb = "<!DOCTYPE a [<!ENTITY b \"xxxxxxxxxx\"><!ENTITY c \"&b;&b;&b;\">]>";
    let report = status_report(V10, "<OrgnlGrpInfAndSts><GrpSts>&c;</GrpSts></OrgnlGrpInfAndSts>");
    let external = "<!DOCTYPE a SYSTEM \"file:///etc/passwd\">";
    for head in [bomb, external] {
        assert_eq!(
            read_text(&format!("{head}{report}")).unwrap_err().refusal,
            Refusal::DocumentType
        );
    }
    assert_eq!(read_text(&report).unwrap_err().refusal, Refusal::Entity);
}

#[test]
fn no_text_is_kept_beyond_the_longest() {
    let long = "x".repeat(2_000_000);
    let line = format!("<TxInfAndSts><OrgnlEndToEndId>{long}</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>");
    let xml = status_report(V10, &format!("<OrgnlPmtInfAndSts>{line}</OrgnlPmtInfAndSts>"));
    let mut answers = told();
    answers[0].reference.clone_from(&long);
    for bytes in [xml.into_bytes(), csv_of("KLB", &answers)] {
        let report = read(&bytes, &options()).unwrap();
        let own = &report.lines[0];
        assert_eq!(own.fault, Some(LineFault::TextTooLong));
        assert!(
            own.reference
                .as_ref()
                .is_none_or(|text| text.len() <= options().max_text)
        );
    }
}

#[test]
fn statuses_of_batches_are_counted_as_lines_are() {
    let batch = "<OrgnlPmtInfAndSts><PmtInfSts>ACSC</PmtInfSts></OrgnlPmtInfAndSts>";
    let few = Options {
        max_lines: 10,
        ..Options::default()
    };
    let text = status_report(V10, &batch.repeat(11));
    assert_eq!(read(text.as_bytes(), &few).unwrap_err().refusal, Refusal::TooManyLines);
    assert!(read(status_report(V10, &batch.repeat(10)).as_bytes(), &few).is_ok());
}

#[test]
fn a_workbook_that_unpacks_beyond_the_limit_is_refused_unread() {
    let bomb = workbook_with("xl/worksheets/sheet1.xml", &vec![b' '; 3_000_000]);
    assert!(bomb.len() < 20_000, "it packs well: {}", bomb.len());
    let small = Options {
        max_unpacked: 2_000_000,
        ..options()
    };
    assert_eq!(read(&bomb, &small).unwrap_err().refusal, Refusal::TooLarge);
    let typed = workbook_with(
        "xl/workbook.xml",
        b"<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><workbook/>",
    );
    assert_eq!(read(&typed, &options()).unwrap_err().refusal, Refusal::DocumentType);
    let empty = workbook_with("hello.txt", b"hello");
    assert_eq!(read(&empty, &options()).unwrap_err().refusal, Refusal::NotRecognised);
}

#[test]
fn a_cell_at_the_end_of_the_sheet_costs_no_more_than_one_at_its_beginning() {
    let layout = BankProfiles::embedded().unwrap().of("PGB").result.clone().unwrap();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("data").unwrap();
    let columns = &layout.columns;
    for (column, heading) in (0..).zip([&columns.reference, &columns.account, &columns.amount, &columns.status]) {
        sheet.write_string(0, column, heading).unwrap();
    }
    sheet.write_string(0, 4, columns.reason.as_ref().unwrap()).unwrap();
    sheet.write_string(1_048_575, 16_383, "far").unwrap();
    sheet.write_string(1_048_575, 3, "Thành công").unwrap();
    let report = read(&book.save_to_buffer().unwrap(), &options()).unwrap();
    assert_eq!(report.lines.len(), 1, "rows that are not there are no lines");
}

#[test]
fn a_text_that_stands_once_is_not_kept_for_each_of_a_million_lines() {
    let long = "x".repeat(4_000);
    let few = Options {
        max_kept: 100_000,
        ..options()
    };
    let batch = format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>{long}</OrgnlPmtInfId><PmtInfSts>ACSC</PmtInfSts>");
    let lines = |count| {
        status_report(
            V10,
            &(batch.clone() + &"<TxInfAndSts/>".repeat(count) + "</OrgnlPmtInfAndSts>"),
        )
    };
    assert_eq!(read(lines(20).as_bytes(), &few).unwrap().lines.len(), 20);
    assert_eq!(read(lines(30).as_bytes(), &few).unwrap_err().refusal, Refusal::TooLarge);

    // One shared text of a workbook, said again in each row.
    let layout = BankProfiles::embedded().unwrap().of("PGB").result.clone().unwrap();
    let mut answers: Vec<_> = told().into_iter().cycle().take(60).collect();
    for answer in &mut answers {
        answer.account = Some(long.clone());
    }
    let workbook = result_xlsx(&layout, &answers).unwrap();
    assert!(workbook.len() < 40_000, "it packs well: {}", workbook.len());
    assert_eq!(read(&workbook, &few).unwrap_err().refusal, Refusal::TooLarge);
    assert!(read(&workbook, &options()).is_ok());
}

#[test]
fn a_long_name_is_refused_before_it_stands_in_the_path_of_each_leaf() {
    let name = "n".repeat(300);
    let inner = format!("<TxInfAndSts><{name}>{}</{name}></TxInfAndSts>", "<a>b</a>".repeat(10));
    let text = status_report(V10, &format!("<OrgnlPmtInfAndSts>{inner}</OrgnlPmtInfAndSts>"));
    assert_eq!(read_text(&text).unwrap_err().refusal, Refusal::TooLarge);
}

#[test]
fn a_workbook_of_more_parts_than_any_is_refused_before_its_directory_is_read() {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for number in 0..1_200 {
        let stored = SimpleFileOptions::default();
        archive.start_file(format!("{number}"), stored).unwrap();
    }
    let many = archive.finish().unwrap().into_inner();
    assert_eq!(read(&many, &options()).unwrap_err().refusal, Refusal::TooLarge);
    // Cut off, its directory can't be read, and does not have to be.
    let (cut, _) = many.split_at(many.len() - 30);
    assert_eq!(read(cut, &options()).unwrap_err().refusal, Refusal::TooLarge);
}

#[test]
fn a_workbook_that_announces_more_texts_than_it_holds_is_refused_before_room_is_made() {
    let layout = BankProfiles::embedded().unwrap().of("PGB").result.clone().unwrap();
    let good = result_xlsx(&layout, &told()).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(good)).unwrap();
    for (from, to, refusal) in [
        ("uniqueCount=\"", "uniqueCount=\"9999999999", Refusal::TooLarge),
        ("<c r=\"", "<c r=\"AAAAAAAA", Refusal::NotWellFormed),
        ("encoding=\"UTF-8\"", "encoding=\"UTF-16\"", Refusal::NotUtf8),
    ] {
        let mut forged = ZipWriter::new(Cursor::new(Vec::new()));
        let mut changed = 0;
        for number in 0..archive.len() {
            let mut part = archive.by_index(number).unwrap();
            let mut text = String::new();
            part.read_to_string(&mut text).unwrap();
            changed += text.matches(from).count();
            let name = part.name().unwrap().into_owned();
            forged.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            forged.write_all(text.replace(from, to).as_bytes()).unwrap();
        }
        assert!(changed > 0, "{from}");
        let bytes = forged.finish().unwrap().into_inner();
        assert_eq!(read(&bytes, &options()).unwrap_err().refusal, refusal, "{from}");
    }
}

/// Every kind of file that is read, well-formed.
fn good() -> Vec<Vec<u8>> {
    let answers = [answer(1, "ACSC", None), answer(2, "RJCT", Some("AC01"))];
    let pgb = BankProfiles::embedded().unwrap().of("PGB").result.clone().unwrap();
    let mut post = Vec::new();
    write_post_results(&mut post, "2024-09-10".parse().unwrap(), &answers).unwrap();
    vec![
        pain002(&answers),
        camt054(&answers, true),
        post,
        csv_of("KLB", &told()),
        result_xlsx(&pgb, &told()).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn mutated_files_are_read_or_refused(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..4), 1..6),
        other in any::<prop::sample::Index>(),
    ) {
        let files = good();
        let mut file = which.get(&files).clone();
        for (at, byte, how) in changes {
            if file.is_empty() {
                break;
            }
            let at = at.index(file.len());
            match how {
                0 => file[at] = byte,
                1 => file.insert(at, byte),
                2 => { file.remove(at); }
                // A piece of another file in the middle.
                _ => {
                    let piece = other.get(&files);
                    let end = piece.len().min(200);
                    file.splice(at..at, piece[..end].iter().copied());
                }
            }
        }
        for strict in [true, false] {
            match read(&file, &Options { strict, ..options() }) {
                Ok(report) => prop_assert!(usize::try_from(report.header.lines).unwrap() == report.lines.len()),
                Err(error) => prop_assert!(error.offset <= file.len()),
            }
        }
    }

    #[test]
    fn a_workbook_of_arbitrary_parts_is_refused(
        name in "(xl/workbook.xml|xl/worksheets/sheet1.xml|\\[Content_Types\\].xml|[a-z]{1,5})",
        content in "(<(workbook|sheets|sheet|row|c|v|si|t)( r=\"[A-Z]{0,3}[0-9]{0,9}\")?>|</row>|[0-9a-z<>&;]){0,30}",
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let _ = read(&workbook_with(&name, content.as_bytes()), &options());
        let raw: Vec<u8> = b"PK\x03\x04".iter().copied().chain(bytes).collect();
        prop_assert!(read(&raw, &options()).is_err());
    }
}
