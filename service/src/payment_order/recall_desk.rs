//! Recalls as the treasury desk sees them: beside their orders, the open ones or those that are over.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{Channel, DeliveryStatus, OrderStatus, ProposalStatus, RecallAnswer};
use entity::{payment_file, payment_order, recall, recall_answer};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::camt055::BY_LETTER;
use super::recall::{RecallView, view};
use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::delivery::{self, RecallDeliveryView};
use crate::error::Error;
use crate::page::{Page, Window};
use crate::reconciliation::{RecallAnswerView, WAITING, recall_answer_view};

/// Which recalls a desk asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecallsWanted {
    /// Proposed, with the bank, or granted while the money has not come back.
    Open,
    /// Refused by a person or the bank, or the money is back.
    Over,
}

/// A recall beside its order.
#[derive(Clone, Debug)]
pub struct DeskRecall {
    /// The recall.
    pub recall: RecallView,
    /// The order's reference.
    pub reference: String,
    /// The bank; none for cash.
    pub bank_code: Option<String>,
    /// Is it asked and answered by letter?
    pub by_letter: bool,
    /// Đồng.
    pub amount: i64,
    /// Where the order stands.
    pub order_status: OrderStatus,
    /// May the one who looks decide on it now?
    pub can_be_decided: bool,
    /// Is the letter to be entered that says what became of the order, whoever does?
    pub can_be_answered: bool,
    /// Is the order paid, so that the letter is to be entered that says whether the money comes back?
    pub waits_for_letter: bool,
    /// What one person says that letter says, where another has not decided yet.
    pub letter: Option<RecallAnswerView>,
    /// May the one who looks decide on such things?
    pub may_decide: bool,
    /// Is it asked by a letter of which nobody has noted that it was sent?
    pub letter_unsent: bool,
    /// May the one who looks note now that it was sent, or on which other day?
    pub can_note_letter: bool,
    /// May its message be sent over the channel now?
    pub can_be_delivered: bool,
    /// Is there something to ask at the target?
    pub can_be_checked: bool,
    /// The last delivery of its message.
    pub delivery: Option<RecallDeliveryView>,
}

/// The recalls of every area, the oldest first.
pub async fn desk_recalls(
    app: &App,
    actor: &Actor,
    which: RecallsWanted,
    cursor: Option<&str>,
) -> Result<Page<DeskRecall>, Error> {
    actor.require_province(Permission::PayRunRead)?;
    let window = Window::<Uuid>::of(app, "desk_recalls", &which, None, cursor)?;
    let condition = match which {
        RecallsWanted::Open => over().not(),
        RecallsWanted::Over => over(),
    };
    let mut query = recall::Entity::find()
        .filter(condition)
        .order_by_asc(recall::Column::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(recall::Column::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    let page = window.page(rows, |row| row.id)?;
    Ok(Page {
        items: beside_orders(app, actor, page.items).await?,
        next: page.next,
    })
}

/// One recall.
///
/// # Errors
/// `not-found`.
pub async fn desk_recall(app: &App, actor: &Actor, id: Uuid) -> Result<DeskRecall, Error> {
    actor.require_province(Permission::PayRunRead)?;
    let own = recall::Entity::find_by_id(id).all(app.db.read()).await?;
    let mut own = beside_orders(app, actor, own).await?;
    own.pop().ok_or_else(Error::not_found)
}

/// Recalls beside their orders, what was sent of them and what is proposed.
async fn beside_orders(app: &App, actor: &Actor, rows: Vec<recall::Model>) -> Result<Vec<DeskRecall>, Error> {
    let orders: BTreeMap<Uuid, payment_order::Model> = payment_order::Entity::find()
        .filter(payment_order::Column::Id.is_in(rows.iter().map(|row| row.order_id)))
        .all(app.db.read())
        .await?
        .into_iter()
        .map(|order| (order.id, order))
        .collect();
    let files: Vec<Uuid> = orders.values().filter_map(|order| order.file_id).collect();
    let tables = by_letter(app, &files).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut letters = letters(app, &ids).await?;
    // Later attempts come later and stay.
    let mut last: BTreeMap<Uuid, RecallDeliveryView> = delivery::of_recalls(app.db.read(), &ids)
        .await?
        .into_iter()
        .map(|row| (row.recall_id, row))
        .collect();
    let decides = actor.require(Permission::OrderDecide).is_ok();
    let sends = actor.require_province(Permission::FileDeliver).is_ok();
    let delivers = app.delivery.is_some() && sends;
    let beside = rows.into_iter().map(|row| {
        let order = orders.get(&row.order_id).ok_or_else(Error::not_found)?;
        let delivery = last.remove(&row.id);
        let status = delivery.as_ref().map(|last| last.status);
        let open = row.message_id.is_some() && row.answer.is_none();
        let by_letter = order.file_id.is_some_and(|file| tables.contains(&file));
        let unsent = status.is_none_or(|last| last == DeliveryStatus::Failed);
        let is_back = matches!(order.status, OrderStatus::Rejected | OrderStatus::Returned);
        let letter_counts = by_letter && open && !is_back;
        Ok(DeskRecall {
            can_be_decided: decides && row.status == ProposalStatus::Proposed && actor.user_id != Some(row.proposed_by),
            can_be_answered: by_letter && open && WAITING.contains(&order.status),
            waits_for_letter: by_letter && open && is_paid(order),
            letter: letters.remove(&row.id),
            may_decide: decides,
            letter_unsent: letter_counts && row.letter_sent_on.is_none(),
            can_note_letter: sends && letter_counts,
            can_be_delivered: delivers && open && !by_letter && unsent,
            can_be_checked: delivers && matches!(status, Some(DeliveryStatus::Unknown | DeliveryStatus::Sent)),
            delivery,
            by_letter,
            reference: order.reference.clone(),
            bank_code: order.bank_code.clone(),
            amount: order.amount,
            order_status: order.status,
            recall: view(row),
        })
    });
    beside.collect()
}

/// Has a bank paid it, so that money can come back?
fn is_paid(order: &payment_order::Model) -> bool {
    order.channel == Channel::BankTransfer && matches!(order.status, OrderStatus::Settled | OrderStatus::Credited)
}

/// What one person says answers these recalls, where another has not decided yet. At most one waits for each.
async fn letters(app: &App, recalls: &[Uuid]) -> Result<BTreeMap<Uuid, RecallAnswerView>, Error> {
    use recall_answer::Column as C;
    let rows = recall_answer::Entity::find()
        .filter(C::RecallId.is_in(recalls.iter().copied()))
        .filter(C::Status.eq(ProposalStatus::Proposed))
        .all(app.db.read())
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.recall_id, recall_answer_view(row)))
        .collect())
}

/// Of these files, those whose receivers are asked by letter.
async fn by_letter(app: &App, files: &[Uuid]) -> Result<BTreeSet<Uuid>, Error> {
    let rows: Vec<Uuid> = payment_file::Entity::find()
        .select_only()
        .column(payment_file::Column::Id)
        .filter(payment_file::Column::Id.is_in(files.iter().copied()))
        .filter(payment_file::Column::Kind.is_in(BY_LETTER))
        .into_tuple()
        .all(app.db.read())
        .await?;
    Ok(rows.into_iter().collect())
}

/// A person or the bank refused it, or the money of its order is back. A missing answer counts as none.
fn over() -> Condition {
    let back = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(super::set_apart(&[OrderStatus::Rejected, OrderStatus::Returned]))
        .to_owned();
    let refused = Condition::all()
        .add(recall::Column::Answer.is_not_null())
        .add(recall::Column::Answer.eq(RecallAnswer::Refused));
    Condition::any()
        .add(recall::Column::Status.is_in([ProposalStatus::Refused, ProposalStatus::Withdrawn]))
        .add(refused)
        .add(recall::Column::OrderId.in_subquery(back))
}

#[cfg(test)]
mod tests {
    use sea_orm::sea_query::PostgresQueryBuilder;

    use super::*;

    #[test]
    fn orders_that_came_back_are_looked_for_by_what_their_index_holds() {
        let asked = Query::select()
            .column(recall::Column::Id)
            .from(recall::Entity)
            .cond_where(over())
            .to_string(PostgresQueryBuilder);
        assert!(
            asked.contains("WHERE \"payment_order\".\"set_apart\" IN ('rejected', 'returned')"),
            "{asked}"
        );
    }
}
