//! Recalls: two people ask banks to send back what was paid.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use domain::Month;
use domain::bank_simulator::Money;
use serde_json::json;
use service::page::MAX_LIMIT;
use service::payment_file;
use service::payment_order::{self, ListOrders, OrderView};
use service::proposal::{DecideProposal, Decision};
use service::{Actor, Code, Error, ProblemCode, Role};
use uuid::Uuid;

use super::Year;
use crate::play::pages;
use crate::play::pay_run::runs;

/// In one month of so many, and in the second of them.
const EVERY: i32 = 3;
/// So many orders are recalled.
const MOST: usize = 2;

impl Year<'_> {
    /// Recalls some orders of a month that were paid, in one month of three.
    pub(super) async fn recall(&self, month: Month) -> Result<(), Error> {
        if self.plan.place(month) % EVERY != 1 {
            return Ok(());
        }
        self.decide_recalls().await?;
        let in_the_end = self.bank.ledger(NaiveDate::MAX);
        let stays = |order: &OrderView| {
            let entry = in_the_end.get(&order.reference);
            // What was moved otherwise than ordered is settled with its bank first.
            entry.is_some_and(|entry| entry.money == Money::Paid && entry.sum == entry.amount)
        };
        let mut wanted = Vec::new();
        for run in runs(self.app, &self.office).await? {
            if run.cover_month == month.to_string() && run.kind.code() == "regular" {
                wanted.extend(self.paid_by_message(run.id).await?.into_iter().filter(stays));
            }
        }
        wanted.sort_by(|one, other| one.reference.cmp(&other.reference));
        let preparer = self.office.of(Role::Preparer)?;
        for order in wanted.iter().take(MOST) {
            let command = json!({"reason": "CUST", "note": "Chi nhầm"});
            let command = serde_json::from_value(command)?;
            match payment_order::propose_recall(self.app, preparer, order.id, command).await {
                // Recalled before an interruption.
                Err(error) if error.code == ProblemCode::AlreadyExists => {}
                proposed => drop(proposed?),
            }
        }
        self.decide_recalls().await
    }

    /// The orders of a run that a bank of messages has paid.
    async fn paid_by_message(&self, run: Uuid) -> Result<Vec<OrderView>, Error> {
        let treasury = self.office.of(Role::Treasury)?;
        let files = payment_file::list(self.app, treasury, run).await?;
        let messages = files.into_iter().filter(|file| file.kind.code() == "pain001");
        let messages: BTreeSet<Uuid> = messages.map(|file| file.id).collect();
        let mut orders = self.orders(treasury, run).await?;
        orders.retain(|order| {
            let paid = matches!(order.status.code().as_str(), "settled" | "credited");
            paid && order.file_id.is_some_and(|file| messages.contains(&file))
        });
        Ok(orders)
    }

    /// Every order of a run.
    pub(super) async fn orders(&self, actor: &Actor, run: Uuid) -> Result<Vec<OrderView>, Error> {
        pages::all(async |cursor| {
            let wanted = ListOrders {
                pay_run_id: Some(run),
                limit: Some(MAX_LIMIT),
                cursor,
                ..ListOrders::default()
            };
            payment_order::search(self.app, actor, wanted).await
        })
        .await
    }

    /// The approver accepts the recalls that wait.
    async fn decide_recalls(&self) -> Result<(), Error> {
        let approver = self.office.of(Role::Approver)?;
        let recalls = pages::all(async |cursor| {
            payment_order::recalls(self.app, approver, Some(MAX_LIMIT), cursor.as_deref()).await
        })
        .await?;
        for recall in recalls {
            if recall.proposal.status.code() != "proposed" {
                continue;
            }
            let accept = DecideProposal {
                proposal_id: recall.id,
                decision: Decision::Accept,
                note: "Đồng ý".to_owned(),
            };
            payment_order::decide_recall(self.app, approver, recall.id, accept).await?;
        }
        Ok(())
    }
}
