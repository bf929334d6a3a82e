//! Asking what became of deliveries: unknown ones at the target, sent ones for the receiver's acknowledgement, and those
//! that began and were left by their jobs.

use std::time::Duration;

use chrono::{NaiveDateTime, TimeDelta};
use entity::enums::{DeliveryChannel, DeliveryStatus, FileStatus};
use entity::job::JobStatus;
use entity::{delivery, job};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::send::{DeliverFile, elsewhere, lying};
use super::state::{self, Step};
use super::told::{Told, wrong_hash};
use super::transport::{Transport, leads_to};
use super::view::{DeliveryView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::job::{Job, JobContext, Queue};
use crate::payment_file;

/// Looks at the target of one delivery. The same bytes there: it was sent. Nothing there: it failed and may be sent
/// again, the same as before. An acknowledgement beside it ends it. Asked twice it does the same once.
///
/// # Errors
/// `unavailable` where the target can't be looked at; the delivery stands as it stood.
pub async fn check(app: &App, actor: &Actor, id: Uuid) -> Result<DeliveryView, Error> {
    actor.require_province(Permission::FileDeliver)?;
    let row = find(app, id).await?;
    if is_open(app, &row) && (row.status != DeliveryStatus::Queued || job_is_over(app, &row).await?) {
        ask_or_tell(app, actor, &row).await?;
    }
    Ok(view(find(app, id).await?))
}

async fn find(app: &App, id: Uuid) -> Result<delivery::Model, Error> {
    delivery::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)
}

/// One that began so long ago and is still queued has lost its job: no run of it lasts nearly as long.
pub(super) const LOST_AFTER: TimeDelta = TimeDelta::hours(1);

/// Is there something to ask of it? It is unknown, or sent and not acknowledged, or it began and its job never ended it.
pub(super) fn is_open(app: &App, row: &delivery::Model) -> bool {
    match row.status {
        DeliveryStatus::Unknown => true,
        DeliveryStatus::Sent => row.channel != DeliveryChannel::Download,
        DeliveryStatus::Queued => row.began_at.is_some_and(|began| began < app.clock.now() - LOST_AFTER),
        DeliveryStatus::Acknowledged | DeliveryStatus::Failed => false,
    }
}

/// Will the job of a queued delivery run no more, unless a person retries it?
async fn job_is_over(app: &App, row: &delivery::Model) -> Result<bool, Error> {
    let own = DeliverFile { delivery: row.id };
    let live = job::Entity::find()
        .filter(job::Column::NaturalKey.eq(own.natural_key()))
        .filter(job::Column::Status.is_in([JobStatus::Queued, JobStatus::Running]))
        .one(app.db.read())
        .await?;
    Ok(live.is_none())
}

/// Asks at the target, where this process leads there; otherwise notes where a person has to look.
async fn ask_or_tell(app: &App, actor: &Actor, row: &delivery::Model) -> Result<(), Error> {
    if let Some(transport) = app.delivery.as_deref().filter(|transport| leads_to(*transport, row)) {
        return ask(app, actor, transport, row).await;
    }
    let why = elsewhere(app, row);
    app.db
        .write(async |txn| match row.status {
            DeliveryStatus::Queued => {
                state::take(app, txn, actor, row, &Step::Unknown(why.clone())).await?;
                Ok(())
            }
            DeliveryStatus::Unknown => state::tell(txn, row, &why).await,
            _ => Ok(()),
        })
        .await
}

async fn ask(app: &App, actor: &Actor, transport: &dyn Transport, row: &delivery::Model) -> Result<(), Error> {
    let step = match lying(row).ask(transport).await? {
        Told::Nothing => return Ok(()),
        Told::Hash(hash) => return heard(app, actor, row, &hash).await,
        Told::Step(step) => step,
    };
    app.db
        .write(async |txn| state::take(app, txn, actor, row, &step).await)
        .await?;
    Ok(())
}

/// The receiver acknowledged: the right hash ends the delivery, another one is a problem for a person. So it is with a file
/// that was withdrawn after it was sent: that it has arrived is true all the same.
async fn heard(app: &App, actor: &Actor, row: &delivery::Model, hash: &str) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            if hash != row.sha256 {
                state::take(app, txn, actor, row, &wrong_hash(hash)).await?;
                return Ok(());
            }
            let file = payment_file::locked_with_run(txn, row.file_id).await?;
            if file.status == FileStatus::Acknowledged {
                return Ok(());
            }
            state::acknowledged(app, txn, actor, &file).await?;
            let changed = entity::payment_file::Model {
                status: FileStatus::Acknowledged,
                acknowledged_at: Some(app.clock.now()),
                version: file.version + 1,
                ..file
            };
            changed.into_active_model().reset_all().update(txn.conn()).await?;
            Ok(())
        })
        .await
}

/// Looks at every delivery that is unknown, sent and not acknowledged, or begun and left by its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChaseUnknownDeliveries {
    /// The time of the schedule that asked for it, in Vietnam.
    pub slot: NaiveDateTime,
}

/// The most deliveries one chase looks at: those left by their jobs, then the unknown ones, then the newest.
const MOST: u64 = 500;

/// After so many failures in a row a target is left alone until the next slot: files wait behind this job.
const FAILURES: usize = 3;

/// The longest time of one chase; the rest is for the next slot.
const CHASE: Duration = Duration::from_secs(420);

/// The same for requests to recall orders, which are few.
const RECALLS: Duration = Duration::from_secs(120);

impl Job for ChaseUnknownDeliveries {
    const KIND: &'static str = "chase_unknown_deliveries";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);
    /// The next slot asks again. A worker that dies in it leaves nothing that waits for a person.
    const MAX_ATTEMPTS: i32 = 3;

    fn natural_key(&self) -> String {
        format!(
            "schedule:chase_unknown_deliveries:{}",
            self.slot.format("%Y-%m-%dT%H:%M")
        )
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let rows = open(app).await?;
        match tokio::time::timeout(CHASE, chase(app, &context.actor(), rows)).await {
            Ok(done) => done?,
            Err(_elapsed) => tracing::warn!("the chase of deliveries stopped after {} s", CHASE.as_secs()),
        }
        match tokio::time::timeout(RECALLS, super::recall::chase(app, &context.actor())).await {
            Ok(done) => done?,
            Err(_elapsed) => tracing::warn!("the chase of recalls stopped after {} s", RECALLS.as_secs()),
        }
        app.db.write(async |txn| context.finish_in(txn).await).await
    }
}

/// The deliveries to ask about.
async fn open(app: &App) -> Result<Vec<delivery::Model>, Error> {
    use delivery::Column as C;
    let lost = delivery::Entity::find()
        .filter(C::Status.eq(DeliveryStatus::Queued))
        .filter(C::BeganAt.lt(app.clock.now() - LOST_AFTER))
        .order_by_asc(C::BeganAt)
        .limit(MOST)
        .all(app.db.read())
        .await?;
    let mut rows = Vec::new();
    for row in lost {
        if job_is_over(app, &row).await? {
            rows.push(row);
        }
    }
    let others = delivery::Entity::find()
        .filter(C::Status.is_in([DeliveryStatus::Unknown, DeliveryStatus::Sent]))
        .order_by_desc(C::Status)
        .order_by_desc(C::CreatedAt)
        .limit(MOST)
        .all(app.db.read())
        .await?;
    rows.extend(others);
    Ok(rows)
}

/// Asks about each of them, until the target fails too often. What this process does not lead to costs no time.
async fn chase(app: &App, actor: &Actor, rows: Vec<delivery::Model>) -> Result<(), Error> {
    let mut failures = 0;
    for row in rows {
        let leads = app
            .delivery
            .as_deref()
            .is_some_and(|transport| leads_to(transport, &row));
        if leads && failures >= FAILURES {
            continue;
        }
        // One delivery that can't be asked about must not keep the others from being asked.
        match ask_or_tell(app, actor, &row).await {
            Ok(()) if leads => failures = 0,
            Ok(()) => {}
            Err(error) => {
                failures += usize::from(leads);
                tracing::warn!(delivery.id = %row.id, "a delivery could not be asked about: {error}");
            }
        }
    }
    Ok(())
}
