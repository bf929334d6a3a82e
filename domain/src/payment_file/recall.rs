//! The writer of camt.055.001.09, Customer Payment Cancellation Request (ISO 20022): a bank is asked to stop an order or
//! send its money back. One order in a message; the same bytes for the same input.

use std::io;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::manifest::file_time;
use super::{FileHeader, Pain001, Xml};
use crate::Vnd;

/// The message's name.
pub const CAMT055: &str = "camt.055.001.09";

/// What a recall says once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecallHeader {
    /// The id of the message, unique for ever.
    pub message_id: String,
    /// When it was decided.
    pub created_at: DateTime<Utc>,
}

/// The order that is recalled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recall {
    /// The id of the cancellation, which the bank's answer names.
    pub cancellation_id: String,
    /// Our reference (EndToEndId).
    pub reference: String,
    /// UETR.
    pub uetr: Uuid,
    /// How much.
    pub amount: Vnd,
    /// Why (ExternalCancellationReason1Code).
    pub reason: String,
    /// In words of the safe set, 105 characters at most.
    pub note: String,
}

/// Writes the request to recall an order of a file: `original` is the header that file was written with, `message` its
/// version.
///
/// # Errors
/// None in memory but what the XML writer says.
pub fn write_camt055(
    header: &RecallHeader,
    original: &FileHeader,
    message: Pain001,
    recall: &Recall,
) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new();
    let amount = recall.amount.dong().to_string();
    xml.document(CAMT055)?;
    xml.open(&["CstmrPmtCxlReq", "Assgnmt"])?;
    xml.leaf("Id", &header.message_id)?;
    xml.nested(&["Assgnr", "Pty", "Nm"], &original.initiating_party)?;
    let bank = &original.debtor.bank;
    xml.open(&["Assgne", "Agt", "FinInstnId"])?;
    match bank.bic.as_deref() {
        Some(bic) => xml.leaf("BICFI", bic)?,
        None => xml.nested(&["ClrSysMmbId", "MmbId"], bank.member_id())?,
    }
    xml.close(&["Assgne", "Agt", "FinInstnId"])?;
    xml.leaf("CreDtTm", &file_time(header.created_at))?;
    xml.close(&["Assgnmt"])?;
    xml.open(&["CtrlData"])?;
    xml.leaf("NbOfTxs", "1")?;
    xml.leaf("CtrlSum", &amount)?;
    xml.close(&["CtrlData"])?;
    xml.open(&["Undrlyg", "OrgnlPmtInfAndCxl"])?;
    xml.leaf("OrgnlPmtInfId", &original.payment_information_id)?;
    xml.open(&["OrgnlGrpInf"])?;
    xml.leaf("OrgnlMsgId", &original.message_id)?;
    xml.leaf("OrgnlMsgNmId", message.name())?;
    xml.leaf("OrgnlCreDtTm", &file_time(original.created_at))?;
    xml.close(&["OrgnlGrpInf"])?;
    xml.open(&["TxInf"])?;
    xml.leaf("CxlId", &recall.cancellation_id)?;
    xml.leaf("OrgnlEndToEndId", &recall.reference)?;
    if message == Pain001::V09 {
        xml.leaf(
            "OrgnlUETR",
            recall.uetr.hyphenated().encode_lower(&mut Uuid::encode_buffer()),
        )?;
    }
    xml.amount("OrgnlInstdAmt", &amount)?;
    xml.nested(&["OrgnlReqdExctnDt", "Dt"], &original.execution_date.to_string())?;
    xml.open(&["CxlRsnInf"])?;
    xml.nested(&["Rsn", "Cd"], &recall.reason)?;
    if !recall.note.is_empty() {
        xml.leaf("AddtlInf", &recall.note)?;
    }
    xml.close(&["CxlRsnInf"])?;
    xml.close(&["TxInf"])?;
    xml.close(&["Undrlyg", "OrgnlPmtInfAndCxl"])?;
    xml.close(&["Document", "CstmrPmtCxlReq"])?;
    Ok(xml.pending().to_vec())
}
