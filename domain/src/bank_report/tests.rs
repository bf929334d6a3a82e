//! Reports come back as they were sent; bytes that are none are refused.

mod booked;
mod hostile;
mod odd;
mod reasons;
mod schema;
mod schema_rules;
mod table;

use proptest::prelude::*;

use super::synthetic::{Answer, AnswerHeader, write_camt054, write_pain002, write_post_results};
use super::*;
use crate::ids::{Secret, reference, uetr};
use crate::payment_order::Event;

fn answer(number: i64, status: &str, reason: Option<&str>) -> Answer {
    let (secret, key) = (Secret::new(&[7; 32]).unwrap(), number.to_string());
    Answer {
        reference: reference(&secret, "payment_order", &key),
        uetr: Some(uetr(&secret, &key)),
        amount: Vnd::new(500_000 + number).unwrap(),
        status: status.to_owned(),
        reason: reason.map(str::to_owned),
        account: Some(format!("80002051{number:05}")),
        bank_reference: Some(format!("FT{number}")),
    }
}

fn header(one_debit: bool) -> AnswerHeader {
    AnswerHeader {
        message_id: "BANK-1".into(),
        created_at: "2024-09-05T18:00:00Z".parse().unwrap(),
        original_message_id: "AS-1".into(),
        original_message: "pain.001.001.09".into(),
        payment_information_id: "AS-2".into(),
        group_status: Some("PART".into()),
        account: "3713010512345".into(),
        one_debit,
    }
}

/// What of a line an answer had said.
fn back(line: &ReportLine) -> Answer {
    assert_eq!(line.fault, None);
    Answer {
        reference: line.reference.clone().unwrap(),
        uetr: line.uetr,
        amount: line.amount.unwrap(),
        status: line.status.clone(),
        reason: line.reason.clone(),
        account: line.account.clone(),
        bank_reference: line.bank_reference.clone(),
    }
}

fn pain002(answers: &[Answer]) -> Vec<u8> {
    let mut out = Vec::new();
    write_pain002(&mut out, &header(false), answers).unwrap();
    out
}

fn camt054(answers: &[Answer], one_debit: bool) -> Vec<u8> {
    let mut out = Vec::new();
    write_camt054(&mut out, &header(one_debit), answers).unwrap();
    out
}

fn read_text(text: &str) -> Result<Report, ReportError> {
    read(text.as_bytes(), &Options::default())
}

fn refusal(bytes: &[u8]) -> Refusal {
    read(bytes, &Options::default()).unwrap_err().refusal
}

fn status_report(namespace: &str, body: &str) -> String {
    format!(
        "<Document{namespace}><CstmrPmtStsRpt><GrpHdr><MsgId>B</MsgId>\
         <CreDtTm>2024-09-05T18:00:00+07:00</CreDtTm></GrpHdr>{body}</CstmrPmtStsRpt></Document>"
    )
}

const V10: &str = " xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"";

#[test]
fn a_status_report_comes_back_as_it_was_sent() {
    let answers = [
        answer(1, "ACSC", None),
        answer(2, "RJCT", Some("MD07")),
        answer(3, "XXXX", Some("OUR OWN")),
    ];
    let report = read(
        &pain002(&answers),
        &Options {
            strict: true,
            ..Options::default()
        },
    )
    .unwrap();
    assert_eq!(report.lines.iter().map(back).collect::<Vec<_>>(), answers);
    assert_eq!(report.header.message.as_deref(), Some("pain.002.001.10"));
    assert_eq!(report.header.original_message_id.as_deref(), Some("AS-1"));
    assert_eq!(report.header.group_status.as_deref(), Some("PART"));
    assert_eq!((report.header.lines, report.lines[2].position), (3, 3));
    let events: Vec<_> = report.lines.iter().map(ReportLine::event).collect();
    assert_eq!(events, [Some(Event::Settle), Some(Event::Reject), None]);
}

#[test]
fn debits_and_returns_come_back_as_they_were_sent() {
    let answers = [
        answer(1, "BOOK", None),
        answer(2, "BOOK", None),
        answer(3, "BOOK", Some("AC06")),
    ];
    for one_debit in [false, true] {
        let report = read(&camt054(&answers, one_debit), &Options::default()).unwrap();
        assert_eq!(report.lines.iter().map(back).collect::<Vec<_>>(), answers);
        let events: Vec<_> = report.lines.iter().map(ReportLine::event).collect();
        assert_eq!(events, [Some(Event::Settle), Some(Event::Settle), Some(Event::Return)]);
        assert_eq!(report.lines[0].booked_on, "2024-09-06".parse().ok());
        assert_eq!(report.header.account.as_deref(), Some("3713010512345"));
        assert_eq!(report.lines[0].batch.as_deref(), Some("AS-2"));
    }
}

#[test]
fn results_of_the_post_office_come_back_as_they_were_sent() {
    let mut answers = [
        answer(1, "paid", None),
        answer(2, "not_collected", Some("3 THANG")),
        answer(3, "returned", None),
    ];
    for answer in &mut answers {
        (answer.uetr, answer.account, answer.bank_reference) = (None, None, None);
    }
    let mut out = Vec::new();
    write_post_results(&mut out, "2024-09-10".parse().unwrap(), &answers).unwrap();
    let text = String::from_utf8(out).unwrap();
    for file in [
        text.clone(),
        format!("\u{feff}{text}"),
        text.replace(',', ";"),
        text.replace('\n', "\r\n"),
    ] {
        let report = read(
            file.as_bytes(),
            &Options {
                strict: true,
                ..Options::default()
            },
        )
        .unwrap();
        assert_eq!(report.lines.iter().map(back).collect::<Vec<_>>(), answers);
        let events: Vec<_> = report.lines.iter().map(ReportLine::event).collect();
        assert_eq!(events, [Some(Event::Credit), Some(Event::Return), Some(Event::Return)]);
    }
}

#[test]
fn one_bad_row_of_the_post_office_does_not_stop_the_file() {
    let report = read_text(
        "date,reference,amount,result\n2024-09-10,AS-1,\"500,000\",paid\n10/9/2024,AS-2,1,paid\nAS-3\n\
         2024-09-10,,1,paid\n2024-09-10,AS-5,500000.00,paid\n",
    )
    .unwrap();
    let faults: Vec<_> = report.lines.iter().map(|line| line.fault).collect();
    let expected = [
        LineFault::Amount,
        LineFault::Date,
        LineFault::Columns,
        LineFault::ReferenceMissing,
    ];
    assert_eq!(faults[..4], expected.map(Some));
    assert_eq!((faults[4], report.lines[4].event()), (None, Some(Event::Credit)));
    assert_eq!(refusal(b"reference,amount,date\n"), Refusal::ColumnMissing);
    let lacks = read_text("reference,amount,date\n").unwrap_err().headings.unwrap();
    assert_eq!(lacks.missing, ["result"]);
    assert_eq!(lacks.found, ["reference", "amount", "date"]);
    assert_eq!(refusal(b"hello\n"), Refusal::NotRecognised);
}

fn answers() -> impl Strategy<Value = Vec<Answer>> {
    let statuses = proptest::sample::select(vec!["ACSC", "ACCC", "RJCT", "PDNG", "BOOK"]);
    let reason = proptest::option::of("[A-Z]{2}[0-9]{2}|[A-Za-z<&>đ]{5,9}");
    proptest::collection::vec((0..1_000_000_i64, statuses, reason), 0..12).prop_map(|all| {
        all.into_iter()
            .map(|(number, status, reason)| answer(number, status, reason.as_deref()))
            .collect()
    })
}

proptest! {
    #[test]
    fn what_is_written_is_read(answers in answers()) {
        let report = read(&pain002(&answers), &Options::default()).unwrap();
        prop_assert_eq!(report.lines.iter().map(back).collect::<Vec<_>>(), answers.clone());

        let (returns, mut debits): (Vec<_>, Vec<_>) = answers.into_iter().partition(|a| a.reason.is_some());
        debits.extend(returns);
        let report = read(&camt054(&debits, false), &Options::default()).unwrap();
        prop_assert_eq!(report.lines.iter().map(back).collect::<Vec<_>>(), debits);
    }

    #[test]
    fn no_bytes_make_it_fall(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "[<>/&;!\\[\\]?=\"' a-dD\n]{0,200}") {
        let _ = read(&bytes, &Options::default());
        let _ = read_text(&text);
        let _ = read_text(&format!("<Document><CstmrPmtStsRpt>{text}"));
        let _ = read_text(&format!("reference,amount,result,date\n{text}"));
    }

    #[test]
    fn a_damaged_file_is_read_or_refused(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let answers = [answer(1, "BOOK", None), answer(2, "BOOK", Some("AC01"))];
        for mut file in [pain002(&answers), camt054(&answers, true)] {
            let end = cut.index(file.len());
            // Without its last byte the root is not closed.
            prop_assert!(read(&file[..end], &Options::default()).is_err());
            let at = at.index(file.len());
            file[at] = byte;
            if let Err(error) = read(&file, &Options::default()) {
                prop_assert!(error.offset <= file.len() && error.line >= 1);
            }
        }
    }
}

#[test]
fn an_answer_to_recalls_is_read_line_by_line_and_moves_nothing() {
    let answers = [answer(1, "ACCR", None), answer(2, "RJCR", Some("LEGL"))];
    let mut bytes = Vec::new();
    super::synthetic::write_camt029(&mut bytes, &header(false), &answers).unwrap();
    let report = read(&bytes, &Options::default()).unwrap();
    assert_eq!(report.header.format, Format::Camt029);
    assert_eq!(report.header.message_id.as_deref(), Some("BANK-1"));
    assert_eq!(report.header.group_status, None);
    for (line, answer) in report.lines.iter().zip(&answers) {
        assert_eq!((line.kind, line.event(), line.fault), (LineKind::Recall, None, None));
        assert_eq!(line.reference.as_ref(), Some(&answer.reference));
        assert_eq!((line.uetr, line.amount), (answer.uetr, Some(answer.amount)));
        assert_eq!((&line.status, &line.reason), (&answer.status, &answer.reason));
    }
    // Without a status of its own a line has that of the whole answer.
    let text = String::from_utf8(bytes)
        .unwrap()
        .replace("<TxCxlSts>ACCR</TxCxlSts>", "");
    let report = read(text.as_bytes(), &Options::default()).unwrap();
    assert_eq!(
        report.lines[0].status, "PECR",
        "cancelled in part: a person has to look"
    );
    assert_eq!(report.lines[1].status, "RJCR");
}

#[test]
fn an_answer_to_recalls_says_of_all_of_them_what_it_says_of_each() {
    for (statuses, whole) in [
        (vec!["ACCR"], "CNCL"),
        (vec!["ACCR", "ACCR"], "CNCL"),
        (vec!["RJCR", "RJCR"], "RJCR"),
        (vec!["PDCR"], "PDCR"),
        (vec!["RJCR", "PDCR"], "PDCR"),
        (vec!["PDCR", "ACCR"], "PECR"),
    ] {
        let answers: Vec<Answer> = (1..)
            .zip(&statuses)
            .map(|(number, own)| answer(number, own, None))
            .collect();
        let mut bytes = Vec::new();
        super::synthetic::write_camt029(&mut bytes, &header(false), &answers).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(&format!("<Conf>{whole}</Conf>")), "{statuses:?}: {text}");
    }
}
