//! Credits over a whole file that may tell an earlier one again. Where the file was debited twice, one return of it that is
//! told once more, without anything to know it by, looks like the return of the other debit: it would have orders paid again
//! that are paid, or a debit explained that took our money. Such a credit counts for nothing until people have looked.

use std::collections::BTreeSet;

use entity::enums::{BatchEntryKind, LineOutcome};
use uuid::Uuid;

use crate::bank_report::Finding;
use crate::reconciliation::batch::{Entry, Told};
use crate::reconciliation::batch_debits::Debits;
use crate::reconciliation::judge::Judge;

impl Judge {
    /// Looks for such credits of a file. Where two people have looked at all further debits, and the credits tie with them as
    /// the orders stand, none is in doubt: no order moves by it. So it is with the first of several, whatever the last ones
    /// are.
    pub(super) fn doubt(&mut self, file: Uuid) {
        let mut entries = self.told_of_files.of_file(file);
        let second = Debits::of(&entries, |_| true).second;
        let looked_at = entries.iter().all(|own| own.found || !second.contains(&own.line));
        let alike = alike(&entries, &second);
        let mut doubted: BTreeSet<Uuid> = BTreeSet::new();
        for line in alike.into_iter().rev() {
            for entry in &mut entries {
                entry.doubted = doubted.contains(&entry.line);
            }
            if looked_at && self.ties(file, &entries) {
                break;
            }
            doubted.insert(line);
        }
        self.told_of_files.doubt(file, &doubted);
    }

    /// Do the debits over a file tie as they are known now, or in part, where they took more than its orders?
    pub(super) fn is_explained(&self, file: Uuid) -> bool {
        let entries = self.told_of_files.of_file(file);
        let sums = self.sums(file, &entries);
        let (debits, _) = Debits::owed(&entries, sums);
        debits.total > 0 && sums.explains(debits.total)
    }

    /// Do the debits over the file tie, less all credits that are not in doubt?
    fn ties(&self, file: Uuid, entries: &[Entry]) -> bool {
        let sums = self.sums(file, entries);
        let (debits, _) = Debits::owed(entries, sums);
        debits.total > 0 && sums.ties(debits.total)
    }
}

impl Told {
    /// Does a second debit over the file wait for people?
    pub(super) fn second_debit_waits(&self, file: Uuid) -> bool {
        let open = self
            .entries
            .iter()
            .filter(|own| own.file == file && !own.found && !own.closed);
        let mut debits = open.filter(|own| own.kind == BatchEntryKind::Debit);
        debits.any(|own| own.before.finding == Some(Finding::DuplicateLine))
    }
}

/// The credits, as they were told, that cannot be told apart from an earlier one of the same sum, where the file has second
/// debits. What came to agree with what is known of the file is settled: no later report brings it into doubt.
fn alike(entries: &[Entry], second: &BTreeSet<Uuid>) -> Vec<Uuid> {
    if second.is_empty() {
        return Vec::new();
    }
    let credits = entries.iter().filter(|own| own.kind == BatchEntryKind::Credit);
    let credits: Vec<&Entry> = credits.filter(|own| own.booked).collect();
    let again = credits.iter().enumerate().filter(|(at, own)| {
        let before = || credits.iter().take(*at);
        let repeats = before().any(|first| own.repeats(first));
        let settled = own.report.is_some() && own.before.outcome == LineOutcome::Matched;
        !own.found && !settled && !repeats && before().any(|first| may_repeat(own, first))
    });
    again.map(|(_, own)| own.line).collect()
}

/// May a credit tell the first one again? Not where both have a mark, or a day, and not the same one.
fn may_repeat(own: &Entry, first: &Entry) -> bool {
    let alike = own.statement == first.statement && own.amount == first.amount && own.report != first.report;
    let marked = own.mark.is_some() && first.mark.is_some();
    let of_other_days = own.day.zip(first.day).is_some_and(|(day, other)| day != other);
    alike && !marked && !of_other_days
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::reconciliation::batch::MATCHED;

    fn day(number: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2024, 9, number)
    }

    /// A credit of 100 told in a report of its own, booked on a day of September.
    fn credit(number: u128, booked_on: Option<u32>) -> Entry {
        let what = (BatchEntryKind::Credit, true, 100);
        Entry {
            report: Some(Uuid::from_u128(100 + number)),
            day: booked_on.and_then(day),
            ..Entry::new(Uuid::from_u128(number), Uuid::nil(), what, None)
        }
    }

    fn marked(entry: Entry, reference: &str) -> Entry {
        let mark = entry.day.map(|day| (reference.to_owned(), day));
        Entry { mark, ..entry }
    }

    #[test]
    fn a_further_credit_of_the_same_sum_is_another_one_by_its_mark_or_its_day_alone() {
        let statement = Entry {
            statement: true,
            ..credit(3, None)
        };
        let same_report = Entry {
            report: Some(Uuid::from_u128(102)),
            ..credit(3, None)
        };
        let other_sum = Entry {
            amount: 40,
            ..credit(3, None)
        };
        for (first, further, doubted) in [
            (credit(2, None), credit(3, None), true),
            (marked(credit(2, Some(6)), "A"), credit(3, None), true),
            (credit(2, None), marked(credit(3, Some(8)), "B"), true),
            (credit(2, Some(6)), credit(3, Some(6)), true),
            (credit(2, Some(6)), credit(3, Some(7)), false),
            (marked(credit(2, Some(6)), "A"), marked(credit(3, Some(6)), "B"), false),
            // The mark says that it is the first one: no doubt is left.
            (marked(credit(2, Some(6)), "A"), marked(credit(3, Some(6)), "A"), false),
            (credit(2, None), credit(3, Some(10)), true),
            (credit(2, None), statement, false),
            (credit(2, None), same_report, false),
            (credit(2, None), other_sum, false),
        ] {
            let second = BTreeSet::from([Uuid::from_u128(1)]);
            let expected = if doubted { vec![Uuid::from_u128(3)] } else { vec![] };
            let mut told = [first, further];
            assert_eq!(alike(&told, &second), expected, "{told:#?}");
            // Of a file that was debited once nothing is in doubt, nor is what people have looked into.
            assert!(alike(&told, &BTreeSet::new()).is_empty());
            for own in &mut told {
                own.found = true;
            }
            assert!(alike(&told, &second).is_empty());
        }
    }

    #[test]
    fn a_credit_that_agreed_before_is_not_in_doubt() {
        let second = BTreeSet::from([Uuid::from_u128(1)]);
        let settled = Entry {
            before: MATCHED,
            ..credit(3, None)
        };
        let at_hand = Entry {
            report: None,
            ..settled.clone()
        };
        assert!(alike(&[credit(2, None), settled.clone()], &second).is_empty());
        let further = [credit(2, None), settled, at_hand];
        assert_eq!(alike(&further, &second), [Uuid::from_u128(3)], "the last one alone");
    }
}
