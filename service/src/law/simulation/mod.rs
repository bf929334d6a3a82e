//! What a draft would change: the whole registry determined under the law in force and under the draft, side by side,
//! in chunks of a job run. The result is kept with the draft; whoever signs the draft signs what it showed.

mod budget;
mod chunk;
mod count;
mod frame;
mod read;
mod result;
mod scenario;
mod side_by_side;
#[cfg(test)]
mod tests;
mod words;
mod workbook;

pub use budget::{Budget, BudgetMonth};
pub use chunk::{Simulate, SimulateChunk};
pub use frame::ReplayedMonths;
pub use read::{SimulationSummary, SimulationView, simulation, simulations};
pub use result::{Change, Example, Line, Owed, PaidMonth, Replay, SimulationResult};
pub use scenario::{Scenario, ScenarioLine, Scenarios, Side, scenario_workbook, scenarios};
pub use workbook::workbook;

pub(super) use chunk::moved;
pub(super) use read::seen;

use chrono::{DateTime, TimeDelta, Utc};
use domain::Month;
use entity::enums::{InstrumentStatus, SimulationStatus};
use entity::{instrument, simulation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use self::chunk::Parameters;
use self::frame::Frame;
use self::read::view;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::job::Envelope;
use crate::job::run::{self, Chunk, NewRun};
use crate::reassessment;

/// A chunk is so many times that of a reassessment, because it stores hardly anything.
const CHUNKS: usize = 4;
/// The sparsest sample: one person of so many.
const SPARSEST: i64 = 1_000;

/// Starts the simulation of a checked draft on everybody, or on one person of `sample`.
pub async fn simulate(app: &App, actor: &Actor, id: Uuid, sample: Option<i64>) -> Result<SimulationView, Error> {
    actor.require_province(Permission::LawDraft)?;
    if sample.is_some_and(|sample| !(2..=SPARSEST).contains(&sample)) {
        return Err(Error::because(
            ProblemCode::InvalidRequest,
            format!("Mẫu là một người trong 2 đến {SPARSEST} người"),
            format!("a sample is one person of 2 to {SPARSEST}"),
        ));
    }
    let draft = super::find(app.db.read(), id).await?;
    let parameters = plan(app, &draft, app.ids.next()).await?;
    let row = app
        .db
        .write(async |txn| {
            let locked = super::for_update(txn, id).await?;
            simulable(&locked)?;
            if locked.body_hash != draft.body_hash {
                return Err(Error::new(ProblemCode::ContentChanged));
            }
            let created_at = after_the_last(txn, id, app.clock.now()).await?;
            let row = simulation::Model {
                id: parameters.simulation,
                instrument_id: id,
                revision: locked.revision,
                job_run_id: Some(start(txn, (app, actor), &locked, &parameters, sample).await?),
                status: SimulationStatus::Running,
                result: None,
                digest: None,
                created_at,
                finished_at: None,
                body_hash: Some(locked.body_hash),
                base_release: Some(parameters.base),
                sample,
            };
            txn.insert_all::<simulation::Entity>(vec![row.clone()]).await?;
            let detail = json!({"simulation": row.id, "revision": row.revision, "sample": sample});
            txn.audit(Event::new(
                app.clock.now(),
                actor,
                "instrument.simulate",
                super::subject(id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    view(app, actor, row).await
}

/// Now, or just after the simulation before: which one is the newest must not hang on the clock of a sandbox, which
/// stands.
async fn after_the_last(txn: &Txn, id: Uuid, now: DateTime<Utc>) -> Result<DateTime<Utc>, Error> {
    let last: Option<DateTime<Utc>> = simulation::Entity::find()
        .select_only()
        .column(simulation::Column::CreatedAt)
        .filter(simulation::Column::InstrumentId.eq(id))
        .order_by_desc(simulation::Column::CreatedAt)
        .into_tuple()
        .one(txn.conn())
        .await?;
    Ok(last.map_or(now, |last| now.max(last + TimeDelta::microseconds(1))))
}

fn simulable(draft: &instrument::Model) -> Result<(), Error> {
    let simulable = [
        InstrumentStatus::Checked,
        InstrumentStatus::Simulated,
        // Another release may come between submission and approval.
        InstrumentStatus::Submitted,
    ];
    if simulable.contains(&draft.status) {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::IllegalTransition,
        "Văn bản phải được kiểm tra trước",
        "the draft must be checked first",
    ))
}

/// What will be compared, fixed before the first person is counted.
async fn plan(app: &App, draft: &instrument::Model, simulation: Uuid) -> Result<Parameters, Error> {
    simulable(draft)?;
    let base = super::latest(app).await?;
    super::release::under_draft(app, base, draft, 0).await?;
    let today = Month::of(app.clock.today());
    let first = super::release::reach_back(app.db.read(), base, draft).await?;
    let first = first.unwrap_or(today);
    let taken = reassessment::last_taken(app).await?;
    let published = super::release::published(app.db.read(), base).await?;
    let own = super::release::body(draft)?;
    let months = ReplayedMonths::of(&own, &published, draft.corrects.is_some(), first, today);
    let (replay, replay_refused) = chunk::replayed(app, base, draft, months).await?;
    Ok(Parameters {
        simulation,
        base,
        frame: Frame::of(first, taken, today),
        replay,
        replay_refused,
    })
}

/// Starts the run in the transaction that keeps the simulation.
async fn start(
    txn: &Txn,
    (app, actor): (&App, &Actor),
    draft: &instrument::Model,
    parameters: &Parameters,
    sample: Option<i64>,
) -> Result<Uuid, Error> {
    let size = app.chunk_people.clamp(1, reassessment::CHUNK_PEOPLE) * CHUNKS;
    let people = crate::person::everybody(txn.conn()).await?;
    let chunks = match sample {
        None => crate::entitlement::bulk::chunks(&people, size)?,
        Some(sample) => sampled(&people, usize::try_from(sample).map_err(Error::internal)?, size)?,
    };
    let new = NewRun {
        kind: "simulation",
        natural_key: format!("simulation:{}", parameters.simulation.simple()),
        subject: super::subject(draft.id),
        requested_by: actor.name.clone(),
        parameters: serde_json::to_value(parameters)?,
        chunks,
        independent: false,
        then: Some(Envelope::of(&Simulate {
            simulation: parameters.simulation,
        })?),
        after: None,
    };
    let started = run::start(txn, new, |run, position| SimulateChunk { run, position }).await?;
    Ok(started.id)
}

/// One person of so many, in order of ids: the same people for the same registry.
fn sampled(people: &[Uuid], sample: usize, size: usize) -> Result<Vec<Chunk>, Error> {
    let some: Vec<Uuid> = people.iter().step_by(sample).copied().collect();
    crate::entitlement::bulk::chunks_of(&some, size)
}
