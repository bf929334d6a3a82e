//! Beginning a delivery.

use chrono::NaiveDate;
use domain::ids;
use entity::enums::{DeliveryStatus, FileStatus};
use entity::{delivery, payment_file};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::parcel::target_name;
use super::send::DeliverFile;
use super::transport::Transport;
use super::view::{DeliveryView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::code::Code;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::job;
use crate::vocabulary;

/// Sends a file over the configured channel: for the first time, or again after every earlier attempt failed. It goes
/// out with the same bytes, name and MsgId each time.
///
/// # Errors
/// `conflict` without a channel or before the file is built; `illegal-transition` where it is on its way, was sent, or
/// nobody knows whether it was (then it is checked first), where it was withdrawn, and where an order of it was answered: its
/// receiver has it.
pub async fn deliver(app: &App, actor: &Actor, file: Uuid) -> Result<DeliveryView, Error> {
    actor.require_province(Permission::FileDeliver)?;
    app.db
        .write(async |txn| {
            let file = payment_file::Entity::find_by_id(file)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            let Some(transport) = &app.delivery else {
                return Err(Error::because(
                    ProblemCode::Conflict,
                    "Chưa cấu hình kênh giao tệp; kho bạc tải tệp về",
                    "no delivery channel is configured: the treasury downloads the file",
                ));
            };
            if file.status == FileStatus::Acknowledged {
                return Err(Error::because(
                    ProblemCode::IllegalTransition,
                    "Kho bạc đã xác nhận tệp này",
                    "the treasury has acknowledged this file",
                ));
            }
            crate::payment_file::require_given_out(txn.conn(), &file).await?;
            crate::payment_file::require_unanswered(txn.conn(), &file).await?;
            let queued = view(queue(app, txn, actor, transport.as_ref(), &file).await?);
            Ok(DeliveryView {
                execution_date_past: past(app, &file),
                ..queued
            })
        })
        .await
}

/// The day that a file asks its bank to execute on, where it has passed.
fn past(app: &App, file: &payment_file::Model) -> Option<NaiveDate> {
    crate::payment_file::execution_date(file).filter(|day| *day < app.clock.today())
}

/// Queues the next attempt of a built file with its job.
pub(crate) async fn queue(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    transport: &dyn Transport,
    file: &payment_file::Model,
) -> Result<delivery::Model, Error> {
    let sha256 = crate::payment_file::built(file)?;
    let last = last(txn, file.id).await?;
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
    let run = crate::pay_run::find(txn.conn(), file.pay_run_id).await?;
    let attempt = last.map_or(1, |last| last.attempt + 1);
    let row = delivery::Model {
        id: id(app, file.id, attempt),
        file_id: file.id,
        attempt,
        channel: transport.channel(),
        status: DeliveryStatus::Queued,
        sha256: sha256.to_owned(),
        target_name: target_name(&run, file),
        began_at: None,
        sent_at: None,
        acknowledged_at: None,
        error: None,
        detail: None,
        version: 1,
        created_at: app.clock.now(),
        target: Some(transport.told()),
        signature_name: None,
        signature: None,
    };
    txn.insert_all::<delivery::Entity>(vec![row.clone()]).await?;
    job::enqueue(txn, &DeliverFile { delivery: row.id }).await?;
    let detail = json!({"file": file.id, "attempt": attempt, "channel": row.channel, "sha256": sha256,
        "execution_date_past": past(app, file)});
    txn.audit(Event::new(
        row.created_at,
        actor,
        "delivery.queue",
        super::subject(row.id),
        detail,
    ));
    Ok(row)
}

/// The id of an attempt, the same in every process.
pub(super) fn id(app: &App, file: Uuid, attempt: i32) -> Uuid {
    ids::uuid8(app.secret.ids(), "delivery", &format!("{}:{attempt}", file.simple()))
}

/// The last attempt of a file.
pub(crate) async fn last(txn: &Txn, file: Uuid) -> Result<Option<delivery::Model>, Error> {
    let row = delivery::Entity::find()
        .filter(delivery::Column::FileId.eq(file))
        .order_by_desc(delivery::Column::Attempt)
        .limit(1)
        .one(txn.conn())
        .await?;
    Ok(row)
}
