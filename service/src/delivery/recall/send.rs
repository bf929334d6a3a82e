//! The job: one request, sent once.

use std::time::Duration;

use domain::payment_file::{CAMT055, Manifest};
use entity::enums::DeliveryStatus;
use entity::{recall, recall_delivery};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::super::problem::DeliveryProblem;
use super::super::state::Step;
use super::super::told::{Lying, not_made};
use super::super::transport::{Parcel, Seen, Transport};
use super::{leads_to, order_of, state};
use crate::app::App;
use crate::clock::in_vietnam;
use crate::error::{Error, ProblemCode};
use crate::job::{Job, JobContext, Queue};
use crate::payment_order::camt055;

/// Sends one request to recall an order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct DeliverRecall {
    /// The delivery.
    pub delivery: Uuid,
}

impl Job for DeliverRecall {
    const KIND: &'static str = "deliver_recall";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);
    /// A target that can't be reached is tried for about three and a half hours.
    const MAX_ATTEMPTS: i32 = 24;

    fn natural_key(&self) -> String {
        format!("deliver_recall:{}", self.delivery.simple())
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let row = recall_delivery::Entity::find_by_id(self.delivery)
            .one(app.db.read())
            .await?
            .ok_or_else(Error::not_found)?;
        if row.status != DeliveryStatus::Queued {
            return Ok(());
        }
        let transport = app.delivery.as_deref().filter(|transport| leads_to(*transport, &row));
        let step = match transport {
            // An earlier run began and never ended: what it sent is at the target, or nobody knows.
            Some(transport) if row.began_at.is_some() => lying(&row).found(transport, CUT_OFF).await,
            Some(transport) => match send(app, context, transport, &row).await? {
                Ok(step) => step,
                Err(why) => return later(app, context, &row, true, why).await,
            },
            None if row.began_at.is_some() => {
                Step::Unknown(format!("{CUT_OFF}; it went to {}: look there", row.target))
            }
            None => {
                let why = format!("this process does not lead to {}", row.target);
                return later(app, context, &row, false, why).await;
            }
        };
        end(app, context, &row, &step).await
    }
}

const CUT_OFF: &str = "an earlier run was cut off";

/// Not a byte has left: it is tried again, or fails where it was tried often enough.
async fn later(
    app: &App,
    context: &JobContext,
    row: &recall_delivery::Model,
    begun: bool,
    why: String,
) -> Result<(), Error> {
    if context.attempt >= DeliverRecall::MAX_ATTEMPTS {
        return end(app, context, row, &Step::Failed(DeliveryProblem::Unreachable, why)).await;
    }
    app.db
        .write(async |txn| state::not_left(txn, row.id, begun, &why).await)
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
    row: &recall_delivery::Model,
) -> Result<Result<Step, String>, Error> {
    let parcel = match parcel(app, row).await {
        Ok(parcel) => parcel,
        Err(error) if error.is_retryable() && context.attempt < DeliverRecall::MAX_ATTEMPTS => return Err(error),
        Err(error) => return Ok(Ok(not_made(&error))),
    };
    let begun = app
        .db
        .write(async |txn| state::begin(app, txn, row, &parcel).await)
        .await?;
    if !begun {
        // Another run of this job is ahead.
        return Err(Error::new(ProblemCode::Unavailable));
    }
    Ok(lying(row).send(transport, &parcel).await)
}

async fn end(app: &App, context: &JobContext, row: &recall_delivery::Model, step: &Step) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            state::take(app, txn, &context.actor(), row, step).await?;
            context.finish_in(txn).await
        })
        .await
}

/// The parcel of a delivery.
pub(super) fn lying(row: &recall_delivery::Model) -> Lying<'_> {
    Lying {
        name: &row.target_name,
        sha256: &row.sha256,
        status: row.status,
    }
}

/// What is sent: the message that was agreed on, to the byte, with a manifest of it and the signature over that.
async fn parcel(app: &App, row: &recall_delivery::Model) -> Result<Parcel, Error> {
    let conn = app.db.read();
    let own = recall::Entity::find_by_id(row.recall_id).one(conn).await?;
    let own = own.ok_or_else(Error::not_found)?;
    let order = order_of(conn, &own).await?;
    let message = camt055::of(app, conn, &own, &order).await?;
    let message = message.ok_or_else(camt055::by_letter)?;
    if Seen::of(&message.bytes, &row.sha256) != Seen::Same {
        return Err(Error::internal(format!(
            "the message {} no longer has the hash it was agreed on with",
            message.name
        )));
    }
    let decided_at = own.decided_at.ok_or_else(crate::proposal::not_accepted)?;
    // It says which run and which file it is about, as the manifest of that file does.
    let manifest = Manifest {
        file: row.target_name.clone(),
        format: CAMT055.to_owned(),
        channel: None,
        message_id: Some(message.message_id),
        sequence: u32::try_from(own.sequence).map_err(Error::internal)?,
        count: Some(1),
        sum: Some(message.amount),
        account_hash_total: None,
        bytes: u64::try_from(message.bytes.len()).map_err(Error::internal)?,
        sha256: row.sha256.clone(),
        created_at: in_vietnam(decided_at).format("%Y-%m-%dT%H:%M:%S%:z").to_string(),
        ..crate::payment_file::manifest_of(app, &message.file).await?
    };
    let (name, bytes) = (Manifest::file_name(&row.target_name), manifest.to_json()?.into_bytes());
    let signature = match signed_before(app, row).await? {
        Some(signature) => signature,
        None => {
            let (ending, signature) = crate::payment_file::signed(app, &manifest, &bytes)?;
            (format!("{name}.{ending}"), signature)
        }
    };
    Ok(Parcel {
        name: row.target_name.clone(),
        bytes: message.bytes,
        manifest: Some((name, bytes)),
        signature: Some(signature),
    })
}

/// The signature that went with an earlier attempt: a later one sends the same bytes, whatever signs by then.
async fn signed_before(app: &App, row: &recall_delivery::Model) -> Result<Option<(String, Vec<u8>)>, Error> {
    let signed = recall_delivery::Entity::find()
        .filter(recall_delivery::Column::RecallId.eq(row.recall_id))
        .filter(recall_delivery::Column::SignatureName.is_not_null())
        .order_by_asc(recall_delivery::Column::Attempt)
        .limit(1)
        .one(app.db.read())
        .await?;
    Ok(signed.and_then(|signed| signed.signature_name.zip(signed.signature)))
}
