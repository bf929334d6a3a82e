//! A bank that says nothing of an order, on no paper and on no day: what became of it stands in its own books alone.

use super::{Money, Story, lot};

/// So many of a thousand are paid.
const PAID: u32 = 500;

impl Story<'_> {
    /// Paid, or never carried out.
    pub(super) fn silent(&mut self) {
        let paid = lot(self.behaviour.seed, "silent", &self.order.reference) < PAID;
        self.moves(self.base, if paid { Money::Paid } else { Money::NotMoved });
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::Vnd;
    use crate::bank_report::{Options, read};
    use crate::bank_simulator::{BankFile, BankOrder, Behaviour, Fate, Simulator};

    #[test]
    fn nothing_is_ever_said_of_what_is_paid_or_not() {
        let order = |number: i64| BankOrder {
            reference: format!("AS-{number}"),
            uetr: None,
            amount: Vnd::new(500_000 + number).unwrap(),
            account: Some(format!("8000{number:05}")),
        };
        let day: NaiveDate = "2024-09-05".parse().unwrap();
        let file = BankFile {
            id: "AS-FILE-1".to_owned(),
            message: Some("pain.001.001.09".to_owned()),
            payment_information_id: "AS-FILE-1-B".to_owned(),
            account: "102010000000001".to_owned(),
            execution_date: day,
            orders: (0..40).map(order).collect(),
            table: None,
        };
        let behaviour = Behaviour {
            silent: 1_000,
            ..Behaviour::good()
        };
        let mut bank = Simulator::new(behaviour).unwrap();
        bank.receive(file, day);
        let last = "2025-12-31".parse().unwrap();
        for answer in bank.answers_between(day, last) {
            let lines = read(&answer.bytes, &Options::default()).unwrap().lines;
            assert!(lines.iter().all(|line| line.reference.is_none()), "{}", answer.name);
        }
        let ledger = bank.ledger(last);
        assert!(
            ledger
                .iter()
                .all(|entry| (entry.fate, entry.told) == (Fate::Silent, Money::InFlight))
        );
        let paid = ledger.iter().filter(|entry| entry.money == Money::Paid).count();
        let never = ledger.iter().filter(|entry| entry.money == Money::NotMoved).count();
        assert!(paid > 5 && never > 5 && paid + never == 40, "{paid} {never}");
    }
}
