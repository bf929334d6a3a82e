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
    use super::*;
    use crate::bank_report::{Options, read};
    use crate::bank_simulator::file::file;
    use crate::bank_simulator::{Behaviour, Fate, Simulator};

    #[test]
    fn nothing_is_ever_said_of_what_is_paid_or_not() {
        let file = file(40);
        let day = file.execution_date;
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
