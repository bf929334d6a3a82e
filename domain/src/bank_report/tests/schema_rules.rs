//! Messages whose elements all are known and stand often enough, and are not as their schemas have them all the same.

use super::schema::{NOTIFICATION, RECALLED, REPORT, faults, statement, told};
use super::*;
use crate::bank_report::Tolerance::{
    AttributeMissing, AttributeUnknown, ElementExcluded, ElementMisplaced, ElementUnknown, ValueInvalid,
};

const V03: &str = "pain.002.001.03";
const V10: &str = "pain.002.001.10";
const CAMT054: &str = "camt.054.001.08";
const CAMT053: &str = "camt.053.001.08";

/// A message and its body, what is put for what in it, and the fault that this is: its kind, its element and its line.
type Change<'t> = (&'t str, &'t str, &'t str, &'t str, Tolerance, &'t str, usize);

/// Each change of a message makes one fault.
fn each(changes: &[Change<'_>]) {
    for (message, body, from, to, what, element, line) in changes {
        assert!(body.contains(from), "{from}");
        let found = faults(message, &body.replacen(from, to, 1));
        let found: Vec<_> = found
            .iter()
            .map(|own| (own.what, own.element.as_str(), own.line))
            .collect();
        assert_eq!(found, [(*what, *element, *line)], "{message}: {to}");
    }
}

#[test]
fn elements_stand_in_the_order_of_the_schema() {
    let stated = &*statement();
    each(&[
        (
            V10,
            REPORT,
            "<MsgId>B</MsgId><CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm>",
            "<CreDtTm>2024-09-18T09:00:00+07:00</CreDtTm><MsgId>B</MsgId>",
            ElementMisplaced,
            "CstmrPmtStsRpt/GrpHdr/MsgId",
            3,
        ),
        (
            V03,
            REPORT,
            "<OrgnlEndToEndId>AS-3</OrgnlEndToEndId><TxSts>ACSC</TxSts>",
            "<TxSts>ACSC</TxSts><OrgnlEndToEndId>AS-3</OrgnlEndToEndId>",
            ElementMisplaced,
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/OrgnlEndToEndId",
            10,
        ),
        (
            CAMT053,
            stated,
            "<Dt><Dt>2024-09-18</Dt></Dt></Bal>",
            "<Dt><Dt>2024-09-18</Dt></Dt></Bal><CpyDplctInd>COPY</CpyDplctInd>",
            ElementMisplaced,
            "BkToCstmrStmt/Stmt/CpyDplctInd",
            3,
        ),
        // One that may stand several times has one place all the same.
        (
            V10,
            REPORT,
            "</TxInfAndSts>",
            "</TxInfAndSts><StsRsnInf/>",
            ElementMisplaced,
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/StsRsnInf",
            10,
        ),
    ]);
    let reasons = "<StsRsnInf><AddtlInf>A</AddtlInf><AddtlInf>B</AddtlInf></StsRsnInf>".repeat(2);
    let report = REPORT.replace("<TxInfAndSts>", &format!("{reasons}<TxInfAndSts>"));
    assert_eq!(told(V10, &report), []);
    let apart = reasons.replacen("</StsRsnInf>", "<Orgtr/></StsRsnInf>", 1);
    let report = REPORT.replace("<TxInfAndSts>", &format!("{apart}<TxInfAndSts>"));
    let element = "CstmrPmtStsRpt/OrgnlPmtInfAndSts/StsRsnInf/Orgtr".to_owned();
    assert_eq!(told(V10, &report), [(ElementMisplaced, element)]);
}

#[test]
fn of_a_choice_one_stands_alone() {
    let stated = &*statement();
    each(&[
        (
            "camt.029.001.10",
            RECALLED,
            "<Conf>CNCL</Conf>",
            "<Conf>CNCL</Conf><AssgnmtCxlConf>true</AssgnmtCxlConf>",
            ElementExcluded,
            "RsltnOfInvstgtn/Sts/AssgnmtCxlConf",
            4,
        ),
        (
            CAMT053,
            stated,
            "<Dt>2024-09-18</Dt>",
            "<DtTm>2024-09-18T00:00:00</DtTm><Dt>2024-09-18</Dt>",
            ElementExcluded,
            "BkToCstmrStmt/Stmt/Bal/Dt/Dt",
            3,
        ),
        (
            V10,
            REPORT,
            "<TxSts>ACSC</TxSts>",
            "<TxSts>ACSC</TxSts><StsRsnInf><Rsn><Cd>AC01</Cd><Prtry>A</Prtry></Rsn></StsRsnInf>",
            ElementExcluded,
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/StsRsnInf/Rsn/Prtry",
            10,
        ),
        (
            CAMT054,
            NOTIFICATION,
            "<Othr><Id>1</Id></Othr>",
            "<Othr><Id>1</Id></Othr><IBAN>DE89370400440532013000</IBAN>",
            ElementExcluded,
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Acct/Id/IBAN",
            3,
        ),
    ]);
    // Where one may stand several times, it does.
    let modifications = "<RjctdMod/><RjctdMod/>";
    let recalled = RECALLED.replace("<Conf>CNCL</Conf>", modifications);
    assert_eq!(told("camt.029.001.10", &recalled), []);
}

#[test]
fn amounts_have_their_currency_and_nothing_else_has_attributes() {
    let stated = &*statement();
    each(&[
        (
            V10,
            REPORT,
            "<MsgId>",
            "<MsgId lang=\"vi\">",
            AttributeUnknown,
            "CstmrPmtStsRpt/GrpHdr/MsgId/@lang",
            3,
        ),
        (
            V03,
            REPORT,
            "<TxSts>",
            "<TxSts Ccy=\"VND\">",
            AttributeUnknown,
            "CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts/TxSts/@Ccy",
            10,
        ),
        (
            CAMT054,
            NOTIFICATION,
            "<Amt Ccy=\"VND\">9</Amt>",
            "<Amt>9</Amt>",
            AttributeMissing,
            "BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/Amt/@Ccy",
            4,
        ),
        (
            CAMT053,
            stated,
            "<Amt Ccy=\"VND\">0</Amt>",
            "<Amt Ccy=\"VND\" Unit=\"1\">0</Amt>",
            AttributeUnknown,
            "BkToCstmrStmt/Stmt/Bal/Amt/@Unit",
            3,
        ),
        (
            CAMT053,
            stated,
            "<Amt Ccy=\"VND\">0</Amt>",
            "<Amt Ccy=\"vnd\">0</Amt>",
            ValueInvalid,
            "BkToCstmrStmt/Stmt/Bal/Amt/@Ccy",
            3,
        ),
    ]);
    // What belongs to XML and to schemas themselves stands anywhere.
    for (from, to) in [
        (
            "<GrpHdr>",
            "<GrpHdr xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"a b\">",
        ),
        (
            "<MsgId>",
            "<MsgId xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.054.001.08\">",
        ),
        ("<Amt Ccy=\"VND\">", "<Amt Ccy='&#86;ND'>"),
    ] {
        assert!(NOTIFICATION.contains(from), "{from}");
        assert_eq!(told(CAMT054, &NOTIFICATION.replacen(from, to, 1)), [], "{to}");
    }
    let in_entities = stated.replace("<Amt Ccy=\"VND\">0", "<Amt Ccy='&#86;ND'>0");
    assert_eq!(told(CAMT053, &in_entities), []);
}

#[test]
fn values_are_of_their_types() {
    let stated = &*statement();
    let long = format!("<MsgId>{}</MsgId>", "B".repeat(36));
    let longer = format!("<MsgId>{}</MsgId>", "B".repeat(5_000));
    let head = "CstmrPmtStsRpt/GrpHdr/MsgId";
    let group = "CstmrPmtStsRpt/OrgnlGrpInfAndSts";
    let balance = "BkToCstmrStmt/Stmt/Bal";
    let end = "</OrgnlMsgNmId>";
    for (message, body, from, to, element, line) in [
        (V10, REPORT, "<MsgId>B</MsgId>", long.as_str(), head.to_owned(), 3),
        (V03, REPORT, "<MsgId>B</MsgId>", longer.as_str(), head.to_owned(), 3),
        (
            V10,
            REPORT,
            "+07:00",
            " ICT",
            "CstmrPmtStsRpt/GrpHdr/CreDtTm".to_owned(),
            3,
        ),
        (
            V10,
            REPORT,
            end,
            "</OrgnlMsgNmId><OrgnlNbOfTxs>1.0</OrgnlNbOfTxs>",
            format!("{group}/OrgnlNbOfTxs"),
            6,
        ),
        (
            V10,
            REPORT,
            end,
            "</OrgnlMsgNmId><OrgnlCtrlSum>1.500.000</OrgnlCtrlSum>",
            format!("{group}/OrgnlCtrlSum"),
            6,
        ),
        (
            V03,
            REPORT,
            end,
            "</OrgnlMsgNmId><GrpSts>ACCC</GrpSts>",
            format!("{group}/GrpSts"),
            6,
        ),
        (
            V10,
            REPORT,
            end,
            "</OrgnlMsgNmId><GrpSts>PARTLY</GrpSts>",
            format!("{group}/GrpSts"),
            6,
        ),
        (
            V10,
            REPORT,
            end,
            "</OrgnlMsgNmId><GrpSts/>",
            format!("{group}/GrpSts"),
            6,
        ),
        (
            CAMT053,
            stated,
            "<Amt Ccy=\"VND\">0<",
            "<Amt Ccy=\"VND\">-1<",
            format!("{balance}/Amt"),
            3,
        ),
        (CAMT053, stated, "CRDT", "CREDIT", format!("{balance}/CdtDbtInd"), 3),
        (
            CAMT053,
            stated,
            "<Dt>2024-09-18</Dt>",
            "<Dt>18/09/2024</Dt>",
            format!("{balance}/Dt/Dt"),
            3,
        ),
        (
            "camt.053.001.02",
            stated,
            "CLBD",
            "CLSD",
            format!("{balance}/Tp/CdOrPrtry/Cd"),
            3,
        ),
    ] {
        each(&[(message, body, from, to, ValueInvalid, element.as_str(), line)]);
    }
    let inside = REPORT.replace("<MsgId>B</MsgId>", "<MsgId>B<Part/></MsgId>");
    assert_eq!(told(V10, &inside), [(ElementUnknown, format!("{head}/Part"))]);
}

#[test]
fn what_the_schema_allows_is_taken() {
    let stated = &*statement();
    let accented = format!("<MsgId>{}</MsgId>", "Ố".repeat(35));
    let end = "</OrgnlMsgNmId>";
    for (message, body, from, to) in [
        (V10, REPORT, "<MsgId>B</MsgId>", accented.as_str()),
        (V10, REPORT, "<MsgId>B</MsgId>", "<MsgId> </MsgId>"),
        (
            V10,
            REPORT,
            "<MsgId>B</MsgId>",
            "<MsgId><!-- own -->B<![CDATA[<]]>&amp;</MsgId>",
        ),
        (V10, REPORT, "2024-09-18T09:00:00+07:00", "\n 2024-02-29T24:00:00Z\t"),
        (
            V10,
            REPORT,
            end,
            "</OrgnlMsgNmId><OrgnlNbOfTxs>000000000000001</OrgnlNbOfTxs>",
        ),
        (V10, REPORT, end, "</OrgnlMsgNmId><OrgnlCtrlSum> +.50 </OrgnlCtrlSum>"),
        (V10, REPORT, end, "</OrgnlMsgNmId><GrpSts>XXXX</GrpSts>"),
        (V03, REPORT, end, "</OrgnlMsgNmId><GrpSts>PART</GrpSts>"),
        (CAMT053, stated, "<Amt Ccy=\"VND\">0<", "<Amt Ccy=\"USD\">-0.00000<"),
        (CAMT053, stated, "CLBD", "XYZ"),
        (
            CAMT053,
            stated,
            "<Dt>2024-09-18</Dt>",
            "<DtTm>2024-09-18T00:00:00.000</DtTm>",
        ),
    ] {
        assert!(body.contains(from), "{from}");
        assert_eq!(told(message, &body.replacen(from, to, 1)), [], "{to}");
    }
}

#[test]
fn the_values_of_a_line_are_its_own_matter() {
    for (from, to, fault) in [
        ("<Amt Ccy=\"VND\">9<", "<Amt Ccy=\"VND\">9,5<", Some(LineFault::Amount)),
        ("<Amt Ccy=\"VND\">9<", "<Amt Ccy=\"vnd\">9<", Some(LineFault::Currency)),
        ("DBIT", "DEBIT", Some(LineFault::Direction)),
        ("AS-3", "A-REFERENCE-THAT-IS-LONGER-THAN-ANY-OF-OURS", None),
    ] {
        let text = NOTIFICATION.replace(from, to);
        assert_eq!(told(CAMT054, &text), [], "{to}");
        let text = format!("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{CAMT054}\">{text}</Document>");
        assert_eq!(read_text(&text).unwrap().lines[0].fault, fault, "{to}");
    }
}

#[test]
fn a_place_is_a_byte_of_the_file_with_its_mark() {
    let body = REPORT.replace("</GrpHdr>", "<Extra>x</Extra></GrpHdr>");
    let [plain, marked] = ["", "\u{feff}"].map(|mark| {
        let text = format!("{mark}<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{V10}\">{body}</Document>");
        let faults = read_text(&text).unwrap().header.schema_faults;
        assert!(text[..faults[0].offset].ends_with("<Extra>"), "{faults:?}");
        let refused = read_text(&text.replace("</Document>", "</Other>")).unwrap_err();
        assert_eq!(refused.refusal, Refusal::NotWellFormed);
        (faults[0].offset, refused.offset)
    });
    assert_eq!(marked, (plain.0 + 3, plain.1 + 3));
}

#[test]
fn a_national_profile_is_held_against_no_schema_that_is_not_its_own() {
    let order = REPORT.replace(
        "<OrgnlEndToEndId>AS-3</OrgnlEndToEndId><TxSts>ACSC</TxSts>",
        "<TxSts own=\"1\">ACSC</TxSts><OrgnlEndToEndId>AS-3</OrgnlEndToEndId>",
    );
    let body = order.replace("<MsgId>B</MsgId>", &format!("<MsgId>{}</MsgId>", "B".repeat(40)));
    assert_eq!(told(V03, &body).len(), 3);
    let text = format!("<Document xmlns=\"http://bank.example/xsd/pain.002.001.03.vn.01.xsd\">{body}</Document>");
    assert_eq!(read_text(&text).unwrap().header.schema_faults, []);
}
