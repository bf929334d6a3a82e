//! The job: one delivery, sent once.

use std::time::Duration;

use entity::enums::DeliveryStatus;
use entity::{delivery, payment_file};
use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::parcel::parcel;
use super::problem::DeliveryProblem;
use super::state::{self, Step};
use super::told::{Lying, not_made};
use super::transport::{Transport, leads_to};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::job::{Job, JobContext, Queue};

/// Sends one file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliverFile {
    /// The delivery.
    pub delivery: Uuid,
}

impl Job for DeliverFile {
    const KIND: &'static str = "deliver_payment_file";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);
    /// A target that can't be reached is tried for about three and a half hours.
    const MAX_ATTEMPTS: i32 = 24;

    fn natural_key(&self) -> String {
        format!("deliver_payment_file:{}", self.delivery.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let row = delivery::Entity::find_by_id(self.delivery)
            .one(app.db.read())
            .await?
            .ok_or_else(Error::not_found)?;
        if row.status != DeliveryStatus::Queued {
            return Ok(());
        }
        let transport = app.delivery.as_deref();
        let step = if row.began_at.is_some() {
            // An earlier run began and never ended: what it sent is at the target, or nobody knows.
            match transport.filter(|transport| leads_to(*transport, &row)) {
                Some(transport) => lying(&row).found(transport, CUT_OFF).await,
                None => Step::Unknown(format!("{CUT_OFF}; {}", elsewhere(app, &row))),
            }
        } else if let Some((problem, why)) = kept_back(app, row.file_id).await? {
            Step::Failed(problem, why.to_owned())
        } else {
            match transport.filter(|transport| transport.channel() == row.channel) {
                Some(transport) => match send(app, context, transport, &row).await? {
                    Ok(step) => step,
                    Err(why) => return later(app, context, &row, true, why).await,
                },
                None => return later(app, context, &row, false, "this process has no such channel".to_owned()).await,
            }
        };
        end(app, context, &row, &step).await
    }
}

/// Why a file is sent no more though its delivery is queued: somebody carried it to its receiver meanwhile, who answered; or
/// an earlier release did not ask.
async fn kept_back(app: &App, file: Uuid) -> Result<Option<(DeliveryProblem, &'static str)>, Error> {
    let conn = app.db.read();
    let own = payment_file::Entity::find_by_id(file).all(conn).await?;
    if !crate::payment_file::withdrawn(conn, &own).await?.is_empty() {
        return Ok(Some((DeliveryProblem::Withdrawn, "its file was withdrawn")));
    }
    let answered = crate::payment_file::answered(conn, &own).await?;
    let why = (DeliveryProblem::Answered, "an order of its file was answered");
    Ok((!answered.is_empty()).then_some(why))
}

const CUT_OFF: &str = "an earlier run was cut off";

/// Where a delivery that has begun went, for a person who has to look there since this process can't.
pub(super) fn elsewhere(app: &App, row: &delivery::Model) -> String {
    let went = row.target.as_deref().unwrap_or("a channel that is no longer set");
    match &app.delivery {
        Some(transport) => format!(
            "it went to {went}, and this process leads to {}: look there",
            transport.told()
        ),
        None => format!("it went to {went}, and this process has no channel: look there"),
    }
}

/// Not a byte has left: it is tried again, or fails where it was tried often enough.
async fn later(app: &App, context: &JobContext, row: &delivery::Model, begun: bool, why: String) -> Result<(), Error> {
    if context.attempt >= DeliverFile::MAX_ATTEMPTS {
        return end(app, context, row, &Step::Failed(DeliveryProblem::Unreachable, why)).await;
    }
    app.db
        .write(async |txn| {
            if begun {
                state::not_left(txn, row.id, &why).await
            } else {
                state::not_begun(txn, row.id, &why).await
            }
        })
        .await?;
    Err(Error {
        source: Some(why.into()),
        ..Error::new(ProblemCode::Unavailable)
    })
}

/// Sends it; the reason where not a byte has left.
async fn send(
    app: &App,
    context: &JobContext,
    transport: &dyn Transport,
    row: &delivery::Model,
) -> Result<Result<Step, String>, Error> {
    let parcel = match parcel(app, row).await {
        Ok(parcel) => parcel,
        // What is tried again may read better.
        Err(error) if error.is_retryable() && context.attempt < DeliverFile::MAX_ATTEMPTS => return Err(error),
        Err(error) => return Ok(Ok(not_made(&error))),
    };
    let begun = app
        .db
        .write(async |txn| state::begin(app, txn, row, transport, &parcel).await)
        .await?;
    if !begun {
        // Another run of this job is ahead, or the treasury has just acknowledged the file.
        return Err(Error::new(ProblemCode::Unavailable));
    }
    Ok(lying(row).send(transport, &parcel).await)
}

async fn end(app: &App, context: &JobContext, row: &delivery::Model, step: &Step) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            state::take(app, txn, &context.actor(), row, step).await?;
            context.finish_in(txn).await
        })
        .await
}

/// The parcel of a delivery.
pub(super) fn lying(row: &delivery::Model) -> Lying<'_> {
    Lying {
        name: &row.target_name,
        sha256: &row.sha256,
        status: row.status,
    }
}
