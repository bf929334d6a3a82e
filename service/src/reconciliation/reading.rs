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

/// Does the line name another account than the order's beside the reference? A line that names none says nothing of it, and
/// of money that came back nobody can say so: the account credited is ours, and banks differ in whose they name.
pub(super) fn wrong_account(line: &ReportLine, ordered: &str) -> bool {
    let names_payee = matches!(line.kind, LineKind::ResultRow | LineKind::Status | LineKind::Debit);
    names_payee && line.account.as_deref().is_some_and(|own| !is_account(own, ordered))
}

/// Is this how a bank may write an account? A spreadsheet, or a field of fixed length, drops or adds zeros before a number;
/// digits that a bank hides say nothing, those that it shows do; and an account in the form of an IBAN ends with the number.
fn is_account(named: &str, ordered: &str) -> bool {
    let bare = |account: &str| account.trim_start_matches('0').to_owned();
    let (own, ordered) = (bare(named), bare(ordered));
    if let (Some((begin, _)), Some((_, end))) = (own.split_once(HIDDEN), own.rsplit_once(HIDDEN)) {
        return begin.len() + end.len() <= ordered.len() && ordered.starts_with(begin) && ordered.ends_with(end);
    }
    own == ordered || (has_form_of_iban(&own) && own.ends_with(&ordered))
}

/// What stands for a digit that is not shown.
const HIDDEN: [char; 2] = ['*', '•'];

/// Two letters, two digits and what identifies the account (ISO 13616), 15 to 34 characters in all.
fn has_form_of_iban(account: &str) -> bool {
    let bytes = account.as_bytes();
    let country = bytes.iter().take(2).all(u8::is_ascii_uppercase);
    let check = bytes.iter().skip(2).take(2).all(u8::is_ascii_digit);
    country && check && (15..=34).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_alphanumeric)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_known_however_a_bank_writes_it() {
        for (named, ordered, expected) in [
            ("8011205100001", "8011205100001", true),
            ("8011205100001", "8011205100002", false),
            ("0000101", "0101", true),
            ("101", "0101", true),
            ("801120*****01", "8011205100001", true),
            ("*******0001", "8011205100001", true),
            ("•••", "8011205100001", true),
            ("801120*****02", "8011205100001", false),
            ("811120*****01", "8011205100001", false),
            // What is shown is more than the order's number has.
            ("80112051*2051", "8011205", false),
            ("VN12BIDV0008011205100001", "8011205100001", true),
            ("VN12BIDV0008011205100002", "8011205100001", false),
            // No IBAN: a longer number that ends alike is another account.
            ("998011205100001", "8011205100001", false),
            ("", "8011205100001", false),
        ] {
            assert_eq!(is_account(named, ordered), expected, "{named} for {ordered}");
        }
    }
}
