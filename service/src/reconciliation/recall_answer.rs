//! The letter that answers the recall of an order that is paid. A bank that takes tables is asked by letter to send back
//! what it has paid, and answers by letter that it does or does not. Two people enter that: it answers the recall and moves
//! nothing. Money that comes back is an entry of its own, and reconciled as any other.
//!
//! Of an order that is not paid yet the letter says what became of it: that is [`crate::reconciliation::propose_silence`].

use std::collections::BTreeSet;

use entity::enums::{Channel, OrderStatus, ProposalStatus, RecallAnswer};
use entity::{payment_order, recall, recall_answer};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::payment_order::{recall_in_scope, wholly_in_scope};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::reconciliation::recalls;
use crate::reconciliation::silence::letter;

/// Proposes how a bank answers the recall of an order that it has paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeRecallAnswer {
    /// `accepted`: the bank sends the money back, and its entry is waited for. `refused`: the money stays where it is.
    #[schema(value_type = String, example = "refused")]
    pub answer: RecallAnswer,
    /// Number and date of the letter in which the bank says so.
    #[schema(example = "CV 31/KLB-QN ngày 05/09/2024", max_length = 200)]
    pub letter: String,
    /// What was found; it is kept.
    #[schema(
        example = "Ngân hàng trả lời: chủ tài khoản không đồng ý hoàn trả",
        max_length = 1000
    )]
    pub note: String,
}

/// What two people say answers the recall of an order that is paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecallAnswerView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The recall.
    pub recall_id: Uuid,
    /// `accepted` or `refused`.
    #[schema(value_type = String, example = "refused")]
    pub answer: RecallAnswer,
    /// The bank's letter.
    #[schema(example = "CV 31/KLB-QN ngày 05/09/2024")]
    pub letter: String,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

pub(crate) fn view(row: recall_answer::Model) -> RecallAnswerView {
    RecallAnswerView {
        proposal: row.proposal(),
        id: row.id,
        recall_id: row.recall_id,
        answer: row.answer,
        letter: row.letter,
    }
}

fn subject(id: Uuid) -> String {
    format!("recall_answer:{}", id.simple())
}

/// Of some orders, those that their banks have paid and whose recall by letter nobody has answered.
async fn paid_and_asked(conn: &impl ConnectionTrait, among: Condition) -> Result<BTreeSet<Uuid>, Error> {
    use payment_order::Column as O;
    let paid = among
        .add(O::Channel.eq(Channel::BankTransfer))
        .add(O::Status.is_in([OrderStatus::Settled, OrderStatus::Credited]));
    let open = Condition::all()
        .add(recall::Column::Status.eq(ProposalStatus::Accepted))
        .add(recall::Column::Answer.is_null());
    recalls::recalled_by_letter(conn, paid, open).await
}

/// Refuses a recall that was answered, one that is answered by a file of its bank, and one of an order that is not paid.
async fn require_open(txn: &Txn, row: &recall::Model, order: &payment_order::Model) -> Result<(), Error> {
    if row.status != ProposalStatus::Accepted {
        return Err(proposal::not_accepted());
    }
    if row.answer.is_some() {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Đề nghị thu hồi này đã được trả lời",
            "the recall was answered",
        ));
    }
    let own = Condition::all().add(payment_order::Column::Id.eq(order.id));
    if paid_and_asked(txn.conn(), own).await?.is_empty() {
        return Err(Error::because(
            ProblemCode::IllegalTransition,
            "Chỉ ghi ở đây văn bản trả lời thu hồi của lệnh chi ngân hàng đã chi theo bảng kê; lệnh chi chưa chi thì ghi văn \
             bản cho chính lệnh chi đó, ngân hàng nhận thông điệp thì nạp tệp camt.029",
            "only the letter about a transfer that a bank of tables has paid is entered here: of an order that is not paid \
             yet the letter ends the order itself, and a bank that takes messages answers by camt.029",
        ));
    }
    Ok(())
}

/// A recall, locked after its run, as a report locks that.
async fn locked(txn: &Txn, run: Uuid, id: Uuid) -> Result<recall::Model, Error> {
    crate::pay_run::for_update(txn, run).await?;
    let row = recall::Entity::find_by_id(id).lock_exclusive().one(txn.conn()).await?;
    row.ok_or_else(Error::not_found)
}

/// Proposes how a bank answers the recall of an order that it has paid: the first of two people.
///
/// # Errors
/// `illegal-transition` where the recall was answered or not agreed on, where its bank takes messages, and where the order
/// is not paid; `already-exists` where something is proposed already.
pub async fn propose_recall_answer(
    app: &App,
    actor: &Actor,
    id: Uuid,
    command: ProposeRecallAnswer,
) -> Result<RecallAnswerView, Error> {
    let scope = actor.require(Permission::OrderPropose)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let letter = letter(&command.letter)?;
    if command.answer == RecallAnswer::Pending {
        return Err(Error::field(
            "/answer",
            "invalid",
            "Văn bản trả lời phải là đồng ý hoặc từ chối hoàn trả",
            "the letter accepts the recall or refuses it",
        ));
    }
    let (_, order) = recall_in_scope(app.db.read(), &scope, id).await?;
    let run = order.pay_run_id;
    let row = app
        .db
        .write(async |txn| {
            let known = locked(txn, run, id).await?;
            let order = wholly_in_scope(txn.conn(), &scope, known.order_id).await?;
            require_open(txn, &known, &order).await?;
            let row = proposed!(recall_answer, proposal.clone(), {
                id: app.ids.next(),
                recall_id: id,
                answer: command.answer,
                letter: letter.clone(),
            });
            txn.insert_all::<recall_answer::Entity>(vec![row.clone()]).await?;
            let detail = json!({"recall": id, "order": order.id, "answer": row.answer, "letter": row.letter,
                "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "recall_answer.propose",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Decides it: the second of two people. Accepted, the recall is answered; no order and no money moves.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait, or the order has come back meanwhile.
pub async fn decide_recall_answer(
    app: &App,
    actor: &Actor,
    id: Uuid,
    command: DecideProposal,
) -> Result<RecallAnswerView, Error> {
    let scope = actor.require(Permission::OrderDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    let (_, order) = recall_in_scope(app.db.read(), &scope, id).await?;
    let run = order.pay_run_id;
    let row = app
        .db
        .write(async |txn| {
            let mut known = locked(txn, run, id).await?;
            let order = wholly_in_scope(txn.conn(), &scope, known.order_id).await?;
            let mut row = recall_answer::Entity::find_by_id(command.proposal_id)
                .filter(recall_answer::Column::RecallId.eq(id))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            row.decide(&verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            if row.status == ProposalStatus::Accepted {
                require_open(txn, &known, &order).await?;
                known.answer = Some(row.answer);
                known.answer_reason = Some(row.letter.clone());
                known.answered_at = Some(verdict.at);
                recalls::keep(txn, actor, &known).await?;
            }
            let detail = json!({"recall": id, "order": order.id, "answer": row.answer, "letter": row.letter,
                "decision": row.status, "note": verdict.note});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "recall_answer.decide",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// What was proposed and decided of the answer to a recall by letter, the newest first.
pub async fn recall_answers(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<RecallAnswerView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    recall_in_scope(app.db.read(), &scope, id).await?;
    let mut rows = recall_answer::Entity::find()
        .filter(recall_answer::Column::RecallId.eq(id))
        .all(app.db.read())
        .await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.proposed_at, row.id)));
    Ok(rows.into_iter().map(view).collect())
}
