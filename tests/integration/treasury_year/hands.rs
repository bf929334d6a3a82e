//! What goes from hand to hand: files that are fetched, signed and acknowledged by whom they reach, requests that reach the
//! bank, reports that are read as another bank's and set aside, second debits of whole files, and the close of a month that
//! one person leaves for another. What a crash left proposed is decided the next time.

use domain::Month;
use domain::bank_simulator::{RecallRequest, Receipt};
use proptest::prelude::*;
use serde_json::json;
use service::bank_report::{self, Reading, ReadingMode};
use service::month_close::{self, CloseMonth};
use service::payment_file::{self, FileView};
use service::reconciliation::{self, SuspenseLineView};
use service::{Error, payment_order};
use uuid::Uuid;

use super::history::{pick, released};
use super::refusals::verdict;
use super::town::{MISREAD, Town};
use crate::reconciliation::bank::of;

/// One thing that is done; a number says with which of several.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hand {
    /// The treasury fetches a file, and does nothing with it yet.
    Fetch(u8),
    /// It asks for the signature over one.
    Sign(u8),
    /// It acknowledges one, whether anybody has fetched it or not.
    Acknowledge(u8),
    /// The bank gets the request to send an order back.
    Ask(u8),
    /// An answer is read as that of a bank which pays nobody here.
    Misread(u8),
    /// Two people set such a report aside.
    SetAside(u8),
    /// Two people find that a second debit pays what came back of its file.
    SecondDebit(u8),
    /// One person prepares the close of a month.
    Prepare(u8),
    /// Another confirms what was prepared.
    Confirm(u8),
}

pub(super) fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        2 => any::<u8>().prop_map(Hand::Fetch),
        2 => any::<u8>().prop_map(Hand::Sign),
        2 => any::<u8>().prop_map(Hand::Acknowledge),
        2 => any::<u8>().prop_map(Hand::Ask),
        2 => any::<u8>().prop_map(Hand::Misread),
        2 => any::<u8>().prop_map(Hand::SetAside),
        3 => any::<u8>().prop_map(Hand::SecondDebit),
        1 => any::<u8>().prop_map(Hand::Prepare),
        1 => any::<u8>().prop_map(Hand::Confirm),
    ]
}

/// A bank that pays nobody in the town.
const ANOTHER: &str = "SHB";
/// The answers that tell of the orders of one bank, as their names begin.
const OF_ONE_BANK: [&str; 4] = ["receipt-", "refusal-", "pain002-", "camt054-"];

impl Town {
    /// Does it.
    pub(super) async fn hand(&mut self, hand: Hand) -> Result<(), Error> {
        match hand {
            Hand::Fetch(which) => self.fetch_one(which).await,
            Hand::Sign(which) => self.signature(which).await,
            Hand::Acknowledge(which) => self.acknowledge(which).await,
            Hand::Ask(which) => self.ask(which).await,
            Hand::Misread(which) => self.read_as_another(which).await,
            Hand::SetAside(which) => self.set_aside(which, true).await,
            Hand::SecondDebit(which) => self.second_debit(which, true).await,
            Hand::Prepare(which) => self.prepare_close(which).await,
            Hand::Confirm(which) => self.confirm_close(which).await,
        }
    }

    /// Every file that goes to a bank or the post office, of every run that has left the house.
    pub(super) async fn files_for_banks(&self) -> Result<Vec<FileView>, Error> {
        let mut files = Vec::new();
        for run in released(self).await? {
            files.extend(self.files(run.id).await);
        }
        Ok(files)
    }

    async fn fetch_one(&mut self, which: u8) -> Result<(), Error> {
        let files = self.files_for_banks().await?;
        match pick(&files, which) {
            Some(file) => self.fetch(file).await.map(drop),
            None => Ok(()),
        }
    }

    /// Whoever asks for a signature gets the one that was made first.
    async fn signature(&mut self, which: u8) -> Result<(), Error> {
        let files = self.files_for_banks().await?;
        let Some(file) = pick(&files, which) else { return Ok(()) };
        let own = payment_file::signature(&self.app, &self.officers.treasury, file.id).await?;
        let first = self.signed.entry(file.id).or_insert_with(|| own.clone());
        assert_eq!(*first, own, "{} is signed otherwise than before", file.name);
        Ok(())
    }

    /// Of a file that nobody holds it is refused.
    async fn acknowledge(&self, which: u8) -> Result<(), Error> {
        let files = self.files_for_banks().await?;
        let Some(file) = pick(&files, which) else { return Ok(()) };
        let sha256 = file.sha256.as_deref().unwrap_or_default();
        payment_file::acknowledge(&self.app, &self.officers.treasury, file.id, file.version, sha256)
            .await
            .map(drop)
    }

    async fn ask(&mut self, which: u8) -> Result<(), Error> {
        let accepted = self.ids("SELECT id FROM recall WHERE status = 'accepted'").await;
        let Some(recall) = pick(&accepted, which) else {
            return Ok(());
        };
        let (name, bytes) = payment_order::recall_message(&self.app, &self.officers.treasury, *recall).await?;
        let request = RecallRequest::read(&bytes).unwrap();
        // A bank that has not got the file yet knows nothing of the order.
        let receipt = self.bank.recall(request, self.app.clock.today());
        assert_ne!(receipt, Some(Receipt::Clash), "{name} is no longer what it was");
        Ok(())
    }

    async fn read_as_another(&self, which: u8) -> Result<(), Error> {
        let mut waiting = self.waiting(self.app.clock.today());
        waiting.retain(|own| own.name.ends_with(".xml") && OF_ONE_BANK.iter().any(|kind| own.name.starts_with(kind)));
        let Some(answer) = pick(&waiting, which) else {
            return Ok(());
        };
        let reading = Reading {
            mode: Some(ReadingMode::Lenient),
            bank: Some(ANOTHER.to_owned()),
        };
        let (name, bytes) = (format!("{MISREAD}{}", answer.name), answer.bytes.clone());
        bank_report::upload_as(&self.app, &self.officers.treasury, &name, bytes, reading)
            .await
            .map(drop)
    }

    /// The reports that were read as another bank's, and are not set aside.
    pub(super) async fn misread(&self) -> Vec<Uuid> {
        let sql = format!("SELECT id FROM bank_report WHERE file_name LIKE '{MISREAD}%' AND status <> 'set_aside'");
        self.ids(&sql).await
    }

    pub(super) async fn set_aside(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let misread = self.misread().await;
        let Some(report) = pick(&misread, which).copied() else {
            return Ok(());
        };
        let proposals = reconciliation::set_asides(&self.app, treasury, report).await?;
        let waiting = proposals.iter().find(|own| json!(own.proposal.status) == "proposed");
        let proposal = match waiting {
            Some(waiting) => waiting.id,
            None => {
                let why = of(json!({"note": "Chọn nhầm ngân hàng khi nạp tệp"}));
                reconciliation::propose_set_aside(&self.app, treasury, report, why)
                    .await?
                    .id
            }
        };
        reconciliation::decide_set_aside(&self.app, approver, report, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    /// The second debits of files that came back, which wait for people.
    pub(super) async fn second_debits(&self) -> Result<Vec<SuspenseLineView>, Error> {
        let mut debits = Vec::new();
        for row in self.suspense().await? {
            if self.takes_second_debit(&row).await {
                debits.push(row);
            }
        }
        Ok(debits)
    }

    pub(super) async fn second_debit(&self, which: u8, agrees: bool) -> Result<(), Error> {
        let (treasury, approver) = (&self.officers.treasury, &self.officers.approver);
        let waiting = self.second_debits().await?;
        let Some(row) = pick(&waiting, which) else {
            return Ok(());
        };
        let proposal = match &row.proposal {
            Some(proposal) => proposal.id,
            None => {
                let said = of(json!({"resolution": "accepted_as_paid", "note": "Đã đối chiếu sao kê"}));
                reconciliation::propose(&self.app, treasury, row.line.id, said)
                    .await?
                    .id
            }
        };
        reconciliation::decide(&self.app, approver, row.line.id, of(verdict(proposal, agrees)))
            .await
            .map(drop)
    }

    async fn prepare_close(&self, which: u8) -> Result<(), Error> {
        let runs = released(self).await?;
        let Some(run) = pick(&runs, which) else { return Ok(()) };
        let month: Month = run.cover_month.parse().unwrap();
        let command = CloseMonth {
            note: "Chờ người thứ hai".to_owned(),
        };
        month_close::close(&self.app, &self.officers.preparer, month, command)
            .await
            .map(drop)
    }

    /// Whatever has changed of the month since, it is refused.
    async fn confirm_close(&self, which: u8) -> Result<(), Error> {
        let approver = &self.officers.approver;
        let mut closes = month_close::list(&self.app, approver).await?;
        closes.retain(|own| json!(own.status) == "prepared");
        let Some(own) = pick(&closes, which) else { return Ok(()) };
        month_close::confirm(&self.app, approver, own.month, own.version)
            .await
            .map(drop)
    }
}
