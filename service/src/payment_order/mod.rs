//! Payment orders: what one payee account gets in one run, or each beneficiary on it, and what became of it.

pub mod bulk;
pub(crate) mod camt055;
mod cancel;
pub(crate) mod hash;
mod letter_sent;
mod recall;
mod recall_desk;
mod recall_letter;
pub(crate) mod roll_up;
mod view;

pub use cancel::{
    CancellationView, ProposeCancellation, ReckonCancelled, cancellations, decide_cancellation, propose_cancellation,
};
pub use letter_sent::{LetterSent, letter_sent};
pub(crate) use recall::recall_in_scope;
pub use recall::{ProposeRecall, RecallView, decide_recall, propose_recall, recall_message, recalls};
pub use recall_desk::{DeskRecall, RecallsWanted, desk_recall, desk_recalls};
pub use recall_letter::recall_letter;
pub use view::{ListOrders, OrderDetailView, OrderEventView, OrderView, get, list, search};

use entity::enums::OrderStatus;
use entity::payment_order::{Column, Entity, Model};
use entity::{pay_run, payment_line};
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::actor::Scope;
use crate::error::Error;

/// The states that few orders are in and that are looked for: they stand in an index of their own, so that the others
/// change without one.
const SET_APART: [OrderStatus; 3] = [OrderStatus::Unknown, OrderStatus::Rejected, OrderStatus::Returned];

/// The orders in one of these states, each of them one of [`SET_APART`], by the column that their index holds and that says
/// the same.
pub(crate) fn set_apart(states: &[OrderStatus]) -> Condition {
    Condition::all().add(Expr::col((Entity, "set_apart")).is_in(states.iter().map(ActiveEnum::to_value)))
}

/// Orders that stand: those of a run that was approved. What is prepared for a run that waits for its approval is seen by
/// nobody.
pub(crate) fn made() -> Condition {
    let waiting = Query::select()
        .column(pay_run::Column::Id)
        .from(pay_run::Entity)
        .and_where(pay_run::Column::ApprovedAt.is_null())
        .to_owned();
    Condition::all().add(Column::PayRunId.not_in_subquery(waiting))
}

/// Orders that pay no protected person. Whoever keeps the registry finds those people by their numbers alone, and in no list.
pub(crate) fn of_nobody_protected() -> Condition {
    use payment_line::Column as L;
    let theirs = Query::select()
        .column(L::OrderId)
        .from(payment_line::Entity)
        .and_where(L::OrderId.is_not_null())
        .and_where(L::PersonId.in_subquery(crate::person::protected()))
        .to_owned();
    Condition::all().add(Column::Id.not_in_subquery(theirs))
}

/// An order inside a scope; 404 otherwise.
pub(crate) async fn in_scope(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Model, Error> {
    Entity::find_by_id(id)
        .filter(scope.condition(Expr::col(Column::AreaId)))
        .filter(made())
        .one(conn)
        .await?
        .ok_or_else(Error::not_found)
}

/// The same where something is decided of the order: it pays nobody outside the scope. One account may be that of people
/// of several areas, and an order stands in one of them.
pub(crate) async fn wholly_in_scope(conn: &impl ConnectionTrait, scope: &Scope, id: Uuid) -> Result<Model, Error> {
    let order = in_scope(conn, scope, id).await?;
    if scope.is_everywhere() {
        return Ok(order);
    }
    let areas: Vec<String> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::AreaId)
        .distinct()
        .filter(payment_line::Column::OrderId.eq(order.id))
        .into_tuple()
        .all(conn)
        .await?;
    if areas.iter().all(|area| scope.covers(area)) {
        Ok(order)
    } else {
        Err(Error::not_found())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::PostgresQueryBuilder;

    use super::*;

    #[test]
    fn orders_in_a_rare_state_are_looked_for_by_what_their_index_holds() {
        let mut asked = Query::select();
        asked.column(Column::Id).from(Entity).cond_where(set_apart(&SET_APART));
        assert_eq!(
            asked.to_string(PostgresQueryBuilder),
            "SELECT \"id\" FROM \"payment_order\" \
             WHERE \"payment_order\".\"set_apart\" IN ('unknown', 'rejected', 'returned')"
        );
    }
}
