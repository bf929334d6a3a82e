//! The banks and the post office of a story, played by the simulator of `ansinh bank-simulator`: what they were brought,
//! what they answer, and how it is brought in. What they know follows from the files and recalls of the installation, so
//! that nothing has to be remembered beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use domain::bank::BankProfiles;
use domain::bank_simulator::{AnswerFile, Behaviour, Entry, RecallRequest, Receipt, Simulator};
use service::bank_report::{Reading, ReadingMode};
use service::clock::in_vietnam;
use service::page::MAX_LIMIT;
use service::payment_file::FileView;
use service::{Actor, App, Code, Error, ProblemCode, Role, bank_report, payment_file, payment_order};
use uuid::Uuid;

use crate::bank_simulator::parcel::Parcel;
use crate::play::office::Office;
use crate::play::pay_run::runs;
use crate::play::{files, pages};

/// The banks.
pub(crate) struct Bank {
    simulator: Simulator,
    acknowledges: bool,
    /// The files that were given to it.
    given: BTreeSet<Uuid>,
    /// The answers that were brought in, by name.
    brought: BTreeSet<String>,
}

impl Bank {
    /// Banks that know no file yet. What was brought in before a story went on, they do not bring again.
    pub(crate) async fn open(app: &App, office: &Office, behaviour: Behaviour) -> Result<Self, Error> {
        Ok(Self {
            simulator: Simulator::new(behaviour).map_err(Error::internal)?,
            acknowledges: false,
            given: BTreeSet::new(),
            brought: brought(app, office).await?,
        })
    }

    /// Banks that acknowledge each file they take. Where they do not, files wait at the desk of the treasury.
    pub(crate) fn acknowledging(mut self) -> Self {
        self.acknowledges = true;
        self
    }

    /// Gives them every file and recall that they do not have; of the files, those released before a day, if one is said.
    pub(crate) async fn collect(&mut self, app: &App, office: &Office, before: Option<NaiveDate>) -> Result<(), Error> {
        let treasury = office.of(Role::Treasury)?;
        for run in runs(app, office).await? {
            let released = run.released_at.map(|at| in_vietnam(at).date_naive());
            if released.is_none_or(|day| before.is_some_and(|before| day >= before)) {
                continue;
            }
            for file in payment_file::list(app, treasury, run.id).await? {
                if is_for_banks(&file) && !self.given.contains(&file.id) {
                    self.take(app, office, &file).await?;
                }
            }
        }
        self.take_recalls(app, treasury).await
    }

    async fn take(&mut self, app: &App, office: &Office, file: &FileView) -> Result<(), Error> {
        let treasury = office.of(Role::Treasury)?;
        // A file that was withdrawn since is given out no more, but they have had it: who looks back reads it.
        let reader = if file.withdrawn {
            office.of(Role::Auditor)?
        } else {
            treasury
        };
        let manifest = payment_file::manifest(app, reader, file.id).await?;
        let (_, bytes) = payment_file::content(app, reader, file.id).await?;
        let profiles = BankProfiles::embedded().map_err(Error::internal)?;
        let parcel = Parcel::check(None, &manifest, &bytes, profiles)
            .map_err(|(_, why)| Error::internal(format!("{}: {why}", file.name)))?;
        // On the day it was made: what is answered when does not depend on when a story was stopped.
        if self.simulator.receive(parcel.file, parcel.made_on) == Receipt::Clash {
            return Err(Error::internal(format!("another file has the id of {}", file.name)));
        }
        if self.acknowledges && is_open(file) {
            payment_file::acknowledge(app, treasury, file.id, file.version, &manifest.sha256).await?;
        }
        self.given.insert(file.id);
        Ok(())
    }

    async fn take_recalls(&mut self, app: &App, treasury: &Actor) -> Result<(), Error> {
        let recalls =
            pages::all(async |cursor| payment_order::recalls(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await)
                .await?;
        for recall in recalls {
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
        Ok(())
    }

    /// Everything that they have was sent once more on a day.
    pub(crate) fn resend(&mut self, on: NaiveDate) {
        let files: BTreeSet<String> = self.ledger(on).into_values().map(|entry| entry.file).collect();
        for file in &files {
            self.simulator.resend(file, on);
        }
    }

    /// What they really did with each order up to a day, by reference.
    pub(crate) fn ledger(&self, until: NaiveDate) -> BTreeMap<String, Entry> {
        let entries = self.simulator.ledger(until).into_iter();
        entries.map(|entry| (entry.reference.clone(), entry)).collect()
    }

    /// The answers that are due until a day and were not brought in before, by day and name.
    pub(crate) fn due(&self, until: NaiveDate) -> Vec<AnswerFile> {
        let mut answers = self.simulator.answers_between(NaiveDate::MIN, until);
        answers.retain(|answer| !self.brought.contains(&answer.name));
        answers
    }

    /// Brings an answer in: strictly, unless these banks send files that differ from what they should be. It is put into
    /// `folder` first, below the day it was due.
    pub(crate) async fn bring(
        &mut self,
        app: &App,
        office: &Office,
        answer: AnswerFile,
        folder: &Path,
    ) -> Result<(), Error> {
        files::put(&folder.join(answer.due.to_string()), &answer.name, &answer.bytes)?;
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

/// The files of released runs that order payments and that wait for their acknowledgement.
pub(crate) async fn unacknowledged(app: &App, office: &Office) -> Result<Vec<FileView>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let mut open = Vec::new();
    for run in runs(app, office).await? {
        if run.released_at.is_none() {
            continue;
        }
        let files = payment_file::list(app, treasury, run.id).await?.into_iter();
        open.extend(files.filter(|file| is_for_banks(file) && is_open(file)));
    }
    Ok(open)
}

/// The names of the answers that were brought in.
async fn brought(app: &App, office: &Office) -> Result<BTreeSet<String>, Error> {
    let treasury = office.of(Role::Treasury)?;
    let reports =
        pages::all(async |cursor| bank_report::list(app, treasury, Some(MAX_LIMIT), cursor.as_deref()).await).await?;
    Ok(reports.into_iter().map(|report| report.file_name).collect())
}

/// Does a file order payments of a bank or the post office?
fn is_for_banks(file: &FileView) -> bool {
    let ours = matches!(file.kind.code().as_str(), "pain001" | "payment_table" | "post_list");
    ours && file.sha256.is_some()
}

/// Is a file still to be acknowledged? Nobody acknowledges one that was withdrawn.
fn is_open(file: &FileView) -> bool {
    file.status.code() != "acknowledged" && !file.withdrawn
}
