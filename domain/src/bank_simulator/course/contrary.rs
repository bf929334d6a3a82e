//! What a bank says of an order and then takes back by what it does or says next. Neither answer can be undone by the
//! other: people have to decide.

use chrono::NaiveDate;

use super::{Money, Paper, Story};

/// Our account lacks the money.
const NO_MONEY: &str = "AM04";
/// The account is blocked.
const BLOCKED: &str = "AC06";

impl Story<'_> {
    /// Refused, and debited all the same.
    pub(super) fn refused_then_debited(&mut self, (answer, second): (NaiveDate, NaiveDate)) {
        self.says(answer, (Paper::Status, "RJCT", Some(NO_MONEY)), Some(Money::NotMoved));
        self.says(second, (Paper::Notification, "BOOK", None), Some(Money::Paid));
    }

    /// Paid, and refused when the money is gone.
    pub(super) fn debited_then_refused(&mut self, (answer, second): (NaiveDate, NaiveDate), arrived: &'static str) {
        self.says(answer, (Paper::Status, arrived, None), Some(Money::Paid));
        self.says(second, (Paper::Status, "RJCT", Some(BLOCKED)), None);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::bank_report::{Options, read};
    use crate::bank_simulator::file::file;
    use crate::bank_simulator::{Behaviour, Fate, Simulator};
    use crate::payment_order::Event;

    #[test]
    fn what_contradicts_the_answer_comes_two_days_later_and_the_money_is_with_the_payee() {
        let file = file(40);
        let day = file.execution_date;
        let behaviour = Behaviour {
            refused_then_debited: 500,
            debited_then_refused: 500,
            ..Behaviour::good()
        };
        let mut bank = Simulator::new(behaviour).unwrap();
        bank.receive(file, day);
        let last = "2024-12-31".parse().unwrap();
        let mut told: BTreeMap<String, Vec<(NaiveDate, Option<Event>)>> = BTreeMap::new();
        for answer in bank.answers_between(day, last) {
            for line in read(&answer.bytes, &Options::default()).unwrap().lines {
                let event = line.event();
                told.entry(line.reference.unwrap())
                    .or_default()
                    .push((answer.due, event));
            }
        }
        let first: NaiveDate = "2024-09-06".parse().unwrap();
        let then: NaiveDate = "2024-09-08".parse().unwrap();
        let mut fates: BTreeMap<Fate, usize> = BTreeMap::new();
        for entry in bank.ledger(last) {
            let expected = match entry.fate {
                Fate::RefusedThenDebited => [(first, Some(Event::Reject)), (then, Some(Event::Settle))],
                _ => [(first, Some(Event::Credit)), (then, Some(Event::Reject))],
            };
            assert_eq!(told[&entry.reference], expected, "{entry:?}");
            assert_eq!((entry.money, entry.told), (Money::Paid, Money::Paid), "{entry:?}");
            *fates.entry(entry.fate).or_insert(0) += 1;
        }
        assert_eq!(fates.len(), 2, "{fates:?}");
        // Between the two, the bank has said that nothing moved of what it had debited.
        let between = bank.ledger("2024-09-07".parse().unwrap());
        let refused = between.iter().filter(|entry| entry.fate == Fate::RefusedThenDebited);
        assert!(refused.clone().count() > 0);
        for entry in refused {
            assert_eq!((entry.money, entry.told), (Money::Paid, Money::NotMoved));
        }
    }
}
