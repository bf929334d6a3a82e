//! A bank that debits an order twice, or a whole file, and gives the second debit back.

use chrono::NaiveDate;

use super::{BATCH, Money, Paper, Story, later, lot};
use crate::bank_simulator::{BankFile, Behaviour};

/// A duplicate payment.
const DUPLICATE: &str = "AM05";
/// Told in words.
const IN_WORDS: &str = "NARR";
/// How the bank's references of entries begin, and how that of a further debit of the same order does: it is an entry of its
/// own.
const FIRST: &str = "FT";
const FURTHER: &str = "FS";
/// Days from the debit over a file to the second one, or to its return.
const NEXT: u32 = 1;
/// Days from the one of the two to the other.
const THEN: u32 = 5;

impl Story<'_> {
    /// Paid and debited twice, on two days or in one report; what was taken too much comes back.
    pub(super) fn debited_twice(&mut self, answer: NaiveDate, second: NaiveDate, third: NaiveDate) {
        let drawn = |purpose: &str| lot(self.behaviour.seed, purpose, &self.order.reference).is_multiple_of(2);
        let (called_so, at_once) = (drawn("twice"), drawn("twice at once"));
        let reason = if called_so { DUPLICATE } else { IN_WORDS };
        self.says(answer, (Paper::Notification, "BOOK", None), Some(Money::Paid));
        let second = if at_once { answer } else { second };
        self.says(second, (Paper::Notification, "BOOK", None), None);
        if let Some(saying) = self.course.sayings.last_mut() {
            let own = saying.answer.bank_reference.take();
            saying.answer.bank_reference = own.map(|first| first.replacen(FIRST, FURTHER, 1));
        }
        self.says(third, (Paper::Notification, "BOOK", Some(reason)), None);
    }
}

/// The days on which a file with one debit, carried out on a day, is debited once more, and on which one of the debits is
/// given back; none where it is debited once. Where no order comes back by itself, the first debit is given back.
pub(in crate::bank_simulator) fn second_debit(
    behaviour: &Behaviour,
    file: &BankFile,
    (base, by_itself): (NaiveDate, bool),
) -> Option<(NaiveDate, NaiveDate)> {
    let twice = lot(behaviour.seed, "file debited twice", &file.id) < behaviour.files_debited_twice;
    let next = later(base, BATCH + NEXT);
    let then = later(next, THEN);
    twice.then_some(if by_itself { (next, then) } else { (then, next) })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::bank_report::{LineKind, Options, ReportLine, read};
    use crate::bank_simulator::file::file;
    use crate::bank_simulator::{Fate, Simulator};
    use crate::payment_order::Event;

    /// What a bank says of forty orders that are to be paid on the 5th of September, with the days.
    fn told(behaviour: Behaviour) -> (Simulator, Vec<(NaiveDate, ReportLine)>) {
        let file = file(40);
        let day = file.execution_date;
        let mut bank = Simulator::new(behaviour).unwrap();
        bank.receive(file, day);
        let mut lines = Vec::new();
        for answer in bank.answers_between(day, "2024-12-31".parse().unwrap()) {
            let report = read(&answer.bytes, &Options::default()).unwrap();
            lines.extend(report.lines.into_iter().map(|line| (answer.due, line)));
        }
        (bank, lines)
    }

    #[test]
    fn an_order_is_debited_twice_and_the_second_debit_comes_back() {
        let (bank, lines) = told(Behaviour {
            debits_twice: 1_000,
            ..Behaviour::good()
        });
        let mut said: BTreeMap<String, Vec<(NaiveDate, Option<Event>, i64)>> = BTreeMap::new();
        let mut reasons: BTreeSet<String> = BTreeSet::new();
        let mut references: BTreeSet<String> = BTreeSet::new();
        let mut seconds: BTreeSet<NaiveDate> = BTreeSet::new();
        for (day, line) in lines {
            let (event, amount) = (line.event(), line.amount.unwrap().dong());
            reasons.extend(line.reason);
            references.extend(line.bank_reference);
            said.entry(line.reference.unwrap())
                .or_default()
                .push((day, event, amount));
        }
        let days: [NaiveDate; 3] = ["2024-09-06", "2024-09-08", "2024-09-10"].map(|day| day.parse().unwrap());
        for entry in bank.ledger("2024-12-31".parse().unwrap()) {
            assert_eq!(
                (entry.fate, entry.money, entry.told, entry.sum),
                (Fate::DebitedTwice, Money::Paid, Money::Paid, entry.amount)
            );
            let amount = entry.amount.dong();
            let second = said[&entry.reference][1].0;
            let expected = [
                (days[0], Some(Event::Settle), amount),
                (second, Some(Event::Settle), amount),
                (days[2], Some(Event::Return), amount),
            ];
            assert_eq!(said[&entry.reference], expected);
            seconds.insert(second);
        }
        assert_eq!(said.len(), 40);
        let expected: BTreeSet<NaiveDate> = days[..2].iter().copied().collect();
        assert_eq!(seconds, expected, "on another day, or in one report with the first");
        assert_eq!(references.len(), 3 * 40, "each is an entry of its own");
        assert_eq!(reasons.into_iter().collect::<Vec<_>>(), [DUPLICATE, IN_WORDS]);
    }

    #[test]
    fn a_file_is_debited_twice_in_one_sum_and_one_of_the_debits_comes_back_so() {
        use LineKind::{BatchDebit, Credit};
        // Of a file of which orders come back by themselves it is the second one.
        for (returns, next, then) in [(0, Credit, BatchDebit), (300, BatchDebit, Credit)] {
            let (bank, lines) = told(Behaviour {
                returns,
                batch_only_debit: 1_000,
                files_debited_twice: 1_000,
                ..Behaviour::good()
            });
            let ledger = bank.ledger("2024-12-31".parse().unwrap());
            let whole: i64 = ledger.iter().map(|entry| entry.amount.dong()).sum();
            let of_file = lines.into_iter().filter(|(_, line)| line.reference.is_none());
            let said: Vec<(String, LineKind, i64)> = of_file
                .map(|(day, line)| (day.to_string(), line.kind, line.amount.unwrap().dong()))
                .collect();
            let expected = [
                ("2024-09-07", BatchDebit),
                ("2024-09-08", next),
                ("2024-09-13", then),
                // The statement tells of the first one again.
                ("2024-09-17", BatchDebit),
            ];
            assert_eq!(said, expected.map(|(day, kind)| (day.to_owned(), kind, whole)));
            let back = ledger.iter().filter(|entry| entry.fate == Fate::Returned);
            assert_eq!(back.count() > 0, returns > 0);
            let mut rest = ledger.iter().filter(|entry| entry.fate != Fate::Returned);
            assert!(rest.all(|entry| (entry.money, entry.told) == (Money::Paid, Money::Paid)));
        }
    }

    #[test]
    fn no_preset_debits_twice() {
        for preset in Behaviour::PRESETS {
            let own = Behaviour::preset(preset).unwrap();
            assert_eq!((own.debits_twice, own.files_debited_twice), (0, 0), "{preset}");
        }
        let beyond = Behaviour {
            files_debited_twice: 1_001,
            ..Behaviour::good()
        };
        assert!(beyond.check().is_err());
    }
}
