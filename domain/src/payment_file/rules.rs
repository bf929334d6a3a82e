//! What a bank refuses and a schema lets through: zero amounts, one id twice, characters outside the safe set, a
//! missing account, a date in the past or in another age.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Channel, FileHeader, Instruction, Route, in_vietnam};
use crate::Vnd;
use crate::bank::{BankProfile, SameAccount};
use crate::ids::REFERENCE_MAX;
use crate::name::{NameStyle, is_swift_safe};

/// What is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultCode {
    /// Zero, negative, or beyond the bank's limit for a line.
    AmountOutOfRange,
    /// Empty.
    Missing,
    /// Longer than the message or the bank takes.
    TooLong,
    /// A character the bank refuses.
    Charset,
    /// A UETR without the bits of version 4.
    NotVersion4,
    /// Stands twice, or not in the order of the references.
    Duplicate,
    /// Cash in a bank's file, or a transfer in a list of cash.
    WrongChannel,
    /// The day of execution lies before the day of approval.
    DateInThePast,
    /// It lies further ahead of it than any run is paid ([`FARTHEST_DAYS`]).
    DateTooFar,
    /// A file of no lines.
    NoLines,
    /// The count or the sum is not that of the lines.
    Differs,
    /// More lines, bytes or đồng than the bank takes in a file.
    TooLarge,
    /// The lines do not stand in the order of their references.
    NotSorted,
    /// The bank takes each account once in a file.
    SharedAccount,
    /// A letter that the encoding of the bank's files has not.
    NotInEncoding,
}

impl FaultCode {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::AmountOutOfRange => "amount_out_of_range",
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Charset => "charset",
            Self::NotVersion4 => "not_version_4",
            Self::Duplicate => "duplicate",
            Self::WrongChannel => "wrong_channel",
            Self::DateInThePast => "date_in_the_past",
            Self::DateTooFar => "date_too_far",
            Self::NoLines => "no_lines",
            Self::Differs => "differs",
            Self::TooLarge => "too_large",
            Self::NotSorted => "not_sorted",
            Self::SharedAccount => "shared_account",
            Self::NotInEncoding => "not_in_encoding",
        }
    }
}

/// One thing wrong with a file or a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{reference}: {field}: {}", .code.code())]
pub struct Fault {
    /// The line's reference, or the file's MsgId.
    pub reference: String,
    /// Which field.
    pub field: &'static str,
    /// What is wrong with it.
    pub code: FaultCode,
}

type Finding = (&'static str, FaultCode);

/// Everything wrong with a line.
pub fn check_instruction(line: &Instruction, profile: &BankProfile) -> Vec<Fault> {
    let mut faults = Vec::new();
    each(line, profile, Channel::BankTransfer, &mut |(field, code)| {
        faults.push(Fault {
            reference: line.reference.clone(),
            field,
            code,
        })
    });
    faults
}

/// Everything wrong with a whole file, in whatever form it is written: its header, each line, ids that stand twice,
/// count and sum, the order of the lines, and the bank's limits on lines, đồng and shared accounts. No file is built
/// that has a fault. Amounts are whole đồng by their type.
pub fn check_file(header: &FileHeader, profile: &BankProfile, channel: Channel, lines: &[Instruction]) -> Vec<Fault> {
    let mut faults = check_header(header);
    let mut found = |reference: &str, (field, code): Finding| {
        faults.push(Fault {
            reference: reference.to_owned(),
            field,
            code,
        });
    };
    let references = again(lines, |line| line.reference.as_str());
    let uetrs = again(lines, |line| line.uetr);
    let (mut sum, mut last) = (0_i128, "");
    for (place, line) in lines.iter().enumerate() {
        each(line, profile, channel, &mut |finding| found(&line.reference, finding));
        if references.contains(&place) {
            found(&line.reference, ("reference", FaultCode::Duplicate));
        } else if line.reference.as_str() < last {
            found(&line.reference, ("reference", FaultCode::NotSorted));
        }
        if uetrs.contains(&place) {
            found(&line.reference, ("uetr", FaultCode::Duplicate));
        }
        sum += i128::from(line.amount.dong());
        last = &line.reference;
    }
    let whole = header.message_id.as_str();
    let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if header.count != count {
        found(whole, ("count", FaultCode::Differs));
    }
    if i128::from(header.sum.dong()) != sum {
        found(whole, ("sum", FaultCode::Differs));
    }
    if channel == Channel::BankTransfer && header.debtor.bank.clearing_id(profile.clearing_code).is_none() {
        found(whole, ("debtor.bank.sbv_code", FaultCode::Missing));
    }
    if is_limited(channel, profile) {
        if count > u64::from(profile.max_lines) {
            found(whole, ("count", FaultCode::TooLarge));
        }
        if profile.max_file_amount.is_some_and(|most| header.sum > most) {
            found(whole, ("sum", FaultCode::TooLarge));
        }
        if profile.same_account == SameAccount::Split {
            for account in shared_accounts(lines).keys() {
                found(account, ("account", FaultCode::SharedAccount));
            }
        }
    }
    faults
}

/// The first thing wrong with a line; builds nothing for a good one.
pub(super) fn first_fault(line: &Instruction, profile: &BankProfile) -> Option<Fault> {
    let mut first = None;
    each(line, profile, Channel::BankTransfer, &mut |finding| {
        first = first.or(Some(finding))
    });
    first.map(|(field, code)| Fault {
        reference: line.reference.clone(),
        field,
        code,
    })
}

/// Does a profile say how much a file may hold? Lists of cash that were planned before the post office had a profile have
/// one without a table, and were not limited by it.
fn is_limited(channel: Channel, profile: &BankProfile) -> bool {
    channel == Channel::BankTransfer || profile.table.is_some()
}

fn each(line: &Instruction, profile: &BankProfile, channel: Channel, found: &mut impl FnMut(Finding)) {
    let limit = profile.max_line_amount.filter(|_| is_limited(channel, profile));
    if line.amount <= Vnd::ZERO || limit.is_some_and(|most| line.amount > most) {
        found(("amount", FaultCode::AmountOutOfRange));
    }
    reference("reference", &line.reference, found);
    if line.uetr.get_version_num() != 4 || line.uetr.get_variant() != uuid::Variant::RFC4122 {
        found(("uetr", FaultCode::NotVersion4));
    }
    account("account", &line.account, found);
    name("name", &line.name, profile, found);
    if let Some(beneficiary) = &line.beneficiary {
        name("beneficiary", beneficiary, profile, found);
    }
    if line.remittance.len() > 140 {
        found(("remittance", FaultCode::TooLong));
    }
    if !is_swift_safe(&line.remittance) {
        found(("remittance", FaultCode::Charset));
    }
    if let Route::Bank(bank) = &line.route {
        member_id("bank", bank.member_id(), found);
        if bank.clearing_id(profile.clearing_code).is_none() {
            found(("bank.sbv_code", FaultCode::Missing));
        }
    }
    if line.route.channel() != channel {
        found(("route", FaultCode::WrongChannel));
    }
}

/// So many days after its approval a file may be executed; what asks for a later day is a slip, as of the year. A run
/// names its pay date at most a year ahead (`pay_date_within_days` of the calendar), from where some 40 days around a
/// Tết of a year whose lunar days are not known, on none of which banks work for certain, may move it on.
pub const FARTHEST_DAYS: i64 = 450;

/// Everything wrong with a file's header.
///
/// That its day of execution is a Saturday or a Sunday is no fault: the calendar has moved it on to a banking day
/// ([`crate::calendar::Calendar::execution_date`]), and where the province decides that a weekly rest day is worked in the
/// place of another day (làm bù), it is one on purpose. What was decided stands in no file.
pub fn check_header(header: &FileHeader) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut found = |(field, code)| {
        faults.push(Fault {
            reference: header.message_id.clone(),
            field,
            code,
        })
    };
    reference("message_id", &header.message_id, &mut found);
    reference("payment_information_id", &header.payment_information_id, &mut found);
    safe_text("initiating_party", &header.initiating_party, 140, &mut found);
    safe_text("debtor.name", &header.debtor.name, 140, &mut found);
    account("debtor.account", &header.debtor.account, &mut found);
    member_id("debtor.bank", header.debtor.bank.member_id(), &mut found);
    let approved = in_vietnam(header.created_at).date();
    match header.execution_date.signed_duration_since(approved).num_days() {
        ..0 => found(("execution_date", FaultCode::DateInThePast)),
        0..=FARTHEST_DAYS => {}
        _ => found(("execution_date", FaultCode::DateTooFar)),
    }
    if header.count == 0 {
        found(("count", FaultCode::NoLines));
    }
    faults
}

/// Everything wrong with a set of lines that go out together: each line, and ids that stand twice.
pub fn check_batch(lines: &[Instruction], profile: &BankProfile) -> Vec<Fault> {
    let mut faults = Vec::new();
    let references = again(lines, |line| line.reference.as_str());
    let uetrs = again(lines, |line| line.uetr);
    for (place, line) in lines.iter().enumerate() {
        faults.extend(check_instruction(line, profile));
        let mut twice = |field| {
            faults.push(Fault {
                reference: line.reference.clone(),
                field,
                code: FaultCode::Duplicate,
            });
        };
        if references.contains(&place) {
            twice("reference");
        }
        if uetrs.contains(&place) {
            twice("uetr");
        }
    }
    faults
}

/// The places of the lines of which an earlier one has the same id. Ids are sorted in one piece of memory: a set of as
/// many as a file may have costs several times that, and no good file needs one.
fn again<'l, K: Ord>(lines: &'l [Instruction], id: impl Fn(&'l Instruction) -> K) -> BTreeSet<usize> {
    let ids = lines.iter().enumerate().map(|(place, line)| (id(line), place));
    let mut ids: Vec<(K, usize)> = ids.collect();
    ids.sort_unstable();
    let twice = ids.windows(2).filter_map(|pair| match pair {
        [(one, _), (other, place)] if one == other => Some(*place),
        _ => None,
    });
    twice.collect()
}

/// Accounts that several lines of a file pay into, with the number of lines. Normal where a guardian receives for two
/// people, but some banks refuse it; the preview of a run shows such accounts before anything is signed.
pub fn shared_accounts(lines: &[Instruction]) -> BTreeMap<String, usize> {
    let mut accounts: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines {
        *accounts.entry(line.account_key()).or_default() += 1;
    }
    accounts.retain(|_, lines| *lines > 1);
    accounts
}

/// An id of ours: `A-Z 0-9 -`, at most 30 characters, no hyphen at either end.
fn reference(field: &'static str, id: &str, found: &mut impl FnMut(Finding)) {
    length(field, id, REFERENCE_MAX, found);
    let plain = id
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'-');
    if !plain || id.starts_with('-') || id.ends_with('-') {
        found((field, FaultCode::Charset));
    }
}

fn account(field: &'static str, number: &str, found: &mut impl FnMut(Finding)) {
    length(field, number, 34, found);
    if !number.bytes().all(|b| b.is_ascii_alphanumeric()) {
        found((field, FaultCode::Charset));
    }
}

fn member_id(field: &'static str, id: &str, found: &mut impl FnMut(Finding)) {
    length(field, id, 35, found);
    if !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        found((field, FaultCode::Charset));
    }
}

fn name(field: &'static str, name: &str, profile: &BankProfile, found: &mut impl FnMut(Finding)) {
    match profile.name_style {
        NameStyle::AsciiUpperV1 => safe_text(field, name, profile.max_name.min(140), found),
        NameStyle::Vietnamese => {
            length(field, name, profile.max_name.min(140), found);
            if name.chars().any(char::is_control) {
                found((field, FaultCode::Charset));
            }
        }
    }
    if !profile.encoding().has(name) {
        found((field, FaultCode::NotInEncoding));
    }
    // A name of which the transliteration left nothing but full stops.
    if !name.is_empty() && !name.chars().any(char::is_alphabetic) {
        found((field, FaultCode::Missing));
    }
}

fn safe_text(field: &'static str, text: &str, most: usize, found: &mut impl FnMut(Finding)) {
    length(field, text, most, found);
    if !is_swift_safe(text) {
        found((field, FaultCode::Charset));
    }
}

fn length(field: &'static str, text: &str, most: usize, found: &mut impl FnMut(Finding)) {
    if text.trim().is_empty() {
        found((field, FaultCode::Missing));
    }
    if text.len() > most && text.chars().count() > most {
        found((field, FaultCode::TooLong));
    }
}
