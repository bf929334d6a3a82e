//! camt.029, what a bank answers to a recall: line by line, or once for all.

use super::fields::Fields;
use super::pain002::inside;
use super::walk::{Step, Walk};
use super::xml::Counter;
use super::{LineFault, LineKind, ReportError, ReportHeader, ReportLine};

const MESSAGE: &str = "Document/RsltnOfInvstgtn";
const OF_BATCH: &str = "Document/RsltnOfInvstgtn/CxlDtls/OrgnlPmtInfAndSts/TxInfAndSts";
const OF_FILE: &str = "Document/RsltnOfInvstgtn/CxlDtls/TxInfAndSts";

pub(super) fn read(walk: &mut Walk<'_>, header: &mut ReportHeader, count: &mut Counter<'_>) -> Result<(), ReportError> {
    let (mut message, mut fields) = (Fields::default(), Fields::default());
    loop {
        match walk.step()? {
            Step::Open if [OF_BATCH, OF_FILE].contains(&walk.path()) => fields.clear(),
            Step::Leaf | Step::Close if [OF_BATCH, OF_FILE].contains(&walk.path()) => {
                count.hand_on(walk, line(&fields, &message))?;
                fields.clear();
            }
            Step::Leaf if inside(walk.path(), OF_BATCH) => fields.keep(walk, OF_BATCH),
            Step::Leaf if inside(walk.path(), OF_FILE) => fields.keep(walk, OF_FILE),
            Step::Leaf => message.keep(walk, MESSAGE),
            Step::End => {
                header.message_id = message.first(&["Assgnmt/Id"]);
                header.created_at = message.first(&["Assgnmt/CreDtTm"]);
                return Ok(());
            }
            Step::Open | Step::Close => {}
        }
    }
}

fn line(fields: &Fields, message: &Fields) -> ReportLine {
    let mut line = ReportLine::new(0, LineKind::Recall);
    fields.put_ids(&mut line, &["OrgnlEndToEndId"], &["UETR", "OrgnlUETR"]);
    fields.put_amount(&mut line, &["OrgnlInstdAmt"]);
    line.reason = fields.first(&["CxlStsRsnInf/Rsn/Cd", "CxlStsRsnInf/Rsn/Prtry"]);
    line.note = fields.joined("CxlStsRsnInf/AddtlInf");
    // A line without a status has that of the whole answer.
    match fields.first(&["TxCxlSts"]).or_else(|| message.first(&["Sts/Conf"])) {
        Some(status) => line.status = status,
        None => line.blame(LineFault::StatusMissing),
    }
    if line.reference.is_none() && line.uetr.is_none() {
        line.blame(LineFault::ReferenceMissing);
    }
    line
}
