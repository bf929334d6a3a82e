//! camt.054 and camt.053: money that moved on our account.

use super::fields::Fields;
use super::pain002::inside;
use super::statement::{Balance, StatementTotals};
use super::walk::{Step, Walk};
use super::xml::Counter;
use super::{Format, LineFault, LineKind, ReportError, ReportHeader, ReportLine};
use crate::Vnd;

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

/// What banks write where they have no reference: ISO 20022, and SWIFT's MT messages.
const NO_REFERENCE: [&str; 2] = ["NOTPROVIDED", "NONREF"];

pub(super) fn read(walk: &mut Walk<'_>, header: &mut ReportHeader, count: &mut Counter<'_>) -> Result<(), ReportError> {
    let paths = if header.format == Format::Camt053 {
        &STATEMENT
    } else {
        &NOTIFICATION
    };
    let (mut entry, mut details) = (Fields::default(), Fields::default());
    let mut within = OfEntry::default();
    // What entries moved beside their lines comes last: a line keeps its place whatever its report says besides.
    let mut rests: Vec<ReportLine> = Vec::new();
    let (mut balance, mut totals) = (Balance::default(), StatementTotals::default());
    loop {
        match walk.step()? {
            Step::Open if walk.path() == paths.entry => {
                entry.clear();
                within = OfEntry::default();
            }
            Step::Open if walk.path() == paths.details => details.clear(),
            Step::Leaf | Step::Close if walk.path() == paths.details => {
                within.take(detail(&details, &entry), walk, count)?;
            }
            Step::Leaf | Step::Close if walk.path() == paths.entry => {
                rests.extend(within.end(&entry, walk, count)?);
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
                for rest in rests {
                    count.hand_on(walk, rest)?;
                }
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
    let reversal = entry.first(&["RvslInd"]);
    line.reversal = reversal.is_some_and(|text| matches!(text.as_str(), "true" | "1"));
    line
}

/// The bank's own reference, where it gives one. NtryRef is none: banks number the entries of each message with it.
fn bank_reference(fields: &Fields, path: &[&str]) -> Option<String> {
    let given = fields.first(path);
    given.filter(|text| !NO_REFERENCE.contains(&text.as_str()))
}

/// Where money goes (CreditDebitCode): into our account? None where it says neither.
fn comes_in(direction: &str) -> Option<bool> {
    match direction {
        "CRDT" => Some(true),
        "DBIT" => Some(false),
        _ => None,
    }
}

/// Where the money of an entry goes.
fn entry_comes_in(entry: &Fields) -> Option<bool> {
    entry.first(&["CdtDbtInd"]).and_then(|text| comes_in(&text))
}

/// A line of an entry, before it is known whether it is alone there.
struct Detail {
    line: ReportLine,
    /// What the details say was ordered: of what moved it says nothing.
    ordered: Option<Result<Vnd, LineFault>>,
}

impl Detail {
    fn lacks_amount(&self) -> bool {
        self.line.amount.is_none() && matches!(self.line.fault, None | Some(LineFault::Direction))
    }

    /// Alone in its entry it may lack an amount, and then has the entry's.
    fn alone(mut self, entry: &Fields) -> ReportLine {
        if self.lacks_amount() {
            let moved = entry.amount(&["Amt"]);
            self.line.put_amount(moved.or(self.ordered));
        }
        self.line
    }

    /// Among others it may only say what was ordered.
    fn among_others(mut self) -> ReportLine {
        if self.lacks_amount() {
            self.line.put_amount(self.ordered);
        }
        self.line
    }
}

/// The lines of one entry, and what they come to.
#[derive(Default)]
struct OfEntry {
    /// The first one waits until it is known whether it is alone.
    waiting: Option<Detail>,
    lines: u32,
    /// What they take from our account, less what they bring, đồng.
    out: i128,
    /// Do some of them not say how much? They wait for people themselves.
    unclear: bool,
}

impl OfEntry {
    fn take(&mut self, detail: Detail, walk: &Walk<'_>, count: &mut Counter<'_>) -> Result<(), ReportError> {
        self.lines = self.lines.saturating_add(1);
        if self.lines == 1 {
            self.waiting = Some(detail);
            return Ok(());
        }
        if let Some(first) = self.waiting.take() {
            self.hand_on(first.among_others(), walk, count)?;
        }
        self.hand_on(detail.among_others(), walk, count)
    }

    /// The entry ends. Gives what it moved beside its lines, if they are not all that it moved.
    fn end(
        &mut self,
        entry: &Fields,
        walk: &Walk<'_>,
        count: &mut Counter<'_>,
    ) -> Result<Option<ReportLine>, ReportError> {
        if let Some(only) = self.waiting.take() {
            self.hand_on(only.alone(entry), walk, count)?;
        } else if self.lines == 0 {
            count.hand_on(walk, batch_line(entry))?;
            return Ok(None);
        }
        Ok(self.rest(entry))
    }

    fn hand_on(&mut self, line: ReportLine, walk: &Walk<'_>, count: &mut Counter<'_>) -> Result<(), ReportError> {
        match line.amount.map(|amount| i128::from(amount.dong())) {
            Some(amount) if line.fault != Some(LineFault::Direction) => {
                let comes_in = matches!(line.kind, LineKind::Return | LineKind::Credit);
                self.out += if comes_in { -amount } else { amount };
            }
            _ => self.unclear = true,
        }
        count.hand_on(walk, whole(line))
    }

    /// What an entry moved beside its lines: money that no line tells of. What is not booked has not moved yet.
    fn rest(&self, entry: &Fields) -> Option<ReportLine> {
        let comes_in = entry_comes_in(entry)?;
        let mut line = from_entry(LineKind::Credit, entry);
        if self.unclear || line.status != "BOOK" {
            return None;
        }
        // An entry whose own amount can't be read agrees with nothing.
        let moved = entry.amount(&["Amt"]).and_then(Result::ok);
        let out = moved.map(|amount| i128::from(amount.dong()));
        let out = out.map(|amount| if comes_in { -amount } else { amount });
        let rest = out.map(|out| out - self.out);
        if rest == Some(0) {
            return None;
        }
        if rest.map_or(!comes_in, |rest| rest > 0) {
            line.kind = LineKind::Debit;
        }
        let amount = rest.and_then(|rest| i64::try_from(rest.abs()).ok());
        line.amount = amount.and_then(|amount| Vnd::new(amount).ok());
        line.bank_reference = bank_reference(entry, &["AcctSvcrRef"]);
        line.note = entry.joined("AddtlNtryInf");
        line.fault = Some(LineFault::EntryDiffers);
        Some(line)
    }
}

fn detail(details: &Fields, entry: &Fields) -> Detail {
    let of_entry = entry_comes_in(entry);
    let own = details.first(&["CdtDbtInd"]).map_or(of_entry, |text| comes_in(&text));
    let comes_in = of_entry.and(own);
    let mut line = from_entry(LineKind::Debit, entry);
    line.kind = match (comes_in, line.reversal || details.holds("RtrInf")) {
        (Some(true) | None, true) => LineKind::Return,
        (Some(true), false) => LineKind::Credit,
        (Some(false), _) | (None, false) => LineKind::Debit,
    };
    if comes_in.is_none() {
        line.blame(LineFault::Direction);
    }
    details.put_ids(&mut line, &["Refs/EndToEndId"], &["Refs/UETR"]);
    // What moved, and not what was ordered: a fee may lie between.
    details.put_amount(&mut line, &["Amt", "AmtDtls/TxAmt/Amt"]);
    line.reason = details.first(&["RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"]);
    line.note = details
        .joined("RtrInf/AddtlInf")
        .or_else(|| details.joined("AddtlTxInf"));
    line.account = details.first(&["RltdPties/CdtrAcct/Id/Othr/Id", "RltdPties/CdtrAcct/Id/IBAN"]);
    line.bank_reference = bank_reference(details, &["Refs/AcctSvcrRef"])
        .or_else(|| bank_reference(details, &["Refs/ClrSysRef"]))
        .or_else(|| bank_reference(entry, &["AcctSvcrRef"]));
    line.batch = details.first(&["Refs/PmtInfId"]).or_else(|| entry.first(BATCH));
    Detail {
        line,
        ordered: details.amount(&["AmtDtls/InstdAmt/Amt"]),
    }
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
    let comes_in = entry_comes_in(entry);
    let kind = if comes_in == Some(true) {
        LineKind::Credit
    } else {
        LineKind::BatchDebit
    };
    let mut line = from_entry(kind, entry);
    if comes_in.is_none() {
        line.blame(LineFault::Direction);
    }
    entry.put_amount(&mut line, &["Amt"]);
    line.bank_reference = bank_reference(entry, &["AcctSvcrRef"]);
    line.batch = entry.first(BATCH);
    line.note = entry.joined("AddtlNtryInf");
    line
}
