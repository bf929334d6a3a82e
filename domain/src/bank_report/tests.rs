//! Reports as banks really send them, and as nobody should.

use proptest::prelude::*;

use super::synthetic::{Answer, AnswerHeader, write_camt054, write_pain002, write_post_results};
use super::*;
use crate::ids::{Secret, reference, uetr};

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
    format!("<Document{namespace}><CstmrPmtStsRpt><GrpHdr><MsgId>B</MsgId></GrpHdr>{body}</CstmrPmtStsRpt></Document>")
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
    assert_eq!(refusal(b"hello\n"), Refusal::NotRecognised);
}

#[test]
fn a_group_status_can_stand_alone() {
    let body = "<OrgnlGrpInfAndSts><OrgnlMsgId>AS-1</OrgnlMsgId><OrgnlNbOfTxs>3</OrgnlNbOfTxs>\
                <OrgnlCtrlSum>1500000.00</OrgnlCtrlSum><GrpSts>RJCT</GrpSts>\
                <StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>";
    let report = read_text(&status_report(V10, body)).unwrap();
    assert!(report.lines.is_empty());
    assert_eq!(report.header.group_status.as_deref(), Some("RJCT"));
    assert_eq!(report.header.group_reason.as_deref(), Some("DU01"));
    assert_eq!(report.header.original_sum, Vnd::new(1_500_000).ok());
}

#[test]
fn a_line_without_a_status_has_that_of_its_batch() {
    let line = "<TxInfAndSts><OrgnlEndToEndId>AS-9</OrgnlEndToEndId></TxInfAndSts>";
    let batch = |status: &str| {
        format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><PmtInfSts>{status}</PmtInfSts>{line}</OrgnlPmtInfAndSts>"
        )
    };
    let report = read_text(&status_report(V10, &(batch("RJCT") + &batch("PART")))).unwrap();
    assert_eq!((report.lines[0].status.as_str(), report.lines[0].fault), ("RJCT", None));
    assert_eq!(report.lines[1].fault, Some(LineFault::StatusMissing));
    assert_eq!(report.header.batches.len(), 2);
}

#[test]
fn namespaces_of_other_profiles_are_read_and_noted() {
    let body = "<OrgnlGrpInfAndSts><GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>";
    let swiss = "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd";
    for (namespace, noted) in [
        (V10.to_owned(), vec![]),
        (String::new(), vec![Tolerance::NoNamespace]),
        (format!(" xmlns=\"{swiss}\""), vec![Tolerance::ForeignNamespace]),
        (V10.replace(".10", ".14"), vec![Tolerance::OtherVersion]),
    ] {
        let text = status_report(&namespace, body);
        let report = read_text(&text).unwrap();
        assert_eq!(
            (report.header.group_status.as_deref(), &report.header.tolerated),
            (Some("ACCP"), &noted)
        );
        let strict = Options {
            strict: true,
            namespaces: vec![swiss.to_owned()],
            ..Options::default()
        };
        let refused = !noted.is_empty() && !namespace.contains("six");
        assert_eq!(read(text.as_bytes(), &strict).is_err(), refused);
    }
    let prefixed = "<p:Document xmlns:p=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><p:CstmrPmtStsRpt>\
                    <p:GrpHdr><p:MsgId>B</p:MsgId></p:GrpHdr></p:CstmrPmtStsRpt></p:Document>";
    assert_eq!(
        read_text(prefixed).unwrap().header.message.as_deref(),
        Some("pain.002.001.03")
    );
    assert_eq!(
        refusal(status_report(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:pacs.002.001.10\"", body).as_bytes()),
        Refusal::UnknownMessage
    );
    assert_eq!(
        refusal(b"<Document><FIToFIPmtStsRpt/></Document>"),
        Refusal::UnknownMessage
    );
}

#[test]
fn amounts_are_whole_or_refused() {
    for (text, dong) in [
        ("500000", Some(500_000)),
        ("500000.0", Some(500_000)),
        ("500000.00", Some(500_000)),
    ] {
        assert_eq!(parse_amount(text).map(Vnd::dong), dong);
    }
    for text in [
        "500000.5",
        "500000.00000",
        "500.000",
        "-1",
        "+1",
        "1e6",
        "",
        ".0",
        "5,0",
        "9007199254740992",
        " 1",
    ] {
        assert_eq!(parse_amount(text), None, "{text}");
    }
    let line = |amount: &str| {
        format!(
            "<TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId><TxSts>ACSC</TxSts>\
             <OrgnlTxRef><Amt>{amount}</Amt></OrgnlTxRef></TxInfAndSts>"
        )
    };
    let body = [
        line("<InstdAmt Ccy=\"VND\">500000.5</InstdAmt>"),
        line("<InstdAmt Ccy=\"USD\">500000</InstdAmt>"),
        line("<InstdAmt Ccy=\"VND\">9007199254740991</InstdAmt>"),
    ];
    let text = status_report(
        V10,
        &format!("<OrgnlPmtInfAndSts>{}</OrgnlPmtInfAndSts>", body.concat()),
    );
    let lines = read_text(&text).unwrap().lines;
    let faults: Vec<_> = lines.iter().map(|line| line.fault).collect();
    assert_eq!(faults, [Some(LineFault::Amount), Some(LineFault::Currency), None]);
    assert_eq!((lines[0].event(), lines[2].amount), (None, Some(Vnd::MAX)));
}

#[test]
fn the_older_notification_and_the_statement_are_read() {
    let entry = "<Ntry><Amt Ccy=\"VND\">500000.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>\
                 <BookgDt><DtTm>2024-09-20T10:00:00</DtTm></BookgDt><AcctSvcrRef>FT1</AcctSvcrRef><NtryDtls><TxDtls>\
                 <Refs><EndToEndId>AS-1</EndToEndId></Refs><RtrInf><Rsn><Cd>AC01</Cd></Rsn><AddtlInf>sai</AddtlInf>\
                 <AddtlInf>so</AddtlInf></RtrInf></TxDtls></NtryDtls></Ntry>\
                 <Ntry><Amt Ccy=\"VND\">9</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>\
                 <NtryDtls><Btch><PmtInfId>AS-2</PmtInfId></Btch></NtryDtls></Ntry>\
                 <Ntry><Amt Ccy=\"VND\">7</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts></Ntry>";
    for (root, part, name) in [
        ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054.001.02"),
        ("BkToCstmrStmt", "Stmt", "camt.053.001.02"),
    ] {
        let text = format!(
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{name}\"><{root}><{part}>{entry}</{part}></{root}></Document>"
        );
        let lines = read_text(&text).unwrap().lines;
        let returned = &lines[0];
        assert_eq!(
            (returned.kind, returned.event()),
            (LineKind::Return, Some(Event::Return))
        );
        assert_eq!(
            (returned.amount, returned.reason.as_deref()),
            (Vnd::new(500_000).ok(), Some("AC01"))
        );
        assert_eq!(
            (returned.note.as_deref(), returned.bank_reference.as_deref()),
            (Some("sai so"), Some("FT1"))
        );
        assert_eq!(
            (lines[1].kind, lines[1].batch.as_deref()),
            (LineKind::BatchDebit, Some("AS-2"))
        );
        assert_eq!((lines[2].kind, lines[2].event()), (LineKind::Credit, None));
        assert!(read_text(&text.replace(entry, "")).unwrap().lines.is_empty());
    }
}

#[test]
fn hostile_files_are_refused() {
    let laughs = "<!DOCTYPE l [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>";
    assert_eq!(
        refusal(format!("{laughs}{}", status_report(V10, "&b;")).as_bytes()),
        Refusal::DocumentType
    );
    assert_eq!(refusal(status_report(V10, "<X>&b;</X>").as_bytes()), Refusal::Entity);
    assert_eq!(
        refusal(status_report(V10, &"<a>".repeat(100)).as_bytes()),
        Refusal::TooDeep
    );
    assert_eq!(refusal(b"\xff\xfe<\0D\0"), Refusal::NotUtf8);
    assert_eq!(refusal(b"PK\x03\x04"), Refusal::NotRecognised);
    assert_eq!(
        refusal("<?xml version=\"1.0\" encoding=\"windows-1258\"?><Document>Đ</Document>".as_bytes()),
        Refusal::NotUtf8
    );
    assert_eq!(refusal(b" \n"), Refusal::Empty);
    assert_eq!(refusal(b"<!-- only this -->"), Refusal::Empty);
    assert_eq!(
        refusal((status_report(V10, "") + "<Document/>").as_bytes()),
        Refusal::NotWellFormed
    );
    assert_eq!(
        refusal(status_report(V10, "<a></b>").as_bytes()),
        Refusal::NotWellFormed
    );

    let file = pain002(&[answer(1, "ACSC", None), answer(2, "ACSC", None)]);
    let small = Options {
        max_lines: 1,
        ..Options::default()
    };
    assert_eq!(read(&file, &small).unwrap_err().refusal, Refusal::TooManyLines);
    assert_eq!(
        read(
            &file,
            &Options {
                max_bytes: 10,
                ..Options::default()
            }
        )
        .unwrap_err()
        .refusal,
        Refusal::TooLarge
    );

    let error = read_text("<Document>\n<CstmrPmtStsRpt>\n<GrpHdr>").unwrap_err();
    assert_eq!(
        (error.refusal.code(), error.line, error.offset),
        ("report_truncated", 3, 36)
    );
}

#[test]
fn long_and_odd_texts_blame_their_line_only() {
    let line =
        |id: &str| format!("<TxInfAndSts><OrgnlEndToEndId>{id}</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>");
    let body = [
        line(&"9".repeat(5_000)),
        line("NOTPROVIDED"),
        line("A&amp;&#66;&#x0;<![CDATA[<C>]]>"),
        line("AS-1"),
    ];
    let text = status_report(
        V10,
        &format!("<OrgnlPmtInfAndSts>{}</OrgnlPmtInfAndSts>", body.concat()),
    );
    let text = text.replace("&#x0;", "&#x1;");
    let lines = read_text(&text).unwrap().lines;
    assert_eq!(lines[0].fault, Some(LineFault::TextTooLong));
    assert_eq!(lines[1].fault, Some(LineFault::ReferenceMissing));
    assert_eq!(lines[2].reference.as_deref(), Some("A&B\u{fffd}<C>"));
    assert_eq!((lines[3].position, lines[3].event()), (4, Some(Event::Settle)));
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
