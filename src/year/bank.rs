//! The banks and the post office of the year: what they were brought, what they answer, and how it is brought in. What
//! they know follows from the files and recalls of the installation, so that nothing has to be remembered beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use domain::bank::BankProfiles;
use domain::bank_simulator::{AnswerFile, Behaviour, Entry, RecallRequest, Receipt, Simulator};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use service::bank_report::{Reading, ReadingMode};
use service::clock::in_vietnam;
use service::page::MAX_LIMIT;
use service::pay_run::{self, PayRunView};
use service::payment_file::FileView;
use service::{Actor, App, Code, Error, ProblemCode, Role, bank_report, payment_file, payment_order};
use uuid::Uuid;

use crate::bank_simulator::parcel::Parcel;
use crate::play::office::Office;
use crate::play::{files, wait};

/// Every third answer is brought twice.
const TWICE: usize = 3;

/// The banks.
pub(super) struct Bank {
    simulator: Simulator,
    /// The files that were given to it.
    given: BTreeSet<Uuid>,
    /// The answers that were brought in, by name.
    brought: BTreeSet<String>,
    resent: bool,
}

impl Bank {
    /// The banks as they stand: of a year that goes on they know what they were brought before.
    pub(super) async fn open(
        app: &App,
        office: &Office,
        behaviour: Behaviour,
        resent_on: Option<NaiveDate>,
    ) -> Result<Self, Error> {
        let mut bank = Self {
            simulator: Simulator::new(behaviour).map_err(Error::internal)?,
            given: BTreeSet::new(),
            brought: brought(app, office).await?,
            resent: false,
        };
        if let Some(day) = resent_on.filter(|day| *day <= app.clock.today()) {
            bank.collect_until(app, office, Some(day)).await?;
            bank.resend(day);
        }
        bank.collect(app, office).await?;
        Ok(bank)
    }

    /// Gives them every file and recall that they do not have, and acknowledges the files.
    pub(super) async fn collect(&mut self, app: &App, office: &Office) -> Result<(), Error> {
        self.collect_until(app, office, None).await
    }

    async fn collect_until(&mut self, app: &App, office: &Office, until: Option<NaiveDate>) -> Result<(), Error> {
        let treasury = office.of(Role::Treasury)?;
        for run in runs(app, office).await? {
            let released = run.released_at.map(|at| in_vietnam(at).date_naive());
            if released.is_none_or(|day| until.is_some_and(|until| day >= until)) {
                continue;
            }
            for file in payment_file::list(app, treasury, run.id).await? {
                if is_for_banks(&file) && !self.given.contains(&file.id) {
                    self.take(app, treasury, &file).await?;
                }
            }
        }
        self.take_recalls(app, treasury).await
    }

    async fn take(&mut self, app: &App, treasury: &Actor, file: &FileView) -> Result<(), Error> {
        let manifest = payment_file::manifest(app, treasury, file.id).await?;
        let (_, bytes) = payment_file::content(app, treasury, file.id).await?;
        let profiles = BankProfiles::embedded().map_err(Error::internal)?;
        let parcel = Parcel::check(None, &manifest, &bytes, profiles)
            .map_err(|(_, why)| Error::internal(format!("{}: {why}", file.name)))?;
        // On the day it was made: what is answered when does not depend on when a year was stopped.
        if self.simulator.receive(parcel.file, parcel.made_on) == Receipt::Clash {
            return Err(Error::internal(format!("another file has the id of {}", file.name)));
        }
        if file.status.code() != "acknowledged" {
            payment_file::acknowledge(app, treasury, file.id, file.version, &manifest.sha256).await?;
        }
        self.given.insert(file.id);
        Ok(())
    }

    async fn take_recalls(&mut self, app: &App, treasury: &Actor) -> Result<(), Error> {
        let mut cursor = None;
        loop {
            let page = payment_order::recalls(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await?;
            for recall in page.items {
                let Some(message) = &recall.message_id else { continue };
                if self.simulator.knows_recall(message) {
                    continue;
                }
                let bytes = match payment_order::recall_message(app, treasury, recall.id).await {
                    Ok((_, bytes)) => bytes,
                    // A bank that takes tables is asked by letter, which no program reads.
                    Err(error) if error.code == ProblemCode::Conflict => continue,
                    Err(error) => return Err(error),
                };
                let request = RecallRequest::read(&bytes).map_err(Error::internal)?;
                let made_on = request.made_on;
                self.simulator.recall(request, made_on);
            }
            match page.next {
                Some(next) => cursor = Some(next),
                None => return Ok(()),
            }
        }
    }

    /// Everything that they have was sent once more on a day; once a year.
    pub(super) fn resend(&mut self, on: NaiveDate) {
        if self.resent {
            return;
        }
        let files: BTreeSet<String> = self.ledger(on).into_values().map(|entry| entry.file).collect();
        for file in &files {
            self.simulator.resend(file, on);
        }
        self.resent = true;
    }

    /// What they really did with each order up to a day, by reference.
    pub(super) fn ledger(&self, until: NaiveDate) -> BTreeMap<String, Entry> {
        let entries = self.simulator.ledger(until).into_iter();
        entries.map(|entry| (entry.reference.clone(), entry)).collect()
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
        let mut answers = self.simulator.answers_between(NaiveDate::MIN, until);
        answers.retain(|answer| !self.brought.contains(&answer.name));
        let again: Vec<AnswerFile> = answers.iter().step_by(TWICE).cloned().collect();
        answers.extend(again);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        answers.shuffle(&mut rng);
        let shown = wait::bar(
            &format!("Trả lời đến {until}"),
            u64::try_from(answers.len()).unwrap_or(0),
        );
        for (number, answer) in answers.into_iter().enumerate() {
            files::put(&folder.join(answer.due.to_string()), &answer.name, &answer.bytes)?;
            self.bring(app, office, answer).await?;
            if number.is_multiple_of(2) {
                wait::until_idle(app).await?;
            }
            shown.inc(1);
        }
        shown.finish_and_clear();
        wait::until_idle(app).await
    }

    /// Brings an answer in: strictly, unless these banks send files that differ from what they should be.
    async fn bring(&mut self, app: &App, office: &Office, answer: AnswerFile) -> Result<(), Error> {
        let odd = self.simulator.behaviour().namespace_variants > 0;
        let reading = if odd {
            Reading::in_mode(ReadingMode::Lenient)
        } else {
            Reading::default()
        };
        let treasury = office.of(Role::Treasury)?;
        bank_report::upload_as(app, treasury, &answer.name, answer.bytes, reading).await?;
        self.brought.insert(answer.name);
        Ok(())
    }
}

/// The names of the answers that were brought in.
async fn brought(app: &App, office: &Office) -> Result<BTreeSet<String>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let (mut names, mut cursor) = (BTreeSet::new(), None);
    loop {
        let page = bank_report::list(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await?;
        names.extend(page.items.into_iter().map(|report| report.file_name));
        match page.next {
            Some(next) => cursor = Some(next),
            None => return Ok(names),
        }
    }
}

/// Every run, in the order of their release.
pub(super) async fn runs(app: &App, office: &Office) -> Result<Vec<PayRunView>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let (mut runs, mut cursor) = (Vec::new(), None);
    loop {
        let page = pay_run::list(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await?;
        runs.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    runs.sort_by_key(|run| (run.released_at, run.id));
    Ok(runs)
}

/// Does a file order payments of a bank or the post office?
fn is_for_banks(file: &FileView) -> bool {
    let ours = matches!(file.kind.code().as_str(), "pain001" | "payment_table" | "post_list");
    ours && file.sha256.is_some()
}
