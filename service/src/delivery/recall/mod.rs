//! Requests to recall orders on their way to a bank: as payment files go, over the same channel, with a manifest and its
//! signature beside them, and in the same states. No order moves by them, whatever becomes of the request.

mod check;
mod send;
mod state;

use chrono::{DateTime, Utc};
use domain::ids;
use entity::enums::{DeliveryStatus, ProposalStatus};
use entity::{payment_order, recall, recall_delivery};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::problem::DeliveryProblem;
use super::transport::Transport;
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode, Text};
use crate::payment_order::camt055;
use crate::{job, proposal, vocabulary};

pub use check::check_recall;
pub use send::DeliverRecall;

pub(super) use check::chase;

/// One attempt to bring a request to its bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecallDeliveryView {
    /// Id.
    pub id: Uuid,
    /// The recall.
    pub recall_id: Uuid,
    /// The attempt, from 1.
    pub attempt: i32,
    /// `queued`, `sent`, `acknowledged`, `unknown` or `failed`.
    #[schema(value_type = String, example = "sent")]
    pub status: DeliveryStatus,
    /// SHA-256 of the message.
    pub sha256: String,
    /// What the message is called at the target.
    #[schema(example = "camt055-AS-57VBQJ65YP2X5PGYN0FRD27CC1.xml")]
    pub target_name: String,
    /// When the bytes were known to be at the target.
    pub sent_at: Option<DateTime<Utc>>,
    /// When the receiver confirmed them by their hash.
    pub acknowledged_at: Option<DateTime<Utc>>,
    /// What went wrong, in words.
    pub error_text: Option<Text>,
    /// What the machine said.
    pub detail: Option<String>,
    /// When the attempt was asked for.
    pub created_at: DateTime<Utc>,
}

fn view(row: recall_delivery::Model) -> RecallDeliveryView {
    let problem = row.error.as_deref().and_then(DeliveryProblem::from_code);
    RecallDeliveryView {
        id: row.id,
        recall_id: row.recall_id,
        attempt: row.attempt,
        status: row.status,
        sha256: row.sha256,
        target_name: row.target_name,
        sent_at: row.sent_at,
        acknowledged_at: row.acknowledged_at,
        error_text: problem.map(DeliveryProblem::text),
        detail: row.detail,
        created_at: row.created_at,
    }
}

/// The subject of such a delivery in the audit trail.
fn subject(id: Uuid) -> String {
    format!("recall_delivery:{}", id.simple())
}

/// Does this transport lead to where a delivery goes?
fn leads_to(transport: &dyn Transport, row: &recall_delivery::Model) -> bool {
    transport.channel() == row.channel && row.target == transport.told()
}

/// The attempts for these recalls, the first of each before its later ones.
pub(crate) async fn of_recalls(
    conn: &impl ConnectionTrait,
    recalls: &[Uuid],
) -> Result<Vec<RecallDeliveryView>, Error> {
    let rows = recall_delivery::Entity::find()
        .filter(recall_delivery::Column::RecallId.is_in(recalls.iter().copied()))
        .order_by_asc(recall_delivery::Column::Attempt)
        .all(conn)
        .await?;
    Ok(rows.into_iter().map(view).collect())
}

/// The deliveries of a recall, the first attempt first.
pub async fn of_recall(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<RecallDeliveryView>, Error> {
    actor.require_province(Permission::FileRead)?;
    let found = recall::Entity::find_by_id(id).one(app.db.read()).await?;
    let own = found.ok_or_else(Error::not_found)?;
    of_recalls(app.db.read(), &[own.id]).await
}

async fn last(conn: &impl ConnectionTrait, recall: Uuid) -> Result<Option<recall_delivery::Model>, Error> {
    let row = recall_delivery::Entity::find()
        .filter(recall_delivery::Column::RecallId.eq(recall))
        .order_by_desc(recall_delivery::Column::Attempt)
        .limit(1)
        .one(conn)
        .await?;
    Ok(row)
}

/// Sends the request that two people have just agreed on, where there is a channel and the bank reads messages.
pub(crate) async fn goes_out(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    row: &recall::Model,
    order: &payment_order::Model,
) -> Result<(), Error> {
    let Some(transport) = &app.delivery else {
        return Ok(());
    };
    if let Some(message) = camt055::of(app, txn.conn(), row, order).await? {
        queue(app, txn, actor, transport.as_ref(), row, &message).await?;
    }
    Ok(())
}

/// Sends a request over the configured channel: for the first time, or again after every earlier attempt failed. It goes
/// out with the same bytes and the same name each time.
///
/// # Errors
/// `conflict` without a channel, or where the bank reads no messages; `illegal-transition` where two people have not
/// agreed on it, or where it is on its way, was sent, or nobody knows whether it was (then it is checked first).
pub async fn deliver_recall(app: &App, actor: &Actor, id: Uuid) -> Result<RecallDeliveryView, Error> {
    actor.require_province(Permission::FileDeliver)?;
    app.db
        .write(async |txn| {
            let row = recall::Entity::find_by_id(id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            if row.status != ProposalStatus::Accepted {
                return Err(proposal::not_accepted());
            }
            let Some(transport) = &app.delivery else {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Chưa cấu hình kênh giao tệp; hãy tải thông điệp về và gửi ngân hàng",
                    "no delivery channel is configured: download the message and hand it to the bank",
                ));
            };
            let order = order_of(txn.conn(), &row).await?;
            let message = camt055::of(app, txn.conn(), &row, &order).await?;
            let message = message.ok_or_else(camt055::by_letter)?;
            Ok(view(queue(app, txn, actor, transport.as_ref(), &row, &message).await?))
        })
        .await
}

async fn order_of(conn: &impl ConnectionTrait, row: &recall::Model) -> Result<payment_order::Model, Error> {
    payment_order::Entity::find_by_id(row.order_id)
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

/// Queues the next attempt with its job.
async fn queue(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    transport: &dyn Transport,
    row: &recall::Model,
    message: &camt055::RecallMessage,
) -> Result<recall_delivery::Model, Error> {
    let last = last(txn.conn(), row.id).await?;
    if let Some(live) = last.as_ref().filter(|last| last.status != DeliveryStatus::Failed) {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            format!(
                "Lần giao {} đang ở trạng thái “{}”",
                live.attempt,
                vocabulary::said("delivery_status", &live.status)
            ),
            format!("delivery {} is {}", live.attempt, live.status.code()),
        ));
    }
    let attempt = last.map_or(1, |last| last.attempt + 1);
    let key = format!("{}:{attempt}", row.id.simple());
    let made = recall_delivery::Model {
        id: ids::uuid8(app.secret.ids(), "recall_delivery", &key),
        recall_id: row.id,
        attempt,
        channel: transport.channel(),
        status: DeliveryStatus::Queued,
        sha256: hex::encode(Sha256::digest(&message.bytes)),
        target_name: message.name.clone(),
        target: transport.told(),
        began_at: None,
        sent_at: None,
        acknowledged_at: None,
        error: None,
        detail: None,
        signature_name: None,
        signature: None,
        version: 1,
        created_at: app.clock.now(),
    };
    txn.insert_all::<recall_delivery::Entity>(vec![made.clone()]).await?;
    job::enqueue(txn, &DeliverRecall { delivery: made.id }).await?;
    let detail = json!({"recall": row.id, "attempt": attempt, "channel": made.channel, "sha256": made.sha256});
    txn.audit(Event::new(
        made.created_at,
        actor,
        "recall_delivery.queue",
        subject(made.id),
        detail,
    ));
    Ok(made)
}
