//! What banks answer to recalls. The order stays where it is: money that comes back is an entry of its own.
//!
//! Who takes no messages is asked by letter, and answers by letter. Two people enter that letter as they enter one about an
//! order of which nobody says anything, without waiting for days: it ends the order, and the recall with it. A cash list
//! that comes back ends both too. Of an order that is paid the letter answers the recall alone
//! ([`crate::reconciliation::propose_recall_answer`]).

use std::collections::{BTreeMap, BTreeSet};

use domain::bank_report::{LineKind, Report};
use entity::enums::{Channel, LineOutcome, ProposalStatus, RecallAnswer, SilenceOutcome};
use entity::{bank_silence, payment_order, recall};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::payment_order::camt055::files_by_letter;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::IDS;
use crate::reconciliation::reading::recall_answer;
use crate::reconciliation::silence::WAITING;

/// The newest recall of orders that was sent, with what the bank answered so far.
pub(super) async fn sent(txn: &Txn, orders: Vec<Uuid>) -> Result<BTreeMap<Uuid, Option<RecallAnswer>>, Error> {
    let rows = newest(txn, &orders).await?;
    Ok(rows.into_iter().map(|(order, row)| (order, row.answer)).collect())
}

async fn newest(txn: &Txn, orders: &[Uuid]) -> Result<BTreeMap<Uuid, recall::Model>, Error> {
    let mut newest = BTreeMap::new();
    for chunk in orders.chunks(IDS) {
        let rows = recall::Entity::find()
            .filter(recall::Column::OrderId.is_in(chunk.iter().copied()))
            .filter(recall::Column::Status.eq(ProposalStatus::Accepted))
            .order_by_asc(recall::Column::Sequence)
            .lock_exclusive()
            .all(txn.conn())
            .await?;
        newest.extend(rows.into_iter().map(|row| (row.order_id, row)));
    }
    Ok(newest)
}

/// Notes the answers of a report. The end of one is never taken back.
pub(super) async fn answered(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    report: &Report,
    verdicts: &[(Uuid, Verdict)],
) -> Result<(), Error> {
    let told = report.lines.iter().zip(verdicts);
    let told =
        told.filter(|(line, (_, verdict))| line.kind == LineKind::Recall && verdict.outcome == LineOutcome::Matched);
    let told: Vec<_> = told
        .filter_map(|(line, (_, verdict))| Some((verdict.order?, recall_answer(&line.status)?, line.reason.clone())))
        .collect();
    if told.is_empty() {
        return Ok(());
    }
    let orders: Vec<Uuid> = told.iter().map(|(order, ..)| *order).collect();
    let mut rows = newest(txn, &orders).await?;
    let at = app.clock.now();
    for (order, answer, reason) in told {
        let Some(row) = rows.get_mut(&order) else { continue };
        let is_final = row.answer.is_some_and(|known| known != RecallAnswer::Pending);
        if is_final || row.answer == Some(answer) {
            continue;
        }
        row.answer = Some(answer);
        row.answer_reason = reason;
        row.answered_at = Some(at);
        keep(txn, actor, row).await?;
    }
    Ok(())
}

/// Keeps what a recall is answered with.
pub(super) async fn keep(txn: &Txn, actor: &Actor, row: &recall::Model) -> Result<(), Error> {
    row.clone().into_active_model().reset_all().update(txn.conn()).await?;
    let detail = json!({"order": row.order_id, "answer": row.answer, "reason": row.answer_reason});
    let subject = format!("recall:{}", row.id.simple());
    let at = row.answered_at.unwrap_or(row.proposed_at);
    txn.audit(Event::new(at, actor, "recall.answer", subject, detail));
    Ok(())
}

/// Recalls that two people agreed on and that were not refused.
pub(crate) fn standing() -> Condition {
    use recall::Column as C;
    let not_refused = Condition::any()
        .add(C::Answer.is_null())
        .add(C::Answer.ne(RecallAnswer::Refused));
    Condition::all()
        .add(C::Status.eq(ProposalStatus::Accepted))
        .add(not_refused)
}

/// Of some orders, those that wait for their end and that two people have asked by letter to stop: what is answered by
/// letter needs no days of silence.
pub(super) async fn asked_by_letter(conn: &impl ConnectionTrait, among: Condition) -> Result<BTreeSet<Uuid>, Error> {
    let waiting = among.add(payment_order::Column::Status.is_in(WAITING));
    recalled_by_letter(conn, waiting, standing()).await
}

/// Of some orders, those with such a recall whose receivers are asked by letter.
pub(super) async fn recalled_by_letter(
    conn: &impl ConnectionTrait,
    among: Condition,
    such: Condition,
) -> Result<BTreeSet<Uuid>, Error> {
    use payment_order::Column as O;
    let recalled = Query::select()
        .column(recall::Column::OrderId)
        .from(recall::Entity)
        .cond_where(such)
        .to_owned();
    let rows: Vec<Uuid> = payment_order::Entity::find()
        .select_only()
        .column(O::Id)
        .filter(among)
        .filter(O::Id.in_subquery(recalled))
        .filter(O::FileId.in_subquery(files_by_letter()))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(rows.into_iter().collect())
}

/// Is this one of them?
pub(crate) async fn is_asked_by_letter(conn: &impl ConnectionTrait, order: Uuid) -> Result<bool, Error> {
    let own = Condition::all().add(payment_order::Column::Id.eq(order));
    Ok(!asked_by_letter(conn, own).await?.is_empty())
}

/// A letter that ends an order answers the recall by letter of it: nothing was paid, or it was.
pub(super) async fn answered_by_letter(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    letter: &bank_silence::Model,
) -> Result<(), Error> {
    if !is_asked_by_letter(txn.conn(), letter.order_id).await? {
        return Ok(());
    }
    let mut rows = newest(txn, &[letter.order_id]).await?;
    let Some(row) = rows.get_mut(&letter.order_id) else {
        return Ok(());
    };
    row.answer = Some(match letter.outcome {
        SilenceOutcome::NotExecuted => RecallAnswer::Accepted,
        SilenceOutcome::Paid => RecallAnswer::Refused,
    });
    row.answer_reason = Some(letter.letter.clone());
    row.answered_at = Some(app.clock.now());
    keep(txn, actor, row).await
}

/// Cash that ended answers the recall of it: the post office kept it, or handed it over.
pub(super) async fn ended(app: &App, txn: &Txn, actor: &Actor, judge: &Judge) -> Result<(), Error> {
    use payment_order::Column as O;
    if judge.steps().is_empty() {
        return Ok(());
    }
    // Few are open at a time.
    let open = recall::Entity::find()
        .filter(recall::Column::Status.eq(ProposalStatus::Accepted))
        .filter(recall::Column::Answer.is_null())
        .order_by_asc(recall::Column::Id)
        .lock_exclusive()
        .all(txn.conn())
        .await?;
    let mut over: Vec<recall::Model> = open.into_iter().filter_map(|row| how_it_ended(judge, row)).collect();
    if over.is_empty() {
        return Ok(());
    }
    let cash: Vec<Uuid> = payment_order::Entity::find()
        .select_only()
        .column(O::Id)
        .filter(O::Id.is_in(over.iter().map(|row| row.order_id)))
        .filter(O::Channel.eq(Channel::PostCash))
        .into_tuple()
        .all(txn.conn())
        .await?;
    over.retain(|row| cash.contains(&row.order_id));
    for mut row in over {
        row.answered_at = Some(app.clock.now());
        keep(txn, actor, &row).await?;
    }
    Ok(())
}

/// A recall with its answer, where its order ended.
fn how_it_ended(judge: &Judge, row: recall::Model) -> Option<recall::Model> {
    let order = judge.orders.get(&row.order_id)?;
    let answer = if order.state.awaits_reissue() {
        RecallAnswer::Accepted
    } else if order.state.is_paid() {
        RecallAnswer::Refused
    } else {
        return None;
    };
    Some(recall::Model {
        answer: Some(answer),
        answer_reason: order.reason.clone(),
        ..row
    })
}
