//! The answers of the synthetic banks and of the post office to a set of payment orders.

use sha2::{Digest, Sha256};

use super::record::Channel;
use crate::Vnd;

/// A payment order as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentOrder {
    /// The order's reference, unique for ever (EndToEndId).
    pub reference: String,
    /// The UETR, for orders to banks.
    pub uetr: Option<String>,
    /// The amount.
    pub amount: Vnd,
    /// The bank's code, for orders to banks.
    pub bank: Option<String>,
    /// The channel.
    pub channel: Channel,
}

/// What became of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Settled and credited to the account.
    Credited,
    /// Refused by the bank; no money moved.
    Rejected,
    /// Settled, and returned some days later.
    Returned,
    /// Paid out in cash.
    Collected,
    /// Not collected at the post office.
    NotCollected,
}

/// An answer to one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The order's reference.
    pub reference: String,
    /// The order's UETR.
    pub uetr: Option<String>,
    /// The amount.
    pub amount: Vnd,
    /// The bank's code, for orders to banks.
    pub bank: Option<String>,
    /// What became of it.
    pub outcome: Outcome,
    /// The ISO 20022 external reason code, where a bank rejected or returned it: `AC01` incorrect account number,
    /// `AC04` closed account, `AC06` blocked account, `MD07` holder deceased.
    pub reason: Option<&'static str>,
}

/// Fewer orders than these in a channel all succeed.
const FEW: usize = 10;

/// The answers to the orders of one pay run, in the order given. Which fail is drawn from the seed and the references,
/// whatever the order of the list: of the transfers about 3 in 1000 are rejected, 2 in 1000 and one with `MD07`
/// returned; of the cash 20 in 1000 are not collected; at least one of each where there are ten or more.
pub fn answers(orders: &[SentOrder], seed: u64) -> Vec<Answer> {
    let mut outcomes: Vec<(Outcome, Option<&'static str>)> = orders
        .iter()
        .map(|order| match order.channel {
            Channel::BankTransfer => (Outcome::Credited, None),
            Channel::PostCash => (Outcome::Collected, None),
        })
        .collect();
    let transfers = ranked(orders, seed, Channel::BankTransfer);
    let cash = ranked(orders, seed, Channel::PostCash);
    let mut failures = Vec::new();
    if transfers.len() >= FEW {
        failures.push((Outcome::Returned, Some("MD07")));
        let rejections = (transfers.len() * 3 / 1_000).max(1);
        failures.extend(
            ["AC01", "AC04", "AC06"]
                .iter()
                .cycle()
                .take(rejections)
                .map(|r| (Outcome::Rejected, Some(*r))),
        );
        let returns = (transfers.len() * 2 / 1_000).max(1);
        failures.extend(
            ["AC04", "AC06"]
                .iter()
                .cycle()
                .take(returns)
                .map(|r| (Outcome::Returned, Some(*r))),
        );
    }
    let uncollected = if cash.len() >= FEW { (cash.len() / 50).max(1) } else { 0 };
    let cash_failures = std::iter::repeat_n((Outcome::NotCollected, None), uncollected);
    for (at, failure) in transfers
        .into_iter()
        .zip(failures)
        .chain(cash.into_iter().zip(cash_failures))
    {
        if let Some(outcome) = outcomes.get_mut(at) {
            *outcome = failure;
        }
    }
    let answered = orders.iter().zip(outcomes);
    answered
        .map(|(order, (outcome, reason))| Answer {
            reference: order.reference.clone(),
            uetr: order.uetr.clone(),
            amount: order.amount,
            bank: order.bank.clone(),
            outcome,
            reason,
        })
        .collect()
}

/// Places of a channel's orders in the list, by their lot.
fn ranked(orders: &[SentOrder], seed: u64, channel: Channel) -> Vec<usize> {
    let of_channel = orders.iter().enumerate().filter(|(_, order)| order.channel == channel);
    let mut lots: Vec<([u8; 32], &str, usize)> = of_channel
        .map(|(at, order)| (lot(seed, &order.reference), order.reference.as_str(), at))
        .collect();
    lots.sort_unstable();
    lots.into_iter().map(|(_, _, at)| at).collect()
}

fn lot(seed: u64, reference: &str) -> [u8; 32] {
    Sha256::new()
        .chain_update(seed.to_be_bytes())
        .chain_update(reference.as_bytes())
        .finalize()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders(transfers: usize, cash: usize) -> Vec<SentOrder> {
        let order = |at: usize, channel| SentOrder {
            reference: format!("AS-2024-09-{at:06}"),
            uetr: None,
            amount: Vnd::new(500_000).unwrap(),
            bank: None,
            channel,
        };
        let all = (0..transfers + cash).map(|at| {
            order(
                at,
                if at < transfers {
                    Channel::BankTransfer
                } else {
                    Channel::PostCash
                },
            )
        });
        all.collect()
    }

    fn count(answers: &[Answer], outcome: Outcome) -> usize {
        answers.iter().filter(|answer| answer.outcome == outcome).count()
    }

    #[test]
    fn a_few_fail_with_reasons_and_the_rest_arrive() {
        let answers = answers(&orders(28_000, 12_000), 1);
        assert_eq!(count(&answers, Outcome::Rejected), 84);
        assert_eq!(count(&answers, Outcome::Returned), 57);
        assert_eq!(count(&answers, Outcome::NotCollected), 240);
        assert_eq!(answers.iter().filter(|answer| answer.reason == Some("MD07")).count(), 1);
        assert_eq!(count(&answers, Outcome::Credited) + 84 + 57, 28_000);
        assert_eq!(count(&answers, Outcome::Collected) + 240, 12_000);
        let failed = |answer: &Answer| matches!(answer.outcome, Outcome::Rejected | Outcome::Returned);
        assert!(answers.iter().all(|answer| answer.reason.is_some() == failed(answer)));
    }

    #[test]
    fn the_order_of_the_list_changes_no_answer_and_another_seed_does() {
        let mut sent = orders(1_500, 400);
        let mut first = answers(&sent, 5);
        sent.reverse();
        let mut second = answers(&sent, 5);
        first.sort_by(|a, b| a.reference.cmp(&b.reference));
        second.sort_by(|a, b| a.reference.cmp(&b.reference));
        assert_eq!(first, second);
        sent.reverse();
        assert_ne!(first, answers(&sent, 6));
    }

    #[test]
    fn of_a_handful_every_order_arrives() {
        assert!(answers(&orders(4, 3), 1).iter().all(|answer| answer.reason.is_none()));
    }
}
