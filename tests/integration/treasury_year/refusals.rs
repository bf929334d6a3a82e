//! What one person proposes and a second one does not agree with: nothing follows from it, and it may be proposed anew. What
//! a crash left proposed is refused the next time.

use proptest::prelude::*;
use serde_json::{Value, json};
use service::Error;
use uuid::Uuid;

use super::town::Town;

/// What is proposed and refused; a number says of which of several.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::enum_variant_names,
    reason = "what is refused is told by its name from what is agreed to"
)]
pub(super) enum Refusal {
    /// What comes of a line in suspense.
    NoLine(u8),
    /// The settlement of what a bank moved otherwise than ordered.
    NoDifference(u8),
    /// A recall.
    NoRecall(u8),
    /// That money which came back is not paid again.
    NoWriteOff(u8),
    /// What became of an order that its bank says nothing of.
    NoLetter(u8),
    /// A day on which banks are closed.
    NoDay(u8),
    /// A little money for another year's fund.
    NoTransfer(u8),
    /// Less money for a fund.
    NoReduction(u8),
    /// That a report was read as another bank's.
    NoSetAside(u8),
    /// That a second debit pays its file.
    NoSecondDebit(u8),
}

pub(super) fn refusal() -> impl Strategy<Value = Refusal> {
    prop_oneof![
        3 => any::<u8>().prop_map(Refusal::NoLine),
        2 => any::<u8>().prop_map(Refusal::NoDifference),
        2 => any::<u8>().prop_map(Refusal::NoRecall),
        2 => any::<u8>().prop_map(Refusal::NoWriteOff),
        2 => any::<u8>().prop_map(Refusal::NoLetter),
        1 => any::<u8>().prop_map(Refusal::NoDay),
        1 => any::<u8>().prop_map(Refusal::NoTransfer),
        1 => any::<u8>().prop_map(Refusal::NoReduction),
        1 => any::<u8>().prop_map(Refusal::NoSetAside),
        1 => any::<u8>().prop_map(Refusal::NoSecondDebit),
    ]
}

/// What a second person says of a proposal.
pub(super) fn verdict(proposal: Uuid, agrees: bool) -> Value {
    let decision = if agrees { "accept" } else { "refuse" };
    json!({"proposal_id": proposal, "decision": decision, "note": "Đã kiểm tra"})
}

impl Town {
    /// Does it.
    pub(super) async fn refuse(&self, refusal: Refusal) -> Result<(), Error> {
        match refusal {
            Refusal::NoLine(which) => self.judge(which, false).await,
            Refusal::NoDifference(which) => self.settle(which, false).await,
            Refusal::NoRecall(which) => self.recall(which, false).await,
            Refusal::NoWriteOff(which) => self.write_off(which, false).await,
            Refusal::NoLetter(which) => self.silence(which, false).await,
            Refusal::NoDay(which) => self.day(which, false).await,
            Refusal::NoTransfer(which) => self.transfer(which, false).await,
            Refusal::NoReduction(which) => self.reduce(which, false).await,
            Refusal::NoSetAside(which) => self.set_aside(which, false).await,
            Refusal::NoSecondDebit(which) => self.second_debit(which, false).await,
        }
    }
}
