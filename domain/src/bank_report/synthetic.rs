//! Answers as a bank or the post office would give them, for the simulator and tests.

mod result;
mod style;

use std::io::{self, Write};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::Vnd;
use crate::payment_file::{Xml, file_time, in_vietnam};

pub use result::{result_xlsx, write_result, write_result_csv};
pub use style::{AccountVersion, BatchDebit, Dress, StatusVersion, Style};

/// The answer to one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Our reference.
    pub reference: String,
    /// UETR; the post office has none.
    pub uetr: Option<Uuid>,
    /// How much.
    pub amount: Vnd,
    /// pain.002: the status (`ACSC`, `RJCT`); camt.054: the entry's (`BOOK`, `PDNG`); post office: `paid`,
    /// `not_collected`, `returned`.
    pub status: String,
    /// Why not. In camt.054 an answer with a reason is a returned credit.
    pub reason: Option<String>,
    /// The payee's account.
    pub account: Option<String>,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
}

/// What an answer says once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerHeader {
    /// The answer's own id.
    pub message_id: String,
    /// When the bank made it.
    pub created_at: DateTime<Utc>,
    /// MsgId of the file answered.
    pub original_message_id: String,
    /// Message of the file answered, `pain.001.001.09`.
    pub original_message: String,
    /// PmtInfId of the file answered.
    pub payment_information_id: String,
    /// The status of the whole file, if the bank gives one.
    pub group_status: Option<String>,
    /// Our account.
    pub account: String,
    /// camt.054: one debit entry with all lines inside, as banks book a batch.
    pub one_debit: bool,
}

/// Writes a pain.002.001.10. Without answers it has the group status alone.
pub fn write_pain002<W: Write>(out: W, header: &AnswerHeader, answers: &[Answer]) -> io::Result<()> {
    write_status_report(out, header, answers, &Style::default())
}

/// Writes a pain.002 in a bank's style. Without answers it has the group status alone.
pub fn write_status_report<W: Write>(
    mut out: W,
    header: &AnswerHeader,
    answers: &[Answer],
    style: &Style,
) -> io::Result<()> {
    let mut xml = Xml::new();
    style.begin(&mut out, &mut xml, style.status.name())?;
    xml.open(&["CstmrPmtStsRpt", "GrpHdr"])?;
    xml.leaf("MsgId", &header.message_id)?;
    xml.leaf("CreDtTm", &file_time(header.created_at))?;
    xml.close(&["GrpHdr"])?;
    xml.open(&["OrgnlGrpInfAndSts"])?;
    xml.leaf("OrgnlMsgId", &header.original_message_id)?;
    xml.leaf("OrgnlMsgNmId", &header.original_message)?;
    if let Some(status) = &header.group_status {
        xml.leaf("GrpSts", status)?;
    }
    write_reason(&mut xml, "StsRsnInf", style.group_reason.as_deref())?;
    xml.close(&["OrgnlGrpInfAndSts"])?;
    if !answers.is_empty() {
        xml.open(&["OrgnlPmtInfAndSts"])?;
        xml.leaf("OrgnlPmtInfId", &header.payment_information_id)?;
        for answer in answers {
            write_status(&mut xml, answer, style)?;
            pass_on(&mut out, &mut xml)?;
        }
        xml.close(&["OrgnlPmtInfAndSts"])?;
    }
    xml.close(&["Document", "CstmrPmtStsRpt"])?;
    pass_on(&mut out, &mut xml)?;
    out.flush()
}

fn write_status(xml: &mut Xml, answer: &Answer, style: &Style) -> io::Result<()> {
    xml.open(&["TxInfAndSts"])?;
    xml.leaf("OrgnlEndToEndId", &answer.reference)?;
    if let Some(uetr) = answer.uetr.filter(|_| style.status.knows_uetr()) {
        xml.leaf("OrgnlUETR", &uetr.to_string())?;
    }
    xml.leaf("TxSts", &answer.status)?;
    write_reason(xml, "StsRsnInf", answer.reason.as_deref())?;
    if let Some(reference) = &answer.bank_reference {
        xml.leaf("AcctSvcrRef", reference)?;
    }
    xml.open(&["OrgnlTxRef", "Amt"])?;
    xml.amount("InstdAmt", &answer.amount.dong().to_string())?;
    xml.close(&["Amt"])?;
    if let Some(account) = &answer.account {
        xml.nested(&["CdtrAcct", "Id", "Othr", "Id"], account)?;
    }
    xml.close(&["TxInfAndSts", "OrgnlTxRef"])
}

/// A code of the lists has at most four characters; a longer one is the bank's own.
fn write_reason(xml: &mut Xml, part: &'static str, reason: Option<&str>) -> io::Result<()> {
    match reason {
        Some(code) if code.chars().count() <= 4 => xml.nested(&[part, "Rsn", "Cd"], code),
        Some(code) => xml.nested(&[part, "Rsn", "Prtry"], code),
        None => Ok(()),
    }
}

/// Writes a camt.054.001.08: a debit for each answer without a reason (or one debit over all of them), a returned
/// credit for each answer with one. An answer's status is that of its entry.
pub fn write_camt054<W: Write>(out: W, header: &AnswerHeader, answers: &[Answer]) -> io::Result<()> {
    write_account_report(out, header, answers, &[], &Style::default())
}

/// Writes a notification (camt.054) or statement (camt.053) in a bank's style: entries as [`write_camt054`] has them,
/// and debits over whole batches without their lines.
pub fn write_account_report<W: Write>(
    mut out: W,
    header: &AnswerHeader,
    answers: &[Answer],
    batches: &[BatchDebit],
    style: &Style,
) -> io::Result<()> {
    let mut xml = Xml::new();
    let made = file_time(header.created_at);
    let (root, part) = style.account_parts();
    style.begin(&mut out, &mut xml, &style.account_message())?;
    xml.open(&[root, "GrpHdr"])?;
    xml.leaf("MsgId", &header.message_id)?;
    xml.leaf("CreDtTm", &made)?;
    xml.close(&["GrpHdr"])?;
    xml.open(&[part])?;
    xml.leaf("Id", &header.message_id)?;
    xml.leaf("CreDtTm", &made)?;
    xml.nested(&["Acct", "Id", "Othr", "Id"], &header.account)?;
    if style.statement {
        write_balance(&mut xml, header)?;
        if let Some(sum) = style.debits {
            xml.nested(&["TxsSummry", "TtlDbtNtries", "Sum"], &sum.dong().to_string())?;
        }
    }
    for batch in batches {
        write_batch(&mut xml, header, batch, style)?;
    }
    let (returns, debits): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(|a| a.reason.is_some());
    let size = if header.one_debit { debits.len().max(1) } else { 1 };
    for entry in debits.chunks(size).chain(returns.chunks(1)) {
        write_entry(&mut out, &mut xml, header, entry, style)?;
    }
    xml.close(&["Document", root, part])?;
    pass_on(&mut out, &mut xml)?;
    out.flush()
}

/// A statement has a balance by its schema; what the account really holds is nobody's business here.
fn write_balance(xml: &mut Xml, header: &AnswerHeader) -> io::Result<()> {
    xml.open(&["Bal"])?;
    xml.nested(&["Tp", "CdOrPrtry", "Cd"], "CLBD")?;
    xml.amount("Amt", "0")?;
    xml.leaf("CdtDbtInd", "CRDT")?;
    xml.nested(&["Dt", "Dt"], &in_vietnam(header.created_at).date().to_string())?;
    xml.close(&["Bal"])
}

/// The beginning of an entry, up to its details.
fn open_entry(
    xml: &mut Xml,
    header: &AnswerHeader,
    (sum, direction, status): (i128, &str, &str),
    style: &Style,
) -> io::Result<()> {
    xml.open(&["Ntry"])?;
    xml.amount("Amt", &sum.to_string())?;
    xml.leaf("CdtDbtInd", direction)?;
    if style.account == AccountVersion::V08 {
        xml.nested(&["Sts", "Cd"], status)?;
    } else {
        xml.leaf("Sts", status)?;
    }
    xml.nested(&["BookgDt", "Dt"], &in_vietnam(header.created_at).date().to_string())?;
    xml.open(&["BkTxCd", "Domn"])?;
    xml.leaf("Cd", "PMNT")?;
    xml.open(&["Fmly"])?;
    xml.leaf("Cd", "ICDT")?;
    xml.leaf("SubFmlyCd", if direction == "CRDT" { "RRTN" } else { "DMCT" })?;
    xml.close(&["BkTxCd", "Domn", "Fmly"])?;
    xml.open(&["NtryDtls"])
}

fn write_batch(xml: &mut Xml, header: &AnswerHeader, batch: &BatchDebit, style: &Style) -> io::Result<()> {
    let direction = if batch.back { "CRDT" } else { "DBIT" };
    open_entry(xml, header, (i128::from(batch.sum.dong()), direction, "BOOK"), style)?;
    xml.open(&["Btch"])?;
    xml.leaf("PmtInfId", &header.payment_information_id)?;
    xml.leaf("NbOfTxs", &batch.count.to_string())?;
    xml.close(&["Ntry", "NtryDtls", "Btch"])
}

fn write_entry<W: Write>(
    out: &mut W,
    xml: &mut Xml,
    header: &AnswerHeader,
    lines: &[&Answer],
    style: &Style,
) -> io::Result<()> {
    let Some(first) = lines.first() else { return Ok(()) };
    let direction = if first.reason.is_some() { "CRDT" } else { "DBIT" };
    let sum: i128 = lines.iter().map(|line| i128::from(line.amount.dong())).sum();
    open_entry(xml, header, (sum, direction, &first.status), style)?;
    for line in lines {
        xml.open(&["TxDtls", "Refs"])?;
        if let Some(reference) = &line.bank_reference {
            xml.leaf("AcctSvcrRef", reference)?;
        }
        xml.leaf("PmtInfId", &header.payment_information_id)?;
        xml.leaf("EndToEndId", &line.reference)?;
        if let Some(uetr) = line.uetr.filter(|_| style.account == AccountVersion::V08) {
            xml.leaf("UETR", &uetr.to_string())?;
        }
        xml.close(&["Refs"])?;
        let amount = line.amount.dong().to_string();
        if style.account == AccountVersion::V02 {
            xml.open(&["AmtDtls", "TxAmt"])?;
            xml.amount("Amt", &amount)?;
            xml.close(&["AmtDtls", "TxAmt"])?;
        } else {
            xml.amount("Amt", &amount)?;
            xml.leaf("CdtDbtInd", direction)?;
        }
        if let Some(account) = &line.account {
            xml.nested(&["RltdPties", "CdtrAcct", "Id", "Othr", "Id"], account)?;
        }
        write_reason(xml, "RtrInf", line.reason.as_deref())?;
        xml.close(&["TxDtls"])?;
        pass_on(out, xml)?;
    }
    xml.close(&["Ntry", "NtryDtls"])
}

fn pass_on<W: Write>(out: &mut W, xml: &mut Xml) -> io::Result<()> {
    out.write_all(xml.pending())?;
    xml.clear();
    Ok(())
}

/// Writes a result file of the post office, all lines with one date.
pub fn write_post_results<W: Write>(out: W, date: NaiveDate, answers: &[Answer]) -> Result<(), csv::Error> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["reference", "amount", "result", "date", "reason"])?;
    for answer in answers {
        let reason = answer.reason.as_deref().unwrap_or_default();
        let (amount, date) = (answer.amount.dong().to_string(), date.to_string());
        csv.write_record([answer.reference.as_str(), &amount, &answer.status, &date, reason])?;
    }
    csv.flush()?;
    Ok(())
}

/// What an answer to recalls says of all of them (ExternalInvestigationExecutionConfirmation1Code): cancelled as asked
/// for, in part, refused, or still open.
fn confirmation(answers: &[Answer]) -> &'static str {
    let every = |status: &str| answers.iter().all(|answer| answer.status == status);
    let some = |status: &str| answers.iter().any(|answer| answer.status == status);
    if every("RJCR") {
        "RJCR"
    } else if every("ACCR") {
        "CNCL"
    } else if some("ACCR") {
        "PECR"
    } else {
        "PDCR"
    }
}

/// Writes a camt.029.001.10, the answer to recalls: the status of each answer is `ACCR`, `RJCR` or `PDCR`
/// (CancellationIndividualStatus1Code).
pub fn write_camt029<W: Write>(mut out: W, header: &AnswerHeader, answers: &[Answer]) -> io::Result<()> {
    let mut xml = Xml::new();
    xml.document("camt.029.001.10")?;
    xml.open(&["RsltnOfInvstgtn", "Assgnmt"])?;
    xml.leaf("Id", &header.message_id)?;
    xml.nested(&["Assgnr", "Agt", "FinInstnId", "Nm"], "NGAN HANG")?;
    xml.nested(&["Assgne", "Pty", "Nm"], "DON VI")?;
    xml.leaf("CreDtTm", &file_time(header.created_at))?;
    xml.close(&["Assgnmt"])?;
    xml.nested(&["Sts", "Conf"], confirmation(answers))?;
    xml.open(&["CxlDtls", "OrgnlPmtInfAndSts"])?;
    xml.leaf("OrgnlPmtInfId", &header.payment_information_id)?;
    for answer in answers {
        xml.open(&["TxInfAndSts"])?;
        xml.leaf("OrgnlEndToEndId", &answer.reference)?;
        if let Some(uetr) = answer.uetr {
            xml.leaf("UETR", &uetr.to_string())?;
        }
        xml.leaf("TxCxlSts", &answer.status)?;
        write_reason(&mut xml, "CxlStsRsnInf", answer.reason.as_deref())?;
        xml.amount("OrgnlInstdAmt", &answer.amount.dong().to_string())?;
        xml.close(&["TxInfAndSts"])?;
        pass_on(&mut out, &mut xml)?;
    }
    xml.close(&["Document", "RsltnOfInvstgtn", "CxlDtls", "OrgnlPmtInfAndSts"])?;
    pass_on(&mut out, &mut xml)?;
    out.flush()
}
