//! What a draft would change: the whole registry determined under the law in force and under the draft, side by side.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Month;
use domain::determination::determine;
use entity::enums::{InstrumentStatus, SimulationStatus};
use entity::{area, instrument, person, simulation};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::job::{self, Job, JobContext, Queue};
use crate::law::tally::Tally;
use crate::person::PersonRange;
use crate::person::case_file;

/// People loaded at a time.
const CHUNK: usize = 2_000;

/// A simulation.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SimulationView {
    /// Id.
    pub id: Uuid,
    /// The draft.
    pub instrument_id: Uuid,
    /// The revision that was simulated.
    pub revision: i64,
    /// The release in force that it was compared with.
    pub base_release: Option<i32>,
    /// Hash of the body that was simulated.
    pub body_hash: Option<String>,
    /// Where it stands.
    #[schema(value_type = String)]
    pub status: SimulationStatus,
    /// Heads and money by month, area and group; gainers, losers, entrants and leavers.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

fn view(row: simulation::Model) -> SimulationView {
    SimulationView {
        id: row.id,
        instrument_id: row.instrument_id,
        revision: row.revision,
        base_release: row.base_release,
        body_hash: row.body_hash,
        status: row.status,
        result: row.result,
        created_at: row.created_at,
        finished_at: row.finished_at,
    }
}

/// Starts the simulation of a checked draft.
pub async fn simulate(app: &App, actor: &Actor, id: Uuid) -> Result<SimulationView, Error> {
    actor.require_province(Permission::LawDraft)?;
    let row = app
        .db
        .write(async |txn| {
            let draft = super::for_update(txn, id).await?;
            let simulable = [
                InstrumentStatus::Checked,
                InstrumentStatus::Simulated,
                // Another release may come between submission and approval.
                InstrumentStatus::Submitted,
            ];
            if !simulable.contains(&draft.status) {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Văn bản phải được kiểm tra trước",
                    "the draft must be checked first",
                ));
            }
            let row = simulation::Model {
                id: app.ids.next(),
                instrument_id: id,
                revision: draft.revision,
                job_run_id: None,
                status: SimulationStatus::Running,
                result: None,
                digest: None,
                created_at: app.clock.now(),
                finished_at: None,
                body_hash: Some(draft.body_hash),
                base_release: None,
            };
            txn.insert_all::<simulation::Entity>(vec![row.clone()]).await?;
            job::enqueue(txn, &Simulate { simulation: row.id }).await?;
            let detail = json!({"simulation": row.id, "revision": row.revision});
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
    Ok(view(row))
}

/// The newest simulation of an instrument. It counts the whole province and names people of it.
pub async fn simulation(app: &App, actor: &Actor, id: Uuid) -> Result<SimulationView, Error> {
    actor.require_province(Permission::LawRead)?;
    Ok(view(newest(app, id).await?))
}

/// The digest of the simulation that an approver reads: of this very body, against the newest release. Whoever signs
/// signs what it showed.
pub(super) async fn seen(txn: &Txn, row: &instrument::Model) -> Result<String, Error> {
    let newest = super::release::newest(txn.conn()).await?;
    let seen = simulation::Entity::find()
        .filter(simulation::Column::InstrumentId.eq(row.id))
        .filter(simulation::Column::Revision.eq(row.revision))
        .filter(simulation::Column::BodyHash.eq(row.body_hash.clone()))
        .filter(simulation::Column::BaseRelease.eq(newest))
        .filter(simulation::Column::Status.eq(SimulationStatus::Done))
        .order_by_desc(simulation::Column::CreatedAt)
        .order_by_desc(simulation::Column::Id)
        .one(txn.conn())
        .await?;
    seen.and_then(|seen| seen.digest).ok_or_else(|| {
        Error::because(
            ProblemCode::ContentChanged,
            "Chưa có mô phỏng của chính nội dung này trên bản phát hành mới nhất; hãy mô phỏng lại",
            "this very content has not been simulated against the newest release; simulate again",
        )
    })
}

pub(super) async fn newest(app: &App, id: Uuid) -> Result<simulation::Model, Error> {
    let row = simulation::Entity::find()
        .filter(simulation::Column::InstrumentId.eq(id))
        .order_by_desc(simulation::Column::CreatedAt)
        .order_by_desc(simulation::Column::Id)
        .one(app.db.read())
        .await?;
    row.ok_or_else(Error::not_found)
}

/// Runs a simulation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Simulate {
    /// The simulation.
    pub simulation: Uuid,
}

impl Job for Simulate {
    const KIND: &'static str = "simulate_instrument";
    const QUEUE: Queue = Queue::Default;
    const TIMEOUT: Duration = Duration::from_secs(3_600);
    const MAX_ATTEMPTS: i32 = 3;

    fn natural_key(&self) -> String {
        format!("simulate_instrument:{}", self.simulation.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let row = simulation::Entity::find_by_id(self.simulation)
            .one(app.db.read())
            .await?
            .ok_or_else(Error::not_found)?;
        let draft = super::find(app.db.read(), row.instrument_id).await?;
        if row.body_hash.as_ref() != Some(&draft.body_hash) {
            // Edited meanwhile: what was asked for is gone.
            return app
                .db
                .write(async |txn| {
                    let failed = simulation::Model {
                        status: SimulationStatus::Failed,
                        finished_at: Some(app.clock.now()),
                        ..row.clone()
                    };
                    failed.into_active_model().reset_all().update(txn.conn()).await?;
                    context.finish_in(txn).await
                })
                .await;
        }
        let (base_release, tally) = tally(app, &draft).await?;
        let result = serde_json::to_value(tally)?;
        app.db
            .write(async |txn| {
                let digest = hex::encode(Sha256::digest(result.to_string().as_bytes()));
                let done = simulation::Model {
                    status: SimulationStatus::Done,
                    result: Some(result.clone()),
                    digest: Some(digest),
                    finished_at: Some(app.clock.now()),
                    base_release: Some(base_release),
                    ..row.clone()
                };
                done.into_active_model().reset_all().update(txn.conn()).await?;
                let draft = super::for_update(txn, row.instrument_id).await?;
                if draft.status == InstrumentStatus::Checked && draft.revision == row.revision {
                    let simulated = instrument::Model {
                        status: InstrumentStatus::Simulated,
                        ..draft
                    };
                    super::approve::save(app, txn, simulated).await?;
                }
                context.finish_in(txn).await
            })
            .await
    }
}

/// What the draft changes against the newest release, whose number comes first.
async fn tally(app: &App, draft: &instrument::Model) -> Result<(i32, Tally), Error> {
    let number = super::latest(app).await?;
    let in_force = super::release(app, number).await?;
    let (instruments, _) = super::release::with_draft(app.db.read(), number, draft).await?;
    let reach_back = super::release::reach_back(app.db.read(), number, draft).await?;
    let first = reach_back.unwrap_or_else(|| Month::of(app.clock.today()));
    let under_draft = super::release::compile(number + 1, &instruments)?;
    let taken = crate::reassessment::last_taken(app).await?.unwrap_or(first.previous());
    let names: BTreeMap<String, String> = area::Entity::find()
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|row| (row.id, row.name))
        .collect();
    let mut people: Vec<Uuid> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .into_tuple()
        .all(app.db.read())
        .await?;
    people.sort_unstable();
    let mut tally = Tally::new(first);
    for chunk in people.chunks(CHUNK) {
        let (Some(first_person), Some(last_person)) = (chunk.first(), chunk.last()) else {
            continue;
        };
        let range = PersonRange {
            first: *first_person,
            last: *last_person,
        };
        for loaded in case_file::load_range(app.db.read(), range).await? {
            let now = determine(&loaded.case_file, &in_force);
            let then = determine(&loaded.case_file, &under_draft);
            let area = names.get(&loaded.area_id).unwrap_or(&loaded.area_id);
            tally.add(loaded.person_id, area, (&now, &then), first, taken);
        }
    }
    Ok((number, tally))
}
