//! One line of a report, whatever kind of report it is of.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::post;
use crate::Vnd;
use crate::payment_order::{Event, status_meaning};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineKind {
    /// The status of one order.
    Status,
    /// A debit for one order.
    Debit,
    /// One debit for a whole batch, without its lines.
    BatchDebit,
    /// A payment that came back.
    Return,
    /// Any other credit.
    Credit,
    /// A result of the post office.
    PostResult,
    /// The answer to a recall of one order; it moves nothing.
    Recall,
    /// A row of a bank's result table.
    ResultRow,
}

/// Why a line cannot be used as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineFault {
    /// Neither a reference nor a UETR.
    ReferenceMissing,
    /// No status.
    StatusMissing,
    /// The UETR is no UUID.
    Uetr,
    /// The amount is not a whole number of đồng.
    Amount,
    /// Another currency.
    Currency,
    /// The date is no date.
    Date,
    /// A text longer than any field of the standard, or far more fields than it has.
    TextTooLong,
    /// The row has not the columns of the file.
    Columns,
    /// The content names several of our references.
    ReferenceUnclear,
    /// It says neither that money came in nor that it went out.
    Direction,
    /// The entry moved more or less than its transactions say: the line is the rest, and of none of them.
    EntryDiffers,
}

impl LineFault {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::ReferenceMissing => "reference_missing",
            Self::StatusMissing => "status_missing",
            Self::Uetr => "uetr",
            Self::Amount => "amount",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::TextTooLong => "text_too_long",
            Self::Columns => "columns",
            Self::ReferenceUnclear => "reference_unclear",
            Self::Direction => "direction",
            Self::EntryDiffers => "entry_differs",
        }
    }
}

/// One line of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportLine {
    /// Its place in the report, from 1.
    pub position: u32,
    /// What it is about.
    pub kind: LineKind,
    /// Our reference (EndToEndId).
    pub reference: Option<String>,
    /// UETR.
    pub uetr: Option<Uuid>,
    /// How much.
    pub amount: Option<Vnd>,
    /// The status, as it stands.
    pub status: String,
    /// The reason's code, as it stands.
    pub reason: Option<String>,
    /// What the bank says in words.
    pub note: Option<String>,
    /// The payee's account.
    pub account: Option<String>,
    /// The bank's own reference.
    pub bank_reference: Option<String>,
    /// The batch (PmtInfId).
    pub batch: Option<String>,
    /// The day of booking or payment.
    pub booked_on: Option<NaiveDate>,
    /// What a result table says of the order, by the words of its layout; none for every other kind.
    pub told: Option<Event>,
    /// An entry that takes an earlier one back (RvslInd): a debit takes back a credit, a credit a debit.
    pub reversal: bool,
    /// Why the line cannot be used.
    pub fault: Option<LineFault>,
}

impl ReportLine {
    pub(super) fn new(position: u32, kind: LineKind) -> Self {
        Self {
            position,
            kind,
            reference: None,
            uetr: None,
            amount: None,
            status: String::new(),
            reason: None,
            note: None,
            account: None,
            bank_reference: None,
            batch: None,
            booked_on: None,
            told: None,
            reversal: false,
            fault: None,
        }
    }

    /// Keeps the first fault.
    pub(super) fn blame(&mut self, fault: LineFault) {
        self.fault = self.fault.or(Some(fault));
    }

    /// Puts an amount into the line, or what is wrong with it.
    pub(super) fn put_amount(&mut self, amount: Option<Result<Vnd, LineFault>>) {
        match amount {
            Some(Ok(amount)) => self.amount = Some(amount),
            Some(Err(fault)) => {
                self.amount = None;
                self.blame(fault);
            }
            None => {}
        }
    }

    /// What the line says about its order; none where a person has to look: a fault, a status of no known meaning,
    /// a credit that is no return.
    pub fn event(&self) -> Option<Event> {
        if self.fault.is_some() {
            return None;
        }
        match (self.kind, self.status.as_str()) {
            (LineKind::ResultRow, _) => self.told,
            (LineKind::Status, status) => status_meaning(status).event(),
            (LineKind::Debit | LineKind::BatchDebit, "BOOK") => Some(Event::Settle),
            (LineKind::Debit | LineKind::BatchDebit, "PDNG" | "FUTR") => Some(Event::Accept),
            (LineKind::Return, "BOOK") => Some(Event::Return),
            (LineKind::PostResult, post::PAID) => Some(Event::Credit),
            // Cash not collected stays with the post office until it settles, and then comes back as well.
            (LineKind::PostResult, post::NOT_COLLECTED | post::RETURNED) => Some(Event::Return),
            _ => None,
        }
    }
}
