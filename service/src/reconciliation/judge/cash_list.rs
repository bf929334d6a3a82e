//! What the post office's list says of an order after another list, or a letter, said otherwise.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::bank_report::ReportLine;
use domain::payment_order::{Event, State};
use entity::enums::LineOutcome;
use uuid::Uuid;

use super::{Judge, Short, Verdict};
use crate::bank_report::Finding;
use crate::reconciliation::reading::{NOT_COLLECTED, reason};

/// What lists told of one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::reconciliation) struct Lists {
    /// The last day of which it was told that it was handed over, whatever people made of that.
    paid_on: Option<NaiveDate>,
    /// The last day of which it was told that its money was given back.
    back_on: Option<NaiveDate>,
    /// It was told that nobody came for it.
    uncollected: bool,
}

impl Lists {
    /// With the day of a row that says that it was handed over.
    pub(in crate::reconciliation) fn paid(&mut self, day: Option<NaiveDate>) {
        self.paid_on = self.paid_on.max(day);
    }

    /// With the day of a row by which its money came back.
    pub(in crate::reconciliation) fn came_back(&mut self, day: Option<NaiveDate>, uncollected: bool) {
        self.uncollected |= uncollected;
        if !uncollected {
            self.back_on = self.back_on.max(day);
        }
    }

    /// May it have been handed over on a day, and given back since?
    fn is_back_since(self, day: Option<NaiveDate>) -> bool {
        !self.uncollected && day.zip(self.back_on).is_some_and(|(paid, back)| paid <= back)
    }

    /// Was it handed over after a day?
    fn is_paid_since(self, day: Option<NaiveDate>) -> bool {
        day.zip(self.paid_on).is_some_and(|(back, paid)| back < paid)
    }
}

impl Judge {
    /// With what lists told of its orders before, where a list of the post office reports.
    pub(in crate::reconciliation) fn listed_before(mut self, lists: Option<BTreeMap<Uuid, Lists>>) -> Self {
        self.of_post = lists.is_some();
        self.lists = lists.unwrap_or_default();
        self
    }

    /// What a row of a list comes to whose order is over. Cash that nobody came for was not handed over: what says one after
    /// the other moves nothing, whichever list is of the later day, and people look at it. Money is given back after it was
    /// handed over and not before: where the days say otherwise, or say nothing of a payment, people look at it too. What
    /// the post office had stopped by its letter is not collected either: its list says the same once more. None where the
    /// rules of the order's state say it.
    pub(super) fn after_another_list(&mut self, order: &Short, line: &ReportLine, event: Event) -> Option<Verdict> {
        if !self.of_post {
            return None;
        }
        let own = self.lists.entry(order.id).or_default();
        let (day, uncollected) = (line.booked_on, reason(line).as_deref() == Some(NOT_COLLECTED));
        let finding = match (order.state, event) {
            (State::Returned, Event::Credit | Event::Settle) if !own.is_back_since(day) => {
                Some(Finding::CollectedAfterAll)
            }
            (State::Credited | State::Settled, Event::Return) if uncollected || own.is_paid_since(day) => {
                Some(Finding::NotCollectedAfterAll)
            }
            _ => None,
        };
        match event {
            Event::Credit | Event::Settle => own.paid(day),
            Event::Return if finding.is_none() => own.came_back(day, uncollected),
            _ => {}
        }
        if finding.is_none() && (order.state, event) == (State::Rejected, Event::Return) {
            return Some(Verdict {
                outcome: LineOutcome::Returned,
                order: Some(order.id),
                finding: None,
            });
        }
        finding.map(|finding| Verdict::open(LineOutcome::Late, Some(order.id), finding))
    }
}
