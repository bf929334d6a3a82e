//! How often notifications and statements tell that an order was debited, and that its money came back. Each of the two
//! tells the same money once; what one of them tells once more than the way there and back explains is money of its own.

use chrono::NaiveDate;
use domain::bank_report::{LineKind, ReportLine};
use domain::payment_order::{Event, State};
use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use super::{Judge, Short, Verdict};
use crate::bank_report::Finding;
use crate::reconciliation::batch::mark;
use crate::reconciliation::retold;

/// How often each of the two told of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    notified: usize,
    stated: usize,
}

impl Times {
    const fn by(self, statement: bool) -> usize {
        if statement { self.stated } else { self.notified }
    }

    fn most(self) -> usize {
        self.notified.max(self.stated)
    }

    const fn add(&mut self, statement: bool) {
        if statement {
            self.stated += 1;
        } else {
            self.notified += 1;
        }
    }
}

/// What was booked of an order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::reconciliation) struct Booked {
    debits: Times,
    returns: Times,
    /// Debits that take a return back, told already or not, and of which two people have decided.
    undone: Times,
    /// The first day on which money of it came back.
    back_on: Option<NaiveDate>,
    /// The last day on which it was debited, as reports before told.
    debited_on: Option<NaiveDate>,
    /// The same of debits that wait for nobody, with what the report at hand told so far.
    left_on: Option<NaiveDate>,
}

impl Booked {
    /// With one more entry.
    pub(in crate::reconciliation) const fn add(&mut self, statement: bool, returned: bool) {
        if returned {
            self.returns.add(statement);
        } else {
            self.debits.add(statement);
        }
    }

    /// With one more debit that takes a return back, of which two people have decided.
    pub(in crate::reconciliation) const fn undo(&mut self, statement: bool) {
        self.undone.add(statement);
    }

    /// Did people decide of a debit that takes a return back which nobody told of yet?
    fn is_undone(&self) -> bool {
        self.undone.most() > self.returns.most()
    }

    /// Did any of the two tell that it came back?
    pub(in crate::reconciliation) fn has_come_back(&self) -> bool {
        self.returns.most() > 0
    }

    /// With the day of a debit that a report before told.
    pub(in crate::reconciliation) fn debited_on(&mut self, day: Option<NaiveDate>) {
        self.debited_on = self.debited_on.max(day);
    }

    /// With the day of a debit that waits for nobody.
    pub(in crate::reconciliation) fn left_on(&mut self, day: Option<NaiveDate>) {
        self.left_on = self.left_on.max(day);
    }

    /// Was it debited on a later day than this? What came back on that day did not come back of that debit.
    fn has_left_since(&self, day: Option<NaiveDate>) -> bool {
        day.zip(self.left_on).is_some_and(|(day, last)| day < last)
    }

    /// With the day of a return.
    pub(in crate::reconciliation) fn back_on(&mut self, day: Option<NaiveDate>) {
        self.back_on = self.back_on.into_iter().chain(day).min();
    }
}

/// How a line stands to those before it in its report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Telling {
    /// It is the first to say so of its order.
    First,
    /// It tells the same again.
    Repeated,
    /// It says the same of an entry of its own.
    Further,
}

/// Does the line book that money of its order came back (`Some(true)`), that the order was debited (`Some(false)`), or
/// neither?
const fn books(line: &ReportLine, event: Event) -> Option<bool> {
    match (line.kind, event) {
        (LineKind::Return, Event::Return) => Some(true),
        (LineKind::Debit, Event::Settle) => Some(false),
        _ => None,
    }
}

impl Judge {
    /// What was booked of an order before, by entries of its own and over its file.
    fn booked(&self, order: &Short) -> Booked {
        let mut booked = self.told_of_files.booked.get(&order.id).copied().unwrap_or_default();
        if self.told_of_files.given_back.contains(&order.id) {
            // The return that was taken back is that of its file.
            booked.undone = Times::default();
        }
        let Some(file) = order.file_id else { return booked };
        let back = self.is_given_back(order.id);
        for statement in [false, true] {
            let told = |kind| self.told_of_files.has_taken(file, kind, statement);
            if told(BatchEntryKind::Debit) {
                booked.debits.add(statement);
            }
            if back && told(BatchEntryKind::Credit) {
                booked.returns.add(statement);
            }
        }
        booked
    }

    /// A bank tells an entry once in a report: told twice there, it was booked twice, unless its mark says that it is the
    /// first one again. What is no entry is no news the second time. An entry beside one that is told again is a further one.
    fn telling(&mut self, order: Uuid, line: &ReportLine, event: Event) -> Telling {
        let booked = books(line, event).is_some();
        let first =
            self.told.insert((order, event, line.status.clone())) && !(booked && self.tells_again(order, event));
        let mark = mark(line).filter(|_| booked);
        let repeats = mark.is_some_and(|mark| !self.marks.insert((order, event, mark)));
        match (first, booked && !repeats) {
            (true, _) => Telling::First,
            (false, true) => Telling::Further,
            (false, false) => Telling::Repeated,
        }
    }

    /// Does the report tell such an entry of the order again, wherever it stands in it?
    fn tells_again(&self, order: Uuid, event: Event) -> bool {
        let retold = &self.told_of_files.retold;
        let mut own = retold.range((order, event, (String::new(), NaiveDate::MIN))..);
        own.next().is_some_and(|(id, said, _)| (*id, *said) == (order, event))
    }

    /// Did a report before tell this entry? It is no news, and nobody has to look at it.
    fn is_retold(&self, order: &Short, line: &ReportLine, event: Event) -> bool {
        let told = |mark| self.told_of_files.retold.contains(&(order.id, event, mark));
        retold::stands(line.kind, event, order.state) && mark(line).is_some_and(told)
    }

    /// What a line comes to that tells something again, in its report or after others, or of an entry more than what was told
    /// before explains. None where the rules of the order's state say it.
    pub(super) fn more_than_once(&mut self, order: &Short, line: &ReportLine, event: Event) -> Option<Verdict> {
        if self.is_retold(order, line, event) {
            return Some(Verdict {
                outcome: LineOutcome::Duplicate,
                order: Some(order.id),
                finding: None,
            });
        }
        let telling = self.telling(order.id, line, event);
        if telling == Telling::Repeated {
            let twice = Verdict::open(LineOutcome::Duplicate, Some(order.id), Finding::DuplicateLine);
            return Some(twice);
        }
        let once_more = self.once_more(order, line, event);
        if once_more.is_some() || telling == Telling::First {
            return once_more;
        }
        self.further(order, line, event)
    }

    /// What a further entry of one report comes to, where the rules of what came back say nothing of it: a further debit is
    /// counted, and people look at it. None where the order came back since the debit before it, or as often as it was debited.
    fn further(&mut self, order: &Short, line: &ReportLine, event: Event) -> Option<Verdict> {
        let twice = |finding| Verdict::open(LineOutcome::Duplicate, Some(order.id), finding);
        if books(line, event)? {
            // The refund of a refused order is held against a debit over its file, once.
            return (order.state == State::Rejected).then(|| twice(Finding::DuplicateLine));
        }
        let (statement, booked) = (self.told_of_files.statement, self.booked(order));
        if (1..=booked.returns.by(statement)).contains(&booked.debits.by(statement)) {
            return None;
        }
        self.note_booked(order.id, line, event);
        Some(twice(Finding::DebitedTwice))
    }

    /// What an entry comes to that debits an order which came back, or gives money of it back, once more than what was told
    /// before explains: it moves nothing, and people look at it. So it is with a debit that takes a return back, told already
    /// or not, and with a return that came before the last debit: whichever is told first, the payee may have the money. None
    /// where the rules of the order's state say it.
    fn once_more(&mut self, order: &Short, line: &ReportLine, event: Event) -> Option<Verdict> {
        let returned = books(line, event)?;
        let late = |finding| Verdict::open(LineOutcome::Late, Some(order.id), finding);
        if line.reversal && !returned && self.is_news_of_reversal(order) {
            return Some(late(Finding::DebitedAgain));
        }
        if order.state != State::Returned && !(returned && order.state.is_paid()) {
            return None;
        }
        let statement = self.told_of_files.statement;
        let booked = self.booked(order);
        let back = booked.returns.by(statement) + 1;
        let after_debit = line
            .booked_on
            .zip(booked.debited_on)
            .is_some_and(|(day, last)| day > last);
        match (order.state, returned) {
            (State::Returned, false) => {
                let debited = booked.debits.by(statement) + 1;
                // The first debit may be told late, and then it is of a day before the return. What gives the reason of a
                // return takes that return back.
                let after = line.booked_on.zip(booked.back_on).is_some_and(|(day, back)| day > back);
                let again = after || line.reason.is_some() || debited > booked.returns.most().max(1);
                again.then(|| late(Finding::DebitedAgain))
            }
            (State::Returned, true) => (back > booked.debits.most().max(1)).then(|| late(Finding::ReturnedAgain)),
            // Told by the other of the two before, and found paid since: not where it is of a day after the last debit.
            (_, true) if back <= booked.returns.most() && !after_debit => {
                self.note_booked(order.id, line, event);
                Some(Verdict {
                    outcome: LineOutcome::Returned,
                    order: Some(order.id),
                    finding: None,
                })
            }
            // Of two debits one came back, or it was debited after it came back: the payee may have the other.
            (_, true) if booked.debits.most() > back || booked.has_left_since(line.booked_on) || booked.is_undone() => {
                Some(late(Finding::LateAnswer))
            }
            _ => None,
        }
    }

    /// Do people have to look at a debit of the order that takes a return back? What has not left the house, or was refused, is
    /// contradicted by any debit. Of an order that came back and was found paid since, the other of the two tells the same again.
    fn is_news_of_reversal(&self, order: &Short) -> bool {
        let found_paid = order.state.is_paid() && self.booked(order).has_come_back();
        !found_paid && !matches!(order.state, State::Approved | State::Rejected)
    }

    /// Keeps that an entry was booked of its order.
    pub(super) fn note_booked(&mut self, order: Uuid, line: &ReportLine, event: Event) {
        if let Some(returned) = books(line, event) {
            let statement = self.told_of_files.statement;
            let own = self.told_of_files.booked.entry(order).or_default();
            own.add(statement, returned);
            if returned {
                own.back_on(line.booked_on);
            } else {
                own.left_on(line.booked_on);
            }
        }
    }
}
