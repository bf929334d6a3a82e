//! What two people make of the lines of banks that are left: they ask the bank where the money is, and choose what fits.

use chrono::NaiveDate;
use domain::bank_simulator::Money;
use serde_json::json;
use service::page::MAX_LIMIT;
use service::proposal::{DecideProposal, Decision};
use service::reconciliation::{self, ProposeResolution, SuspenseLineView};
use service::{Code, Error, ProblemCode, Role};
use uuid::Uuid;

use super::Year;
use crate::play::wait;

/// What moves nothing: another answer of the bank says what is true.
const NOTHING_FOLLOWS: &str = "bank_resends";

/// Where the bank's own books say that the money of an order is, today and in the end.
pub(super) type Truth = (Money, Money);

/// The fitting verb for a line with this finding; of a line of no order the bank's books say nothing.
pub(super) fn verb(finding: &str, order: Option<Option<Truth>>) -> &'static str {
    match (order, finding) {
        (None, "unknown_reference" | "reference_missing") => "not_ours",
        (Some(Some((Money::Paid, Money::Paid))), "amount_differs") => "amount_explained",
        (Some(Some((Money::Paid, Money::Paid))), _) => "accepted_as_paid",
        (Some(Some((Money::CameBack, Money::CameBack))), _) => "accepted_as_returned",
        _ => NOTHING_FOLLOWS,
    }
}

impl Year<'_> {
    /// Every line that waits for people is decided by two.
    pub(super) async fn clear_suspense(&self) -> Result<(), Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let today = self.app.clock.today();
        let (now, in_the_end) = (self.bank.ledger(today), self.bank.ledger(NaiveDate::MAX));
        let truth = |reference: &str| Some((now.get(reference)?.money, in_the_end.get(reference)?.money));
        loop {
            let page = reconciliation::suspense(self.app, treasury, Some(MAX_LIMIT), None).await?;
            if page.items.is_empty() {
                return wait::until_idle(self.app).await;
            }
            let shown = wait::bar("Dòng chờ hai người", u64::try_from(page.items.len()).unwrap_or(0));
            for row in &page.items {
                let known = row.line.reference.as_deref().and_then(truth);
                self.resolve(row, row.line.order_id.map(|_| known)).await?;
                shown.inc(1);
            }
            shown.finish_and_clear();
        }
    }

    /// Two people settle what banks moved otherwise than ordered: the bank makes good what was too little, and the fund
    /// bears what was too much.
    pub(super) async fn settle_differences(&self) -> Result<(), Error> {
        let (treasury, approver) = (self.office.of(Role::Treasury)?, self.office.of(Role::Approver)?);
        for own in reconciliation::differences(self.app, treasury).await? {
            if own.status.code() != "open" {
                continue;
            }
            let proposed = match &own.proposal {
                // Proposed before an interruption.
                Some(proposed) => proposed.id,
                None => {
                    let settlement = if own.amount < 0 { "made_good" } else { "written_off" };
                    let body = json!({"settlement": settlement, "note": "Đã làm việc với ngân hàng"});
                    let proposal = serde_json::from_value(body)?;
                    reconciliation::propose_settlement(self.app, treasury, own.id, proposal)
                        .await?
                        .id
                }
            };
            reconciliation::decide_settlement(self.app, approver, own.id, accepts(proposed)).await?;
        }
        wait::until_idle(self.app).await
    }

    /// One proposes what fits; another accepts. Of an answer that comes when its money was paid again or given up already
    /// nothing follows: what the bank owes is booked.
    async fn resolve(&self, row: &SuspenseLineView, order: Option<Option<Truth>>) -> Result<(), Error> {
        let (treasury, approver) = (self.office.of(Role::Treasury)?, self.office.of(Role::Approver)?);
        let finding = row.line.finding.as_deref().unwrap_or_default();
        let proposed = match &row.proposal {
            // Proposed before an interruption.
            Some(proposed) => proposed.id,
            None => {
                let fitting = verb(finding, order);
                let propose = async |verb: &str| {
                    reconciliation::propose(self.app, treasury, row.line.id, resolution(verb, finding)?).await
                };
                match propose(fitting).await {
                    Err(error) if error.code == ProblemCode::IllegalTransition && finding == "late_answer" => {
                        propose(NOTHING_FOLLOWS).await?.id
                    }
                    proposed => proposed?.id,
                }
            }
        };
        reconciliation::decide(self.app, approver, row.line.id, accepts(proposed))
            .await
            .map(drop)
    }
}

fn accepts(proposal_id: Uuid) -> DecideProposal {
    DecideProposal {
        proposal_id,
        decision: Decision::Accept,
        note: "Đã hỏi lại ngân hàng".to_owned(),
    }
}

fn resolution(verb: &str, finding: &str) -> Result<ProposeResolution, Error> {
    let body = json!({"resolution": verb, "note": format!("Đã đối chiếu với sổ của ngân hàng: {finding}")});
    Ok(serde_json::from_value(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verb_follows_the_money() {
        let both = |money| Some(Some((money, money)));
        for (finding, order, expected) in [
            ("unknown_reference", None, "not_ours"),
            ("batch_differs", None, "bank_resends"),
            ("amount_differs", both(Money::Paid), "amount_explained"),
            ("partial", both(Money::Paid), "accepted_as_paid"),
            ("duplicate_reason", both(Money::Paid), "accepted_as_paid"),
            // Refused and debited, whichever was told first: two people may find it paid.
            ("late_answer", both(Money::Paid), "accepted_as_paid"),
            ("person_deceased", both(Money::CameBack), "accepted_as_returned"),
            ("blocked", both(Money::InFlight), "bank_resends"),
            // Paid today, and on its way back: nobody says so before the bank does.
            (
                "late_answer",
                Some(Some((Money::Paid, Money::CameBack))),
                "bank_resends",
            ),
            ("amount_differs", Some(None), "bank_resends"),
        ] {
            assert_eq!(verb(finding, order), expected, "{finding} {order:?}");
        }
    }
}
