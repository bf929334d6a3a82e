//! Result tables of banks.

use super::*;
use crate::bank::{BankProfiles, Encoding, ResultLayout};
use crate::bank_report::synthetic::{result_xlsx, write_result_csv};

fn layout(bank: &str) -> ResultLayout {
    BankProfiles::embedded().unwrap().of(bank).result.clone().unwrap()
}

fn options(strict: bool) -> Options {
    let of = |bank: &str| NamedLayout {
        bank: bank.to_owned(),
        layout: layout(bank),
    };
    Options {
        strict,
        layouts: vec![of("KLB"), of("PGB")],
        ..Options::default()
    }
}

pub(super) fn told() -> [Answer; 4] {
    let mut answers = [
        answer(1, "Thành công", None),
        answer(2, "Hoàn trả", Some("Tài khoản không tồn tại")),
        answer(3, "Chờ kiểm tra", Some("hồ sơ")),
        answer(4, "Đang xử lý", None),
    ];
    answers.iter_mut().for_each(|answer| answer.uetr = None);
    answers
}

pub(super) fn csv_of(bank: &str, answers: &[Answer]) -> Vec<u8> {
    let mut out = Vec::new();
    write_result_csv(&mut out, &layout(bank), answers).unwrap();
    out
}

#[test]
fn results_come_back_as_they_were_sent_and_words_mean_what_the_profile_says() {
    for (bank, bytes) in [
        ("KLB", csv_of("KLB", &told())),
        ("PGB", result_xlsx(&layout("PGB"), &told()).unwrap()),
    ] {
        let report = read(&bytes, &options(true)).unwrap();
        assert_eq!(
            (report.header.format, report.header.layout.as_deref()),
            (Format::ResultTable, Some(bank))
        );
        let events: Vec<_> = report.lines.iter().map(ReportLine::event).collect();
        assert_eq!(
            events,
            [Some(Event::Credit), Some(Event::Return), None, Some(Event::Accept)],
            "{bank}"
        );
        for (line, sent) in report.lines.iter().zip(told()) {
            assert_eq!(
                (line.fault, line.reference.as_deref()),
                (None, Some(sent.reference.as_str())),
                "{bank}"
            );
            assert_eq!((line.amount, &line.account), (Some(sent.amount), &sent.account));
            assert_eq!(line.status, sent.status, "kept as it stands");
        }
        assert_eq!(
            report.lines[1].reason.as_deref(),
            Some("AC01"),
            "a word that the profile knows as a code"
        );
        assert_eq!(report.lines[0].bank_reference.as_deref(), Some("FT1"));
    }
}

#[test]
fn strict_reading_refuses_what_lenient_reading_notes() {
    let plain = String::from_utf8(csv_of("KLB", &told())).unwrap();
    let cases = [
        (plain.replace("Mã lệnh", " mã  LỆNH "), Tolerance::HeadingSpelling),
        (plain.replace("Thành công", "THANH CONG"), Tolerance::StatusSpelling),
        (plain.replace(';', ","), Tolerance::Delimiter),
        (format!("{plain};;;;;\n;;2000010;;;\n"), Tolerance::NoteRow),
    ];
    for (text, what) in cases {
        let report = read(text.as_bytes(), &options(false)).unwrap();
        assert_eq!(report.header.tolerated, [what]);
        assert_eq!(report.lines.len(), 4, "{what:?}");
        assert_eq!(report.lines[0].event(), Some(Event::Credit), "{what:?}");
        let refused = read(text.as_bytes(), &options(true)).unwrap_err();
        assert_eq!(refused.refusal, Refusal::NotStrict, "{what:?}");
    }
    assert!(read(plain.as_bytes(), &options(true)).is_ok());
    let mut other = layout("PGB");
    other.sheet = Some("khac".to_owned());
    let bytes = result_xlsx(&other, &told()).unwrap();
    let report = read(&bytes, &options(false)).unwrap();
    assert_eq!(report.header.tolerated, [Tolerance::SheetName]);
    assert_eq!(read(&bytes, &options(true)).unwrap_err().refusal, Refusal::NotStrict);
}

#[test]
fn headings_may_stand_below_a_title_and_columns_in_any_order() {
    let own = told();
    let text = format!(
        "KẾT QUẢ\n\nTrạng thái;Lý do;Số tiền (VND);Số tài khoản;Số giao dịch;Mã lệnh\nTừ chối;Chủ tài khoản đã mất;500001;{};;{}\n",
        own[0].account.as_deref().unwrap(),
        own[0].reference
    );
    let report = read(text.as_bytes(), &options(true)).unwrap();
    let line = &report.lines[0];
    assert_eq!(
        (line.event(), line.reason.as_deref()),
        (Some(Event::Reject), Some("MD07"))
    );
    assert_eq!(line.amount, Vnd::new(500_001).ok());
}

#[test]
fn one_bad_row_does_not_stop_the_table() {
    let text = "Mã lệnh;Số tài khoản;Số tiền (VND);Trạng thái;Lý do;Số giao dịch\n\
                ;800;500001.5;Thành công;;\n;;1;Thành công;;\nAS-1;800;1;;;\nAS-2;800;1;Thành công\n;801;7;Thành công;;\n";
    let report = read(text.as_bytes(), &options(false)).unwrap();
    let faults: Vec<_> = report.lines.iter().map(|line| line.fault).collect();
    let expected = [
        Some(LineFault::Amount),
        Some(LineFault::ReferenceMissing),
        Some(LineFault::StatusMissing),
        None,
        None,
    ];
    assert_eq!(faults, expected);
    assert_eq!(
        report.lines[4].reference, None,
        "its account and amount are left to say whose it is"
    );
    assert_eq!(report.lines[4].event(), Some(Event::Credit));
}

#[test]
fn thousands_are_grouped_by_the_sign_of_the_profile_alone() {
    let mut own = layout("KLB");
    own.thousands = Some('.');
    let options = Options {
        layouts: vec![NamedLayout {
            bank: "KLB".to_owned(),
            layout: own,
        }],
        ..Options::default()
    };
    let amounts = ["1.410.000", "500000", "1.41.000", "1,410,000", "500.00"];
    let rows: String = amounts
        .iter()
        .map(|amount| format!("AS-1;8;{amount};Thành công;;\n"))
        .collect();
    let text = format!("Mã lệnh;Số tài khoản;Số tiền (VND);Trạng thái;Lý do;Số giao dịch\n{rows}");
    let report = read(text.as_bytes(), &options).unwrap();
    let read: Vec<Option<i64>> = report.lines.iter().map(|line| line.amount.map(Vnd::dong)).collect();
    assert_eq!(read, [Some(1_410_000), Some(500_000), None, None, None]);
}

#[test]
fn a_table_that_fits_two_banks_is_refused_until_it_is_said_whose_it_is() {
    let mut other = layout("KLB");
    other
        .statuses
        .insert("Xong".to_owned(), crate::bank::ResultMeaning::Settled);
    let both = Options {
        layouts: vec![
            NamedLayout {
                bank: "KLB".to_owned(),
                layout: layout("KLB"),
            },
            NamedLayout {
                bank: "ABB".to_owned(),
                layout: other,
            },
        ],
        ..Options::default()
    };
    let bytes = csv_of("KLB", &told());
    assert_eq!(read(&bytes, &both).unwrap_err().refusal, Refusal::LayoutUnclear);
    assert_eq!(
        read(&bytes, &Options::default()).unwrap_err().refusal,
        Refusal::NotRecognised
    );
}

#[test]
fn content_that_names_two_orders_is_for_a_person() {
    let (one, other) = (told()[0].reference.clone(), told()[1].reference.clone());
    let text =
        format!("Nội dung;Số tài khoản;Số tiền;Trạng thái;FT / Ghi chú\nTRO CAP {one} {other};800;1;Thành công;FT1\n");
    let report = read(text.as_bytes(), &options(false)).unwrap();
    assert_eq!(report.lines[0].fault, Some(LineFault::ReferenceUnclear));
    assert_eq!(report.lines[0].event(), None);
}

#[test]
fn the_cash_list_that_the_post_office_fills_in_says_what_became_of_each_order() {
    let post = NamedLayout {
        bank: BankProfiles::POST.to_owned(),
        layout: BankProfiles::embedded().unwrap().post_result().unwrap().clone(),
    };
    let options = |strict| Options {
        strict,
        layouts: vec![post.clone()],
        ..Options::default()
    };
    let csv = "DANH SÁCH CHI TRẢ\n\n\
        STT,Mã lệnh chi,Số giấy tờ,Số tiền,Ký nhận,Kết quả,Ngày trả,Ghi chú\n\
        1,AS1,022190001234,750.000,,Đã trả,5/9/2024,\n\
        2,AS2,022190001235,750000,,Chưa nhận,05/09/2024 08:30,\n\
        3,AS3,022190001236,1.500.000,,Trả lại,2024-09-06,Người nhận đã mất\n\
        4,AS4,022190001237,750.000,,,,\n\
        ,,,3.750.000,,,,\n\
        5,AS5,022190001238,750.000,,Đã trả,5/9/24,\n";
    let report = read(csv.as_bytes(), &options(true)).unwrap();
    assert_eq!(report.header.layout.as_deref(), Some("POST"));
    assert_eq!(report.header.tolerated, []);
    let told: Vec<_> = report
        .lines
        .iter()
        .map(|line| {
            (
                line.reference.as_deref().unwrap(),
                line.event(),
                line.reason.as_deref(),
                line.booked_on.map(|day| day.to_string()),
            )
        })
        .collect();
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(
        told,
        [
            ("AS1", Some(Event::Credit), None, day("2024-09-05")),
            ("AS2", Some(Event::Return), Some("not_collected"), day("2024-09-05")),
            ("AS3", Some(Event::Return), Some("MD07"), day("2024-09-06")),
            ("AS5", None, None, None),
        ],
        "the fourth is not answered yet, and of the last nobody knows the century"
    );
    assert_eq!(report.lines.last().unwrap().fault, Some(LineFault::Date));
    // Other spellings are the same words, and strict reading says so.
    let loose = csv.replace("Đã trả", "DA TRA");
    assert!(read(loose.as_bytes(), &options(true)).is_err());
    let report = read(loose.as_bytes(), &options(false)).unwrap();
    assert_eq!(report.lines[0].event(), Some(Event::Credit));
}

#[test]
fn a_footer_and_a_byte_order_mark_are_as_the_profile_says() {
    let written = String::from_utf8(csv_of("KLB", &told())).unwrap();
    let plain = written.trim_start_matches('\u{feff}').to_owned();
    let with = |footer, bom| Options {
        strict: true,
        layouts: vec![NamedLayout {
            bank: "KLB".to_owned(),
            layout: ResultLayout {
                footer,
                bom,
                encoding: Encoding::Utf8,
                ..layout("KLB")
            },
        }],
        ..Options::default()
    };
    let total = format!("{plain};;2000010;;;\n;;Người lập;;;Giám đốc\n");
    let marked = format!("\u{feff}{plain}");
    for (text, options) in [(&total, with(true, false)), (&marked, with(false, true))] {
        let report = read(text.as_bytes(), &options).unwrap();
        assert_eq!((report.lines.len(), report.header.tolerated), (4, vec![]));
    }
    for (text, options) in [(&total, with(false, true)), (&marked, with(true, false))] {
        let refused = read(text.as_bytes(), &options).unwrap_err();
        assert_eq!(refused.refusal, Refusal::NotStrict);
    }
    // A sum between the lines is below none of them, whatever the profile says.
    let (head, rows) = plain.split_once('\n').unwrap();
    let between = format!("{head}\n;;2000010;;;\n{rows}");
    let refused = read(between.as_bytes(), &with(true, false)).unwrap_err();
    assert_eq!(refused.refusal, Refusal::NotStrict);
    assert!(read(plain.as_bytes(), &with(true, true)).is_ok());
}

#[test]
fn what_a_profile_does_not_say_of_its_table_is_left_out_of_it() {
    let plain = serde_json::to_value(layout("KLB")).unwrap();
    assert!(plain.get("footer").is_none() && plain.get("bom").is_none());
    let own = ResultLayout {
        footer: true,
        ..layout("KLB")
    };
    let again: ResultLayout = serde_json::from_value(serde_json::to_value(&own).unwrap()).unwrap();
    assert_eq!(again, own);
}

/// The table of a bank in an encoding, and how it is read.
fn in_encoding(encoding: Encoding, strict: bool) -> (Vec<u8>, Options) {
    let layout = ResultLayout {
        encoding,
        ..layout("KLB")
    };
    let mut bytes = Vec::new();
    write_result_csv(&mut bytes, &layout, &told()).unwrap();
    let options = Options {
        strict,
        layouts: vec![NamedLayout {
            bank: "KLB".to_owned(),
            layout,
        }],
        ..Options::default()
    };
    (bytes, options)
}

#[test]
fn a_table_is_read_in_the_encoding_of_its_layout() {
    let plain = read(&csv_of("KLB", &told()), &options(true)).unwrap();
    for encoding in [Encoding::Utf16Le, Encoding::Windows1258] {
        let (bytes, strict) = in_encoding(encoding, true);
        assert!(std::str::from_utf8(&bytes).is_err());
        let report = read(&bytes, &strict).unwrap();
        assert_eq!((&report.lines, report.header.tolerated), (&plain.lines, vec![]));
        // Another encoding than the layout's is told, and strict reading refuses it.
        let lenient = Options {
            strict: false,
            ..strict.clone()
        };
        let utf8 = csv_of("KLB", &told());
        let report = read(&utf8, &lenient).unwrap();
        assert_eq!(
            (&report.lines, report.header.tolerated),
            (&plain.lines, vec![Tolerance::Encoding])
        );
        assert_eq!(read(&utf8, &strict).unwrap_err().refusal, Refusal::NotStrict);
    }
    // Without its mark UTF-16 is known by its first letter.
    let (bytes, strict) = in_encoding(Encoding::Utf16Le, true);
    assert_eq!(read(&bytes[2..], &strict).unwrap().lines, plain.lines);
    // A spreadsheet saves Unicode text: it can be told, where single bytes can't.
    let report = read(&bytes, &options(false)).unwrap();
    assert_eq!(
        (&report.lines, report.header.tolerated),
        (&plain.lines, vec![Tolerance::Encoding])
    );
    assert_eq!(read(&bytes, &options(true)).unwrap_err().refusal, Refusal::NotStrict);
    let (bytes, _) = in_encoding(Encoding::Windows1258, true);
    assert_eq!(read(&bytes, &options(false)).unwrap_err().refusal, Refusal::NotUtf8);
}

#[test]
fn a_table_with_another_heading_is_refused_with_the_one_it_lacks_and_those_it_has() {
    let csv = String::from_utf8(csv_of("KLB", &told())).unwrap();
    let csv = csv.replace("Trạng thái", "Tình trạng lệnh");
    let wide: Vec<u8> = format!("\u{feff}{}", csv.trim_start_matches('\u{feff}'))
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let mut other = layout("PGB");
    other.columns.status = "Tình trạng lệnh".to_owned();
    let xlsx = result_xlsx(&other, &told()).unwrap();
    for (what, bytes) in [("CSV", csv.into_bytes()), ("UTF-16", wide), ("XLSX", xlsx)] {
        let refused = read(&bytes, &options(false)).unwrap_err();
        assert_eq!(refused.refusal, Refusal::ColumnMissing, "{what}");
        let told = refused.headings.unwrap();
        assert_eq!(told.missing, ["Trạng thái"], "{what}");
        let there = ["Số tài khoản", "Tình trạng lệnh"].map(str::to_owned);
        assert!(there.iter().all(|own| told.found.contains(own)), "{what}: {told:?}");
    }
    let other = read("Mã lệnh;Họ và tên\nAS-1;Lan\n".as_bytes(), &options(false)).unwrap_err();
    assert_eq!(
        (other.refusal, other.headings),
        (Refusal::NotRecognised, None),
        "some other table"
    );
}
