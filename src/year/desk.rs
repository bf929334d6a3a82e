//! What two people make of the lines of banks that are left: they ask the bank where the money is, and choose what fits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::bank_simulator::Money;
use serde_json::json;
use service::page::MAX_LIMIT;
use service::proposal::{DecideProposal, Decision};
use service::reconciliation::{self, ProposeResolution, SuspenseLineView};
use service::{Code, Error, ProblemCode, Role};
use uuid::Uuid;

use super::Year;
use crate::play::{pages, wait};

/// What moves nothing: another answer of the bank says what is true.
const NOTHING_FOLLOWS: &str = "bank_resends";

/// Where the bank's own books say that the money of an order is, today and in the end, and whether they hold another sum
/// than was ordered that nobody has booked yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Truth {
    now: Money,
    end: Money,
    otherwise: bool,
}

/// The fitting verb for a line with this finding; of a line of no order the bank's books say nothing.
pub(super) fn verb(finding: &str, order: Option<Option<Truth>>) -> &'static str {
    match (order, finding) {
        (None, "unknown_reference" | "reference_missing") => "not_ours",
        // A whole file that came back and was debited once more.
        (None, "duplicate_line") => "accepted_as_paid",
        // What the bank misstated, or told of in parts, it tells of once more and whole. A sum that it really moved no
        // answer puts right, and is booked once, however many papers tell of it.
        (Some(Some(truth)), "amount_differs" | "partial") if truth.otherwise && truth.now == Money::Paid => {
            "amount_explained"
        }
        (_, "amount_differs" | "partial") => NOTHING_FOLLOWS,
        // An answer to a recall does not say where the money is.
        (_, "recall_unknown") => NOTHING_FOLLOWS,
        // A bank that debits an order twice gives the second debit back: that is counted as taken until it does.
        (_, "debited_twice") => NOTHING_FOLLOWS,
        (Some(Some(truth)), _) if (truth.now, truth.end) == (Money::Paid, Money::Paid) => "accepted_as_paid",
        (Some(Some(truth)), _) if (truth.now, truth.end) == (Money::CameBack, Money::CameBack) => {
            "accepted_as_returned"
        }
        _ => NOTHING_FOLLOWS,
    }
}

impl Year<'_> {
    /// Every line that waits for people is decided by two.
    pub(super) async fn clear_suspense(&self) -> Result<(), Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let today = self.app.clock.today();
        let (now, in_the_end) = (self.bank.ledger(today), self.bank.ledger(NaiveDate::MAX));
        let truth = |reference: &str, booked: &BTreeSet<String>| {
            let entry = now.get(reference)?;
            Some(Truth {
                now: entry.money,
                end: in_the_end.get(reference)?.money,
                otherwise: entry.sum != entry.amount && !booked.contains(reference),
            })
        };
        let all = reconciliation::differences(self.app, treasury).await?.into_iter();
        let mut booked: BTreeSet<String> = all.map(|own| own.reference).collect();
        loop {
            let rows = self.waiting().await?;
            if rows.is_empty() {
                return wait::until_idle(self.app).await;
            }
            let shown = wait::bar("Dòng chờ hai người", u64::try_from(rows.len()).unwrap_or(0));
            for row in &rows {
                let reference = row.line.reference.as_deref();
                let known = reference.and_then(|own| truth(own, &booked));
                if self.resolve(row, row.line.order_id.map(|_| known)).await? == "amount_explained" {
                    booked.extend(reference.map(str::to_owned));
                }
                shown.inc(1);
            }
            shown.finish_and_clear();
        }
    }

    /// The lines that wait, those of whole files first: what came back of an order is told beside what its file comes to.
    pub(super) async fn waiting(&self) -> Result<Vec<SuspenseLineView>, Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let mut rows = pages::all(async |cursor| {
            reconciliation::suspense(self.app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await
        })
        .await?;
        rows.sort_by_key(|row| row.line.order_id.is_some());
        Ok(rows)
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
    /// nothing follows: what the bank owes is booked. Gives what was resolved.
    async fn resolve(&self, row: &SuspenseLineView, order: Option<Option<Truth>>) -> Result<String, Error> {
        let (treasury, approver) = (self.office.of(Role::Treasury)?, self.office.of(Role::Approver)?);
        let finding = row.line.finding.as_deref().unwrap_or_default();
        let proposed = match &row.proposal {
            // Proposed before an interruption.
            Some(proposed) => proposed.clone(),
            None => {
                let fitting = verb(finding, order);
                let propose = async |verb: &str| {
                    reconciliation::propose(self.app, treasury, row.line.id, resolution(verb, finding)?).await
                };
                match propose(fitting).await {
                    Err(error) if error.code == ProblemCode::IllegalTransition => {
                        if self.is_settled(row).await? {
                            return Ok(String::new());
                        }
                        if !matches!(finding, "late_answer" | "duplicate_line") {
                            return Err(error);
                        }
                        propose(NOTHING_FOLLOWS).await?
                    }
                    proposed => proposed?,
                }
            }
        };
        reconciliation::decide(self.app, approver, row.line.id, accepts(proposed.id)).await?;
        Ok(proposed.resolution.code())
    }

    /// Does a line wait no longer, because what was decided of another one of its order settled it too?
    async fn is_settled(&self, row: &SuspenseLineView) -> Result<bool, Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let now = reconciliation::suspense_line(self.app, treasury, row.line.id).await?;
        Ok(now.line.resolved_at.is_some())
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
        let truth = |now, end, otherwise| Some(Some(Truth { now, end, otherwise }));
        let both = |money| truth(money, money, false);
        let otherwise = truth(Money::Paid, Money::Paid, true);
        for (finding, order, expected) in [
            ("unknown_reference", None, "not_ours"),
            ("batch_differs", None, "bank_resends"),
            ("duplicate_line", None, "accepted_as_paid"),
            // Another sum was really moved, or only told of.
            ("amount_differs", otherwise, "amount_explained"),
            ("partial", otherwise, "amount_explained"),
            ("amount_differs", both(Money::Paid), "bank_resends"),
            ("partial", both(Money::Paid), "bank_resends"),
            ("duplicate_reason", both(Money::Paid), "accepted_as_paid"),
            // Refused and debited, whichever was told first: two people may find it paid.
            ("late_answer", both(Money::Paid), "accepted_as_paid"),
            // Named with another account, or debited once more after it came back: the payee has the money.
            ("account_differs", both(Money::Paid), "accepted_as_paid"),
            ("debited_again", both(Money::Paid), "accepted_as_paid"),
            ("person_deceased", both(Money::CameBack), "accepted_as_returned"),
            ("recall_unknown", both(Money::Paid), "bank_resends"),
            ("debited_twice", both(Money::Paid), "bank_resends"),
            ("blocked", both(Money::InFlight), "bank_resends"),
            // Paid today, and on its way back: nobody says so before the bank does.
            (
                "late_answer",
                truth(Money::Paid, Money::CameBack, false),
                "bank_resends",
            ),
            ("amount_differs", Some(None), "bank_resends"),
        ] {
            assert_eq!(verb(finding, order), expected, "{finding} {order:?}");
        }
    }
}
