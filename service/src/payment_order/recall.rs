//! Recalls: two people ask a bank, or the post office, to stop or send back an order that has left the house.
//!
//! Before its run is released an order is taken out by sending the run back to draft and excluding the line; the
//! approved files change with it. Afterwards only who pays can stop it: a camt.055 asks, a camt.029 answers. Neither
//! moves the order: money that comes back is an entry of its own, and reconciled as any other.
//!
//! Banks that take tables and the post office are asked by a letter ([`super::recall_letter()`]). Their letter answers it,
//! by two people and at once ([`crate::reconciliation::propose_silence`]): what was stopped is over without a payment,
//! what was paid is paid. A cash list that comes back says the same of its orders. Of an order that is paid the letter
//! answers the recall and moves nothing ([`crate::reconciliation::propose_recall_answer`]).

use chrono::{DateTime, NaiveDate, Utc};
use domain::ids;
use domain::payment_order::State;
use entity::enums::{Channel, ProposalStatus, RecallAnswer, RecallReason};
use entity::{payment_order, recall};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission, Scope};
use crate::app::App;
use crate::audit::Event;
use crate::delivery;
use crate::error::{Error, ProblemCode};
use crate::page::{Page, Window};
use crate::pay_run;
use crate::payment_order::{camt055, in_scope, wholly_in_scope};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::reconciliation::state;

/// Proposes to recall an order.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRecall {
    /// Why: `DUPL` sent twice, `CUST` at our request, `AM09` wrong amount, `AC03` wrong account, `TECH` technical fault,
    /// `FRAD` fraud.
    #[schema(value_type = String, example = "AC03")]
    pub reason: RecallReason,
    /// In words, for the bank too.
    #[schema(example = "Nhập sai số tài khoản của người giám hộ", max_length = 1000)]
    pub note: String,
}

/// A recall.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecallView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// Its number among the recalls of the order.
    pub sequence: i32,
    /// Why.
    #[schema(value_type = String, example = "AC03")]
    pub reason: RecallReason,
    /// What the one person says, for the bank too, and the other; once accepted, there is a message for the bank.
    #[serde(flatten)]
    pub proposal: ProposalView,
    /// The id of the message.
    pub message_id: Option<String>,
    /// What the bank answers: `pending`, `accepted` (the entry is waited for) or `refused`. Of a recall by letter: `accepted`
    /// where nothing was paid, or where what was paid comes back; `refused` where it stays paid.
    #[schema(value_type = Option<String>, example = "accepted")]
    pub answer: Option<RecallAnswer>,
    /// Its reason; of an answer by letter, the number and date of that letter.
    pub answer_reason: Option<String>,
    /// When it answered.
    pub answered_at: Option<DateTime<Utc>>,
    /// The day on which its letter was sent, where somebody has noted that.
    pub letter_sent_on: Option<NaiveDate>,
    /// The number of that letter.
    #[schema(example = "125/TT-BTXH")]
    pub letter_number: Option<String>,
}

pub(super) fn view(row: recall::Model) -> RecallView {
    RecallView {
        proposal: row.proposal(),
        id: row.id,
        order_id: row.order_id,
        sequence: row.sequence,
        reason: row.reason,
        message_id: row.message_id,
        answer: row.answer,
        answer_reason: row.answer_reason,
        answered_at: row.answered_at,
        letter_sent_on: row.letter_sent_on,
        letter_number: row.letter_number,
    }
}

pub(super) fn subject(id: Uuid) -> String {
    format!("recall:{}", id.simple())
}

/// A recall of an order inside a scope, with that order; 404 otherwise.
pub(crate) async fn recall_in_scope(
    conn: &impl ConnectionTrait,
    scope: &Scope,
    id: Uuid,
) -> Result<(recall::Model, payment_order::Model), Error> {
    let row = recall::Entity::find_by_id(id).one(conn).await?;
    let row = row.ok_or_else(Error::not_found)?;
    let order = in_scope(conn, scope, row.order_id).await?;
    Ok((row, order))
}

fn not_recallable(vi: &str, en: &str) -> Error {
    Error::because(ProblemCode::IllegalTransition, vi, en)
}

/// What is with a bank or the post office can be recalled, and what a bank has paid. Cash that was handed over can not: the
/// post office has nothing to send back.
fn recallable(order: &payment_order::Model) -> Result<(), Error> {
    match state(order.status) {
        State::Settled | State::Credited if order.channel == Channel::PostCash => Err(not_recallable(
            "Bưu điện đã báo trả tiền mặt của lệnh chi này cho người nhận; không thu hồi được nữa",
            "the post office has handed the cash of this order over: it can be recalled no more",
        )),
        State::Extracted | State::Unknown | State::Accepted | State::Settled | State::Credited => Ok(()),
        State::Approved => Err(not_recallable(
            "Lệnh chi chưa ra khỏi đơn vị: hãy đưa đợt chi trả về dự thảo",
            "the order has not left the house: send its run back to draft",
        )),
        State::Rejected | State::Returned => Err(not_recallable(
            "Tiền của lệnh chi này đã về",
            "the money of this order is back already",
        )),
    }
}

/// Proposes a recall: the first of two people.
///
/// # Errors
/// `illegal-transition` where the order is not with a bank or the post office; `already-exists` where a recall of it is open.
pub async fn propose_recall(
    app: &App,
    actor: &Actor,
    order: Uuid,
    command: ProposeRecall,
) -> Result<RecallView, Error> {
    let scope = actor.require(Permission::OrderPropose)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let row = app
        .db
        .write(async |txn| {
            let order = wholly_in_scope(txn.conn(), &scope, order).await?;
            pay_run::for_update(txn, order.pay_run_id).await?;
            recallable(&order)?;
            let earlier = recall::Entity::find()
                .filter(recall::Column::OrderId.eq(order.id))
                .order_by_desc(recall::Column::Sequence)
                .all(txn.conn())
                .await?;
            let over = |row: &recall::Model| {
                row.status == ProposalStatus::Refused || row.answer == Some(RecallAnswer::Refused)
            };
            if !earlier.iter().all(over) {
                return Err(Error::because(
                    ProblemCode::AlreadyExists,
                    "Lệnh chi này đang được thu hồi",
                    "a recall of the order is open",
                ));
            }
            let row = proposed!(recall, proposal.clone(), {
                id: app.ids.next(),
                order_id: order.id,
                sequence: earlier.first().map_or(1, |row| row.sequence + 1),
                reason: command.reason,
                message_id: None,
                answer: None,
                answer_reason: None,
                answered_at: None,
                letter_sent_on: None,
                letter_number: None,
            });
            txn.insert_all::<recall::Entity>(vec![row.clone()]).await?;
            let detail = json!({"order": order.id, "reason": row.reason, "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "recall.propose",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Decides a recall: the second of two people. Accepted, there is a letter, and a message for a bank that takes messages,
/// which goes out at once where there is a channel.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait, or the order can't be recalled any more.
pub async fn decide_recall(app: &App, actor: &Actor, id: Uuid, command: DecideProposal) -> Result<RecallView, Error> {
    let scope = actor.require(Permission::OrderDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let (_, order) = recall_in_scope(app.db.read(), &scope, id).await?;
    let run = order.pay_run_id;
    let row = app
        .db
        .write(async |txn| {
            // As a report locks them: what it tells of the order comes before or after.
            pay_run::for_update(txn, run).await?;
            let mut row = recall::Entity::find_by_id(id)
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(Error::not_found)?;
            let order = wholly_in_scope(txn.conn(), &scope, row.order_id).await?;
            if command.proposal_id != id {
                return Err(proposal::unknown());
            }
            row.decide(&verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            if row.status == ProposalStatus::Accepted {
                recallable(&order)?;
                let key = format!("{}:{}", order.reference, row.sequence);
                row.message_id = Some(ids::reference(app.secret.ids(), "recall", &key));
            }
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            let detail =
                json!({"order": order.id, "decision": row.status, "message": row.message_id, "note": verdict.note});
            txn.audit(Event::new(verdict.at, actor, "recall.decide", subject(id), detail));
            if row.status == ProposalStatus::Accepted {
                delivery::goes_out(app, txn, actor, &row, &order).await?;
            }
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Recalls of orders in the caller's areas, by id.
pub async fn recalls(
    app: &App,
    actor: &Actor,
    limit: Option<u32>,
    cursor: Option<&str>,
) -> Result<Page<RecallView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let window = Window::<Uuid>::of(app, "recalls", &(), limit, cursor)?;
    let own = Query::select()
        .column(payment_order::Column::Id)
        .from(payment_order::Entity)
        .cond_where(scope.condition(sea_orm::sea_query::Expr::col(payment_order::Column::AreaId)))
        .to_owned();
    let mut query = recall::Entity::find()
        .filter(recall::Column::OrderId.in_subquery(own))
        .order_by_asc(recall::Column::Id)
        .limit(window.fetch());
    if let Some(after) = window.after {
        query = query.filter(recall::Column::Id.gt(after));
    }
    let rows = query.all(app.db.read()).await?;
    Ok(window.page(rows, |row| row.id)?.map(view))
}

/// The message for the bank (camt.055.001.09) of an accepted recall: its name and bytes, the same each time.
///
/// # Errors
/// `illegal-transition` where it was not accepted; `conflict` where who pays takes no messages.
pub async fn recall_message(app: &App, actor: &Actor, id: Uuid) -> Result<(String, Vec<u8>), Error> {
    let scope = actor.require(Permission::FileRead)?;
    let conn = app.db.read();
    let (row, order) = recall_in_scope(conn, &scope, id).await?;
    let message = camt055::of(app, conn, &row, &order).await?;
    let message = message.ok_or_else(camt055::by_letter)?;
    Ok((message.name, message.bytes))
}
