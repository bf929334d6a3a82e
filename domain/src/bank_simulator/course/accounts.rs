//! A bank that names another account than was ordered, and puts that right.

use chrono::NaiveDate;

use super::{Money, Paper, Story};

impl Story<'_> {
    /// Paid to the account that was ordered; the first answer names another.
    pub(super) fn wrong_account(&mut self, (answer, second): (NaiveDate, NaiveDate), arrived: &'static str) {
        self.says(answer, (Paper::Status, arrived, None), None);
        if let Some(first) = self.course.sayings.last_mut() {
            first.answer.account = first.answer.account.as_deref().map(other);
        }
        self.says(second, (Paper::Status, arrived, None), Some(Money::Paid));
    }
}

/// An account nobody ordered: its last digit is another.
fn other(account: &str) -> String {
    let last = if account.ends_with('9') { '8' } else { '9' };
    let mut other = account.to_owned();
    other.pop();
    other.push(last);
    other
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
    fn another_account_is_named_first_and_the_right_one_two_days_later() {
        let file = file(20);
        let day = file.execution_date;
        let behaviour = Behaviour {
            wrong_accounts: 1_000,
            ..Behaviour::good()
        };
        let mut bank = Simulator::new(behaviour).unwrap();
        let ordered: BTreeMap<String, String> = file
            .orders
            .iter()
            .map(|own| (own.reference.clone(), own.account.clone().unwrap()))
            .collect();
        bank.receive(file, day);
        let last = "2024-12-31".parse().unwrap();
        let mut told: BTreeMap<String, Vec<(NaiveDate, Option<Event>, bool)>> = BTreeMap::new();
        for answer in bank.answers_between(day, last) {
            for line in read(&answer.bytes, &Options::default()).unwrap().lines {
                let event = line.event();
                let reference = line.reference.unwrap();
                let right = line.account.as_ref() == ordered.get(&reference);
                told.entry(reference).or_default().push((answer.due, event, right));
            }
        }
        let days: [NaiveDate; 2] = ["2024-09-06", "2024-09-08"].map(|day| day.parse().unwrap());
        for entry in bank.ledger(last) {
            assert_eq!(
                (entry.fate, entry.money, entry.told),
                (Fate::WrongAccount, Money::Paid, Money::Paid)
            );
            let credited = Some(Event::Credit);
            assert_eq!(
                told[&entry.reference],
                [(days[0], credited, false), (days[1], credited, true)]
            );
        }
        assert_eq!(told.len(), 20);
    }
}
