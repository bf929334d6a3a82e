//! The steps of such a delivery, each with its audit event in one transaction.

use entity::enums::DeliveryStatus;
use entity::recall_delivery;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use super::super::problem::DeliveryProblem;
use super::super::state::{Step, told_by};
use super::super::transport::Parcel;
use super::subject;
use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;

/// Takes a step, where the delivery still stands where it may be taken from.
pub(super) async fn take(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    row: &recall_delivery::Model,
    step: &Step,
) -> Result<(), Error> {
    let at = app.clock.now();
    let (status, from, problem, said) = told_by(step);
    let code = problem.map(|problem| problem.code().to_owned());
    let mut update = change(row.id)
        .col_expr(recall_delivery::Column::Status, Expr::value(status))
        .col_expr(recall_delivery::Column::Error, Expr::value(code.clone()))
        .col_expr(recall_delivery::Column::Detail, Expr::value(said.clone()))
        .filter(recall_delivery::Column::Status.is_in(from.iter().copied()));
    if status == DeliveryStatus::Sent {
        update = update.col_expr(recall_delivery::Column::SentAt, Expr::value(at));
    }
    if update.exec(txn.conn()).await?.rows_affected == 0 {
        return Ok(());
    }
    let action = match step {
        Step::Sent => "recall_delivery.sent",
        Step::Unknown(_) => "recall_delivery.unknown",
        Step::Failed(..) => "recall_delivery.fail",
    };
    let detail = json!({
        "recall": row.recall_id, "attempt": row.attempt, "target": row.target_name, "sha256": row.sha256,
        "error": code, "detail": said,
    });
    txn.audit(Event::new(at, actor, action, subject(row.id), detail));
    Ok(())
}

/// The receiver holds these bytes and said so by their hash.
pub(super) async fn acknowledge(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    row: &recall_delivery::Model,
) -> Result<(), Error> {
    use DeliveryStatus as S;
    let at = app.clock.now();
    let done = change(row.id)
        .col_expr(recall_delivery::Column::Status, Expr::value(S::Acknowledged))
        .col_expr(recall_delivery::Column::AcknowledgedAt, Expr::value(at))
        .col_expr(recall_delivery::Column::SentAt, Expr::value(row.sent_at.unwrap_or(at)))
        .col_expr(recall_delivery::Column::Error, Expr::value(None::<String>))
        .col_expr(recall_delivery::Column::Detail, Expr::value(None::<String>))
        .filter(recall_delivery::Column::Status.is_in([S::Queued, S::Unknown, S::Sent]))
        .exec(txn.conn())
        .await?;
    if done.rows_affected == 1 {
        let detail = json!({"recall": row.recall_id, "sha256": row.sha256});
        txn.audit(Event::new(
            at,
            actor,
            "recall_delivery.acknowledge",
            subject(row.id),
            detail,
        ));
    }
    Ok(())
}

/// Notes that bytes are about to leave, and what is signed with them; false where another run noted it before.
pub(super) async fn begin(app: &App, txn: &Txn, row: &recall_delivery::Model, parcel: &Parcel) -> Result<bool, Error> {
    let mut update = change(row.id)
        .col_expr(recall_delivery::Column::BeganAt, Expr::value(app.clock.now()))
        .filter(recall_delivery::Column::Status.eq(DeliveryStatus::Queued))
        .filter(recall_delivery::Column::BeganAt.is_null());
    // A run before this one may have begun, and sent not a byte: what it signed stays.
    let signature = parcel.signature.as_ref().filter(|_| row.signature_name.is_none());
    if let Some((name, bytes)) = signature {
        update = update
            .col_expr(recall_delivery::Column::SignatureName, Expr::value(name.clone()))
            .col_expr(recall_delivery::Column::Signature, Expr::value(bytes.clone()));
    }
    Ok(update.exec(txn.conn()).await?.rows_affected == 1)
}

/// Notes why not a byte has left: this run had begun, or could not.
pub(super) async fn not_left(txn: &Txn, delivery: Uuid, begun: bool, why: &str) -> Result<(), Error> {
    let problem = DeliveryProblem::Unreachable.code();
    let noted = change(delivery)
        .col_expr(recall_delivery::Column::Error, Expr::value(problem))
        .col_expr(recall_delivery::Column::Detail, Expr::value(why))
        .filter(recall_delivery::Column::Status.eq(DeliveryStatus::Queued));
    let noted = if begun {
        noted.col_expr(recall_delivery::Column::BeganAt, Expr::cust("NULL"))
    } else {
        // One that has begun meanwhile is left alone.
        noted.filter(recall_delivery::Column::BeganAt.is_null())
    };
    noted.exec(txn.conn()).await?;
    Ok(())
}

fn change(id: Uuid) -> sea_orm::UpdateMany<recall_delivery::Entity> {
    recall_delivery::Entity::update_many()
        .col_expr(
            recall_delivery::Column::Version,
            Expr::col(recall_delivery::Column::Version).add(1),
        )
        .filter(recall_delivery::Column::Id.eq(id))
}
