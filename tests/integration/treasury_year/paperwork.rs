//! What people do beside the straight way of a run: they leave out, cancel, recall, write off, close, move funds, pay
//! again by itself, send by a road nobody sees the end of, and decide on lines in suspense. What needs two people is
//! proposed by one and decided by another; what a crash left proposed is decided the next time.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::NaiveDate;
use domain::Month;
use domain::bank_simulator::Money;
use futures::FutureExt;
use futures::future::BoxFuture;
use proptest::prelude::*;
use serde_json::json;
use service::delivery::{self, DeliveryChannel, Lost, Parcel, Seen, Transport};
use service::fund::{self, ProposeTransfer};
use service::month_close::{self, CloseMonth};
use service::pay_run;
use service::payment_order;
use service::reconciliation;
use service::{Code, Error};
use uuid::Uuid;

use super::history::{open_run, pick, released};
use super::refusals::verdict;
use super::town::Town;
use crate::reconciliation::bank::of;

/// One thing that is done; a number says with which of several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Paper {
    /// The open run is cancelled.
    Cancel,
    /// A line of the open draft is left out.
    Exclude(u8),
    /// What was left out is taken in again.
    Include(u8),
    /// A bank is asked to send an order back.
    Recall(u8),
    /// Money that came back is not to be paid again by itself.
    WriteOff(u8),
    /// A month is closed.
    Close(u8),
    /// A little money goes from one year's fund to another's.
    Transfer(u8),
    /// What came back is paid again, without waiting for the next month.
    Reissue,
    /// A file is sent by the [road](Fog) nobody sees the end of.
    Send(u8),
    /// Somebody looks where a file that was sent has got to.
    Look(u8),
    /// A line in suspense is decided as the bank's own books say.
    Judge(u8),
}

pub(super) fn paper() -> impl Strategy<Value = Paper> {
    prop_oneof![
        1 => Just(Paper::Cancel),
        2 => any::<u8>().prop_map(Paper::Exclude),
        1 => any::<u8>().prop_map(Paper::Include),
        2 => any::<u8>().prop_map(Paper::Recall),
        2 => any::<u8>().prop_map(Paper::WriteOff),
        2 => any::<u8>().prop_map(Paper::Close),
        1 => any::<u8>().prop_map(Paper::Transfer),
        2 => Just(Paper::Reissue),
        2 => any::<u8>().prop_map(Paper::Send),
        2 => any::<u8>().prop_map(Paper::Look),
        3 => any::<u8>().prop_map(Paper::Judge),
    ]
}

impl Town {
    /// Does it.
    pub(super) async fn paperwork(&mut self, paper: Paper) -> Result<(), Error> {
        match paper {
            Paper::Cancel => self.cancel_run().await,
            Paper::Exclude(which) => self.exclude(which).await,
            Paper::Include(which) => self.include(which).await,
            Paper::Recall(which) => self.recall(which, true).await,
            Paper::WriteOff(which) => self.write_off(which, true).await,
            Paper::Close(which) => self.close_any(which).await,
            Paper::Transfer(which) => self.transfer(which, true).await,
            Paper::Reissue => self.reissue().await,
            Paper::Send(which) => self.send(which).await,
            Paper::Look(which) => self.look(which).await,
            Paper::Judge(which) => self.judge(which, true).await,
        }
    }

    /// Ids of a query's column `id`, in their order.
    pub(super) async fn ids(&self, sql: &str) -> Vec<Uuid> {
        let rows = self.rows(sql).await;
        let mut ids: Vec<Uuid> = rows.iter().map(|row| row.try_get("", "id").unwrap()).collect();
        ids.sort_unstable();
        ids
    }

    async fn cancel_run(&self) -> Result<(), Error> {
        let Some(run) = open_run(self).await? else {
            return Ok(());
        };
        let who = if run.status.code() == "draft" {
            &self.officers.preparer
        } else {
            &self.officers.approver
        };
        pay_run::cancel(&self.app, who, run.id, run.version, "Lập nhầm")
            .await
            .map(drop)
    }

    async fn exclude(&self, which: u8) -> Result<(), Error> {
        let Some(run) = open_run(self).await? else {
            return Ok(());
        };
        let preparer = &self.officers.preparer;
        let lines = pay_run::lines(&self.app, preparer, run.id, Some(200), None).await?;
        let Some(line) = pick(&lines.items, which) else {
            return Ok(());
        };
        let command = of(json!({"line_id": line.id, "reason": "Chờ xác minh"}));
        pay_run::exclude(&self.app, preparer, run.id, run.version, command)
            .await
            .map(drop)
    }

    async fn include(&self, which: u8) -> Result<(), Error> {
        let Some(run) = open_run(self).await? else {
            return Ok(());
        };
        let left_out = self.ids("SELECT id FROM pay_run_exclusion").await;
        let Some(exclusion) = pick(&left_out, which) else {
            return Ok(());
        };
        pay_run::include(&self.app, &self.officers.preparer, run.id, run.version, *exclusion)
            .await
            .map(drop)
    }

    pub(super) async fn recall(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (preparer, approver) = (&self.officers.preparer, &self.officers.approver);
        let waiting = self.ids("SELECT id FROM recall WHERE status = 'proposed'").await;
        let recall = match waiting.first() {
            Some(id) => *id,
            None => {
                let sent =
                    "SELECT id FROM payment_order WHERE status IN ('extracted', 'unknown', 'accepted', 'settled')";
                let Some(order) = pick(&self.ids(sent).await, which).copied() else {
                    return Ok(());
                };
                let command = of(json!({"reason": "CUST", "note": "Chi nhầm"}));
                payment_order::propose_recall(&self.app, preparer, order, command)
                    .await?
                    .id
            }
        };
        payment_order::decide_recall(&self.app, approver, recall, of(verdict(recall, agrees)))
            .await
            .map(drop)
    }

    pub(super) async fn write_off(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (preparer, approver) = (&self.officers.preparer, &self.officers.approver);
        let waiting = self
            .rows("SELECT id, order_id FROM return_cancellation WHERE status = 'proposed' ORDER BY id")
            .await;
        let (proposal, order): (Uuid, Uuid) = match waiting.first() {
            Some(row) => (row.try_get("", "id").unwrap(), row.try_get("", "order_id").unwrap()),
            None => {
                let back = "SELECT DISTINCT order_id AS id FROM payment_line WHERE status = 'returned'";
                let Some(order) = pick(&self.ids(back).await, which).copied() else {
                    return Ok(());
                };
                let command = of(json!({"note": "Không chi lại nữa"}));
                let proposed = payment_order::propose_cancellation(&self.app, preparer, order, command).await?;
                (proposed.id, order)
            }
        };
        payment_order::decide_cancellation(&self.app, approver, order, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    async fn close_any(&self, which: u8) -> Result<(), Error> {
        let (preparer, approver) = (&self.officers.preparer, &self.officers.approver);
        let runs = released(self).await?;
        let Some(run) = pick(&runs, which) else { return Ok(()) };
        let month: Month = run.cover_month.parse().unwrap();
        let command = CloseMonth {
            note: "Đã đối chiếu".to_owned(),
        };
        let prepared = month_close::close(&self.app, preparer, month, command).await?;
        month_close::confirm(&self.app, approver, month, prepared.version)
            .await
            .map(drop)
    }

    pub(super) async fn transfer(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (preparer, approver) = (&self.officers.preparer, &self.officers.approver);
        let all = fund::transfers(&self.app, preparer, Some(200), None).await?;
        let waiting = all.items.into_iter().find(|own| own.status.code() == "proposed");
        let transfer = match waiting {
            Some(own) => own,
            None => {
                let funds = fund::list(&self.app, preparer).await?;
                let mut own: Vec<_> = funds.iter().filter(|fund| fund.code == "social_assistance").collect();
                own.sort_by_key(|fund| fund.fiscal_year);
                let (Some(from), Some(to)) = (pick(&own, which), pick(&own, which.wrapping_add(1))) else {
                    return Ok(());
                };
                let command: ProposeTransfer = of(json!({"from_fund_id": from.id, "to_fund_id": to.id,
                    "amount": 1_000_000 + i64::from(which), "reason": "QĐ điều chỉnh dự toán"}));
                fund::propose(&self.app, preparer, command).await?
            }
        };
        let (id, version) = (transfer.id, transfer.version);
        let decided = if agrees {
            fund::approve_transfer(&self.app, approver, id, version).await
        } else {
            fund::reject_transfer(&self.app, approver, id, version, "Chưa có quyết định").await
        };
        decided.map(drop)
    }

    async fn reissue(&self) -> Result<(), Error> {
        // One run at a time: an empty one would stand in the way of the next month.
        let back =
            self.number("SELECT COUNT(*) AS number FROM payment_line WHERE status = 'returned' AND kind <> 'relief'");
        if back.await == 0 || open_run(self).await?.is_some() {
            return Ok(());
        }
        let today = self.app.clock.today();
        let command = of(json!({"kind": "reissue", "cover_month": Month::of(today), "pay_date": today}));
        pay_run::create(&self.app, &self.officers.preparer, command)
            .await
            .map(drop)
    }

    async fn send(&self, which: u8) -> Result<(), Error> {
        // Every other time one that was lost, whatever is in it.
        let lost = self
            .ids("SELECT file_id AS id FROM delivery WHERE status = 'failed'")
            .await;
        let lost = pick(&lost, which / 2).filter(|_| which.is_multiple_of(2));
        let files = self.files_for_banks().await?;
        let own = lost.copied().or_else(|| pick(&files, which).map(|file| file.id));
        let Some(file) = own else { return Ok(()) };
        delivery::deliver(&self.app, &self.officers.treasury, file)
            .await
            .map(drop)
    }

    async fn look(&self, which: u8) -> Result<(), Error> {
        let asked = self.ids("SELECT recall_id AS id FROM recall_delivery").await;
        if let Some(recall) = pick(&asked, which).filter(|_| which.is_multiple_of(2)) {
            let last = delivery::check_recall(&self.app, &self.officers.treasury, *recall).await?;
            if last.status.code() == "failed" {
                delivery::deliver_recall(&self.app, &self.officers.treasury, *recall).await?;
            }
            return Ok(());
        }
        let sent = self
            .ids("SELECT id FROM delivery WHERE status IN ('sent', 'unknown')")
            .await;
        let Some(delivery) = pick(&sent, which) else {
            return Ok(());
        };
        delivery::check(&self.app, &self.officers.treasury, *delivery)
            .await
            .map(drop)
    }

    /// As somebody decides who asked the bank: paid where it is paid and will stay so, returned where it is back for
    /// good; a line of nobody's concerns nothing of ours; of all else the bank sends another answer.
    pub(super) async fn judge(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let waiting = self.suspense_of_orders().await?;
        let Some(row) = pick(&waiting, which) else {
            return Ok(());
        };
        let (today, note) = (self.app.clock.today(), "Đã hỏi ngân hàng");
        let proposal = match (&row.proposal, row.line.order_id) {
            (Some(proposal), _) => proposal.id,
            (None, order) => {
                let resolution = match order {
                    None => "not_ours",
                    Some(order) => match self.truth(order, today).await {
                        (Money::Paid, Money::Paid) => "accepted_as_paid",
                        (Money::CameBack, Money::CameBack) => "accepted_as_returned",
                        _ => "bank_resends",
                    },
                };
                let command = of(json!({"resolution": resolution, "note": note}));
                let proposed = reconciliation::propose(&self.app, treasury, row.line.id, command).await?;
                proposed.id
            }
        };
        reconciliation::decide(&self.app, approver, row.line.id, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    /// Where the bank says that an order's money is, on a day and in the end.
    pub(super) async fn truth(&self, order: Uuid, today: NaiveDate) -> (Money, Money) {
        let rows = self.rows("SELECT id, reference FROM payment_order").await;
        let own = rows.iter().find(|row| row.try_get::<Uuid>("", "id").unwrap() == order);
        let reference: String = own.unwrap().try_get("", "reference").unwrap();
        let on = |day: NaiveDate| {
            let ledger = self.bank.ledger(day);
            let entry = ledger.into_iter().find(|entry| entry.reference == reference);
            entry.map_or(Money::InFlight, |entry| entry.money)
        };
        (on(today), on(NaiveDate::MAX))
    }
}

/// A road out of the house: of three parcels one arrives, one arrives and nobody hears of it, one is lost.
#[derive(Debug, Default)]
pub(super) struct Fog {
    sent: AtomicUsize,
    there: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl Fog {
    /// The road after so many parcels.
    pub(super) fn after(sent: usize) -> Self {
        Self {
            sent: AtomicUsize::new(sent),
            ..Self::default()
        }
    }

    fn put(&self, parcel: &Parcel) {
        let mut there = self.there.lock().unwrap();
        let before = there.insert(parcel.name.clone(), parcel.bytes.clone());
        let same = before.is_none_or(|before| before == parcel.bytes);
        assert!(same, "{} was sent again with other bytes", parcel.name);
    }
}

impl Transport for Fog {
    fn channel(&self) -> DeliveryChannel {
        DeliveryChannel::DropFolder
    }

    fn told(&self) -> String {
        "fog".to_owned()
    }

    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>> {
        async move {
            // Two places where the sender may die: before the parcel is on its way, and after.
            tokio::task::yield_now().await;
            let number = self.sent.fetch_add(1, Ordering::SeqCst);
            if number % 3 < 2 {
                self.put(parcel);
            }
            tokio::task::yield_now().await;
            if number.is_multiple_of(3) {
                Ok(())
            } else {
                Err(Lost::Unknown("nobody answers".to_owned()))
            }
        }
        .boxed()
    }

    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>> {
        async move {
            let there = self.there.lock().unwrap();
            Ok(there.get(name).map_or(Seen::Absent, |bytes| Seen::of(bytes, sha256)))
        }
        .boxed()
    }

    fn acknowledgement<'a>(&'a self, _name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>> {
        async { Ok(None) }.boxed()
    }

    fn ping(&self) -> BoxFuture<'_, Result<(), String>> {
        async { Ok(()) }.boxed()
    }
}
