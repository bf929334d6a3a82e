//! Messages that are not as their schemas have them.

use super::*;
use crate::bank_report::Tolerance::{ElementMissing, ElementRepeated, ElementUnknown};
use crate::bank_report::synthetic::{
    AccountVersion, StatusVersion, Style, write_account_report, write_camt029, write_status_report,
};

const ISO: &str = "urn:iso:std:iso:20022:tech:xsd:";

pub(super) const REPORT: &str = "<CstmrPmtStsRpt>
<GrpHdr>
<MsgId>B</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm>
</GrpHdr>
<OrgnlGrpInfAndSts>
<OrgnlMsgId>AS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>
</OrgnlGrpInfAndSts>
<OrgnlPmtInfAndSts>
<OrgnlPmtInfId>AS-2</OrgnlPmtInfId>
<TxInfAndSts><OrgnlEndToEndId>AS-3</OrgnlEndToEndId><TxSts>ACSC</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts>
</CstmrPmtStsRpt>";

pub(super) const NOTIFICATION: &str = "<BkToCstmrDbtCdtNtfctn>
<GrpHdr><MsgId>B</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr>
<Ntfctn><Id>B</Id><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>
<Ntry><Amt Ccy=\"VND\">9</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts><BkTxCd/>
<NtryDtls><TxDtls><Refs><EndToEndId>AS-3</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>
</Ntfctn>
</BkToCstmrDbtCdtNtfctn>";

pub(super) const RECALLED: &str = "<RsltnOfInvstgtn>
<Assgnmt><Id>B</Id><Assgnr><Pty><Nm>A</Nm></Pty></Assgnr><Assgne><Pty><Nm>B</Nm></Pty></Assgne>
<CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></Assgnmt>
<Sts><Conf>CNCL</Conf></Sts>
<CxlDtls><TxInfAndSts><OrgnlEndToEndId>AS-3</OrgnlEndToEndId><TxCxlSts>ACCR</TxCxlSts></TxInfAndSts></CxlDtls>
</RsltnOfInvstgtn>";

/// The notification as a statement.
pub(super) fn statement() -> String {
    let balance = "</Acct><Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy=\"VND\">0</Amt>\
                   <CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2024-09-18</Dt></Dt></Bal>";
    NOTIFICATION
        .replace("BkToCstmrDbtCdtNtfctn", "BkToCstmrStmt")
        .replace("Ntfctn>", "Stmt>")
        .replace("</Acct>", balance)
}

fn strictly(bytes: &[u8]) -> Result<Report, ReportError> {
    let strict = Options {
        strict: true,
        ..Options::default()
    };
    read(bytes, &strict)
}

/// What is not as the schema has it. Strict reading refuses it at its first place, and takes everything else as lenient
/// reading does.
pub(super) fn faults(message: &str, body: &str) -> Vec<SchemaFault> {
    let text = format!("<Document xmlns=\"{ISO}{message}\">{body}</Document>");
    let lenient = read_text(&text).unwrap();
    assert_eq!(lenient.lines.len(), 1, "{text}");
    let found = lenient.header.schema_faults.clone();
    let noted: Vec<_> = found.iter().map(|fault| fault.what).collect();
    assert_eq!(lenient.header.tolerated, noted, "{text}");
    match (strictly(text.as_bytes()), found.first()) {
        (Ok(strict), None) => assert_eq!(strict.lines, lenient.lines),
        (Err(error), Some(first)) => {
            assert_eq!(error.refusal, Refusal::NotStrict);
            assert_eq!((error.line, error.offset), (first.line, first.offset));
        }
        (strict, _) => panic!("{strict:?}: {found:?}: {text}"),
    }
    found
}

pub(super) fn told(message: &str, body: &str) -> Vec<(Tolerance, String)> {
    let found = faults(message, body).into_iter();
    found.map(|fault| (fault.what, fault.element)).collect()
}

#[test]
fn a_message_that_is_as_its_schema_has_it_needs_no_tolerance() {
    let stated = &*statement();
    for (message, body) in [
        ("pain.002.001.03", REPORT),
        ("pain.002.001.10", REPORT),
        ("camt.054.001.02", NOTIFICATION),
        ("camt.054.001.04", NOTIFICATION),
        ("camt.054.001.08", NOTIFICATION),
        ("camt.053.001.02", stated),
        ("camt.053.001.04", stated),
        ("camt.053.001.08", stated),
        ("camt.029.001.10", RECALLED),
    ] {
        assert_eq!(told(message, body), [], "{message}");
    }
    // Extensions have a place of their own, and what stands in them is nobody's business.
    let extended = "<SplmtryData><Envlp><X><MsgId/><MsgId/></X></Envlp></SplmtryData>";
    let line = REPORT.replace("</TxInfAndSts>", &format!("{extended}{extended}</TxInfAndSts>"));
    assert_eq!(told("pain.002.001.10", &line), []);
    let report = REPORT.replace("</CstmrPmtStsRpt>", &format!("{extended}</CstmrPmtStsRpt>"));
    assert_eq!(told("pain.002.001.10", &report), []);
    // From 2019 on a notification need not say when it was made itself.
    let made = "<Id>B</Id><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm>";
    assert_eq!(told("camt.054.001.08", &NOTIFICATION.replace(made, "<Id>B</Id>")), []);
}

#[test]
fn an_element_that_must_stand_is_missed() {
    let stated = &*statement();
    let (from, to) = (stated.find("<Bal>").unwrap(), stated.find("</Bal>").unwrap());
    let balance = &stated[from..to + "</Bal>".len()];
    let group = "<GrpHdr><MsgId>B</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr>";
    let made = "<CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm>";
    let account = "<Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>";
    for (message, body, gone, element) in [
        (
            "pain.002.001.10",
            REPORT,
            "<MsgId>B</MsgId>",
            "CstmrPmtStsRpt/GrpHdr/MsgId",
        ),
        ("pain.002.001.03", REPORT, made, "CstmrPmtStsRpt/GrpHdr/CreDtTm"),
        (
            "pain.002.001.03",
            REPORT,
            "<OrgnlMsgId>AS-1</OrgnlMsgId>",
            "CstmrPmtStsRpt/OrgnlGrpInfAndSts/OrgnlMsgId",
        ),
        (
            "pain.002.001.10",
            REPORT,
            "<OrgnlPmtInfId>AS-2</OrgnlPmtInfId>",
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/OrgnlPmtInfId",
        ),
        ("camt.054.001.08", NOTIFICATION, group, "BkToCstmrDbtCdtNtfctn/GrpHdr"),
        (
            "camt.054.001.04",
            NOTIFICATION,
            account,
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Acct",
        ),
        ("camt.053.001.08", stated, "<Id>B</Id>", "BkToCstmrStmt/Stmt/Id"),
        ("camt.053.001.02", stated, balance, "BkToCstmrStmt/Stmt/Bal"),
        ("camt.029.001.10", RECALLED, made, "RsltnOfInvstgtn/Assgnmt/CreDtTm"),
        (
            "camt.029.001.10",
            RECALLED,
            "<Sts><Conf>CNCL</Conf></Sts>",
            "RsltnOfInvstgtn/Sts",
        ),
    ] {
        assert!(body.contains(gone), "{gone}");
        let found = told(message, &body.replace(gone, ""));
        assert_eq!(found, [(ElementMissing, element.to_owned())], "{message}");
    }
    let made = format!("<Id>B</Id>{made}");
    let found = told("camt.054.001.02", &NOTIFICATION.replace(&made, "<Id>B</Id>"));
    assert_eq!(
        found,
        [(ElementMissing, "BkToCstmrDbtCdtNtfctn/Ntfctn/CreDtTm".to_owned())]
    );
    // With nothing in it, it might as well be missing.
    for empty in ["<MsgId/>", "<MsgId></MsgId>"] {
        let found = told("pain.002.001.10", &REPORT.replace("<MsgId>B</MsgId>", empty));
        assert_eq!(found, [(ElementMissing, "CstmrPmtStsRpt/GrpHdr/MsgId".to_owned())]);
    }
}

#[test]
fn an_element_that_may_stand_once_stands_twice() {
    for (message, body, once, element) in [
        (
            "pain.002.001.10",
            REPORT,
            "<MsgId>B</MsgId>",
            "CstmrPmtStsRpt/GrpHdr/MsgId",
        ),
        (
            "pain.002.001.03",
            REPORT,
            "<TxSts>ACSC</TxSts>",
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/TxSts",
        ),
        (
            "camt.054.001.08",
            NOTIFICATION,
            "<GrpHdr><MsgId>B</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm></GrpHdr>",
            "BkToCstmrDbtCdtNtfctn/GrpHdr",
        ),
        (
            "camt.054.001.02",
            NOTIFICATION,
            "<Sts>BOOK</Sts>",
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Sts",
        ),
        (
            "camt.029.001.10",
            RECALLED,
            "<Sts><Conf>CNCL</Conf></Sts>",
            "RsltnOfInvstgtn/Sts",
        ),
    ] {
        assert!(body.contains(once), "{once}");
        let found = told(message, &body.replace(once, &once.repeat(2)));
        assert_eq!(found, [(ElementRepeated, element.to_owned())], "{message}");
    }
    let found = told("pain.002.001.10", &format!("{REPORT}<CstmrPmtStsRpt/>"));
    assert_eq!(found[0], (ElementRepeated, "CstmrPmtStsRpt".to_owned()));
    // Each line is counted for itself.
    let again = "<Refs><EndToEndId>AS-3</EndToEndId></Refs></TxDtls>";
    let more = format!("{again}<TxDtls>{again}");
    let text = NOTIFICATION.replace(again, &more);
    let text = format!("<Document xmlns=\"{ISO}camt.054.001.08\">{text}</Document>");
    assert_eq!(strictly(text.as_bytes()).unwrap().lines.len(), 2);
}

#[test]
fn an_element_that_the_schema_does_not_have_is_not_taken_strictly() {
    for (message, body, before, element) in [
        ("pain.002.001.10", REPORT, "</GrpHdr>", "CstmrPmtStsRpt/GrpHdr/Extra"),
        (
            "pain.002.001.03",
            REPORT,
            "</TxInfAndSts>",
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/Extra",
        ),
        (
            "camt.054.001.04",
            NOTIFICATION,
            "</TxDtls>",
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls/Extra",
        ),
        (
            "camt.029.001.10",
            RECALLED,
            "</CxlDtls>",
            "RsltnOfInvstgtn/CxlDtls/Extra",
        ),
    ] {
        let extra = format!("<Extra><MsgId/></Extra>{before}");
        let found = told(message, &body.replace(before, &extra));
        assert_eq!(found, [(ElementUnknown, element.to_owned())], "{message}");
    }
    // What came with a later version stands in no earlier one.
    let uetr = "<OrgnlUETR>b9bf9f54-4d02-4308-ab1a-f0d5f8682c46</OrgnlUETR><TxSts>";
    let newer = REPORT.replace("<TxSts>", uetr);
    assert_eq!(told("pain.002.001.10", &newer), []);
    let found = told("pain.002.001.03", &newer);
    assert_eq!((found.len(), found[0].0), (1, ElementUnknown));
}

#[test]
fn a_national_profile_may_have_elements_of_its_own_and_lacks_none() {
    let national = "http://bank.example/xsd/pain.002.001.03.vn.01.xsd";
    let extra = REPORT.replace("</GrpHdr>", "<Extra/></GrpHdr>");
    for (body, found) in [
        (extra.clone(), vec![]),
        (extra.replace("<MsgId>B</MsgId>", ""), vec![ElementMissing]),
    ] {
        let text = format!("<Document xmlns=\"{national}\">{body}</Document>");
        let faults = read_text(&text).unwrap().header.schema_faults;
        assert_eq!(faults.iter().map(|fault| fault.what).collect::<Vec<_>>(), found);
        let strict = Options {
            strict: true,
            namespaces: vec![national.to_owned()],
            ..Options::default()
        };
        assert_eq!(read(text.as_bytes(), &strict).is_ok(), found.is_empty());
    }
}

#[test]
fn the_first_place_of_each_kind_is_told_with_its_line() {
    let body = REPORT
        .replace("<MsgId>B</MsgId>", "<Extra/><Extra/>")
        .replace("<OrgnlMsgId>AS-1</OrgnlMsgId>", "")
        .replace("<TxSts>ACSC</TxSts>", "<TxSts>ACSC</TxSts><TxSts>ACSC</TxSts><Extra/>");
    let found = faults("pain.002.001.10", &body);
    let found: Vec<_> = found
        .iter()
        .map(|own| (own.what, own.element.as_str(), own.line))
        .collect();
    assert_eq!(
        found,
        [
            (ElementUnknown, "CstmrPmtStsRpt/GrpHdr/Extra", 3),
            (ElementMissing, "CstmrPmtStsRpt/GrpHdr/MsgId", 4),
            (
                ElementRepeated,
                "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/TxSts",
                10
            ),
        ]
    );
}

#[test]
fn what_banks_are_simulated_to_write_is_as_the_schemas_have_it() {
    let answers = [answer(1, "ACSC", None), answer(2, "RJCT", Some("AC01"))];
    for status in [StatusVersion::V03, StatusVersion::V10] {
        let style = Style {
            status,
            ..Style::default()
        };
        let mut out = Vec::new();
        write_status_report(&mut out, &header(false), &answers, &style).unwrap();
        assert_eq!(strictly(&out).unwrap().lines.len(), 2);
    }
    for account in [AccountVersion::V02, AccountVersion::V04, AccountVersion::V08] {
        for statement in [false, true] {
            let style = Style {
                account,
                statement,
                debits: Vnd::new(500_001).ok(),
                ..Style::default()
            };
            let mut out = Vec::new();
            write_account_report(&mut out, &header(true), &answers, &[], &style).unwrap();
            assert_eq!(strictly(&out).unwrap().lines.len(), 2);
        }
    }
    let mut out = Vec::new();
    write_camt029(&mut out, &header(false), &[answer(1, "ACCR", None)]).unwrap();
    assert_eq!(strictly(&out).unwrap().lines.len(), 1);
}
