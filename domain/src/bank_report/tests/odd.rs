//! Reports as banks really send them, and as nobody should.

use super::*;

const ACCEPTED: &str = "<OrgnlGrpInfAndSts><OrgnlMsgId>AS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\
                        <GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>";

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
    assert_eq!(report.header.original_sum_text.as_deref(), Some("1500000.00"));
    assert_eq!(report.header.original_count.as_deref(), Some("3"));
    // What is no whole number of đồng is kept all the same.
    let odd = read_text(&status_report(V10, &body.replace("1500000.00", "1.500.000"))).unwrap();
    assert_eq!(odd.header.original_sum, None);
    assert_eq!(odd.header.original_sum_text.as_deref(), Some("1.500.000"));
}

#[test]
fn a_batch_says_how_large_it_was() {
    let body = "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><OrgnlNbOfTxs>3</OrgnlNbOfTxs>\
                <OrgnlCtrlSum>1500000</OrgnlCtrlSum><PmtInfSts>ACSC</PmtInfSts></OrgnlPmtInfAndSts>\
                <OrgnlPmtInfAndSts><OrgnlPmtInfId>Q</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>";
    let batches = read_text(&status_report(V10, body)).unwrap().header.batches;
    let sizes: Vec<_> = batches
        .iter()
        .map(|own| (own.original_count.as_deref(), own.original_sum.as_deref()))
        .collect();
    assert_eq!(sizes, [(Some("3"), Some("1500000")), (None, None)]);
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
fn a_report_is_held_against_the_messages_that_its_bank_answers_with() {
    use Tolerance::{ForeignNamespace, NoNamespace, OtherVersion, UnlistedNamespace};
    let swiss = "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd";
    let (iso, none, newer) = (V10.to_owned(), String::new(), V10.replace(".10", ".14"));
    let foreign = format!(" xmlns=\"{swiss}\"");
    for (namespace, answers, listed, noted) in [
        (&iso, vec!["pain.002.001.10"], true, vec![]),
        (
            &iso,
            vec!["pain.002.001.03", "camt.053.001.08"],
            false,
            vec![UnlistedNamespace],
        ),
        (&iso, vec![], false, vec![UnlistedNamespace]),
        (&foreign, vec!["pain.002.001.03"], false, vec![ForeignNamespace]),
        (&foreign, vec![swiss], true, vec![]),
        (&newer, vec!["pain.002.001.10"], false, vec![OtherVersion]),
        (&none, vec!["pain.002.001.10"], true, vec![NoNamespace]),
    ] {
        let body = ACCEPTED;
        let mut header = read_text(&status_report(namespace, body)).unwrap().header;
        let answers: Vec<String> = answers.into_iter().map(str::to_owned).collect();
        assert_eq!(header.hold_against(&answers), listed, "{namespace} in {answers:?}");
        assert_eq!(header.tolerated, noted, "{namespace} in {answers:?}");
    }
    let told = read_text(&status_report(&foreign, "")).unwrap().header.namespace;
    assert_eq!(told.as_deref(), Some(swiss), "as it stands");
}

#[test]
fn namespaces_of_other_profiles_are_read_and_noted() {
    let body = ACCEPTED;
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
fn an_entry_over_a_whole_file_names_its_batch_or_its_message() {
    let entry = |direction: &str, details: &str| {
        format!(
            "<Ntry><Amt Ccy=\"VND\">500000</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts>\
             <NtryDtls>{details}</NtryDtls></Ntry>"
        )
    };
    let entries = [
        entry("DBIT", "<Btch><MsgId>AS-1</MsgId></Btch>"),
        entry("CRDT", "<Btch><MsgId>AS-1</MsgId><PmtInfId>AS-1-B</PmtInfId></Btch>"),
        entry(
            "CRDT",
            "<TxDtls><Refs><PmtInfId>AS-1-B</PmtInfId></Refs><RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf></TxDtls>",
        ),
    ]
    .concat();
    let text = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.02\"><BkToCstmrDbtCdtNtfctn><Ntfctn>{entries}\
         </Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    );
    let lines = read_text(&text).unwrap().lines;
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.kind, line.batch.as_deref(), line.fault))
        .collect();
    assert_eq!(
        told,
        [
            (LineKind::BatchDebit, Some("AS-1"), None),
            (LineKind::Credit, Some("AS-1-B"), None),
            (LineKind::Credit, Some("AS-1-B"), None),
        ]
    );
    assert!(lines.iter().all(|line| line.amount == Vnd::new(500_000).ok()));
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
