//! One debit over a whole payment file. It is held against the file, by its PmtInfId or MsgId, and ties by itself as soon
//! as what was debited, less what came back, is the sum of the orders that the bank did not refuse. A debit of the whole
//! file pays every order but the refused ones, and waits for their refund. The answers may come in any order.
//!
//! A notification and the statement after it tell the same money twice: of debits and of credits the larger sum of the two
//! counts. What one of them tells a second time is a second debit, unless the bank's reference and the day say that it is
//! the first one again.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank_report::ReportLine;
use domain::payment_order::{Event, ReasonKind, State, reason_kind};
use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use crate::bank_report::{Finding, line_subject};
use crate::reconciliation::batch_debits::{Debits, Sums, booked_credits, booked_debits, came_back};
use crate::reconciliation::judge::{Booked, Judge, Verdict};
use crate::reconciliation::retold::Entries;

/// What a debit over a file waits for, as long as nobody can say that it was debited once, and without its refused orders.
pub(super) const UNEXPLAINED: [Finding; 3] = [Finding::BatchDiffers, Finding::BatchRefundDue, Finding::DuplicateLine];

/// What tells one entry of a bank from another: its reference of it, and the day.
pub(super) type Mark = (String, NaiveDate);

/// The mark of a line, where it has one.
pub(super) fn mark(line: &ReportLine) -> Option<Mark> {
    line.bank_reference.clone().zip(line.booked_on)
}

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
    /// Its mark, where the bank gives one.
    pub(super) mark: Option<Mark>,
    /// The day on which it was booked, where the bank gives one.
    pub(super) day: Option<NaiveDate>,
    /// Its place in the report, where an earlier release did not keep its mark.
    pub(super) unread: Option<i32>,
    /// The reason's code.
    pub(super) reason: Option<String>,
    /// Its reason says that the holder of the account has died, and nobody has looked into that.
    pub(super) deceased: bool,
    /// Two people found that this debit, the second one of its file, paid the orders that had come back with it; or that
    /// this credit is no other one told again.
    pub(super) found: bool,
    /// This credit may tell another one again: it counts for nothing.
    pub(super) doubted: bool,
    /// Two people closed this debit, a second one of its file, without taking it for good: it was booked all the same, and
    /// stays among what left our account.
    pub(super) closed: bool,
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
            mark: None,
            day: None,
            unread: None,
            reason: None,
            deceased: false,
            found: false,
            doubted: false,
            closed: false,
            before: verdict,
            now: verdict,
        }
    }

    /// Does it tell another one again? A bank tells an entry once in a report: told twice there, it was booked twice.
    pub(super) fn repeats(&self, first: &Self) -> bool {
        let alike = self.kind == first.kind && self.booked == first.booked && self.amount == first.amount;
        let marked = self.mark.is_some() && self.mark == first.mark;
        alike && marked && self.statement == first.statement && self.report != first.report
    }
}

/// What a bank said of a whole file that it refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) file: Uuid,
    pub(super) report: Uuid,
    pub(super) reason: String,
    /// The line that waits for people because it contradicts what is known of the file's orders.
    pub(super) contradicts: Option<Uuid>,
}

/// What is known of whole files.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Is the report at hand a statement?
    pub(super) statement: bool,
    pub(super) entries: Vec<Entry>,
    /// Orders settled by a debit over their file, and by nothing else so far.
    pub(super) by_batch: BTreeSet<Uuid>,
    /// Orders that came back with the whole of their file, in one sum. Those that people found paid since, by a debit of
    /// their own, stay among them: of the file's money nothing is theirs.
    pub(super) given_back: BTreeSet<Uuid>,
    /// Orders that stay paid although the sum of their file came back.
    pub(super) withheld: BTreeSet<Uuid>,
    /// By file, what second debits that two people took for good took of orders that they do not pay, đồng.
    pub(super) beside: BTreeMap<Uuid, i64>,
    /// Refusals of whole files that reports told before.
    pub(super) refusals: Vec<Refusal>,
    /// What was booked of orders that came back, or that the report says came back.
    pub(super) booked: BTreeMap<Uuid, Booked>,
    /// Entries of single orders that a report before told by the same mark.
    pub(super) retold: Entries,
    /// Do two people decide of one order?
    pub(super) by_people: bool,
    /// Was that order debited, or its cash handed over, after it came back, and not paid again since?
    pub(super) debited_again: bool,
}

impl Told {
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
        let back = stays.keys().filter(|order| self.given_back.remove(*order));
        self.withheld.extend(back.copied());
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

    /// Was an entry over the file booked and taken for what it says, by this teller?
    pub(super) fn has_taken(&self, file: Uuid, kind: BatchEntryKind, statement: bool) -> bool {
        self.entries.iter().any(|own| {
            let taken =
                own.before.outcome == LineOutcome::Matched || own.before.finding == Some(Finding::BatchRefundDue);
            own.file == file && own.kind == kind && own.booked && own.statement == statement && taken
        })
    }

    /// Why reports before said that a file was refused: that it is a duplicate weighs most.
    pub(super) fn why_refused(&self, file: Uuid) -> Option<String> {
        let own = || self.refusals.iter().filter(|own| own.file == file);
        let duplicate = own().find(|own| reason_kind(&own.reason) == ReasonKind::Duplicate);
        duplicate.or_else(|| own().next()).map(|own| own.reason.clone())
    }

    /// The credits over a file that may tell others again.
    pub(super) fn doubt(&mut self, file: Uuid, credits: &BTreeSet<Uuid>) {
        for entry in self.entries.iter_mut().filter(|own| own.file == file) {
            entry.doubted = credits.contains(&entry.line);
        }
    }

    pub(super) fn of_file(&self, file: Uuid) -> Vec<Entry> {
        self.entries.iter().filter(|own| own.file == file).cloned().collect()
    }

    fn put(&mut self, line: Uuid, verdict: Verdict) {
        for entry in self.entries.iter_mut().filter(|own| own.line == line) {
            entry.now = verdict;
        }
    }
}

pub(super) const MATCHED: Verdict = Verdict {
    outcome: LineOutcome::Matched,
    order: None,
    finding: None,
};

/// What tells an entry again that is held against its file already.
const REPEATED: Verdict = Verdict {
    outcome: LineOutcome::Duplicate,
    order: None,
    finding: None,
};

/// What may tell a credit again, or be another one.
const DOUBTED: Verdict = Verdict {
    outcome: LineOutcome::Duplicate,
    order: None,
    finding: Some(Finding::FileReturnedAgain),
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
            self.doubt(file);
            let entries = self.told_of_files.of_file(file);
            self.take_refunds(file, &entries);
            self.take_file_back(file, &entries);
            let sums = self.sums(file, &entries);
            let (debits, twice) = Debits::owed(&entries, sums);
            // All of it together is what the bank owes us an account of: a second debit came back.
            let even = debits.total > 0 && sums.explains(debits.total);
            // So are those that were taken before: a further one alone waits.
            let stood = debits.taken > 0 && sums.explains(debits.taken);
            let open = entries.iter().filter(|own| !own.found && !own.closed);
            for debit in open.filter(|own| own.kind == BatchEntryKind::Debit) {
                let waits = debits.second.contains(&debit.line) && !(stood && debits.kept.contains(&debit.line));
                let verdict = if debits.repeats.contains(&debit.line) {
                    REPEATED
                } else if waits && !even {
                    Verdict::open(LineOutcome::Duplicate, None, Finding::DuplicateLine)
                } else {
                    self.debit(debit, sums, (even || stood, twice))
                };
                self.told_of_files.put(debit.line, verdict);
            }
            let explained = even || stood || booked_debits(&entries).any(|debit| sums.ties(debit.amount));
            let once: BTreeSet<Uuid> = booked_credits(&entries).map(|own| own.line).collect();
            let open = entries.iter().filter(|own| !own.found);
            for credit in open.filter(|own| own.kind == BatchEntryKind::Credit) {
                let verdict = if credit.doubted {
                    DOUBTED
                } else if !once.contains(&credit.line) {
                    REPEATED
                } else if explained {
                    MATCHED
                } else {
                    Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchRefund)
                };
                self.told_of_files.put(credit.line, verdict);
            }
        }
    }

    pub(super) fn sums(&self, file: Uuid, entries: &[Entry]) -> Sums {
        let mut sums = Sums {
            came_back: came_back(entries),
            beside: self.told_of_files.beside.get(&file).copied().unwrap_or(0),
            ..Sums::default()
        };
        for order in self.of_file(file) {
            sums.whole += order.amount;
            let back = self.told_of_files.given_back.contains(&order.id);
            if order.state != State::Rejected && !back {
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
                self.put(order, State::Returned, reason, &line_subject(refund.line));
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

    fn debit(&mut self, debit: &Entry, sums: Sums, (even, twice): (bool, bool)) -> Verdict {
        let explained = sums.covers(debit.amount) || (twice && debit.amount == sums.accepted);
        if !explained {
            return Verdict::open(LineOutcome::AmountDiffers, None, Finding::BatchDiffers);
        }
        let event = if debit.booked { Event::Settle } else { Event::Accept };
        let taken = self.of_file(debit.file).filter(|own| own.state != State::Rejected);
        let taken: Vec<Uuid> = taken.map(|own| own.id).collect();
        let name = line_subject(debit.line);
        let mut refused = 0_usize;
        for order in taken {
            refused += usize::from(self.advance(order, event, None, &name).is_err());
        }
        if refused > 0 {
            Verdict::open(LineOutcome::Late, None, Finding::LateAnswer)
        } else if even || sums.ties(debit.amount) {
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
