//! The work of a simulation: everybody determined by the law in force and under the draft, chunk by chunk.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::determination::Determiner;
use domain::law::{self as legal, Release};
use entity::enums::{InstrumentStatus, SimulationStatus};
use entity::{area, instrument, simulation, simulation_part};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::budget::budget;
use super::count::{Judged, Part};
use super::frame::{Frame, ReplayedMonths};
use super::result::{Replay, SimulationResult};
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, Text};
use crate::job::run::Counts;
use crate::job::{self, Job, JobContext, Queue};
use crate::law::release;
use crate::person::People;
use crate::person::case_file::{self, LoadedCase};

/// What a simulation was asked to do; it is kept with its run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Parameters {
    pub(super) simulation: Uuid,
    pub(super) base: i32,
    pub(super) frame: Frame,
    pub(super) replay: Option<ReplayedMonths>,
    pub(super) replay_refused: Option<Text>,
}

/// Simulates one chunk of people.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SimulateChunk {
    /// The run.
    pub run: Uuid,
    /// The chunk.
    pub position: i32,
}

impl Job for SimulateChunk {
    const KIND: &'static str = "simulate_chunk";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 5;

    fn natural_key(&self) -> String {
        format!("simulate_chunk:{}:{}", self.run.simple(), self.position)
    }

    fn run_id(&self) -> Option<Uuid> {
        Some(self.run)
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let Some(people) = job::run::chunk(app, self.run, self.position).await? else {
            return Ok(());
        };
        let parameters: Parameters = serde_json::from_value(job::run::parameters(app, self.run).await?)?;
        let asked = find(app, parameters.simulation).await?;
        let draft = crate::law::find(app.db.read(), asked.instrument_id).await?;
        // Of a draft that was edited meanwhile there is nothing to count: what was asked for is gone.
        let counted = if asked.body_hash.as_ref() == Some(&draft.body_hash) {
            count(app, &draft, &parameters, serde_json::from_value(people)?).await?
        } else {
            (Part::default(), Counts::default())
        };
        let row = simulation_part::Model {
            simulation_id: asked.id,
            position: self.position,
            counted: serde_json::to_value(counted.0)?,
        };
        app.db
            .write(async |txn| {
                txn.insert_all::<simulation_part::Entity>(vec![row.clone()]).await?;
                job::run::chunk_done(txn, context, self.run, self.position, counted.1).await?;
                Ok(())
            })
            .await
    }
}

/// The laws that a simulation compares.
struct Laws {
    in_force: Arc<Release>,
    draft: Arc<Release>,
    moved: Option<Arc<Release>>,
}

impl Laws {
    async fn of(app: &App, draft: &instrument::Model, parameters: &Parameters) -> Result<Self, Error> {
        let moved = match parameters.replay {
            Some(months) => Some(release::under_draft(app, parameters.base, draft, months.moved_by).await?),
            None => None,
        };
        Ok(Self {
            in_force: release::release(app, parameters.base).await?,
            draft: release::under_draft(app, parameters.base, draft, 0).await?,
            moved,
        })
    }
}

async fn count(
    app: &App,
    draft: &instrument::Model,
    parameters: &Parameters,
    people: People,
) -> Result<(Part, Counts), Error> {
    let laws = Laws::of(app, draft, parameters).await?;
    let loaded = case_file::load_people(app.db.read(), &people).await?;
    Ok(judge(&laws, parameters, &loaded))
}

/// Determines and counts: nothing of it waits for anything.
fn judge(laws: &Laws, parameters: &Parameters, people: &[LoadedCase]) -> (Part, Counts) {
    let (mut now, mut draft) = (Determiner::new(&laws.in_force), Determiner::new(&laws.draft));
    let mut moved = laws.moved.as_ref().map(|moved| Determiner::new(moved));
    let (mut part, mut counts) = (Part::default(), Counts::default());
    for person in people {
        let (now, draft) = (now.determine(&person.case_file), draft.determine(&person.case_file));
        let replayed = moved.as_mut().map(|moved| moved.determine(&person.case_file));
        let judged = Judged {
            person_id: person.person_id,
            area_id: &person.area_id,
            now: &now,
            draft: &draft,
            replayed: replayed.as_ref(),
        };
        if part.count(&parameters.frame, parameters.replay.as_ref(), &judged) {
            counts.changed += 1;
        } else {
            counts.unchanged += 1;
        }
    }
    (part, counts)
}

/// Parts that are read at once.
const PARTS: u64 = 16;

/// Puts the chunks of a simulation together. A row of an earlier program, which did all of it, asks for another one.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Simulate {
    /// The simulation.
    pub simulation: Uuid,
}

impl Job for Simulate {
    const KIND: &'static str = "simulate_instrument";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_secs(300);
    const MAX_ATTEMPTS: i32 = 3;

    fn natural_key(&self) -> String {
        format!("simulate_instrument:{}", self.simulation.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let row = find(app, self.simulation).await?;
        let draft = crate::law::find(app.db.read(), row.instrument_id).await?;
        let (Some(run), true) = (row.job_run_id, row.body_hash.as_ref() == Some(&draft.body_hash)) else {
            return app.db.write(async |txn| end(app, txn, context, &row, None).await).await;
        };
        let parameters: Parameters = serde_json::from_value(job::run::parameters(app, run).await?)?;
        let mut result = put_together(app, &row, parameters).await?;
        let findings = crate::law::check::findings(app, &draft).await?;
        result.findings = findings.iter().map(crate::law::check::told).collect();
        let result = serde_json::to_value(result)?;
        app.db
            .write(async |txn| {
                let draft = crate::law::for_update(txn, row.instrument_id).await?;
                let whole = row.sample.is_none();
                if whole && draft.status == InstrumentStatus::Checked && draft.revision == row.revision {
                    let simulated = instrument::Model {
                        status: InstrumentStatus::Simulated,
                        ..draft
                    };
                    crate::law::approve::save(app, txn, simulated).await?;
                }
                end(app, txn, context, &row, Some(&result)).await
            })
            .await
    }
}

async fn find(app: &App, id: Uuid) -> Result<simulation::Model, Error> {
    let row = simulation::Entity::find_by_id(id).one(app.db.read()).await?;
    row.ok_or_else(Error::not_found)
}

/// All parts as one, a few at a time: together they would grow with the province.
async fn counted(app: &App, simulation: Uuid) -> Result<Part, Error> {
    use simulation_part::Column as C;
    let (mut counted, mut next) = (Part::default(), 0);
    loop {
        let parts = simulation_part::Entity::find()
            .filter(C::SimulationId.eq(simulation))
            .filter(C::Position.gte(next))
            .order_by_asc(C::Position)
            .limit(PARTS)
            .all(app.db.read())
            .await?;
        let Some(last) = parts.last() else {
            return Ok(counted);
        };
        next = last.position + 1;
        for part in parts {
            counted.merge(serde_json::from_value(part.counted)?);
        }
    }
}

async fn put_together(app: &App, row: &simulation::Model, parameters: Parameters) -> Result<SimulationResult, Error> {
    let counted = counted(app, row.id).await?;
    let areas = area::Entity::find().all(app.db.read()).await?;
    let names: BTreeMap<String, String> = areas.into_iter().map(|row| (row.id, row.name)).collect();
    let frame = parameters.frame;
    let replay = parameters.replay.map(|months| Replay::of(months, &counted.replay));
    let mut result = SimulationResult::of(&frame, counted, &names);
    result.replay = replay;
    result.replay_refused = parameters.replay_refused;
    if row.sample.is_none() {
        result.budget = budget(app, &frame, &result).await?;
    }
    Ok(result)
}

/// Ends a simulation: with its result and the digest that signatures bind to, or as failed.
async fn end(
    app: &App,
    txn: &Txn,
    context: &JobContext,
    row: &simulation::Model,
    result: Option<&serde_json::Value>,
) -> Result<(), Error> {
    let digest = result.map(crate::law::hash);
    let ended = simulation::Model {
        status: match result {
            Some(_) => SimulationStatus::Done,
            None => SimulationStatus::Failed,
        },
        result: result.cloned(),
        digest,
        finished_at: Some(app.clock.now()),
        ..row.clone()
    };
    ended.into_active_model().reset_all().update(txn.conn()).await?;
    simulation_part::Entity::delete_many()
        .filter(simulation_part::Column::SimulationId.eq(row.id))
        .exec(txn.conn())
        .await?;
    context.finish_in(txn).await
}

/// The replay of a draft, or why there can be none.
pub(super) async fn replayed(
    app: &App,
    base: i32,
    draft: &instrument::Model,
    months: ReplayedMonths,
) -> Result<(Option<ReplayedMonths>, Option<Text>), Error> {
    match release::under_draft(app, base, draft, months.moved_by).await {
        Ok(_) => Ok((Some(months), None)),
        Err(error) if error.fields.is_empty() => Err(error),
        Err(error) => {
            let said = |of: fn(&crate::error::FieldError) -> &str| {
                let faults: Vec<&str> = error.fields.iter().map(of).collect();
                faults.join("; ")
            };
            Ok((None, Some(Text::new(said(|f| &f.message.vi), said(|f| &f.message.en)))))
        }
    }
}

/// The instrument of a row moved back by so many months.
pub(in crate::law) fn moved(row: &instrument::Model, months: u32) -> Result<legal::Instrument, Error> {
    let own = release::body(row)?;
    Ok(if months == 0 {
        own
    } else {
        legal::moved_back(&own, months)
    })
}
