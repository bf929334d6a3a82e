//! One debit over a whole payment file. It is held against the file, by its PmtInfId or MsgId, and ties by itself as soon
//! as what was debited, less what came back, is the sum of the orders that the bank did not refuse. A debit of the whole
//! file pays every order but the refused ones, and waits for their refund. The answers may come in any order.
//!
//! A notification and the statement after it tell the same money twice: each debit is looked at alone, and of credits
//! the larger sum of the two counts.

use std::collections::{BTreeMap, BTreeSet};

use domain::payment_order::{Event, State};
use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::reconciliation::judge::{Judge, Verdict, source};

/// What a debit over a file waits for, as long as nobody can say that the refused orders of the file were not debited.
pub(super) const UNEXPLAINED: [Finding; 2] = [Finding::BatchDiffers, Finding::BatchRefundDue];

/// A line over a file, or the refund of an order that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) line: Uuid,
    pub(super) file: Uuid,
    pub(super) kind: BatchEntryKind,
    pub(super) booked: bool,
    /// In đồng.
    pub(super) amount: i64,
    /// The order refunded.
    pub(super) order: Option<Uuid>,
    /// The report it was told by, if that was one before.
    pub(super) report: Option<Uuid>,
    /// Told by a statement, not by a notification.
    pub(super) statement: bool,
    /// Its reason says that the holder of the account has died, and nobody has looked into that.
    pub(super) deceased: bool,
    /// What the line came to before.
    pub(super) before: Verdict,
    /// What it comes to now.
    pub(super) now: Verdict,
}

impl Entry {
    /// An entry of the report at hand, open until its file is looked at.
    pub(super) const fn new(
        line: Uuid,
        file: Uuid,
        (kind, booked, amount): (BatchEntryKind, bool, i64),
        order: Option<Uuid>,
    ) -> Self {
        let verdict = match kind {
            BatchEntryKind::Refund => Verdict::open(LineOutcome::Late, order, Finding::LateAnswer),
            BatchEntryKind::Debit => Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchDiffers),
            BatchEntryKind::Credit => Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchRefund),
        };
        Self {
            line,
            file,
            kind,
            booked,
            amount,
            order,
            report: None,
            statement: false,
            deceased: false,
            before: verdict,
            now: verdict,
        }
    }
}

/// What is known of whole files.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Is the report at hand a statement?
    statement: bool,
    entries: Vec<Entry>,
    /// Orders settled by a debit over their file, and by nothing else so far.
    by_batch: BTreeSet<Uuid>,
}

impl Told {
    pub(super) const fn new(statement: bool, entries: Vec<Entry>, by_batch: BTreeSet<Uuid>) -> Self {
        Self {
            statement,
            entries,
            by_batch,
        }
    }

    /// Holds an entry against its file; what it comes to is not known yet.
    pub(super) fn hold(&mut self, entry: Entry) -> Verdict {
        let verdict = entry.now;
        self.entries.push(Entry {
            statement: self.statement,
            ..entry
        });
        verdict
    }

    pub(super) fn only_by_batch(&self, order: Uuid) -> bool {
        self.by_batch.contains(&order)
    }

    /// The files with an entry over the whole of them.
    pub(super) fn files(&self) -> BTreeSet<Uuid> {
        let over = self.entries.iter().filter(|own| own.kind != BatchEntryKind::Refund);
        over.map(|own| own.file).collect()
    }

    /// The entries of the report at hand.
    pub(super) fn new_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|own| own.report.is_none())
    }

    /// The refunds of orders that stay paid after all, whose state is given: those of this report wait for people.
    pub(super) fn withhold(&mut self, stays: &BTreeMap<Uuid, State>) {
        let refunds = self.entries.iter_mut().filter(|own| own.kind == BatchEntryKind::Refund);
        for entry in refunds.filter(|own| own.order.is_some_and(|order| stays.contains_key(&order))) {
            entry.now = match entry.report {
                Some(_) => entry.before,
                None => Verdict::open(LineOutcome::Late, entry.order, Finding::PaidBack),
            };
        }
    }

    /// The files of which a debit waits for people that did not before, or waits for something else.
    pub(super) fn unexplained(&self) -> BTreeSet<Uuid> {
        let debits = self.entries.iter().filter(|own| own.kind == BatchEntryKind::Debit);
        let news = debits.filter(|own| own.report.is_none() || own.before != own.now);
        news.filter(|own| own.now.finding.is_some_and(|finding| UNEXPLAINED.contains(&finding)))
            .map(|own| own.file)
            .collect()
    }

    /// The entries that come to something else than before.
    pub(super) fn changed(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|own| own.before != own.now)
    }

    fn of_file(&self, file: Uuid) -> Vec<Entry> {
        self.entries.iter().filter(|own| own.file == file).cloned().collect()
    }

    fn put(&mut self, line: Uuid, verdict: Verdict) {
        for entry in self.entries.iter_mut().filter(|own| own.line == line) {
            entry.now = verdict;
        }
    }
}

/// The sums of a file, đồng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Of every order.
    pub(super) whole: i64,
    /// Of the orders that the bank did not refuse.
    pub(super) accepted: i64,
    /// Credited over the file.
    pub(super) came_back: i64,
}

impl Sums {
    /// Is the debit, less what came back, what the bank owes us an account of?
    const fn ties(&self, debit: i64) -> bool {
        debit.saturating_sub(self.came_back) == self.accepted
    }

    /// Does the debit pay every order that was not refused?
    const fn covers(&self, debit: i64) -> bool {
        debit == self.whole || self.ties(debit)
    }
}

/// What was credited over a file: a statement repeats what notifications told.
pub(super) fn came_back(entries: &[Entry]) -> i64 {
    let sum = |statement: bool| -> i64 {
        let credits = entries.iter().filter(|own| own.kind == BatchEntryKind::Credit);
        let booked = credits.filter(|own| own.booked && own.statement == statement);
        booked.map(|own| own.amount).sum()
    };
    sum(false).max(sum(true))
}

fn booked_debits(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let debits = entries.iter().filter(|own| own.kind == BatchEntryKind::Debit);
    debits.filter(|own| own.booked)
}

const MATCHED: Verdict = Verdict {
    outcome: LineOutcome::Matched,
    order: None,
    finding: None,
};

impl Judge {
    /// With what is known of whole files from the reports before.
    pub(super) fn told_before(mut self, told: Told) -> Self {
        self.told_of_files = told;
        self
    }

    /// Looks at every file with an entry over the whole of it, once all lines are read: orders move, and lines come to
    /// what they come to now.
    pub(super) fn tie_files(&mut self) {
        for file in self.told_of_files.files() {
            let entries = self.told_of_files.of_file(file);
            self.take_refunds(file, &entries);
            let sums = self.sums(file, &entries);
            let mut met = BTreeSet::new();
            for debit in entries.iter().filter(|own| own.kind == BatchEntryKind::Debit) {
                // A bank tells one debit once in a report: told twice there, it was debited twice.
                let again = debit.booked && sums.covers(debit.amount) && !met.insert(debit.report);
                let verdict = if again {
                    Verdict::open(LineOutcome::Duplicate, None, Finding::DuplicateLine)
                } else {
                    self.debit(debit, sums)
                };
                self.told_of_files.put(debit.line, verdict);
            }
            let explained = booked_debits(&entries).any(|debit| sums.ties(debit.amount));
            for credit in entries.iter().filter(|own| own.kind == BatchEntryKind::Credit) {
                let verdict = if explained {
                    MATCHED
                } else {
                    Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchRefund)
                };
                self.told_of_files.put(credit.line, verdict);
            }
        }
    }

    fn sums(&self, file: Uuid, entries: &[Entry]) -> Sums {
        let mut sums = Sums {
            came_back: came_back(entries),
            ..Sums::default()
        };
        for order in self.of_file(file) {
            sums.whole += order.amount;
            if order.state != State::Rejected {
                sums.accepted += order.amount;
            }
        }
        sums
    }

    /// The money of refused orders that was debited with the file and came back one by one.
    fn take_refunds(&mut self, file: Uuid, entries: &[Entry]) {
        let refunds: Vec<&Entry> = entries
            .iter()
            .filter(|own| own.kind == BatchEntryKind::Refund)
            .collect();
        let refunded: BTreeMap<Uuid, i64> = refunds
            .iter()
            .filter_map(|own| self.orders.get(&own.order?))
            .filter(|order| order.state == State::Rejected)
            .map(|order| (order.id, order.amount))
            .collect();
        let mut sums = self.sums(file, entries);
        sums.accepted += refunded.values().sum::<i64>();
        if !booked_debits(entries).any(|debit| sums.covers(debit.amount)) {
            return;
        }
        for refund in refunds {
            let Some(order) = refund.order else { continue };
            let reason = self.orders.get(&order).and_then(|own| own.reason.clone());
            if refunded.contains_key(&order) {
                self.put(order, State::Returned, reason, &source(refund.line));
            }
            if self.orders.get(&order).is_some_and(|own| own.state == State::Returned) {
                let verdict = Verdict {
                    outcome: LineOutcome::Returned,
                    order: Some(order),
                    finding: refund.deceased.then_some(Finding::PersonDeceased),
                };
                self.told_of_files.put(refund.line, verdict);
            }
        }
    }

    fn debit(&mut self, debit: &Entry, sums: Sums) -> Verdict {
        if !sums.covers(debit.amount) {
            return Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchDiffers);
        }
        let event = if debit.booked { Event::Settle } else { Event::Accept };
        let taken = self.of_file(debit.file).filter(|own| own.state != State::Rejected);
        let taken: Vec<Uuid> = taken.map(|own| own.id).collect();
        let name = source(debit.line);
        let mut refused = 0_usize;
        for order in taken {
            refused += usize::from(self.advance(order, event, None, &name).is_err());
        }
        if refused > 0 {
            Verdict::open(LineOutcome::Late, None, Finding::LateAnswer)
        } else if sums.ties(debit.amount) {
            MATCHED
        } else {
            Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchRefundDue)
        }
    }

    /// Orders whose money was debited with their file and came back: that the bank refused them is no contradiction.
    pub(super) fn refunded(&self) -> Vec<Uuid> {
        let mut orders = Vec::new();
        for file in self.told_of_files.files() {
            let entries = self.told_of_files.of_file(file);
            let sums = self.sums(file, &entries);
            if booked_debits(&entries).any(|debit| sums.covers(debit.amount)) {
                let back = self.of_file(file).filter(|own| own.state == State::Returned);
                orders.extend(back.map(|own| own.id));
            }
        }
        orders
    }
}
