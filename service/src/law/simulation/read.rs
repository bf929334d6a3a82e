//! Reading simulations: the one that signatures bind to, any other by its id, and the list of all.

use chrono::{DateTime, Utc};
use entity::enums::{Act, JobRunStatus, SimulationStatus};
use entity::{approval_act, instrument, job_run, simulation};
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect, Select};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::result::SimulationResult;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// A simulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationView {
    /// What lists tell of it.
    #[serde(flatten)]
    pub summary: SimulationSummary,
    /// The draft.
    pub instrument_id: Uuid,
    /// What it says, once it is done.
    #[schema(value_type = Option<SimulationResult>)]
    pub result: Option<Value>,
}

/// A simulation in the list of an instrument's; what it says is read by its id.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationSummary {
    /// Id. Whoever approves or publishes names it as what was read.
    pub id: Uuid,
    /// The revision that was simulated.
    pub revision: i64,
    /// The release in force that it was compared with.
    pub base_release: Option<i32>,
    /// Hash of the body that was simulated.
    pub body_hash: Option<String>,
    /// SHA-256 of the result; signatures on the draft bind to it.
    pub digest: Option<String>,
    /// The signatures that bind to it: `make`, `approve`, `release`; none if it is empty.
    #[schema(value_type = Vec<String>, example = json!(["make"]))]
    pub bound: Vec<Act>,
    /// One person of so many was determined; everybody if null. A sample stands behind no signature.
    pub sample: Option<i64>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: SimulationStatus,
    /// Its run: `/v1/job-runs/{id}` tells more of the progress, and pauses or cancels it.
    pub job_run: Option<Uuid>,
    /// Progress in percent, rounded down.
    pub percent: i64,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// The view of a simulation for a caller.
pub(super) async fn view(app: &App, actor: &Actor, mut row: simulation::Model) -> Result<SimulationView, Error> {
    let result = row.result.take().map(|result| shown(actor, result)).transpose()?;
    Ok(SimulationView {
        instrument_id: row.instrument_id,
        summary: summary(app, row).await?,
        result,
    })
}

/// A simulation without what it says.
async fn summary(app: &App, row: simulation::Model) -> Result<SimulationSummary, Error> {
    let run = match row.job_run_id {
        Some(id) => job_run::Entity::find_by_id(id).one(app.db.read()).await?,
        None => None,
    };
    let cancelled = run.as_ref().is_some_and(|run| run.status == JobRunStatus::Cancelled);
    let percent = match (row.status, &run) {
        (SimulationStatus::Done, _) => 100,
        (_, Some(run)) if run.total > 0 => run.done * 100 / run.total,
        _ => 0,
    };
    Ok(SimulationSummary {
        bound: bound(app, &row).await?,
        id: row.id,
        revision: row.revision,
        base_release: row.base_release,
        body_hash: row.body_hash,
        digest: row.digest,
        sample: row.sample,
        status: match row.status {
            SimulationStatus::Running if cancelled => SimulationStatus::Failed,
            status => status,
        },
        job_run: row.job_run_id,
        percent,
        created_at: row.created_at,
        finished_at: row.finished_at,
    })
}

/// The signatures whose digest is that of the simulated body together with this very result.
async fn bound(app: &App, row: &simulation::Model) -> Result<Vec<Act>, Error> {
    let (Some(body_hash), Some(base), Some(digest), None) = (&row.body_hash, row.base_release, &row.digest, row.sample)
    else {
        return Ok(Vec::new());
    };
    let signature = crate::law::signature(body_hash, base, digest);
    let mut acts: Vec<Act> = approval_act::Entity::find()
        .filter(approval_act::Column::Subject.eq(crate::law::subject(row.instrument_id)))
        .filter(approval_act::Column::Revision.eq(row.revision))
        .filter(approval_act::Column::Digest.eq(signature))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|act| act.act)
        .collect();
    acts.sort_unstable();
    Ok(acts)
}

/// What a caller may see of a result. One of an earlier program, which counted otherwise, is not shown.
fn shown(actor: &Actor, result: Value) -> Result<Value, Error> {
    let Ok(mut result) = serde_json::from_value::<SimulationResult>(result) else {
        return Ok(Value::Null);
    };
    keep(actor, &mut result);
    Ok(serde_json::to_value(result)?)
}

/// The fund is for those who may read funds.
pub(super) fn keep(actor: &Actor, result: &mut SimulationResult) {
    if actor.require(Permission::FundRead).is_err() {
        result.budget = None;
    }
}

/// A simulation of an instrument: the one that is asked for, or the newest of everybody that is done, which is the one
/// to be signed. It counts the whole province and names people of it.
pub async fn simulation(app: &App, actor: &Actor, id: Uuid, simulation: Option<Uuid>) -> Result<SimulationView, Error> {
    actor.require_province(Permission::LawRead)?;
    view(app, actor, asked(app, id, simulation).await?).await
}

/// Every simulation of an instrument, the newest first: samples, running and failed ones too.
pub async fn simulations(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<SimulationSummary>, Error> {
    actor.require_province(Permission::LawRead)?;
    crate::law::find(app.db.read(), id).await?;
    // A result has a row for each month, area and group: it stays where it is, and a column that is not read is none.
    let told = simulation::Column::iter().filter(|column| !matches!(column, simulation::Column::Result));
    let rows = all_of(id).select_only().columns(told).all(app.db.read()).await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        listed.push(summary(app, row).await?);
    }
    Ok(listed)
}

/// The simulation that was asked for, or the newest of everybody that is done.
pub(super) async fn asked(app: &App, id: Uuid, simulation: Option<Uuid>) -> Result<simulation::Model, Error> {
    let rows = match simulation {
        Some(simulation) => all_of(id).filter(simulation::Column::Id.eq(simulation)),
        None => whole(id),
    };
    rows.one(app.db.read()).await?.ok_or_else(Error::not_found)
}

fn all_of(instrument: Uuid) -> Select<simulation::Entity> {
    simulation::Entity::find()
        .filter(simulation::Column::InstrumentId.eq(instrument))
        .order_by_desc(simulation::Column::CreatedAt)
        .order_by_desc(simulation::Column::Id)
}

/// Those of everybody that are done.
fn whole(instrument: Uuid) -> Select<simulation::Entity> {
    all_of(instrument)
        .filter(simulation::Column::Status.eq(SimulationStatus::Done))
        .filter(simulation::Column::Sample.is_null())
}

/// The newest simulation of an instrument, of whatever kind and state.
pub(super) async fn newest(app: &App, id: Uuid) -> Result<simulation::Model, Error> {
    all_of(id).one(app.db.read()).await?.ok_or_else(Error::not_found)
}

/// What a signature binds to: the release that the newest simulation of this very body stands on, which is the newest,
/// and its digest. Whoever names a simulation has read that one, and it must say the same.
pub(in crate::law) async fn seen(
    txn: &Txn,
    row: &instrument::Model,
    read: Option<Uuid>,
) -> Result<(i32, String), Error> {
    let base = crate::law::release::newest(txn.conn()).await?;
    let valid = whole(row.id)
        .filter(simulation::Column::Revision.eq(row.revision))
        .filter(simulation::Column::BodyHash.eq(row.body_hash.clone()))
        .filter(simulation::Column::BaseRelease.eq(base));
    let digests: Vec<(Uuid, Option<String>)> = valid
        .select_only()
        .columns([simulation::Column::Id, simulation::Column::Digest])
        .into_tuple()
        .all(txn.conn())
        .await?;
    let Some(newest) = digests.first().and_then(|(_, digest)| digest.clone()) else {
        return Err(Error::because(
            ProblemCode::ContentChanged,
            "Chưa có mô phỏng của chính nội dung này trên bản phát hành mới nhất; hãy mô phỏng lại",
            "this very content has not been simulated against the newest release; simulate again",
        ));
    };
    let was_read = |read: Uuid| {
        let mut known = digests.iter();
        known.any(|(id, digest)| *id == read && digest.as_ref() == Some(&newest))
    };
    if read.is_none_or(was_read) {
        return Ok((base, newest));
    }
    Err(Error::because(
        ProblemCode::ContentChanged,
        "Mô phỏng đã đọc không phải là mô phỏng mới nhất của nội dung này; hãy đọc mô phỏng mới nhất rồi ký",
        "the simulation that was read is not what the newest one of this content says; read that one, then sign",
    ))
}
