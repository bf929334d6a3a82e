//! Payment orders: what one payee account gets in one run, or each beneficiary on it, and what became of it.

pub mod bulk;
pub(crate) mod camt055;
mod cancel;
mod recall;
mod recall_desk;
pub(crate) mod roll_up;
mod view;

pub use cancel::{
    CancellationView, ProposeCancellation, ReckonCancelled, cancellations, decide_cancellation, propose_cancellation,
};
pub use recall::{ProposeRecall, RecallView, decide_recall, propose_recall, recall_message, recalls};
pub use recall_desk::{DeskRecall, RecallsWanted, desk_recalls};
pub use view::{ListOrders, OrderDetailView, OrderEventView, OrderView, get, list, search};

use entity::payment_order::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::actor::Scope;
use crate::error::Error;

/// An order inside a scope; 404 otherwise.
pub(crate) async fn in_scope(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Model, Error> {
    Entity::find_by_id(id)
        .filter(scope.condition(Expr::col(Column::AreaId)))
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}
