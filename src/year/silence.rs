//! Orders of which a bank never says anything: two people ask it, and say what became of them by its letter.

use domain::bank_simulator::{Fate, Money};
use serde_json::json;
use service::proposal::{DecideProposal, Decision};
use service::reconciliation::{self, SilentOrder};
use service::{Error, Role};

use super::Year;
use crate::play::wait;

const NOTE: &str = "Ngân hàng trả lời bằng văn bản";

/// What a letter of the bank says of an order, by its own books; nothing where it will still be answered.
fn outcome(fate: Fate, money: Money) -> Option<&'static str> {
    match (fate, money) {
        (Fate::Silent, Money::Paid) => Some("paid"),
        (Fate::Silent, Money::NotMoved) => Some("not_executed"),
        _ => None,
    }
}

impl Year<'_> {
    /// Each order of which its bank has been silent for long ends as two people say.
    pub(super) async fn end_silences(&self) -> Result<(), Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let ledger = self.bank.ledger(self.app.clock.today());
        let mut cursor: Option<String> = None;
        loop {
            let page = reconciliation::silent_orders(self.app, treasury, cursor.as_deref()).await?;
            for order in page.items {
                let entry = ledger.get(&order.reference);
                if let Some(said) = entry.and_then(|entry| outcome(entry.fate, entry.money)) {
                    self.end_silence(&order, said).await?;
                }
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return wait::until_idle(self.app).await,
            }
        }
    }

    async fn end_silence(&self, order: &SilentOrder, said: &str) -> Result<(), Error> {
        let (treasury, approver) = (self.office.of(Role::Treasury)?, self.office.of(Role::Approver)?);
        let proposal_id = match &order.proposal {
            // Proposed before an interruption.
            Some(proposed) => proposed.id,
            None => {
                let letter = format!("CV trả lời ngày {}", self.app.clock.today());
                let command = serde_json::from_value(json!({"outcome": said, "letter": letter, "note": NOTE}))?;
                let proposed = reconciliation::propose_silence(self.app, treasury, order.order_id, command);
                proposed.await?.id
            }
        };
        let accept = DecideProposal {
            proposal_id,
            decision: Decision::Accept,
            note: NOTE.to_owned(),
        };
        reconciliation::decide_silence(self.app, approver, order.order_id, accept)
            .await
            .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_asked_for_where_the_bank_will_never_answer() {
        assert_eq!(outcome(Fate::Silent, Money::Paid), Some("paid"));
        assert_eq!(outcome(Fate::Silent, Money::NotMoved), Some("not_executed"));
        assert_eq!(outcome(Fate::Lost, Money::Paid), None, "the statement tells it");
    }
}
