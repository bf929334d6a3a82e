//! Which order a line speaks of.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::bank_report::{LineKind, ReportLine};
use entity::enums::LineOutcome;
use uuid::Uuid;

use super::{Judge, Known, Verdict};
use crate::bank_report::Finding;
use crate::reconciliation::by_bank;
use crate::reconciliation::reading::of_batch;

/// So many orders are shown beside a line that may speak of any of them.
const CANDIDATES: usize = 20;

/// The orders that lines without a reference may speak of.
#[derive(Debug, Default)]
pub(in crate::reconciliation) struct Nameless {
    /// Open ones, by account and amount.
    pub(in crate::reconciliation) by_account: BTreeMap<(String, i64), Vec<Known>>,
    /// By the bank's own reference, each with the day its run left the house.
    pub(in crate::reconciliation) by_bank: BTreeMap<String, Vec<(NaiveDate, Known)>>,
}

impl Nameless {
    /// All of them.
    pub(in crate::reconciliation) fn orders(&self) -> impl Iterator<Item = &Known> {
        let by_bank = self.by_bank.values().flatten().map(|(_, order)| order);
        self.by_account.values().flatten().chain(by_bank)
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
            let ids = orders.iter().map(|order| order.id).collect();
            self.by_account.insert(key, ids);
            for order in orders {
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
    /// the line among others.
    fn find_nameless(&self, line: &ReportLine) -> Result<&Known, Finding> {
        let (LineKind::ResultRow, None, Some(account), Some(amount)) =
            (line.kind, line.fault, &line.account, line.amount)
        else {
            return Err(Finding::ReferenceMissing);
        };
        match self
            .by_account
            .get(&(account.clone(), amount.dong()))
            .map(Vec::as_slice)
        {
            Some([id]) => self.orders.get(id).ok_or(Finding::UnknownReference),
            Some([_, ..]) => Err(Finding::AmbiguousAccount),
            Some([]) | None => Err(Finding::UnknownReference),
        }
    }

    /// A line that names no order, as if it named the one that the bank's reference, the amount and the day tell; none
    /// where the line names its order, or the bank's reference is of no order.
    ///
    /// # Errors
    /// The verdict, where they tell no order or several, and only people can say.
    pub(super) fn named_by_bank(&mut self, id: Uuid, line: &ReportLine) -> Result<Option<ReportLine>, Verdict> {
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
