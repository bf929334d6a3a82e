//! Asking what became of deliveries: unknown ones at the target, sent ones for the receiver's acknowledgement.

use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDateTime;
use entity::enums::{DeliveryStatus, FileStatus};
use entity::{delivery, payment_file};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::problem::DeliveryProblem;
use super::state::{self, Step};
use super::transport::{Seen, Transport};
use super::view::{DeliveryView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::job::{Job, JobContext, Queue};

/// Looks at the target of one delivery. The same bytes there: it was sent. Nothing there: it failed and may be sent
/// again, the same as before. An acknowledgement beside it ends it. Asked twice it does the same once.
///
/// # Errors
/// `unavailable` where the target can't be looked at; the delivery stands as it stood.
pub async fn check(app: &App, actor: &Actor, id: Uuid) -> Result<DeliveryView, Error> {
    actor.require_province(Permission::FileDeliver)?;
    let row = find(app, id).await?;
    if let Some(transport) = transport(app, &row) {
        ask(app, actor, transport.as_ref(), &row).await?;
    }
    Ok(view(find(app, id).await?))
}

async fn find(app: &App, id: Uuid) -> Result<delivery::Model, Error> {
    delivery::Entity::find_by_id(id)
        .one(app.db.read())
        .await?
        .ok_or_else(Error::not_found)
}

/// The transport of a delivery: none where it was fetched, or the channel is no longer configured.
fn transport(app: &App, row: &delivery::Model) -> Option<Arc<dyn Transport>> {
    app.delivery
        .clone()
        .filter(|transport| transport.channel() == row.channel)
}

async fn ask(app: &App, actor: &Actor, transport: &dyn Transport, row: &delivery::Model) -> Result<(), Error> {
    let blind = |why: String| Error {
        source: Some(why.into()),
        ..Error::new(ProblemCode::Unavailable)
    };
    if !matches!(row.status, DeliveryStatus::Unknown | DeliveryStatus::Sent) {
        return Ok(());
    }
    let told = transport.acknowledgement(&row.target_name).await.map_err(blind)?;
    if let Some(hash) = told {
        return heard(app, actor, row, &hash).await;
    }
    if row.status == DeliveryStatus::Sent {
        // A reader takes files away: that it is gone says nothing.
        return Ok(());
    }
    let step = match transport.look(&row.target_name, &row.sha256).await.map_err(blind)? {
        Seen::Same => Step::Sent,
        Seen::Absent => Step::Failed(DeliveryProblem::Absent, "nothing lies at the target".to_owned()),
        Seen::Other => Step::Failed(DeliveryProblem::OtherBytes, "others lie at the target".to_owned()),
    };
    app.db
        .write(async |txn| state::take(app, txn, actor, row, &step).await)
        .await?;
    Ok(())
}

/// The receiver acknowledged: the right hash ends the delivery, another one is a problem for a person.
async fn heard(app: &App, actor: &Actor, row: &delivery::Model, hash: &str) -> Result<(), Error> {
    app.db
        .write(async |txn| {
            if hash != row.sha256 {
                let shown: String = hash.chars().take(64).collect();
                let step = Step::Failed(DeliveryProblem::WrongAcknowledgement, shown);
                state::take(app, txn, actor, row, &step).await?;
                return Ok(());
            }
            let file = payment_file::Entity::find_by_id(row.file_id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            if file.status == FileStatus::Acknowledged {
                return Ok(());
            }
            state::acknowledged(app, txn, actor, &file).await?;
            let changed = payment_file::Model {
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

/// Looks at every delivery that is unknown, or sent and not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChaseUnknownDeliveries {
    /// The time of the schedule that asked for it, in Vietnam.
    pub slot: NaiveDateTime,
}

/// The most deliveries one chase looks at: the unknown ones first, then the newest.
const MOST: u64 = 500;

impl Job for ChaseUnknownDeliveries {
    const KIND: &'static str = "chase_unknown_deliveries";
    const QUEUE: Queue = Queue::Files;
    const TIMEOUT: Duration = Duration::from_secs(600);

    fn natural_key(&self) -> String {
        format!(
            "schedule:chase_unknown_deliveries:{}",
            self.slot.format("%Y-%m-%dT%H:%M")
        )
    }

    async fn run(&self, app: &App, context: &JobContext) -> Result<(), Error> {
        let rows = delivery::Entity::find()
            .filter(delivery::Column::Status.is_in([DeliveryStatus::Unknown, DeliveryStatus::Sent]))
            .order_by_desc(delivery::Column::Status)
            .order_by_desc(delivery::Column::CreatedAt)
            .limit(MOST)
            .all(app.db.read())
            .await?;
        for row in rows {
            let Some(transport) = transport(app, &row) else {
                continue;
            };
            // One target that can't be asked must not keep the others from being asked.
            if let Err(error) = ask(app, &context.actor(), transport.as_ref(), &row).await {
                tracing::warn!(delivery.id = %row.id, "a delivery could not be asked about: {error}");
            }
        }
        app.db.write(async |txn| context.finish_in(txn).await).await
    }
}
