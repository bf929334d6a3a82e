//! What two people decide of an order, and what of the report at hand may have cost us money.

use std::collections::BTreeSet;

use domain::bank_report::{LineKind, Report, ReportLine};
use domain::payment_order::{Event, IllegalTransition, State};
use uuid::Uuid;

use super::{Judge, Verdict};
use crate::bank_report::Finding;

impl Judge {
    /// What two people decided of an order: the rules of its states hold for them too, and what a bank refused they may
    /// find debited all the same.
    pub(in crate::reconciliation) fn decided(
        &mut self,
        order: Uuid,
        event: Event,
        reason: Option<String>,
        source: &str,
    ) -> Result<(), IllegalTransition> {
        let again = self.told_of_files.debited_again;
        let decided = self.orders.get(&order).map(|own| match (own.state, event) {
            // It came back, and was debited once more: that is the money that the payee has.
            (State::Returned, Event::Settle) if again => Ok(State::Settled),
            (State::Returned, Event::Credit) if again => Ok(State::Credited),
            (state, event) => state.decide(event),
        });
        match decided {
            Some(Ok(to)) => {
                self.put(order, to, reason, source);
                Ok(())
            }
            // What only a debit over the whole file had settled may be refused.
            _ => self.advance(order, event, reason, source),
        }
    }

    /// The orders that two people found paid although they had come back, or were refused.
    pub(in crate::reconciliation) fn overruled(&self) -> BTreeSet<Uuid> {
        let own = self.moved();
        let own = own.filter(|(before, order)| before.awaits_reissue() && order.state.is_paid());
        own.map(|(_, order)| order.id).collect()
    }

    /// The orders that wait to be paid again although a line of this report, which waits for people, says that our account
    /// was debited.
    pub(in crate::reconciliation) fn claimed(&self, report: &Report, verdicts: &[(Uuid, Verdict)]) -> BTreeSet<Uuid> {
        let told = report.lines.iter().zip(verdicts);
        let claims = told.filter(|(line, (_, verdict))| verdict.finding.is_some_and(|own| claims(line, own)));
        let orders = claims.filter_map(|(_, (_, verdict))| verdict.order);
        let waits = |id: &Uuid| self.orders.get(id).is_some_and(|own| own.state.awaits_reissue());
        orders.filter(waits).collect()
    }
}

/// Does a line that waits say that we were debited, or leave open how much? A state told twice in a report is no news.
fn claims(line: &ReportLine, finding: Finding) -> bool {
    match line.kind {
        LineKind::Debit => line.status == "BOOK",
        LineKind::Status | LineKind::ResultRow | LineKind::PostResult => {
            matches!(line.event(), Some(Event::Settle | Event::Credit)) && finding != Finding::DuplicateLine
        }
        _ => false,
    }
}
