//! The debits and credits over one file: which are told for the first time, and what they come to.

use std::collections::BTreeSet;

use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use crate::reconciliation::batch::Entry;

/// The sums of a file, đồng.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Of every order.
    pub(super) whole: i64,
    /// Of the orders that the bank did not refuse, and that did not come back with the file.
    pub(super) accepted: i64,
    /// Credited over the file.
    pub(super) came_back: i64,
    /// What the bank took beside the orders: it is booked with each of them.
    pub(super) beside: i64,
}

impl Sums {
    /// Is the debit, less what came back, what the bank owes us an account of? What it took beside the orders may have come
    /// back, or not yet.
    pub(super) const fn ties(&self, debit: i64) -> bool {
        let left = debit.saturating_sub(self.came_back);
        left == self.accepted || left == self.accepted.saturating_add(self.beside)
    }

    /// The same, where a part of what it took beside the orders may have come back: the difference beside each order says
    /// what is owed of it still.
    pub(super) const fn explains(&self, debit: i64) -> bool {
        let left = debit.saturating_sub(self.came_back);
        left >= self.accepted && left <= self.accepted.saturating_add(self.beside)
    }

    /// Does the debit pay every order that was not refused?
    pub(super) const fn covers(&self, debit: i64) -> bool {
        debit == self.whole || self.ties(debit)
    }
}

/// What was credited over a file: a statement repeats what notifications told.
pub(super) fn came_back(entries: &[Entry]) -> i64 {
    let sum = |statement: bool| -> i64 {
        let booked = booked_credits(entries).filter(|own| own.statement == statement);
        booked.map(|own| own.amount).sum()
    };
    sum(false).max(sum(true))
}

/// The booked credits of a file, but for those that tell one of the others again, or may do so.
pub(super) fn booked_credits(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let booked = entries.iter().enumerate();
    let booked = booked.filter(|(_, own)| own.kind == BatchEntryKind::Credit && own.booked);
    let booked = booked.filter(|(_, own)| !own.doubted);
    let once = booked.filter(move |(at, own)| !entries.iter().take(*at).any(|first| own.repeats(first)));
    once.map(|(_, own)| own)
}

pub(super) fn booked_debits(entries: &[Entry]) -> impl Iterator<Item = &Entry> {
    let debits = entries.iter().filter(|own| own.kind == BatchEntryKind::Debit);
    debits.filter(|own| own.booked)
}

/// The booked debits of a file that are of an amount which is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Debits {
    /// What they come to in all, đồng, by the teller who tells of more.
    pub(super) total: i64,
    /// Those that a teller told of beside a first one.
    pub(super) second: BTreeSet<Uuid>,
    /// Those that tell one of the others again.
    pub(super) repeats: BTreeSet<Uuid>,
    /// Those beside a first one that came to agree with what is known of the file before, or of which two people have decided.
    pub(super) kept: BTreeSet<Uuid>,
    /// What those come to in all, with the first ones, đồng, by the teller who tells of more.
    pub(super) taken: i64,
}

impl Debits {
    /// The debits that the sums of their file explain. Two debits of what the bank accepted, of which one came back, are so
    /// together alone, and then it is said of them; a further one that is told later takes that from neither.
    pub(super) fn owed(entries: &[Entry], sums: Sums) -> (Self, bool) {
        let each = Self::of(entries, |amount| sums.covers(amount));
        if each.total > 0 {
            return (each, false);
        }
        let both = Self::of(entries, |amount| amount == sums.accepted);
        if both.second.is_empty() || !(sums.ties(both.total) || sums.ties(both.taken)) {
            return (each, false);
        }
        (both, true)
    }

    pub(super) fn of(entries: &[Entry], looked_for: impl Fn(i64) -> bool) -> Self {
        let mut own: Vec<&Entry> = booked_debits(entries).filter(|own| looked_for(own.amount)).collect();
        own.sort_by_key(|own| rank(own));
        let mut debits = Self::default();
        let mut told = [Teller::default(), Teller::default()];
        for (at, debit) in own.iter().enumerate() {
            let teller = debit.statement;
            let before = || own.iter().take(at).filter(move |first| first.statement == teller);
            // A bank tells one debit once in a report: told twice there, it was debited twice.
            let same =
                |first: &&&Entry| debit.mark.is_some() && first.mark == debit.mark && first.report != debit.report;
            if before().any(|first| same(&first)) {
                debits.repeats.insert(debit.line);
                continue;
            }
            let mut taken = true;
            if before().next().is_some() {
                debits.second.insert(debit.line);
                let decided = debit.found || debit.closed;
                taken = decided || (debit.report.is_some() && debit.before.outcome == LineOutcome::Matched);
                if taken {
                    debits.kept.insert(debit.line);
                }
            }
            let [notified, stated] = &mut told;
            let sums = if teller { stated } else { notified };
            sums.add(debit.amount, taken);
        }
        let [notified, stated] = told;
        debits.total = notified.total.max(stated.total);
        debits.taken = notified.taken.max(stated.taken);
        debits
    }
}

/// In which order debits are looked at: what was the second one before stays it, also where people decided of it since, and
/// what tells one of those again comes after that. When its report was received does not say it: reports are not read in
/// that order.
const fn rank(own: &Entry) -> u8 {
    let second = own.report.is_some() && matches!(own.before.outcome, LineOutcome::Duplicate);
    match (own.closed || own.found, second, own.report) {
        (true, ..) => 1,
        (false, true, _) => 3,
        (false, false, None) => 2,
        (false, false, Some(_)) => 0,
    }
}

/// What one teller tells of, đồng.
#[derive(Clone, Copy, Debug, Default)]
struct Teller {
    total: i64,
    taken: i64,
}

impl Teller {
    const fn add(&mut self, amount: i64, taken: bool) {
        self.total = self.total.saturating_add(amount);
        if taken {
            self.taken = self.taken.saturating_add(amount);
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::bank_report::Finding;
    use crate::reconciliation::batch::MATCHED;
    use crate::reconciliation::judge::Verdict;

    /// A debit of 100 told in a report of its own; the mark is a reference and a day of September.
    fn debit(number: u128, statement: bool, mark: Option<(&str, u32)>) -> Entry {
        let day = |day| NaiveDate::from_ymd_opt(2024, 9, day).unwrap();
        Entry {
            report: Some(Uuid::from_u128(100 + number)),
            statement,
            mark: mark.map(|(reference, own)| (reference.to_owned(), day(own))),
            ..Entry::new(
                Uuid::from_u128(number),
                Uuid::nil(),
                (BatchEntryKind::Debit, true, 100),
                None,
            )
        }
    }

    #[test]
    fn two_debits_without_the_refused_orders_are_explained_by_a_credit_of_one() {
        let entries = [debit(1, false, None), debit(2, false, None)];
        let of = |came_back: i64| Sums {
            whole: 130,
            accepted: 100,
            came_back,
            ..Sums::default()
        };
        for (came_back, total, together) in [(0, 200, false), (100, 200, true), (30, 0, false), (200, 0, false)] {
            let (debits, twice) = Debits::owed(&entries, of(came_back));
            assert_eq!((debits.total, twice), (total, together), "{came_back} came back");
        }
    }

    #[test]
    fn a_third_debit_without_the_refused_orders_leaves_the_two_before_it_alone() {
        let second = Entry {
            before: MATCHED,
            ..debit(2, false, None)
        };
        let sums = Sums {
            whole: 130,
            accepted: 100,
            came_back: 100,
            ..Sums::default()
        };
        let (debits, twice) = Debits::owed(&[debit(1, false, None), second, debit(3, false, None)], sums);
        assert_eq!((debits.total, debits.taken, twice), (300, 200, true));
        assert_eq!(debits.second, BTreeSet::from([2, 3].map(Uuid::from_u128)));
        assert_eq!(
            debits.kept,
            BTreeSet::from([Uuid::from_u128(2)]),
            "the third alone waits"
        );
    }

    #[test]
    fn each_teller_tells_a_debit_once_unless_the_mark_is_the_same() {
        for (entries, total, second, repeats) in [
            (vec![], 0, vec![], vec![]),
            (vec![debit(1, false, None), debit(2, true, None)], 100, vec![], vec![]),
            (vec![debit(1, true, None), debit(2, true, None)], 200, vec![2], vec![]),
            (
                vec![debit(1, false, Some(("A", 5))), debit(2, false, Some(("A", 5)))],
                100,
                vec![],
                vec![2],
            ),
            (
                vec![debit(1, false, Some(("A", 5))), debit(2, false, Some(("A", 6)))],
                200,
                vec![2],
                vec![],
            ),
            (
                vec![
                    debit(1, false, Some(("A", 5))),
                    debit(2, false, Some(("B", 5))),
                    debit(3, false, Some(("B", 5))),
                ],
                200,
                vec![2],
                vec![3],
            ),
        ] {
            let debits = Debits::of(&entries, |amount| amount == 100);
            let ids = |own: Vec<u128>| own.into_iter().map(Uuid::from_u128).collect();
            let expected = Debits {
                total,
                second: ids(second),
                repeats: ids(repeats),
                kept: BTreeSet::new(),
                taken: total.min(100),
            };
            assert_eq!(debits, expected, "{entries:#?}");
        }
    }

    #[test]
    fn a_further_debit_leaves_those_alone_that_were_taken_before() {
        let found = Entry {
            found: true,
            before: Verdict::open(LineOutcome::Duplicate, None, Finding::DuplicateLine),
            ..debit(2, false, Some(("B", 5)))
        };
        let back = Entry {
            before: MATCHED,
            ..debit(2, false, None)
        };
        let closed = Entry {
            found: false,
            closed: true,
            ..found.clone()
        };
        for second in [found, back, closed] {
            let debits = Debits::of(&[debit(1, false, None), second, debit(3, false, None)], |_| true);
            assert_eq!((debits.total, debits.taken), (300, 200));
            assert_eq!(debits.second, BTreeSet::from([2, 3].map(Uuid::from_u128)));
            assert_eq!(debits.kept, BTreeSet::from([Uuid::from_u128(2)]));
        }
    }

    #[test]
    fn what_tells_a_debit_again_of_which_people_decided_is_no_third_one() {
        let found = Entry {
            found: true,
            before: Verdict::open(LineOutcome::Duplicate, None, Finding::DuplicateLine),
            ..debit(2, false, Some(("B", 5)))
        };
        let again = Entry {
            report: None,
            ..debit(3, false, Some(("B", 5)))
        };
        let closed = Entry {
            found: false,
            closed: true,
            ..found.clone()
        };
        for second in [found, closed] {
            let debits = Debits::of(&[debit(1, false, Some(("A", 5))), second, again.clone()], |_| true);
            assert_eq!((debits.total, debits.taken), (200, 200));
            assert_eq!(debits.repeats, BTreeSet::from([Uuid::from_u128(3)]));
        }
    }

    #[test]
    fn a_credit_counts_once_for_each_teller_and_mark() {
        let credit = |number: u128, statement: bool, mark: Option<(&str, u32)>| Entry {
            kind: BatchEntryKind::Credit,
            ..debit(number, statement, mark)
        };
        for (entries, sum) in [
            (vec![credit(1, false, None), credit(2, false, None)], 200),
            (vec![credit(1, false, None), credit(2, true, None)], 100),
            (
                vec![credit(1, false, Some(("A", 5))), credit(2, false, Some(("A", 5)))],
                100,
            ),
            (
                vec![credit(1, false, Some(("A", 5))), credit(2, false, Some(("A", 6)))],
                200,
            ),
            (
                vec![credit(1, false, Some(("A", 5))), credit(2, true, Some(("A", 5)))],
                100,
            ),
        ] {
            assert_eq!(came_back(&entries), sum, "{entries:#?}");
        }
    }
}
