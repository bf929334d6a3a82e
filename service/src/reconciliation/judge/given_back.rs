//! A file that was debited and given back in one sum: its orders came back with it, whatever was told first, the debit, the
//! sum or a refusal of the whole file.

use chrono::NaiveDate;
use domain::payment_order::{ReasonKind, State, reason_kind};
use uuid::Uuid;

use super::{Judge, Known, Step};
use crate::bank_report::line_subject;
use crate::reconciliation::batch::Entry;
use crate::reconciliation::batch_debits::{Debits, booked_credits, booked_debits, came_back};

/// The reason of what came back in one sum, where the bank gives none: as it is for a single return without one.
const BOOKED: &str = "book";

/// The credit by which a file comes back: that of the report at hand, or the last that people took for another return, for
/// it may have come back before.
fn credit(entries: &[Entry]) -> Option<&Entry> {
    let told_now = booked_credits(entries).find(|own| own.report.is_none());
    let found = || booked_credits(entries).filter(|own| own.found).last();
    told_now.or_else(found).or_else(|| booked_credits(entries).next())
}

/// Does one of the two who tell say that the file was debited on a day after all that came back? That debit did not come back:
/// what did is of another, which nobody told of yet. What people found to be another return is what they say.
fn has_left_since(entries: &[Entry]) -> bool {
    let by_people = booked_credits(entries).any(|own| own.found);
    let since = |statement: bool| {
        let by = |own: &&Entry| own.statement == statement;
        let left = booked_debits(entries).filter(by).filter_map(|own| own.day).max();
        let back: Option<Vec<NaiveDate>> = booked_credits(entries).filter(by).map(|own| own.day).collect();
        let back = back.and_then(|days| days.into_iter().max());
        left.zip(back).is_some_and(|(left, back)| left > back)
    };
    !by_people && (since(false) || since(true))
}

fn reason_of(credit: &Entry) -> String {
    credit.reason.clone().unwrap_or_else(|| BOOKED.to_owned())
}

impl Judge {
    /// Did the order come back with the whole of its file?
    pub(super) fn is_given_back(&self, id: Uuid) -> bool {
        let returned = self.orders.get(&id).is_some_and(|own| own.state == State::Returned);
        returned && self.told_of_files.given_back.contains(&id)
    }

    /// Where all that was debited of a file came back, its orders came back too. Those that were refused came back where they
    /// had been debited with the others. Where orders came back one by one as well, people say what the sum is: it may tell
    /// of them once more. What was debited on a later day than all that came back did not come back.
    pub(in crate::reconciliation) fn take_file_back(&mut self, file: Uuid, entries: &[Entry]) {
        // What came back before and was found paid since is not taken back by the same sum once more.
        let stays = |own: &Known| {
            let found_paid = own.state != State::Returned && self.told_of_files.given_back.contains(&own.id);
            found_paid || self.told_of_files.withheld.contains(&own.id)
        };
        let held = self.of_file(file).any(stays);
        let Some(credit) = credit(entries).filter(|_| !held && !self.told_of_files.by_people) else {
            return;
        };
        let sum = |which: &dyn Fn(&Known) -> bool| -> i64 {
            let own = self.of_file(file).filter(|own| which(own));
            own.map(|own| own.amount).sum()
        };
        let whole = sum(&|_| true);
        let taken = sum(&|own| own.state != State::Rejected);
        let debits = Debits::of(entries, |amount| amount == whole || amount == taken);
        let alone = self
            .of_file(file)
            .any(|own| own.state == State::Returned && !self.is_given_back(own.id));
        if alone || debits.total == 0 || debits.total != came_back(entries) || has_left_since(entries) {
            return;
        }
        let refused_too = debits.total == whole;
        let back = self.of_file(file).filter(|own| match own.state {
            State::Approved | State::Returned => false,
            State::Rejected => refused_too,
            _ => true,
        });
        let back: Vec<(Uuid, Option<String>)> = back.map(|own| (own.id, own.reason.clone())).collect();
        let told = self.told_of_files.why_refused(file);
        let reason = told.unwrap_or_else(|| reason_of(credit));
        for (id, own) in back {
            self.put(
                id,
                State::Returned,
                own.or_else(|| Some(reason.clone())),
                &line_subject(credit.line),
            );
            self.told_of_files.given_back.insert(id);
        }
    }

    /// Keeps why a bank refused an order that came back with its file: the credit itself says little of it, and a
    /// duplicate is never paid again by itself.
    pub(super) fn learn(&mut self, id: Uuid, reason: Option<String>, source: &str) {
        let Some(reason) = reason else { return };
        let file = self.orders.get(&id).and_then(|own| own.file_id);
        let entries = file.map_or_else(Vec::new, |file| self.told_of_files.of_file(file));
        let by_sum: Vec<String> = booked_credits(&entries).map(reason_of).collect();
        let Some(order) = self.orders.get_mut(&id) else { return };
        let duplicate = |code: &str| reason_kind(code) == ReasonKind::Duplicate;
        let known = order.reason.as_deref();
        let said_by_sum = |own: &str| by_sum.iter().any(|sum| sum == own);
        let news = known.is_none_or(said_by_sum) || duplicate(&reason);
        if !news || known == Some(reason.as_str()) {
            return;
        }
        order.reason = Some(reason.clone());
        let state = order.state;
        self.before.entry(id).or_insert(state);
        self.steps.push(Step {
            order: id,
            from: state,
            to: state,
            reason: Some(reason),
            source: source.to_owned(),
        });
    }

    /// The same of every order that came back with a file.
    pub(in crate::reconciliation) fn learn_of_file(&mut self, file: Uuid, reason: Option<&str>, source: &str) {
        for id in self.by_file.get(&file).cloned().unwrap_or_default() {
            if self.is_given_back(id) {
                self.learn(id, reason.map(str::to_owned), source);
            }
        }
    }

    /// The files all of whose orders came back, or were refused: that the whole of them was refused is no contradiction.
    pub(in crate::reconciliation) fn files_given_back(&self) -> impl Iterator<Item = Uuid> {
        let files = self.told_of_files.files().into_iter();
        files.filter(move |file| {
            self.of_file(*file).any(|own| self.is_given_back(own.id))
                && self.of_file(*file).all(|own| own.state.awaits_reissue())
        })
    }
}
