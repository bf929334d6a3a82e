//! The steps of a delivery, each with its file, its orders and its audit event in one transaction.

use domain::payment_order::Event as OrderEvent;
use entity::enums::{DeliveryChannel, DeliveryStatus, FileStatus};
use entity::{delivery, payment_file};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::deliver::{id, last};
use super::parcel::target_name;
use super::problem::DeliveryProblem;
use super::transport::{Parcel, Transport};
use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::payment_order;

/// A step of a delivery.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The bytes are at the target.
    Sent,
    /// Bytes may have left.
    Unknown(String),
    /// They are not there, or others are.
    Failed(DeliveryProblem, String),
}

/// What a step makes of a delivery: its state, those it may be taken from, what went wrong, and the words of it.
pub(super) fn told_by(
    step: &Step,
) -> (
    DeliveryStatus,
    &'static [DeliveryStatus],
    Option<DeliveryProblem>,
    Option<String>,
) {
    use DeliveryStatus as S;
    match step {
        Step::Sent => (S::Sent, &[S::Queued, S::Unknown], None, None),
        Step::Unknown(why) => (
            S::Unknown,
            &[S::Queued],
            Some(DeliveryProblem::OutcomeUnknown),
            Some(why.clone()),
        ),
        Step::Failed(problem, why) => (
            S::Failed,
            &[S::Queued, S::Unknown, S::Sent],
            Some(*problem),
            Some(why.clone()),
        ),
    }
}

/// Takes a step, where the delivery still stands where it may be taken from; false where somebody was faster. The run is
/// locked first, as a report locks it, and the file before the delivery, as it is where the treasury acknowledges it.
pub(super) async fn take(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    row: &delivery::Model,
    step: &Step,
) -> Result<bool, Error> {
    let at = app.clock.now();
    let (status, from, problem, said) = told_by(step);
    crate::payment_file::locked_with_run(txn, row.file_id).await?;
    let mut update = change()
        .col_expr(delivery::Column::Status, Expr::value(status))
        .col_expr(
            delivery::Column::Error,
            Expr::value(problem.map(|problem| problem.code().to_owned())),
        )
        .col_expr(delivery::Column::Detail, Expr::value(said.clone()))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Status.is_in(from.iter().copied()));
    if status == DeliveryStatus::Sent {
        update = update.col_expr(delivery::Column::SentAt, Expr::value(at));
    }
    if update.exec(txn.conn()).await?.rows_affected == 0 {
        return Ok(false);
    }
    let source = super::subject(row.id);
    match step {
        Step::Sent => {
            let waiting = [FileStatus::Built, FileStatus::Unknown];
            move_file(txn, row.file_id, &waiting, FileStatus::Delivered).await?;
            payment_order::bulk::redeliver(app, txn, row.file_id, OrderEvent::ConfirmDelivery, &source).await?;
        }
        Step::Unknown(_) => {
            let before = [FileStatus::Built, FileStatus::Delivered];
            move_file(txn, row.file_id, &before, FileStatus::Unknown).await?;
            payment_order::bulk::redeliver(app, txn, row.file_id, OrderEvent::LoseDelivery, &source).await?;
        }
        // What is unknown stays so for the orders until somebody knows: a file that is not there may have been taken.
        Step::Failed(..) => {}
    }
    let action = match step {
        Step::Sent => "delivery.sent",
        Step::Unknown(_) => "delivery.unknown",
        Step::Failed(..) => "delivery.fail",
    };
    let detail = json!({
        "file": row.file_id, "attempt": row.attempt, "target": row.target_name, "sha256": row.sha256,
        "error": problem.map(DeliveryProblem::code), "detail": said,
    });
    txn.audit(Event::new(at, actor, action, source, detail));
    Ok(true)
}

/// Notes that bytes are about to leave, where to, and what is signed with them; false where another run noted it before.
pub(super) async fn begin(
    app: &App,
    txn: &Txn,
    row: &delivery::Model,
    transport: &dyn Transport,
    parcel: &Parcel,
) -> Result<bool, Error> {
    let mut update = change()
        .col_expr(delivery::Column::BeganAt, Expr::value(app.clock.now()))
        .col_expr(delivery::Column::Target, Expr::value(transport.told()))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Queued))
        .filter(delivery::Column::BeganAt.is_null());
    if let Some((name, bytes)) = &parcel.signature {
        update = update
            .col_expr(delivery::Column::SignatureName, Expr::value(name.clone()))
            .col_expr(delivery::Column::Signature, Expr::value(bytes.clone()));
    }
    Ok(update.exec(txn.conn()).await?.rows_affected == 1)
}

/// Notes that this run, which began it, sent not a byte after all.
pub(super) async fn not_left(txn: &Txn, delivery: Uuid, why: &str) -> Result<(), Error> {
    waiting(delivery, why)
        .col_expr(delivery::Column::BeganAt, Expr::cust("NULL"))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Notes why a run could not begin. One that has begun meanwhile is left alone.
pub(super) async fn not_begun(txn: &Txn, delivery: Uuid, why: &str) -> Result<(), Error> {
    waiting(delivery, why)
        .filter(delivery::Column::BeganAt.is_null())
        .exec(txn.conn())
        .await?;
    Ok(())
}

fn waiting(delivery: Uuid, why: &str) -> sea_orm::UpdateMany<delivery::Entity> {
    change()
        .col_expr(
            delivery::Column::Error,
            Expr::value(DeliveryProblem::Unreachable.code()),
        )
        .col_expr(delivery::Column::Detail, Expr::value(why))
        .filter(delivery::Column::Id.eq(delivery))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Queued))
}

/// Notes of an unknown delivery where a person has to look, since this process can't.
pub(super) async fn tell(txn: &Txn, row: &delivery::Model, why: &str) -> Result<(), Error> {
    if row.detail.as_deref() == Some(why) {
        return Ok(());
    }
    change()
        .col_expr(delivery::Column::Detail, Expr::value(why))
        .filter(delivery::Column::Id.eq(row.id))
        .filter(delivery::Column::Status.eq(DeliveryStatus::Unknown))
        .exec(txn.conn())
        .await?;
    Ok(())
}

/// Somebody holds the bytes of a file, [locked with its run](crate::payment_file::locked_with_run), and said so by their
/// hash: its delivery is over, whatever was known of it. Where nothing was sent, the treasury fetched it.
pub(crate) async fn acknowledged(app: &App, txn: &Txn, actor: &Actor, file: &payment_file::Model) -> Result<(), Error> {
    let at = app.clock.now();
    let last = last(txn, file.id).await?;
    let live = last.as_ref().filter(|last| last.status != DeliveryStatus::Failed);
    let id = match live {
        Some(live) => {
            change()
                .col_expr(delivery::Column::Status, Expr::value(DeliveryStatus::Acknowledged))
                .col_expr(delivery::Column::AcknowledgedAt, Expr::value(at))
                .col_expr(delivery::Column::SentAt, Expr::value(live.sent_at.unwrap_or(at)))
                .col_expr(delivery::Column::Error, Expr::value(None::<String>))
                .col_expr(delivery::Column::Detail, Expr::value(None::<String>))
                .filter(delivery::Column::Id.eq(live.id))
                .exec(txn.conn())
                .await?;
            live.id
        }
        None => {
            let run = crate::pay_run::find(txn.conn(), file.pay_run_id).await?;
            let attempt = last.map_or(1, |last| last.attempt + 1);
            let row = delivery::Model {
                id: id(app, file.id, attempt),
                file_id: file.id,
                attempt,
                channel: DeliveryChannel::Download,
                status: DeliveryStatus::Acknowledged,
                sha256: file.sha256.clone().unwrap_or_default(),
                target_name: target_name(&run, file),
                began_at: None,
                sent_at: Some(at),
                acknowledged_at: Some(at),
                error: None,
                detail: None,
                version: 1,
                created_at: at,
                target: None,
                signature_name: None,
                signature: None,
            };
            let id = row.id;
            txn.insert_all::<delivery::Entity>(vec![row]).await?;
            id
        }
    };
    let source = super::subject(id);
    payment_order::bulk::redeliver(app, txn, file.id, OrderEvent::ConfirmDelivery, &source).await?;
    let detail = json!({"file": file.id, "sha256": file.sha256});
    txn.audit(Event::new(at, actor, "delivery.acknowledge", source, detail));
    Ok(())
}

fn change() -> sea_orm::UpdateMany<delivery::Entity> {
    delivery::Entity::update_many().col_expr(delivery::Column::Version, Expr::col(delivery::Column::Version).add(1))
}

async fn move_file(txn: &Txn, file: Uuid, from: &[FileStatus], to: FileStatus) -> Result<(), Error> {
    payment_file::Entity::update_many()
        .col_expr(payment_file::Column::Status, Expr::value(to))
        .col_expr(
            payment_file::Column::Version,
            Expr::col(payment_file::Column::Version).add(1),
        )
        .filter(payment_file::Column::Id.eq(file))
        .filter(payment_file::Column::Status.is_in(from.iter().copied()))
        .exec(txn.conn())
        .await?;
    Ok(())
}
