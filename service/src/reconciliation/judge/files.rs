//! What is said of a whole file, and its orders.

use std::collections::BTreeSet;

use domain::bank_report::ReportLine;
use domain::payment_order::{Event, ReasonKind, State, reason_kind};
use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use super::{Judge, Verdict};
use crate::bank_report::Finding;
use crate::reconciliation::batch::{Entry, mark};
use crate::reconciliation::reading::not_understood;

impl Judge {
    /// A line over a whole file is held against it; what it comes to is known when all lines were read.
    pub(super) fn over_batch(&mut self, id: Uuid, line: &ReportLine, kind: BatchEntryKind) -> Verdict {
        let file = line.batch.as_ref().and_then(|batch| self.files.get(batch)).copied();
        let Some(file) = file else {
            return Verdict::open(LineOutcome::UnknownReference, None, Finding::BatchUnknown);
        };
        let booked = line.status == "BOOK";
        let understood = match kind {
            BatchEntryKind::Debit => line.event().is_some(),
            _ => booked && line.fault.is_none(),
        };
        if !understood {
            return Verdict::open(LineOutcome::Pending, None, not_understood(line));
        }
        let Some(amount) = line.amount.map(domain::Vnd::dong) else {
            return Verdict::open(LineOutcome::AmountDiffers, None, Finding::AmountMissing);
        };
        self.told_of_files.hold(Entry {
            mark: mark(line),
            day: line.booked_on,
            reason: line.reason.clone(),
            ..Entry::new(id, file, (kind, booked, amount), None)
        })
    }

    /// How many orders a file has, and their sum, đồng.
    pub(in crate::reconciliation) fn size_of_file(&self, file: Uuid) -> (i64, i64) {
        self.of_file(file)
            .fold((0, 0), |(count, sum), order| (count + 1, sum + order.amount))
    }

    /// With the orders that the bank took line by line.
    pub(in crate::reconciliation) fn took(&mut self, taken: BTreeSet<Uuid>) {
        self.taken = taken;
    }

    /// What a report says of a whole file holds for each of its orders that no line names. A whole file that is refused
    /// after orders of it were paid, or taken line by line, may be its second copy: those stay as they are, whatever paid
    /// or took them. Gives how many orders it contradicts.
    pub(in crate::reconciliation) fn rest_of_file(
        &mut self,
        file: Uuid,
        event: Event,
        reason: Option<&str>,
        source: &str,
    ) -> usize {
        if event == Event::Reject && reason.map(reason_kind) == Some(ReasonKind::Duplicate) {
            return 0;
        }
        let mut contradicted = 0;
        for order in self.by_file.get(&file).cloned().unwrap_or_default() {
            if self.listed.contains(&order) {
                continue;
            }
            let stands = self.orders.get(&order).map(|own| own.state);
            let taken = stands == Some(State::Accepted) && self.taken.contains(&order);
            // What contradicts the order's state waits for people with the file; the order stays as it is.
            let stays = event == Event::Reject && (taken || stands.is_some_and(State::is_paid));
            let refused = stays || self.advance(order, event, reason.map(str::to_owned), source).is_err();
            contradicted += usize::from(refused);
        }
        contradicted
    }
}
