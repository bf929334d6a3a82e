//! Starting a reassessment, and waiting for it.

use domain::law::Affected;
use entity::enums::{JobRunStatus, JobStatus};
use entity::{job as job_row, job_run, person};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::entitlement::bulk;
use crate::error::{Error, ProblemCode};
use crate::job::run::{Chunk, NewRun};
use crate::job::{self, Job};
use crate::reassessment::affected;
use crate::reassessment::chunk::{Parameters, ReassessChunk, ReassessPerson};
use crate::reassessment::repeat;

/// The most people in one chunk: its write transaction stays short.
pub const CHUNK_PEOPLE: usize = 500;

/// The kind under which reassessment runs are listed.
pub(super) const RUN_KIND: &str = "reassessment";

/// Starts the reassessment of everybody under a release, in the transaction that made it necessary.
pub async fn start(app: &App, txn: &Txn, parameters: Parameters, requested_by: &str) -> Result<Uuid, Error> {
    let natural_key = match parameters.opening {
        true => "reassessment:release:opening".to_owned(),
        false => natural_key(parameters.release),
    };
    everybody(app, txn, parameters, natural_key, requested_by).await
}

/// Starts the reassessment of those whom a new release can touch, in the transaction that publishes it. Where an
/// earlier run was cancelled and nobody made it good, that is everybody; so it is where most can be touched, because
/// whole stretches of people are read faster than the same people one by one.
pub async fn start_affected(
    app: &App,
    txn: &Txn,
    (release, affected): (i32, &Affected),
    requested_by: &str,
) -> Result<Uuid, Error> {
    let parameters = Parameters {
        release,
        opening: false,
    };
    let undone = repeat::left_undone(txn.conn()).await? > 0;
    let those = match affected {
        Affected::Those(those) if !undone => those,
        _ => return everybody(app, txn, parameters, natural_key(release), requested_by).await,
    };
    let people = affected::people(txn.conn(), those).await?;
    let everyone = person::Entity::find().count(txn.conn()).await?;
    if u64::try_from(people.len()).map_err(Error::internal)? > everyone / 2 {
        return everybody(app, txn, parameters, natural_key(release), requested_by).await;
    }
    let chunks = bulk::chunks_of(&people, chunk_people(app))?;
    run(txn, parameters, natural_key(release), requested_by, chunks).await
}

fn natural_key(release: i32) -> String {
    format!("reassessment:release:{release}")
}

fn chunk_people(app: &App) -> usize {
    app.chunk_people.clamp(1, CHUNK_PEOPLE)
}

/// Starts the run of this natural key over everybody.
pub(super) async fn everybody(
    app: &App,
    txn: &Txn,
    parameters: Parameters,
    natural_key: String,
    requested_by: &str,
) -> Result<Uuid, Error> {
    let people = crate::person::everybody(txn.conn()).await?;
    let chunks = bulk::chunks(&people, chunk_people(app))?;
    run(txn, parameters, natural_key, requested_by, chunks).await
}

async fn run(
    txn: &Txn,
    parameters: Parameters,
    natural_key: String,
    requested_by: &str,
    chunks: Vec<Chunk>,
) -> Result<Uuid, Error> {
    let new = NewRun {
        kind: RUN_KIND,
        natural_key,
        subject: format!("release:{}", parameters.release),
        requested_by: requested_by.to_owned(),
        parameters: serde_json::to_value(&parameters)?,
        chunks,
        independent: false,
        then: None,
        after: unfinished(txn.conn()).await?,
    };
    let started = job::run::start(txn, new, |run, position| ReassessChunk { run, position }).await?;
    Ok(started.id)
}

/// The newest reassessment that goes on: the next one waits for it, so that releases come in order.
async fn unfinished(conn: &impl ConnectionTrait) -> Result<Option<Uuid>, Error> {
    let newest = job_run::Entity::find()
        .filter(job_run::Column::Kind.eq(RUN_KIND))
        .filter(job_run::Column::Status.is_in([JobRunStatus::Running, JobRunStatus::Paused]))
        .order_by_desc(job_run::Column::CreatedAt)
        .order_by_desc(job_run::Column::Id)
        .one(conn)
        .await?;
    Ok(newest.map(|run| run.id))
}

/// Queues one person, in the transaction of the changed evidence.
pub async fn queue_person(txn: &Txn, _: &App, person_id: Uuid, evidence_rev: i64) -> Result<(), Error> {
    job::enqueue(
        txn,
        &ReassessPerson {
            person_id,
            evidence_rev,
        },
    )
    .await?;
    Ok(())
}

/// Refuses while any reassessment is unfinished: a pay run may rest on finished ones alone.
pub async fn require_finished(conn: &impl ConnectionTrait) -> Result<(), Error> {
    let runs = job_run::Entity::find()
        .filter(job_run::Column::Kind.eq(RUN_KIND))
        .filter(job_run::Column::Status.is_in([JobRunStatus::Running, JobRunStatus::Paused]))
        .count(conn)
        .await?;
    let runs = runs + repeat::left_undone(conn).await?;
    let people = job_row::Entity::find()
        .filter(job_row::Column::Kind.eq(ReassessPerson::KIND))
        .filter(job_row::Column::Status.is_in([JobStatus::Queued, JobStatus::Running, JobStatus::Dead]))
        .count(conn)
        .await?;
    if runs + people == 0 {
        return Ok(());
    }
    Err(Error::because(
        ProblemCode::ReassessmentUnfinished,
        format!("Còn {runs} đợt tính lại và {people} người đang được tính lại"),
        format!("{runs} reassessments and {people} single people are not finished"),
    ))
}
