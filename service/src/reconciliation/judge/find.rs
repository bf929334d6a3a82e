//! Which order a line speaks of.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::bank_report::{LineFault, LineKind, ReportLine};
use domain::payment_order::{Event, State};
use entity::enums::LineOutcome;
use uuid::Uuid;

use super::{Judge, Known, Verdict};
use crate::bank_report::Finding;
use crate::reconciliation::by_bank;
use crate::reconciliation::reading::of_batch;

/// So many orders are shown beside a line that may speak of any of them.
const CANDIDATES: usize = 20;

/// Has the order left the house, and does it wait for its end?
const fn is_open(state: State) -> bool {
    matches!(state, State::Extracted | State::Unknown | State::Accepted)
}

/// The orders that lines without a reference may speak of.
#[derive(Debug, Default)]
pub(in crate::reconciliation) struct Nameless {
    /// By account and amount, each with the day its run left the house.
    pub(in crate::reconciliation) by_account: BTreeMap<(String, i64), Vec<(NaiveDate, Known)>>,
    /// By the bank's own reference, each with the day its run left the house.
    pub(in crate::reconciliation) by_bank: BTreeMap<String, Vec<(NaiveDate, Known)>>,
}

impl Nameless {
    /// All of them.
    pub(in crate::reconciliation) fn orders(&self) -> impl Iterator<Item = &Known> {
        let all = self.by_account.values().chain(self.by_bank.values());
        all.flatten().map(|(_, order)| order)
    }
}

impl Judge {
    /// With the orders that lines without a reference may speak of.
    pub(in crate::reconciliation) fn knowing(mut self, nameless: Nameless) -> Self {
        for (reference, orders) in nameless.by_bank {
            let own = orders.iter().map(|(left, order)| (*left, order.id)).collect();
            self.by_bank.insert(reference, own);
        }
        for (key, orders) in nameless.by_account {
            let ids = orders.iter().map(|(left, order)| (*left, order.id)).collect();
            self.by_account.insert(key, ids);
            for (_, order) in orders {
                self.orders.entry(order.id).or_insert(order);
            }
        }
        self
    }

    /// The order of a line, by its UETR or its reference.
    pub(super) fn find(&self, line: &ReportLine) -> Result<&Known, Finding> {
        let by_uetr = line.uetr.and_then(|uetr| self.by_uetr.get(&uetr));
        let by_reference = line.reference.as_ref().and_then(|text| self.by_reference.get(text));
        let id = match (by_uetr, by_reference) {
            (Some(one), Some(other)) if one != other => return Err(Finding::ReferenceConflict),
            (Some(id), _) | (None, Some(id)) => id,
            (None, None) if line.reference.is_none() && line.uetr.is_none() => return self.find_nameless(line),
            (None, None) => return Err(Finding::UnknownReference),
        };
        self.orders.get(id).ok_or(Finding::UnknownReference)
    }

    /// The order of a line without a reference: the one open order with its account and amount, whatever the place of
    /// the line among others. Where it may be of another month's order as well, people say which.
    fn find_nameless(&self, line: &ReportLine) -> Result<&Known, Finding> {
        let (LineKind::ResultRow, None, Some(_), Some(_)) = (line.kind, line.fault, &line.account, line.amount) else {
            return Err(Finding::ReferenceMissing);
        };
        let mut may = self.of_account(line);
        match (may.next(), may.next()) {
            (Some(order), None) if is_open(self.stood(order)) => Ok(order),
            (Some(_), Some(_)) => Err(Finding::AmbiguousAccount),
            _ => self.find_returned(line).ok_or(Finding::UnknownReference),
        }
    }

    /// The one order that a row of the post office's list says was handed over, where it had come back: it is not paid again
    /// before people have looked.
    fn find_returned(&self, line: &ReportLine) -> Option<&Known> {
        if !self.of_post || line.event() != Some(Event::Credit) {
            return None;
        }
        let mut back = self
            .left_for_account(line)
            .filter(|order| self.stood(order) == State::Returned);
        match (back.next(), back.next()) {
            (Some(order), None) => Some(order),
            _ => None,
        }
    }

    /// The orders to the account and of the amount of a line that had left the house on its day.
    fn left_for_account<'j>(&'j self, line: &ReportLine) -> impl Iterator<Item = &'j Known> {
        let key = line.account.clone().zip(line.amount.map(domain::Vnd::dong));
        let own = key.and_then(|key| self.by_account.get(&key));
        let left = own
            .into_iter()
            .flatten()
            .filter(move |(left, _)| line.booked_on.is_none_or(|day| *left <= day));
        left.filter_map(move |(_, id)| self.orders.get(id))
    }

    /// The orders that a line without a reference may speak of, by its account and amount. What had not left the house
    /// on the day of the line is none of them. An order that is over is one where the line has no day to tell the months
    /// apart by, or tells what can still come after that end.
    fn of_account<'j>(&'j self, line: &ReportLine) -> impl Iterator<Item = &'j Known> {
        self.left_for_account(line).filter(move |order| {
            let state = self.stood(order);
            let moves = |event| state.advance(event).is_ok_and(|to| to != state);
            is_open(state) || line.booked_on.is_none() || line.event().is_none_or(moves)
        })
    }

    /// Where an order stood before the report.
    fn stood(&self, order: &Known) -> State {
        self.before.get(&order.id).copied().unwrap_or(order.state)
    }

    /// Keeps the orders among which people choose, where account and amount of a line do not tell just one.
    pub(super) fn note_candidates(&mut self, id: Uuid, line: &ReportLine, finding: Finding) {
        if finding == Finding::AmbiguousAccount {
            let may: BTreeSet<Uuid> = self.of_account(line).map(|order| order.id).collect();
            self.candidates.insert(id, may.into_iter().take(CANDIDATES).collect());
        }
    }

    /// A line that names no order, as if it named the one that the bank's reference, the amount and the day tell; none
    /// where the line names its order, or the bank's reference is of no order.
    ///
    /// # Errors
    /// The verdict, where they tell no order or several, and only people can say; so too of the rest of an entry, which no
    /// transaction in it tells of.
    pub(super) fn named_by_bank(&mut self, id: Uuid, line: &ReportLine) -> Result<Option<ReportLine>, Verdict> {
        if line.fault == Some(LineFault::EntryDiffers) {
            return Err(Verdict::open(LineOutcome::AmountDiffers, None, Finding::EntryDiffers));
        }
        let own = by_bank::key(line).and_then(|reference| self.by_bank.get(reference));
        let Some(own) = own else { return Ok(None) };
        // Banks use a reference again: nothing came back of what had not left by then.
        let left = own
            .iter()
            .filter(|(left, _)| line.booked_on.is_none_or(|day| *left <= day));
        let left: Vec<&Known> = left.filter_map(|(_, order)| self.orders.get(order)).collect();
        let amount = line.amount.map(domain::Vnd::dong);
        let mut agree = left.iter().filter(|order| Some(order.amount) == amount);
        match (agree.next(), agree.next()) {
            (Some(order), None) => Ok(Some(ReportLine {
                reference: Some(order.reference.clone()),
                fault: None,
                // A credit with the reason of a return, which was taken for one over its batch.
                kind: match line.kind {
                    LineKind::Credit => LineKind::Return,
                    kind => kind,
                },
                ..line.clone()
            })),
            _ if left.is_empty() || of_batch(line).is_some() => Ok(None),
            _ => {
                let candidates = left.iter().take(CANDIDATES).map(|order| order.id).collect();
                self.candidates.insert(id, candidates);
                let finding = Finding::BankReferenceUnclear;
                Err(Verdict::open(LineOutcome::UnknownReference, None, finding))
            }
        }
    }
}
