//! camt.054 and camt.053: money that moved on our account.

use super::fields::Fields;
use super::pain002::inside;
use super::statement::{Balance, StatementTotals};
use super::walk::{Step, Walk};
use super::xml::Counter;
use super::{Format, LineFault, LineKind, ReportError, ReportHeader, ReportLine};

/// Paths of a message, by its format.
struct Paths {
    message: &'static str,
    account: &'static str,
    entry: &'static str,
    details: &'static str,
    balance: &'static str,
}

const NOTIFICATION: Paths = Paths {
    message: "Document/BkToCstmrDbtCdtNtfctn",
    account: "Document/BkToCstmrDbtCdtNtfctn/Ntfctn",
    entry: "Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry",
    details: "Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Ntry/NtryDtls/TxDtls",
    balance: "Document/BkToCstmrDbtCdtNtfctn/Ntfctn/Bal",
};

const STATEMENT: Paths = Paths {
    message: "Document/BkToCstmrStmt",
    account: "Document/BkToCstmrStmt/Stmt",
    entry: "Document/BkToCstmrStmt/Stmt/Ntry",
    details: "Document/BkToCstmrStmt/Stmt/Ntry/NtryDtls/TxDtls",
    balance: "Document/BkToCstmrStmt/Stmt/Bal",
};

/// The batch, or the whole message where an entry names no batch.
const BATCH: &[&str] = &["NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId"];

pub(super) fn read(walk: &mut Walk<'_>, header: &mut ReportHeader, count: &mut Counter<'_>) -> Result<(), ReportError> {
    let paths = if header.format == Format::Camt053 {
        &STATEMENT
    } else {
        &NOTIFICATION
    };
    let (mut entry, mut details) = (Fields::default(), Fields::default());
    // The first line of an entry waits: alone in its entry it may lack an amount and then has the entry's.
    let mut waiting: Option<ReportLine> = None;
    let mut lines_in_entry = 0_u32;
    let (mut balance, mut totals) = (Balance::default(), StatementTotals::default());
    loop {
        match walk.step()? {
            Step::Open if walk.path() == paths.entry => {
                entry.clear();
                lines_in_entry = 0;
            }
            Step::Open if walk.path() == paths.details => details.clear(),
            Step::Leaf | Step::Close if walk.path() == paths.details => {
                let line = detail_line(&details, &entry);
                lines_in_entry += 1;
                if lines_in_entry == 1 {
                    waiting = Some(line);
                } else {
                    if let Some(first) = waiting.take() {
                        count.hand_on(walk, whole(first))?;
                    }
                    count.hand_on(walk, whole(line))?;
                }
            }
            Step::Leaf | Step::Close if walk.path() == paths.entry => {
                if let Some(mut only) = waiting.take() {
                    if only.amount.is_none() && only.fault.is_none() {
                        entry.put_amount(&mut only, &["Amt"]);
                    }
                    count.hand_on(walk, whole(only))?;
                } else if lines_in_entry == 0 {
                    count.hand_on(walk, batch_line(&entry))?;
                }
            }
            Step::Leaf if inside(walk.path(), paths.details) => details.keep(walk, paths.details),
            Step::Leaf if inside(walk.path(), paths.entry) => entry.keep(walk, paths.entry),
            Step::Leaf => {
                put_message(header, walk, paths);
                if let Some(path) = below(walk, paths.account) {
                    balance.leaf(&mut totals, path, walk.text());
                }
            }
            Step::Close if walk.path() == paths.balance => balance.end(&mut totals),
            Step::End => {
                header.totals = (header.format == Format::Camt053).then_some(totals);
                return Ok(());
            }
            Step::Open | Step::Close => {}
        }
    }
}

/// The path of the walk below a part.
fn below<'w>(walk: &'w Walk<'_>, part: &str) -> Option<&'w str> {
    walk.path().strip_prefix(part).and_then(|rest| rest.strip_prefix('/'))
}

fn put_message(header: &mut ReportHeader, walk: &Walk<'_>, paths: &Paths) {
    let text = || walk.text().filter(|text| !text.is_empty()).map(str::to_owned);
    match below(walk, paths.message) {
        Some("GrpHdr/MsgId") => header.message_id = text(),
        Some("GrpHdr/CreDtTm") => header.created_at = text(),
        _ => {}
    }
    // Several statements can stand in one file; the first names the account shown.
    if below(walk, paths.account) == Some("Acct/Id/Othr/Id") && header.account.is_none() {
        header.account = text();
    }
}

/// What belongs to the entry and holds for each of its lines.
fn from_entry(kind: LineKind, entry: &Fields) -> ReportLine {
    let mut line = ReportLine::new(0, kind);
    // The status is a text in .02 and .04, a choice in .08.
    match entry.first(&["Sts/Cd", "Sts", "Sts/Prtry"]) {
        Some(status) => line.status = status,
        None => line.blame(LineFault::StatusMissing),
    }
    entry.put_day(&mut line, &["BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"]);
    line
}

fn detail_line(details: &Fields, entry: &Fields) -> ReportLine {
    let credit = details
        .first(&["CdtDbtInd"])
        .or_else(|| entry.first(&["CdtDbtInd"]))
        .as_deref()
        == Some("CRDT");
    let reversal = entry
        .first(&["RvslInd"])
        .is_some_and(|text| matches!(text.as_str(), "true" | "1"));
    let kind = match (credit, reversal || details.holds("RtrInf")) {
        (true, true) => LineKind::Return,
        (true, false) => LineKind::Credit,
        (false, _) => LineKind::Debit,
    };
    let mut line = from_entry(kind, entry);
    details.put_ids(&mut line, &["Refs/EndToEndId"], &["Refs/UETR"]);
    details.put_amount(&mut line, &["AmtDtls/InstdAmt/Amt", "Amt", "AmtDtls/TxAmt/Amt"]);
    line.reason = details.first(&["RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"]);
    line.note = details
        .joined("RtrInf/AddtlInf")
        .or_else(|| details.joined("AddtlTxInf"));
    line.account = details.first(&["RltdPties/CdtrAcct/Id/Othr/Id", "RltdPties/CdtrAcct/Id/IBAN"]);
    line.bank_reference = details
        .first(&["Refs/AcctSvcrRef", "Refs/ClrSysRef"])
        .or_else(|| entry.first(&["AcctSvcrRef"]));
    line.batch = details.first(&["Refs/PmtInfId"]).or_else(|| entry.first(BATCH));
    line
}

/// A line that must name its order.
fn whole(mut line: ReportLine) -> ReportLine {
    if line.reference.is_none() && line.uetr.is_none() {
        match (line.kind, &line.batch) {
            (LineKind::Debit, Some(_)) => line.kind = LineKind::BatchDebit,
            // What came back of a batch in one sum is no return of one order.
            (LineKind::Return | LineKind::Credit, Some(_)) => line.kind = LineKind::Credit,
            _ => line.blame(LineFault::ReferenceMissing),
        }
    }
    line
}

/// An entry without details: one debit for a batch, or a credit nobody can place.
fn batch_line(entry: &Fields) -> ReportLine {
    let credit = entry.first(&["CdtDbtInd"]).as_deref() == Some("CRDT");
    let mut line = from_entry(if credit { LineKind::Credit } else { LineKind::BatchDebit }, entry);
    entry.put_amount(&mut line, &["Amt"]);
    line.bank_reference = entry.first(&["AcctSvcrRef", "NtryRef"]);
    line.batch = entry.first(BATCH);
    line.note = entry.joined("AddtlNtryInf");
    line
}
