//! The debits over one file: which are told for the first time, and what they come to.

use std::collections::BTreeSet;

use entity::enums::LineOutcome;
use uuid::Uuid;

use crate::reconciliation::batch::{Entry, Sums, booked_debits};

/// The booked debits of a file that are of an amount which is looked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Debits {
    /// What they come to in all, đồng, by the teller who tells of more.
    pub(super) total: i64,
    /// Those that a teller told of beside a first one.
    pub(super) second: BTreeSet<Uuid>,
    /// Those that tell one of the others again.
    pub(super) repeats: BTreeSet<Uuid>,
}

impl Debits {
    /// The debits that the sums of their file explain. Two debits of what the bank accepted, of which one came back, are so
    /// together alone, and then it is said of them.
    pub(super) fn owed(entries: &[Entry], sums: Sums) -> (Self, bool) {
        let each = Self::of(entries, |amount| sums.covers(amount));
        if each.total > 0 {
            return (each, false);
        }
        let both = Self::of(entries, |amount| amount == sums.accepted);
        if both.second.is_empty() || !sums.ties(both.total) {
            return (each, false);
        }
        (both, true)
    }

    pub(super) fn of(entries: &[Entry], looked_for: impl Fn(i64) -> bool) -> Self {
        let mut own: Vec<&Entry> = booked_debits(entries).filter(|own| looked_for(own.amount)).collect();
        // What was the second one before stays it.
        own.sort_by_key(|own| own.report.is_some() && own.before.outcome == LineOutcome::Duplicate);
        let mut debits = Self::default();
        let (mut notified, mut stated) = (0_i64, 0_i64);
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
            if before().next().is_some() {
                debits.second.insert(debit.line);
            }
            let sum = if debit.statement { &mut stated } else { &mut notified };
            *sum = sum.saturating_add(debit.amount);
        }
        debits.total = notified.max(stated);
        debits
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use entity::enums::BatchEntryKind;

    use super::*;

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
            };
            assert_eq!(debits, expected, "{entries:#?}");
        }
    }
}
