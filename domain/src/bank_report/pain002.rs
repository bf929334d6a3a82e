//! pain.002, the status of what we sent: of the file, of a batch, of a line.

use super::fields::Fields;
use super::walk::{Step, Walk};
use super::xml::Counter;
use super::{BatchStatus, LineFault, LineKind, ReportError, ReportHeader, ReportLine, parse_amount};

const MESSAGE: &str = "Document/CstmrPmtStsRpt";
const BATCH: &str = "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts";
const LINE: &str = "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";

pub(super) fn read(walk: &mut Walk<'_>, header: &mut ReportHeader, count: &mut Counter<'_>) -> Result<(), ReportError> {
    let (mut message, mut batch, mut fields) = (Fields::default(), Fields::default(), Fields::default());
    // Batch and line are parts of their own; everything before the first batch belongs to the message. It is looked
    // through again only where it has grown: a file can have millions of batches with nothing in them.
    let mut heard = 0;
    loop {
        match walk.step()? {
            Step::Open if walk.path() == BATCH => {
                if message.count() != heard {
                    heard = message.count();
                    put_message(header, &message);
                }
                batch.clear();
            }
            Step::Open if walk.path() == LINE => fields.clear(),
            Step::Leaf | Step::Close if walk.path() == LINE => {
                count.hand_on(walk, line(&fields, &batch, header))?;
                fields.clear();
            }
            Step::Leaf | Step::Close if walk.path() == BATCH => {
                if let Some(status) = batch.first(&["PmtInfSts"]) {
                    count.admit(walk, header.batches.len())?;
                    let reason = batch.first(&["StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"]);
                    header.batches.push(BatchStatus {
                        batch: batch.first(&["OrgnlPmtInfId"]),
                        status,
                        reason,
                        note: batch.joined("StsRsnInf/AddtlInf"),
                        original_count: batch.first(&["OrgnlNbOfTxs"]),
                        original_sum: batch.first(&["OrgnlCtrlSum"]),
                    });
                }
            }
            Step::Leaf if inside(walk.path(), LINE) => fields.keep(walk, LINE),
            Step::Leaf if inside(walk.path(), BATCH) => batch.keep(walk, BATCH),
            Step::Leaf => message.keep(walk, MESSAGE),
            Step::End => {
                put_message(header, &message);
                return Ok(());
            }
            Step::Open | Step::Close => {}
        }
    }
}

pub(super) fn inside(path: &str, part: &str) -> bool {
    path.strip_prefix(part).is_some_and(|rest| rest.starts_with('/'))
}

fn put_message(header: &mut ReportHeader, message: &Fields) {
    header.message_id = message.first(&["GrpHdr/MsgId"]);
    header.created_at = message.first(&["GrpHdr/CreDtTm"]);
    header.original_message_id = message.first(&["OrgnlGrpInfAndSts/OrgnlMsgId"]);
    header.original_count = message.first(&["OrgnlGrpInfAndSts/OrgnlNbOfTxs"]);
    header.original_sum_text = message.first(&["OrgnlGrpInfAndSts/OrgnlCtrlSum"]);
    header.original_sum = header.original_sum_text.as_deref().and_then(parse_amount);
    header.group_status = message.first(&["OrgnlGrpInfAndSts/GrpSts"]);
    header.group_reason = message.first(&[
        "OrgnlGrpInfAndSts/StsRsnInf/Rsn/Cd",
        "OrgnlGrpInfAndSts/StsRsnInf/Rsn/Prtry",
    ]);
    header.group_note = message.joined("OrgnlGrpInfAndSts/StsRsnInf/AddtlInf");
}

fn line(fields: &Fields, batch: &Fields, header: &ReportHeader) -> ReportLine {
    let reasons = ["StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"];
    let mut line = ReportLine::new(0, LineKind::Status);
    fields.put_ids(&mut line, &["OrgnlEndToEndId"], &["OrgnlUETR"]);
    fields.put_amount(&mut line, &["OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt"]);
    line.batch = batch.first(&["OrgnlPmtInfId"]);
    line.account = fields.first(&["OrgnlTxRef/CdtrAcct/Id/Othr/Id", "OrgnlTxRef/CdtrAcct/Id/IBAN"]);
    line.bank_reference = fields.first(&["AcctSvcrRef", "ClrSysRef", "StsId"]);
    line.reason = fields.first(&reasons).or_else(|| batch.first(&reasons));
    line.note = fields.joined("StsRsnInf/AddtlInf");
    // A line without a status has that of its batch or file; PART is none.
    let status = fields.first(&["TxSts"]).or_else(|| {
        let outer = batch.first(&["PmtInfSts"]).or_else(|| header.group_status.clone());
        outer.filter(|status| status != "PART")
    });
    match status {
        Some(status) => line.status = status,
        None => line.blame(LineFault::StatusMissing),
    }
    if line.reference.is_none() && line.uetr.is_none() {
        line.blame(LineFault::ReferenceMissing);
    }
    line
}
