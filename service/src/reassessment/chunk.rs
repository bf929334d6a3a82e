//! One chunk of people: load by the set, compute outside the transaction, write once.

use std::time::Duration;

use domain::determination::determine;
use entity::enums::ReassessmentResult as Outcome;
use entity::reassessment_outcome;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::app::App;
use crate::entitlement::bulk::{self, New};
use crate::entitlement::{self, periods};
use crate::error::{Error, ProblemCode};
use crate::job::run::Counts;
use crate::job::{self, Job, JobContext, Queue};
use crate::law;
use crate::person::case_file::{self, LoadedCase, Unreadable};
use crate::person::{People, PersonRange};
use crate::reassessment::difference::{self, Change};
use crate::reassessment::stamp::Stamp;

/// How often a job looks again at once where somebody was faster; then it waits for its turn.
const TRIES: usize = 3;

/// What a reassessment was asked to do; it is kept with its run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Parameters {
    /// The release to determine under.
    pub release: i32,
    /// Is this the takeover from a predecessor system, which settled what fell due before the first month?
    pub opening: bool,
}

/// Reassesses one chunk of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReassessChunk {
    /// The run.
    pub run: Uuid,
    /// The chunk.
    pub position: i32,
}

impl Job for ReassessChunk {
    const KIND: &'static str = "reassess_chunk";
    const QUEUE: Queue = Queue::Reassessment;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("reassess_chunk:{}:{}", self.run.simple(), self.position)
    }

    fn run_id(&self) -> Option<Uuid> {
        Some(self.run)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let Some(people) = job::run::chunk(app, self.run, self.position).await? else {
            return Ok(());
        };
        let parameters: Parameters = serde_json::from_value(job::run::parameters(app, self.run).await?)?;
        let people: People = serde_json::from_value(people)?;
        let mut tries = 0;
        loop {
            tries += 1;
            let work = Work::prepare(app, &people, &parameters).await?;
            let stored = app.db.write(async |txn| {
                work.store(app, txn, Some(self.run)).await?;
                job::run::chunk_done(txn, context, self.run, self.position, work.counts).await?;
                Ok(())
            });
            match stored.await {
                Err(error) if error.code == ProblemCode::Unavailable && tries < TRIES => {}
                done => return done,
            }
        }
    }
}

/// Reassesses one person after a change of evidence.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReassessPerson {
    /// The person.
    pub person_id: Uuid,
    /// The state of the evidence that caused it; a later state needs no second look at an earlier one.
    pub evidence_rev: i64,
}

impl Job for ReassessPerson {
    const KIND: &'static str = "reassess_person";
    const QUEUE: Queue = Queue::Reassessment;
    const TIMEOUT: Duration = Duration::from_secs(60);
    const MAX_ATTEMPTS: i32 = 8;

    fn natural_key(&self) -> String {
        format!("reassess_person:{}:{}", self.person_id.simple(), self.evidence_rev)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let work = self.prepare(app).await?;
            if let Some(unreadable) = work.failed.first() {
                return Err(Error::internal(unreadable.reason.clone()));
            }
            let stored = app.db.write(async |txn| {
                work.store(app, txn, None).await?;
                context.finish_in(txn).await
            });
            match stored.await {
                Err(error) if error.code == ProblemCode::Unavailable && tries < TRIES => {}
                done => return done,
            }
        }
    }
}

impl ReassessPerson {
    /// The first step: the person is read and determined, and nothing is written yet.
    pub async fn prepare(&self, app: &App) -> Result<Work, Error> {
        let people = PersonRange::one(self.person_id).into();
        let parameters = Parameters {
            release: law::latest(app).await?,
            opening: false,
        };
        Work::prepare(app, &people, &parameters).await
    }
}

/// What one chunk came to, ready to be written.
#[derive(Debug)]
pub struct Work {
    /// What it was reckoned on.
    stamp: Stamp,
    changes: Vec<Change>,
    determinations: Vec<New>,
    held: Vec<(Uuid, String)>,
    changed: Vec<Uuid>,
    failed: Vec<Unreadable>,
    counts: Counts,
}

impl Work {
    async fn prepare(app: &App, people: &People, parameters: &Parameters) -> Result<Self, Error> {
        let conn = app.db.read();
        // Before everything that changes with it.
        let stamp = Stamp::read(conn).await?;
        let release = law::release(app, parameters.release).await?;
        let (cases, unreadable) = case_file::load_readable(conn, people).await?;
        let current = bulk::current(conn, people).await?;
        let mut work = Self {
            stamp,
            changes: Vec::new(),
            determinations: Vec::new(),
            held: Vec::new(),
            changed: Vec::new(),
            counts: Counts {
                failed: i64::try_from(unreadable.len()).map_err(Error::internal)?,
                ..Counts::default()
            },
            failed: unreadable,
        };
        for LoadedCase {
            person_id,
            evidence_rev,
            case_file,
            ..
        } in &cases
        {
            let determination = determine(case_file, &release);
            let mut by_benefit = periods::rows(&determination);
            for ((_, code), _) in current
                .range((*person_id, String::new())..)
                .take_while(|((p, _), _)| p == person_id)
            {
                // A right that is gone altogether is an empty determination, not a missing one.
                if let Some(benefit) = entitlement::benefit(code)
                    && !by_benefit.iter().any(|(known, _)| *known == benefit)
                {
                    by_benefit.push((benefit, Vec::new()));
                }
            }
            let before = work.determinations.len();
            for (benefit, rows) in by_benefit {
                let content_hash = periods::content_hash(&rows);
                let now = current.get(&(*person_id, benefit.code().to_owned()));
                if now.is_some_and(|now| now.content_hash == content_hash) {
                    continue;
                }
                work.determinations.push(New {
                    person_id: *person_id,
                    entitlement_id: now
                        .map_or_else(|| entitlement::id(app, *person_id, benefit), |now| now.entitlement_id),
                    benefit,
                    replaces: now.map(|now| now.determination_id),
                    determination_id: app.ids.next(),
                    sequence: now.map_or(1, |now| now.sequence + 1),
                    release: parameters.release,
                    evidence_rev: *evidence_rev,
                    opening: parameters.opening && now.is_none(),
                    content_hash,
                    rows,
                });
            }
            work.count(*person_id, before, &determination);
        }
        if !parameters.opening {
            work.changes = difference::changes(app, &work.determinations).await?;
        }
        Ok(work)
    }

    fn count(&mut self, person_id: Uuid, before: usize, determination: &domain::determination::Determination) {
        if let Some(hole) = determination.undetermined.first() {
            self.held.push((person_id, hole.reason.to_string()));
            self.counts.held += 1;
        } else if self.determinations.len() > before {
            self.changed.push(person_id);
            self.counts.changed += 1;
        } else {
            self.counts.unchanged += 1;
        }
    }

    /// The second step: everything is written, and counted in the long work `run` if it is part of one.
    ///
    /// # Errors
    /// `unavailable` where what was read in the first step is not so any more: begin again.
    pub async fn store(&self, app: &App, txn: &crate::db::Txn, run: Option<Uuid>) -> Result<(), Error> {
        let at = app.clock.now();
        bulk::store(txn, self.determinations.clone(), at).await?;
        difference::store(app, txn, &self.changes, self.stamp).await?;
        if let Some(job_run_id) = run {
            let changed = self
                .changed
                .iter()
                .map(|person_id| (*person_id, Outcome::Changed, None));
            let held = self
                .held
                .iter()
                .map(|(person_id, reason)| (*person_id, Outcome::Held, Some(reason.clone())));
            let failed = self
                .failed
                .iter()
                .map(|own| (own.person_id, Outcome::Failed, Some(own.reason.clone())));
            let rows =
                changed
                    .chain(held)
                    .chain(failed)
                    .map(|(person_id, outcome, reason)| reassessment_outcome::Model {
                        job_run_id,
                        person_id,
                        outcome,
                        reason,
                    });
            txn.insert_all::<reassessment_outcome::Entity>(rows.collect()).await?;
        }
        Ok(())
    }
}
