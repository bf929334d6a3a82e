//! pain.002, the status of what we sent: of the file, of a batch, of a line.

use super::fields::Fields;
use super::walk::{Step, Walk};
use super::xml::Counter;
use super::{BatchStatus, LineFault, LineKind, ReportError, ReportHeader, ReportLine, parse_amount};

const MESSAGE: &str = "Document/CstmrPmtStsRpt";
const BATCH: &str = "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts";
const LINE: &str = "Document/CstmrPmtStsRpt/OrgnlPmtInfAndSts/TxInfAndSts";

/// Why a batch or a line has its status: as often as the bank likes.
const REASONS: &str = "StsRsnInf";

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
                    let reason = batch.reason(REASONS);
                    header.batches.push(BatchStatus {
                        batch: batch.first(&["OrgnlPmtInfId"]),
                        status,
                        note: batch.note(REASONS, reason.as_deref()),
                        reason,
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
    let reasons = "OrgnlGrpInfAndSts/StsRsnInf";
    header.group_reason = message.reason(reasons);
    header.group_note = message.note(reasons, header.group_reason.as_deref());
}

fn line(fields: &Fields, batch: &Fields, header: &ReportHeader) -> ReportLine {
    let mut line = ReportLine::new(0, LineKind::Status);
    fields.put_ids(&mut line, &["OrgnlEndToEndId"], &["OrgnlUETR"]);
    fields.put_amount(&mut line, &["OrgnlTxRef/Amt/InstdAmt", "OrgnlTxRef/IntrBkSttlmAmt"]);
    line.batch = batch.first(&["OrgnlPmtInfId"]);
    line.account = fields.first(&["OrgnlTxRef/CdtrAcct/Id/Othr/Id", "OrgnlTxRef/CdtrAcct/Id/IBAN"]);
    line.bank_reference = fields.first(&["AcctSvcrRef", "ClrSysRef", "StsId"]);
    line.reason = fields.reason(REASONS);
    line.note = fields.note(REASONS, line.reason.as_deref());
    if line.reason.is_none() {
        line.reason = batch.reason(REASONS);
    }
    // A line without a status has that of its batch or file; PART is none.
    let status = fields.first(&["TxSts"]).or_else(|| {
        let outer = batch.first(&["PmtInfSts"]).or_else(|| header.group_status.clone());
        outer.filter(|status| status != "PART")
    });
    match status {
        Some(status) => line.status = status,
        None => line.blame(LineFault::StatusMissing),
    }
    // Where the file is refused for a reason, so is a line in it that gives none.
    if line.reason.is_none() && header.group_status.as_ref() == Some(&line.status) {
        line.reason.clone_from(&header.group_reason);
    }
    if line.reference.is_none() && line.uetr.is_none() {
        line.blame(LineFault::ReferenceMissing);
    }
    line
}
