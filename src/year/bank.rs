//! The banks and the post office of the year: they acknowledge what reaches them over a drop folder, or what they are
//! brought where the year has none, once they are brought everything again, and their answers come in any order and some of
//! them twice.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use domain::bank_simulator::{AnswerFile, Behaviour, Entry};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use service::{App, Error};

use super::inbox::Inbox;
use crate::play::office::Office;
use crate::play::{bank, wait};

/// Every third answer is brought twice.
const TWICE: usize = 3;

/// The banks.
pub(super) struct Bank {
    banks: bank::Bank,
    /// Where they read files; none where they are brought them.
    inbox: Option<Inbox>,
    resent: bool,
}

impl Bank {
    /// The banks as they stand: of a year that goes on they know what they were brought before.
    pub(super) async fn open(
        app: &App,
        office: &Office,
        behaviour: Behaviour,
        (inbox, resent_on): (Option<Inbox>, Option<NaiveDate>),
    ) -> Result<Self, Error> {
        let banks = bank::Bank::open(app, office, behaviour).await?;
        let mut bank = Self {
            banks: if inbox.is_none() { banks.acknowledging() } else { banks },
            inbox,
            resent: false,
        };
        if let Some(day) = resent_on.filter(|day| *day <= app.clock.today()) {
            bank.bring_over(app, office).await?;
            bank.banks.collect(app, office, Some(day)).await?;
            bank.resend(day);
        }
        bank.collect(app, office).await?;
        Ok(bank)
    }

    /// Every file reaches them and is acknowledged; they are given every recall that they do not have.
    pub(super) async fn collect(&mut self, app: &App, office: &Office) -> Result<(), Error> {
        self.bring_over(app, office).await?;
        self.banks.collect(app, office, None).await
    }

    async fn bring_over(&self, app: &App, office: &Office) -> Result<(), Error> {
        match &self.inbox {
            Some(inbox) => inbox.bring_over(app, office).await,
            None => Ok(()),
        }
    }

    /// Everything that they have was sent once more on a day; once a year.
    pub(super) fn resend(&mut self, on: NaiveDate) {
        if !self.resent {
            self.banks.resend(on);
            self.resent = true;
        }
    }

    /// What they really did with each order up to a day, by reference.
    pub(super) fn ledger(&self, until: NaiveDate) -> BTreeMap<String, Entry> {
        self.banks.ledger(until)
    }

    /// Brings in what is due until a day and was not brought before, in any order and some of it twice, and waits until
    /// it is reconciled, after each second file or only at the end. The answers are put into `folder` too.
    pub(super) async fn answers_arrive(
        &mut self,
        app: &App,
        office: &Office,
        (until, seed): (NaiveDate, u64),
        folder: &Path,
    ) -> Result<(), Error> {
        let mut answers = self.banks.due(until);
        let again: Vec<AnswerFile> = answers.iter().step_by(TWICE).cloned().collect();
        answers.extend(again);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        answers.shuffle(&mut rng);
        let shown = wait::bar(
            &format!("Trả lời đến {until}"),
            u64::try_from(answers.len()).unwrap_or(0),
        );
        for (number, answer) in answers.into_iter().enumerate() {
            self.banks.bring(app, office, answer, folder).await?;
            if number.is_multiple_of(2) {
                wait::until_idle(app).await?;
            }
            shown.inc(1);
        }
        shown.finish_and_clear();
        wait::until_idle(app).await
    }
}
