//! What was tolerated of a report, as its row keeps it: codes separated by commas. Behind the code of what is not as the
//! schema has it stand the line, the byte and the element, separated by spaces; earlier releases kept the code alone.

use domain::bank_report::ReportHeader;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a message is not as its schema has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SchemaFaultView {
    /// What is not right, of the set `bank_report_tolerance` of the vocabulary.
    #[schema(example = "element_missing")]
    pub code: String,
    /// The element, from the message's own down, joined by `/`; an attribute comes last, behind `@`.
    #[schema(example = "CstmrPmtStsRpt/GrpHdr/MsgId")]
    pub element: String,
    /// Line in the file, from 1.
    #[schema(example = 4)]
    pub line: i64,
    /// Byte in the file, from 0.
    #[schema(example = 166)]
    pub offset: i64,
}

/// What a row keeps; none where nothing was tolerated.
pub(super) fn kept(header: &ReportHeader) -> Option<String> {
    let each = header.tolerated.iter().map(|what| {
        let fault = header.schema_faults.iter().find(|own| own.what == *what);
        fault.map_or_else(
            || what.code().to_owned(),
            |own| format!("{} {} {} {}", what.code(), own.line, own.offset, own.element),
        )
    });
    let each: Vec<String> = each.collect();
    (!each.is_empty()).then(|| each.join(","))
}

/// The codes of what was tolerated.
pub(super) fn codes(kept: &str) -> Vec<String> {
    let codes = kept.split(',').filter_map(|own| own.split(' ').next());
    codes.filter(|code| !code.is_empty()).map(str::to_owned).collect()
}

/// What was not as the schema has it.
pub(super) fn schema_faults(kept: &str) -> Vec<SchemaFaultView> {
    kept.split(',').filter_map(schema_fault).collect()
}

fn schema_fault(kept: &str) -> Option<SchemaFaultView> {
    let mut parts = kept.splitn(4, ' ');
    let (code, line, offset) = (parts.next()?, parts.next()?, parts.next()?);
    Some(SchemaFaultView {
        code: code.to_owned(),
        line: line.parse().ok()?,
        offset: offset.parse().ok()?,
        element: parts.next()?.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use domain::bank_report::{Options, read};

    use super::*;

    #[test]
    fn what_is_kept_is_told_again() {
        // A name that no XML has, with the mark that separates what is kept.
        let text = "\u{feff}<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\"><CstmrPmtStsRpt>\n\
                    <GrpHdr><CreDtTm>2024-09-18T09:00:00</CreDtTm><A,B/></GrpHdr><OrgnlGrpInfAndSts>\
                    <OrgnlMsgId>AS-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId></OrgnlGrpInfAndSts>\
                    </CstmrPmtStsRpt></Document>";
        let header = read(text.as_bytes(), &Options::default()).unwrap().header;
        let row = kept(&header).unwrap();
        assert_eq!(codes(&row), ["element_unknown", "element_missing", "byte_order_mark"]);
        let told = schema_faults(&row);
        let told: Vec<_> = told.iter().map(|own| (own.element.as_str(), own.line)).collect();
        let head = "CstmrPmtStsRpt/GrpHdr";
        assert_eq!(
            told,
            [
                (format!("{head}/A\u{fffd}B").as_str(), 2),
                (format!("{head}/MsgId").as_str(), 2)
            ]
        );
        assert!(schema_faults(&row).iter().all(|own| own.offset > 100));
    }

    #[test]
    fn what_earlier_releases_kept_is_told() {
        let row = "no_namespace,element_missing";
        assert_eq!(codes(row), ["no_namespace", "element_missing"]);
        assert_eq!(schema_faults(row), []);
        assert_eq!((codes(""), schema_faults("")), (vec![], vec![]));
    }
}
