//! A bank gives as many reasons as it likes: the one that weighs most counts, wherever it stands.

use super::*;

fn given(codes: &[&str]) -> String {
    let each = codes.iter().map(|code| {
        let tag = if code.len() > 4 { "Prtry" } else { "Cd" };
        format!("<StsRsnInf><Rsn><{tag}>{code}</{tag}></Rsn></StsRsnInf>")
    });
    each.collect()
}

/// Reasons as a bank gives them, the one that counts, and the others in the note.
const GIVEN: [(&[&str], Option<&str>, Option<&str>); 10] = [
    (&[], None, None),
    (&["FF01"], Some("FF01"), None),
    (&["FF01", "DU04"], Some("DU04"), Some("FF01")),
    (&["DU01", "FF01"], Some("DU01"), Some("FF01")),
    (&["AC04", "MD07"], Some("MD07"), Some("AC04")),
    (&["AC04", "MD07", "AM05"], Some("AM05"), Some("AC04 MD07")),
    (&["AC04", "FF01"], Some("AC04"), Some("FF01")),
    (&["AC04", "AC04"], Some("AC04"), None),
    (&["OUR OWN", "AC04"], Some("AC04"), Some("OUR OWN")),
    (&["OUR OWN", "OTHER"], Some("OUR OWN"), Some("OTHER")),
];

#[test]
fn a_line_a_batch_and_a_group_have_the_reason_that_weighs_most() {
    for (codes, counts, others) in GIVEN {
        let reasons = given(codes);
        let line =
            format!("<TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>{reasons}</TxInfAndSts>");
        let batch = |inside: &str| {
            format!(
                "<OrgnlPmtInfAndSts><OrgnlPmtInfId>P</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts>{inside}\
                 </OrgnlPmtInfAndSts>"
            )
        };
        let group = format!("<OrgnlGrpInfAndSts><GrpSts>RJCT</GrpSts>{reasons}</OrgnlGrpInfAndSts>");

        let own = read_text(&status_report(V10, &batch(&line))).unwrap().lines.remove(0);
        assert_eq!(
            (own.reason.as_deref(), own.note.as_deref()),
            (counts, others),
            "{codes:?}"
        );
        assert_eq!((own.event(), own.fault), (Some(Event::Reject), None));

        let header = read_text(&status_report(V10, &(group.clone() + &batch(&reasons))))
            .unwrap()
            .header;
        let own = &header.batches[0];
        assert_eq!(
            (own.reason.as_deref(), own.note.as_deref()),
            (counts, others),
            "{codes:?}"
        );
        assert_eq!(
            (header.group_reason.as_deref(), header.group_note.as_deref()),
            (counts, others),
            "{codes:?}"
        );

        // A line without a reason has that of its batch, or of its file.
        let bare = "<TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>";
        for text in [batch(&(reasons.clone() + bare)), group + &batch(bare)] {
            let own = read_text(&status_report(V10, &text)).unwrap().lines.remove(0);
            assert_eq!(own.reason.as_deref(), counts, "{text}");
        }
    }
}

#[test]
fn what_is_said_in_words_follows_the_other_reasons() {
    let reasons = "<StsRsnInf><Rsn><Cd>FF01</Cd></Rsn><AddtlInf>sai</AddtlInf><AddtlInf>mau</AddtlInf></StsRsnInf>\
                   <StsRsnInf><Rsn><Cd>DU04</Cd></Rsn><AddtlInf>trung</AddtlInf></StsRsnInf>";
    let line =
        format!("<TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId><TxSts>RJCT</TxSts>{reasons}</TxInfAndSts>");
    let text = status_report(V10, &format!("<OrgnlPmtInfAndSts>{line}</OrgnlPmtInfAndSts>"));
    let own = read_text(&text).unwrap().lines.remove(0);
    assert_eq!(
        (own.reason.as_deref(), own.note.as_deref()),
        (Some("DU04"), Some("FF01 sai mau trung"))
    );
}

#[test]
fn a_line_that_ends_otherwise_than_its_file_has_no_reason_from_it() {
    let group =
        "<OrgnlGrpInfAndSts><GrpSts>PART</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf></OrgnlGrpInfAndSts>";
    let line = "<OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>AS-1</OrgnlEndToEndId><TxSts>RJCT</TxSts></TxInfAndSts>\
                </OrgnlPmtInfAndSts>";
    let report = read_text(&status_report(V10, &format!("{group}{line}"))).unwrap();
    assert_eq!(report.lines[0].reason, None);
}
