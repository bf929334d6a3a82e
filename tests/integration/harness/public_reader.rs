//! Payment messages as a public reader of ISO 20022 reads them: it shares neither code nor XML parser with the writer.

use std::collections::BTreeSet;

use rust_iso20022::{MxNode, detect};

/// What a pain.001 says.
#[derive(Debug)]
pub(crate) struct Payments {
    /// The message with its version, by its namespace.
    pub(crate) message: String,
    /// MsgId.
    pub(crate) id: String,
    /// How many transactions stand in it.
    pub(crate) count: i64,
    /// What they add up to, đồng.
    pub(crate) sum: i64,
    /// The references of all of them, each once.
    pub(crate) references: BTreeSet<String>,
    /// Their UETRs, in the versions that have them.
    pub(crate) uetrs: BTreeSet<String>,
}

/// Reads a pain.001 of any version. Group and batch must say what their transactions come to.
pub(crate) fn payments(bytes: &[u8]) -> Payments {
    let text = std::str::from_utf8(bytes).unwrap();
    let message = detect(text).expect("a message of ISO 20022").message_name();
    let document = MxNode::parse(text).expect("a message that can be read");
    let body = document.get("CstmrCdtTrfInitn").expect("a credit transfer initiation");
    let mut read = Payments {
        message,
        id: told(body, &["GrpHdr", "MsgId"]),
        count: 0,
        sum: 0,
        references: BTreeSet::new(),
        uetrs: BTreeSet::new(),
    };
    for batch in body.children.iter().filter(|part| part.name == "PmtInf") {
        let lines: Vec<&MxNode> = batch
            .children
            .iter()
            .filter(|part| part.name == "CdtTrfTxInf")
            .collect();
        let sum: i64 = lines.iter().map(|line| amount(line)).sum();
        let count = i64::try_from(lines.len()).unwrap();
        assert_eq!((number(batch, &["NbOfTxs"]), number(batch, &["CtrlSum"])), (count, sum));
        read.count += count;
        read.sum += sum;
        for line in lines {
            let reference = told(line, &["PmtId", "EndToEndId"]);
            assert!(
                read.references.insert(reference.clone()),
                "{reference} stands there twice"
            );
            read.uetrs
                .extend(line.at(&["PmtId", "UETR"]).and_then(MxNode::text).map(str::to_owned));
            assert!(
                !told(line, &["CdtrAcct", "Id", "Othr", "Id"]).is_empty() && !told(line, &["Cdtr", "Nm"]).is_empty()
            );
        }
    }
    let header = (
        number(body, &["GrpHdr", "NbOfTxs"]),
        number(body, &["GrpHdr", "CtrlSum"]),
    );
    assert_eq!(header, (read.count, read.sum));
    read
}

/// A whole amount of đồng, more than nothing.
fn amount(line: &MxNode) -> i64 {
    let amount = line.at(&["Amt", "InstdAmt"]).expect("an amount");
    assert_eq!(amount.attr("Ccy"), Some("VND"));
    let dong = number(line, &["Amt", "InstdAmt"]);
    assert!(dong > 0, "{dong}");
    dong
}

fn number(part: &MxNode, path: &[&str]) -> i64 {
    told(part, path).parse().unwrap()
}

fn told(part: &MxNode, path: &[&str]) -> String {
    let found = part.at(path).and_then(MxNode::text);
    found.unwrap_or_else(|| panic!("{path:?} in {part:?}")).to_owned()
}
