//! What the post office's list says of an order after another list, or a letter, said otherwise.

use domain::bank::BankProfiles;
use domain::bank_report::{Format, Report};
use domain::payment_order::{Event, State};
use entity::enums::LineOutcome;

use super::{Judge, Short, Verdict};
use crate::bank_report::Finding;

impl Judge {
    /// With who reports: a list of the post office is the last word on its orders, and no second one takes it back.
    pub(in crate::reconciliation) fn told_by(mut self, report: &Report) -> Self {
        let filled_in = report.header.layout.as_deref() == Some(BankProfiles::POST);
        self.of_post = filled_in || report.header.format == Format::PostResult;
        self
    }

    /// What a row of a list comes to whose order is over. Cash is handed over or it is not: what says one after the other
    /// moves nothing, whichever list is of the later day, and people look at it. What the post office had stopped by its
    /// letter is not collected either: its list says the same once more. None where the rules of the order's state say it.
    pub(super) fn after_another_list(&self, order: &Short, event: Event) -> Option<Verdict> {
        if !self.of_post {
            return None;
        }
        let late = |finding| Some(Verdict::open(LineOutcome::Late, Some(order.id), finding));
        match (order.state, event) {
            (State::Returned, Event::Credit | Event::Settle) => late(Finding::CollectedAfterAll),
            (State::Credited | State::Settled, Event::Return) => late(Finding::NotCollectedAfterAll),
            (State::Rejected, Event::Return) => Some(Verdict {
                outcome: LineOutcome::Returned,
                order: Some(order.id),
                finding: None,
            }),
            _ => None,
        }
    }
}
