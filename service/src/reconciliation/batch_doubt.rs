//! Credits over a whole file that may tell an earlier one again. Once two people took a second debit of the file for its
//! payment, the return before that debit, told once more without anything to know it by, looks like the return of it, and
//! would have the orders paid again. Such a credit counts for nothing until people, or what the bank tells next, explain it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use entity::enums::BatchEntryKind;
use uuid::Uuid;

use crate::reconciliation::batch::Entry;
use crate::reconciliation::batch_debits::Debits;
use crate::reconciliation::judge::Judge;

impl Judge {
    /// Looks for such credits of a file. Where all of them together with the others tie, as the return of a debit that waits
    /// does, none is in doubt: no order moves by it. So it is with the first of several, whatever the last ones are.
    pub(super) fn doubt(&mut self, file: Uuid) {
        let mut entries = self.told_of_files.of_file(file);
        let alike = alike(&entries);
        let mut doubted: BTreeSet<Uuid> = BTreeSet::new();
        for line in alike.into_iter().rev() {
            for entry in &mut entries {
                entry.doubted = doubted.contains(&entry.line);
            }
            if self.ties(file, &entries) {
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

/// The credits, as they were told, that cannot be told apart from an earlier one of the same sum, where two people took a
/// second debit of the file for its payment.
fn alike(entries: &[Entry]) -> Vec<Uuid> {
    let found = || {
        let debits = entries.iter().filter(|own| own.kind == BatchEntryKind::Debit);
        debits.filter(|own| own.found)
    };
    if found().next().is_none() {
        return Vec::new();
    }
    let days: Option<Vec<NaiveDate>> = found().map(|own| own.day).collect();
    let last = days.and_then(|days| days.into_iter().max());
    let credits = entries.iter().filter(|own| own.kind == BatchEntryKind::Credit);
    let credits: Vec<&Entry> = credits.filter(|own| own.booked).collect();
    let again = credits.iter().enumerate().filter(|(at, own)| {
        let before = || credits.iter().take(*at);
        let repeats = before().any(|first| own.repeats(first));
        !own.found && !repeats && before().any(|first| may_repeat(own, first, last))
    });
    again.map(|(_, own)| own.line).collect()
}

/// May a credit tell the first one again? Not where both have a mark or a day, and not the same one; nor where it was booked
/// after the last debit that people took for good.
fn may_repeat(own: &Entry, first: &Entry, last: Option<NaiveDate>) -> bool {
    let alike = own.statement == first.statement && own.amount == first.amount && own.report != first.report;
    let marked = own.mark.is_some() && first.mark.is_some();
    let of_other_days = own.day.zip(first.day).is_some_and(|(day, other)| day != other);
    let after = own.day.zip(last).is_some_and(|(day, last)| day > last);
    alike && !marked && !of_other_days && !after
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: u32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(2024, 9, number)
    }

    /// An entry of 100 told in a report of its own, booked on a day of September.
    fn entry(number: u128, kind: BatchEntryKind, booked_on: Option<u32>) -> Entry {
        Entry {
            report: Some(Uuid::from_u128(100 + number)),
            day: booked_on.and_then(day),
            ..Entry::new(Uuid::from_u128(number), Uuid::nil(), (kind, true, 100), None)
        }
    }

    fn credit(number: u128, booked_on: Option<u32>) -> Entry {
        entry(number, BatchEntryKind::Credit, booked_on)
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
            (credit(2, None), credit(3, Some(10)), false),
            (credit(2, None), statement, false),
            (credit(2, None), same_report, false),
            (credit(2, None), other_sum, false),
        ] {
            let debit = Entry {
                found: true,
                ..entry(1, BatchEntryKind::Debit, Some(9))
            };
            let expected = if doubted { vec![Uuid::from_u128(3)] } else { vec![] };
            let told = [debit, first, further];
            assert_eq!(alike(&told), expected, "{told:#?}");
            // What people have looked into is in no doubt, nor is anything where no second debit pays the file.
            let [debit, first, further] = told;
            let looked_into = Entry {
                found: true,
                ..further
            };
            assert!(alike(&[debit.clone(), first.clone(), looked_into.clone()]).is_empty());
            let further = Entry {
                found: false,
                ..looked_into
            };
            let alone = Entry {
                found: false,
                ..debit
            };
            assert!(alike(&[alone, first, further]).is_empty());
        }
    }
}
