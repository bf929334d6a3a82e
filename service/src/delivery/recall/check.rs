//! Asking what became of a request: where nobody knows, at the target; where it was sent, for the receiver's word.

use entity::enums::DeliveryStatus;
use entity::job::JobStatus;
use entity::{job, recall, recall_delivery};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::super::chase::LOST_AFTER;
use super::super::told::{Told, wrong_hash};
use super::super::transport::Transport;
use super::send::lying;
use super::{DeliverRecall, RecallDeliveryView, last, leads_to, state, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::{Error, ProblemCode};
use crate::job::Job;

/// The most requests one chase asks about.
const MOST: u64 = 100;

/// Looks at the target of the last delivery of a recall. The same bytes there: it was sent. Nothing there: it failed and
/// may be sent again, the same as before. An acknowledgement beside it ends it. Nothing is sent by asking.
///
/// # Errors
/// `illegal-transition` where it was never sent; `unavailable` where the target can't be looked at.
pub async fn check_recall(app: &App, actor: &Actor, recall: Uuid) -> Result<RecallDeliveryView, Error> {
    actor.require_province(Permission::FileDeliver)?;
    let conn = app.db.read();
    if recall::Entity::find_by_id(recall).one(conn).await?.is_none() {
        return Err(Error::not_found());
    }
    let row = last(conn, recall).await?.ok_or_else(never_sent)?;
    if is_open(app, &row).await? {
        let transport = app.delivery.as_deref().filter(|transport| leads_to(*transport, &row));
        let transport = transport.ok_or_else(|| Error::new(ProblemCode::Unavailable))?;
        ask(app, actor, transport, &row).await?;
    }
    let row = last(app.db.read(), recall).await?.ok_or_else(Error::not_found)?;
    Ok(view(row))
}

fn never_sent() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Thông điệp chưa được gửi qua kênh giao",
        "the message was never sent over the channel",
    )
}

/// Is there something to ask of it? It is unknown, or sent and not acknowledged, or it began long ago and no job of it is
/// left.
async fn is_open(app: &App, row: &recall_delivery::Model) -> Result<bool, Error> {
    match row.status {
        DeliveryStatus::Unknown | DeliveryStatus::Sent => Ok(true),
        DeliveryStatus::Acknowledged | DeliveryStatus::Failed => Ok(false),
        DeliveryStatus::Queued => {
            if row.began_at.is_none_or(|began| began >= app.clock.now() - LOST_AFTER) {
                return Ok(false);
            }
            let own = DeliverRecall { delivery: row.id };
            let live = job::Entity::find()
                .filter(job::Column::NaturalKey.eq(own.natural_key()))
                .filter(job::Column::Status.is_in([JobStatus::Queued, JobStatus::Running]))
                .one(app.db.read())
                .await?;
            Ok(live.is_none())
        }
    }
}

async fn ask(app: &App, actor: &Actor, transport: &dyn Transport, row: &recall_delivery::Model) -> Result<(), Error> {
    let step = match lying(row).ask(transport).await? {
        Told::Nothing => return Ok(()),
        Told::Hash(hash) if hash == row.sha256 => {
            return app
                .db
                .write(async |txn| state::acknowledge(app, txn, actor, row).await)
                .await;
        }
        Told::Hash(other) => wrong_hash(&other),
        Told::Step(step) => step,
    };
    app.db
        .write(async |txn| state::take(app, txn, actor, row, &step).await)
        .await
}

/// Asks about every request that is open; the first that can't be asked about ends it until the next slot.
pub(in super::super) async fn chase(app: &App, actor: &Actor) -> Result<(), Error> {
    use recall_delivery::Column as C;
    let Some(transport) = app.delivery.as_deref() else {
        return Ok(());
    };
    let rows = recall_delivery::Entity::find()
        .filter(C::Status.is_in([DeliveryStatus::Queued, DeliveryStatus::Unknown, DeliveryStatus::Sent]))
        .order_by_desc(C::CreatedAt)
        .limit(MOST)
        .all(app.db.read())
        .await?;
    for row in rows.iter().filter(|row| leads_to(transport, row)) {
        if !is_open(app, row).await? {
            continue;
        }
        if let Err(error) = ask(app, actor, transport, row).await {
            tracing::warn!(recall_delivery.id = %row.id, "a request could not be asked about: {error}");
            break;
        }
    }
    Ok(())
}
