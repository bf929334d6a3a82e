//! The sums a simulated bank moves, or says it moved, where they are not what was ordered.

use super::BankOrder;
use super::course::lot;
use crate::Vnd;

/// Two parts that make the whole; of one đồng the first is nothing.
pub(super) fn halves(amount: Vnd) -> (Vnd, Vnd) {
    let half = Vnd::new(amount.dong() / 2).unwrap_or(Vnd::ZERO);
    let rest = Vnd::new(amount.dong() - half.dong()).unwrap_or(Vnd::ZERO);
    (half, rest)
}

/// An amount nobody ordered: more, so that it is no part.
pub(super) fn wrong(amount: Vnd) -> Vnd {
    Vnd::new(amount.dong() + 10_000).unwrap_or(amount)
}

/// The sum that is really moved instead: a fee of one đồng is kept, or 10,000 đồng too many go.
pub(super) fn other_sum(seed: u64, order: &BankOrder) -> Vnd {
    let ordered = order.amount.dong();
    let keeps_fee = lot(seed, "wrong sum", &order.reference).is_multiple_of(2);
    if keeps_fee && ordered > 1 {
        Vnd::new(ordered - 1).unwrap_or(order.amount)
    } else {
        wrong(order.amount)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use crate::bank_report::{Format, Options, read};
    use crate::bank_simulator::file::file;
    use crate::bank_simulator::{Behaviour, Fate, Simulator};

    #[test]
    fn a_wrong_sum_is_moved_and_told_alike_on_every_paper() {
        let file = file(40);
        let day = file.execution_date;
        let behaviour = Behaviour {
            wrong_sums: 1_000,
            ..Behaviour::good()
        };
        let mut bank = Simulator::new(behaviour).unwrap();
        bank.receive(file, day);
        let last = "2024-12-31".parse().unwrap();
        let mut told: BTreeMap<String, Vec<(Format, i64)>> = BTreeMap::new();
        for answer in bank.answers_between(day, last) {
            let report = read(&answer.bytes, &Options::default()).unwrap();
            for line in report.lines {
                let own = told.entry(line.reference.unwrap()).or_default();
                own.push((report.header.format, line.amount.unwrap().dong()));
            }
        }
        let (mut less, mut more) = (0, 0);
        for entry in bank.ledger(last) {
            assert_eq!(entry.fate, Fate::WrongSum);
            let (sum, ordered) = (entry.sum.dong(), entry.amount.dong());
            less += i32::from(sum == ordered - 1);
            more += i32::from(sum == ordered + 10_000);
            let papers = [Format::Pain002, Format::Camt054, Format::Camt053];
            assert_eq!(told[&entry.reference], papers.map(|paper| (paper, sum)));
        }
        assert_eq!(less + more, 40);
        assert!(less > 0 && more > 0);
    }
}
