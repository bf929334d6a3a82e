//! What a line says, before any order is looked at.

use domain::bank_report::{LineKind, ReportLine};
use domain::payment_order::{Event, ReasonKind, reason_kind};
use entity::enums::{BatchEntryKind, LineOutcome, RecallAnswer};

use crate::bank_report::Finding;

/// The reason of cash that stayed at the post office.
pub(super) const NOT_COLLECTED: &str = "not_collected";

/// Why the order moved, where that is news of something gone wrong.
pub(super) fn reason(line: &ReportLine) -> Option<String> {
    match line.event() {
        Some(Event::Return) if line.status == NOT_COLLECTED => Some(NOT_COLLECTED.to_owned()),
        Some(Event::Return | Event::Reject) => line.reason.clone().or_else(|| Some(line.status.to_lowercase())),
        _ => None,
    }
}

/// Does the line say that the holder of the account has died? It is news whatever else the line comes to.
pub(super) fn says_deceased(line: &ReportLine) -> bool {
    let reason = line.reason.as_deref().map(reason_kind);
    line.kind != LineKind::Recall && reason == Some(ReasonKind::PersonDeceased)
}

/// Does the line speak of a whole file, and of no order in it?
pub(super) fn of_batch(line: &ReportLine) -> Option<BatchEntryKind> {
    let nameless = line.batch.is_some() && line.reference.is_none() && line.uetr.is_none();
    match line.kind {
        LineKind::BatchDebit => Some(BatchEntryKind::Debit),
        LineKind::Credit if nameless => Some(BatchEntryKind::Credit),
        _ => None,
    }
}

/// What the status of an answer to a recall says (CancellationIndividualStatus1Code, or the confirmation of the whole).
pub(super) fn recall_answer(status: &str) -> Option<RecallAnswer> {
    match status {
        "ACCR" | "CNCL" | "CWFW" => Some(RecallAnswer::Accepted),
        "RJCR" => Some(RecallAnswer::Refused),
        "PDCR" => Some(RecallAnswer::Pending),
        _ => None,
    }
}

/// A result table names the account beside the reference. A spreadsheet may have dropped the zeros before a number.
pub(super) fn wrong_account(line: &ReportLine, ordered: &str) -> bool {
    let bare = |account: &str| account.trim_start_matches('0').to_owned();
    line.kind == LineKind::ResultRow && line.account.as_deref().is_some_and(|own| bare(own) != bare(ordered))
}

pub(super) fn not_understood(line: &ReportLine) -> Finding {
    match line.kind {
        _ if line.fault.is_some() => Finding::LineFaulty,
        LineKind::Credit => Finding::UnexpectedCredit,
        LineKind::Status if line.status == "BLCK" => Finding::Blocked,
        _ => Finding::UnknownStatus,
    }
}

/// A status report may leave the amount out; where money moved it has to be there, and whole.
pub(super) fn wrong_amount(line: &ReportLine, ordered: i64) -> Option<(LineOutcome, Finding)> {
    let moved = line.kind != LineKind::Status;
    match line.amount.map(domain::Vnd::dong) {
        None if moved => Some((LineOutcome::AmountDiffers, Finding::AmountMissing)),
        None => None,
        Some(amount) if amount == ordered => None,
        Some(amount) if moved && (1..ordered).contains(&amount) => Some((LineOutcome::Partial, Finding::Partial)),
        Some(_) => Some((LineOutcome::AmountDiffers, Finding::AmountDiffers)),
    }
}
