//! Lines against orders, pure: what each line comes to, and how each order moves.

mod booked;
mod cash_list;
mod decided;
mod files;
mod find;
mod given_back;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
use domain::bank_report::{LineFault, LineKind, ReportLine};
use domain::payment_order::{Event, IllegalTransition, ReasonKind, State, reason_kind};
use entity::enums::{BatchEntryKind, LineOutcome, RecallAnswer};
use uuid::Uuid;

pub(super) use booked::Booked;
pub(super) use cash_list::Lists;
pub(super) use find::Nameless;

use crate::bank_report::{Finding, line_subject};
use crate::reconciliation::batch::{Entry, Mark, Told};
use crate::reconciliation::reading::{
    not_understood, of_batch, reason, recall_answer, says_deceased, wrong_account, wrong_amount,
};

/// An order as answers find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) id: Uuid,
    pub(super) pay_run_id: Uuid,
    pub(super) file_id: Option<Uuid>,
    pub(super) reference: String,
    pub(super) uetr: Uuid,
    pub(super) account: String,
    pub(super) amount: i64,
    pub(super) state: State,
    pub(super) reason: Option<String>,
    pub(super) bank_reference: Option<String>,
}

/// One move of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) order: Uuid,
    pub(super) from: State,
    pub(super) to: State,
    pub(super) reason: Option<String>,
    pub(super) source: String,
}

/// What a line came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) outcome: LineOutcome,
    pub(super) order: Option<Uuid>,
    pub(super) finding: Option<Finding>,
}

impl Verdict {
    pub(super) const fn open(outcome: LineOutcome, order: Option<Uuid>, finding: Finding) -> Self {
        Self {
            outcome,
            order,
            finding: Some(finding),
        }
    }
}

/// What a line needs to know of its order.
struct Short {
    id: Uuid,
    amount: i64,
    state: State,
    file_id: Option<Uuid>,
    other_account: bool,
}

impl Short {
    fn of(order: &Known, line: &ReportLine) -> Self {
        Self {
            id: order.id,
            amount: order.amount,
            state: order.state,
            file_id: order.file_id,
            other_account: wrong_account(line, &order.account),
        }
    }
}

/// The orders a report speaks of, as they move.
#[derive(Debug, Default)]
pub(super) struct Judge {
    pub(super) orders: BTreeMap<Uuid, Known>,
    by_reference: HashMap<String, Uuid>,
    by_uetr: HashMap<Uuid, Uuid>,
    by_file: BTreeMap<Uuid, Vec<Uuid>>,
    /// Orders by account and amount, for lines without a reference, each with the day its run left the house.
    by_account: BTreeMap<(String, i64), Vec<(NaiveDate, Uuid)>>,
    /// Orders by the bank's own reference, each with the day its run left the house.
    by_bank: BTreeMap<String, Vec<(NaiveDate, Uuid)>>,
    /// The orders that lines may speak of, where only people can say which.
    pub(super) candidates: BTreeMap<Uuid, Vec<Uuid>>,
    /// The file of a batch (PmtInfId, or MsgId of the whole).
    files: BTreeMap<String, Uuid>,
    /// What the report said of an order already, with the status it said it by: a further status is news, the same one
    /// again is not.
    told: BTreeSet<(Uuid, Event, String)>,
    /// The marks of the entries by which it said so.
    marks: BTreeSet<(Uuid, Event, Mark)>,
    listed: BTreeSet<Uuid>,
    /// Orders that the bank took line by line: no refusal of the whole file takes that back.
    taken: BTreeSet<Uuid>,
    before: BTreeMap<Uuid, State>,
    steps: Vec<Step>,
    /// The orders that a bank was asked to recall, with what it answered.
    recalls: BTreeMap<Uuid, Option<RecallAnswer>>,
    /// Files of other banks than the one that reports.
    of_others: BTreeSet<Uuid>,
    /// The report is a list of the post office.
    of_post: bool,
    /// What its lists told of orders before.
    lists: BTreeMap<Uuid, Lists>,
    /// What is known of whole files: from reports before, and from this one.
    pub(super) told_of_files: Told,
}

impl Judge {
    pub(super) fn new(orders: Vec<Known>, files: BTreeMap<String, Uuid>) -> Self {
        let mut judge = Self {
            files,
            ..Self::default()
        };
        for order in orders {
            judge.by_reference.insert(order.reference.clone(), order.id);
            judge.by_uetr.insert(order.uetr, order.id);
            if let Some(file) = order.file_id {
                judge.by_file.entry(file).or_default().push(order.id);
            }
            judge.orders.insert(order.id, order);
        }
        judge
    }

    /// With the files of other banks than the one that reports: it has nothing to say of their orders.
    pub(super) fn beside(mut self, of_others: BTreeSet<Uuid>) -> Self {
        self.of_others = of_others;
        self
    }

    /// The orders that a bank was asked to recall, with what it answered so far.
    pub(super) fn recalled(&mut self, recalls: BTreeMap<Uuid, Option<RecallAnswer>>) {
        self.recalls = recalls;
    }

    /// What a bank answers to a recall: noted, and nothing moves. A final answer is never taken back by itself.
    fn recall(&mut self, line: &ReportLine, order: Uuid) -> Verdict {
        let Some(answer) = recall_answer(&line.status) else {
            return Verdict::open(LineOutcome::Pending, Some(order), Finding::UnknownStatus);
        };
        let Some(known) = self.recalls.get_mut(&order) else {
            return Verdict::open(LineOutcome::UnknownReference, Some(order), Finding::RecallUnknown);
        };
        match known {
            Some(known) if *known != RecallAnswer::Pending && answer == RecallAnswer::Pending => {}
            Some(known) if *known != RecallAnswer::Pending && *known != answer => {
                return Verdict::open(LineOutcome::Late, Some(order), Finding::LateAnswer);
            }
            _ => *known = Some(answer),
        }
        Verdict {
            outcome: LineOutcome::Matched,
            order: Some(order),
            finding: None,
        }
    }

    /// What the line comes to; its order moves. `id` names the line in the order's history.
    pub(super) fn line(&mut self, id: Uuid, line: &ReportLine) -> Verdict {
        let named = match self.named_by_bank(id, line) {
            Ok(named) => named,
            Err(verdict) => return verdict,
        };
        let line = named.as_ref().unwrap_or(line);
        if let Some(kind) = of_batch(line) {
            return self.over_batch(id, line, kind);
        }
        let order = match self.find(line) {
            Ok(order) => Short::of(order, line),
            Err(finding) => {
                self.note_candidates(id, line, finding);
                return Verdict::open(LineOutcome::UnknownReference, None, finding);
            }
        };
        if order.file_id.is_some_and(|file| self.of_others.contains(&file)) {
            return Verdict::open(LineOutcome::Pending, Some(order.id), Finding::BankDiffers);
        }
        self.listed.insert(order.id);
        if let Some(fault) = line.fault {
            return match fault {
                LineFault::Amount | LineFault::Currency => {
                    Verdict::open(LineOutcome::AmountDiffers, Some(order.id), Finding::AmountUnreadable)
                }
                _ => Verdict::open(LineOutcome::Pending, Some(order.id), Finding::LineFaulty),
            };
        }
        if line.kind == LineKind::Recall {
            return self.recall(line, order.id);
        }
        let Some(event) = line.event() else {
            return Verdict::open(LineOutcome::Pending, Some(order.id), not_understood(line));
        };
        let kind = line.reason.as_deref().map(reason_kind);
        // The money of a refused order that was debited with its file comes back whatever the bank calls it.
        let over = event == Event::Reject || (event == Event::Return && order.state != State::Rejected);
        if over && kind == Some(ReasonKind::Duplicate) {
            // The first one may have been paid: nothing follows from this by itself, least of all that it is paid again.
            return Verdict::open(LineOutcome::Duplicate, Some(order.id), Finding::DuplicateReason);
        }
        if order.other_account {
            return Verdict::open(LineOutcome::Pending, Some(order.id), Finding::AccountDiffers);
        }
        if let Some((outcome, finding)) = wrong_amount(line, order.amount) {
            return Verdict::open(outcome, Some(order.id), finding);
        }
        if let Some(verdict) = self.more_than_once(&order, line, event) {
            return verdict;
        }
        if let Some(verdict) = self.after_another_list(&order, line, event) {
            return verdict;
        }
        if self.advance(order.id, event, reason(line), &line_subject(id)).is_err() {
            return self.contradicts(id, line, event, &order);
        }
        self.note_bank_reference(order.id, line);
        self.note_booked(order.id, line, event);
        Verdict {
            outcome: if event == Event::Return {
                LineOutcome::Returned
            } else {
                LineOutcome::Matched
            },
            order: Some(order.id),
            finding: says_deceased(line).then_some(Finding::PersonDeceased),
        }
    }

    /// Takes back what made these paid orders come back, and all that followed it: they stay paid until people decide.
    /// Gives what had moved them.
    pub(super) fn withhold(&mut self, orders: &BTreeSet<Uuid>) -> BTreeSet<String> {
        let mut stays: BTreeMap<Uuid, State> = BTreeMap::new();
        let mut sources = BTreeSet::new();
        self.steps.retain(|step| {
            let leaves = step.from.is_paid() && step.to.awaits_reissue() && orders.contains(&step.order);
            if leaves {
                stays.entry(step.order).or_insert(step.from);
            }
            let undone = stays.contains_key(&step.order);
            if undone {
                sources.insert(step.source.clone());
            }
            !undone
        });
        self.told_of_files.withhold(&stays);
        for (id, state) in stays {
            if let Some(order) = self.orders.get_mut(&id) {
                order.state = state;
                order.reason = None;
            }
            if self.before.get(&id) == Some(&state) {
                self.before.remove(&id);
            }
        }
        sources
    }

    /// The moved orders as they stand now, each with its state before.
    pub(super) fn moved(&self) -> impl Iterator<Item = (State, &Known)> {
        self.before
            .iter()
            .filter_map(|(id, before)| self.orders.get(id).map(|order| (*before, order)))
    }

    /// The moved orders.
    pub(super) fn moved_ids(&self) -> Vec<Uuid> {
        self.before.keys().copied().collect()
    }

    /// Every move, in order.
    pub(super) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The runs of the orders that moved.
    pub(super) fn runs(&self) -> BTreeSet<Uuid> {
        self.moved().map(|(_, order)| order.pay_run_id).collect()
    }

    pub(super) fn of_file(&self, file: Uuid) -> impl Iterator<Item = &Known> {
        let ids = self.by_file.get(&file).map(Vec::as_slice).unwrap_or_default();
        ids.iter().filter_map(|id| self.orders.get(id))
    }

    /// A line that contradicts the state of its order waits for people.
    fn contradicts(&mut self, id: Uuid, line: &ReportLine, event: Event, order: &Short) -> Verdict {
        self.note_refund(id, line, event, order);
        let finding = if order.state == State::Approved {
            Finding::NotSent
        } else {
            Finding::LateAnswer
        };
        Verdict::open(LineOutcome::Late, Some(order.id), finding)
    }

    /// The money of a refused order came back: it belongs to a debit over its file, told already or not.
    fn note_refund(&mut self, id: Uuid, line: &ReportLine, event: Event, order: &Short) {
        if let (Event::Return, State::Rejected, Some(file), Some(amount)) =
            (event, order.state, order.file_id, line.amount.map(domain::Vnd::dong))
        {
            let what = (BatchEntryKind::Refund, true, amount);
            self.told_of_files.hold(Entry {
                deceased: says_deceased(line),
                ..Entry::new(id, file, what, Some(order.id))
            });
        }
    }

    pub(super) fn advance(
        &mut self,
        id: Uuid,
        event: Event,
        reason: Option<String>,
        source: &str,
    ) -> Result<(), IllegalTransition> {
        let Some(from) = self.orders.get(&id).map(|order| order.state) else {
            return Ok(());
        };
        let to = match from.advance(event) {
            // The money of the whole file is back: why it was refused is news, and no contradiction.
            Err(_) if event == Event::Reject && self.is_given_back(id) => {
                self.learn(id, reason, source);
                return Ok(());
            }
            // Nothing but a debit over the whole file spoke of this order: the bank refused it, and owes the refund.
            Err(_) if event == Event::Reject && from == State::Settled && self.is_only_by_batch(id) => State::Rejected,
            to => to?,
        };
        self.put(id, to, reason, source);
        Ok(())
    }

    /// Did a debit over the whole file settle the order, and no line of its own says so?
    fn is_only_by_batch(&self, id: Uuid) -> bool {
        let own = self.told.range((id, Event::Extract, String::new())..);
        let mut own = own.take_while(|(order, ..)| *order == id);
        let paid = own.any(|(_, event, _)| matches!(event, Event::Settle | Event::Credit));
        !paid && self.told_of_files.only_by_batch(id)
    }

    /// Puts an order into a state.
    pub(super) fn put(&mut self, id: Uuid, to: State, reason: Option<String>, source: &str) {
        let Some(order) = self.orders.get_mut(&id).filter(|order| order.state != to) else {
            return;
        };
        let from = order.state;
        order.state = to;
        order.reason = reason.clone().filter(|_| to.awaits_reissue());
        self.before.entry(id).or_insert(from);
        self.steps.push(Step {
            order: id,
            from,
            to,
            reason,
            source: source.to_owned(),
        });
    }

    fn note_bank_reference(&mut self, id: Uuid, line: &ReportLine) {
        if let (Some(order), Some(reference)) = (self.orders.get_mut(&id), &line.bank_reference) {
            order.bank_reference = Some(reference.clone());
        }
    }
}
