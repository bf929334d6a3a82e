//! What banks answer to recalls. The order stays where it is: money that comes back is an entry of its own.

use std::collections::BTreeMap;

use domain::bank_report::{LineKind, Report};
use entity::enums::{LineOutcome, ProposalStatus, RecallAnswer};
use entity::recall;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::Verdict;
use crate::reconciliation::load::IDS;
use crate::reconciliation::reading::recall_answer;

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
        row.answer_reason.clone_from(&reason);
        row.answered_at = Some(at);
        row.clone().into_active_model().reset_all().update(txn.conn()).await?;
        let detail = json!({"order": order, "answer": answer, "reason": reason});
        let subject = format!("recall:{}", row.id.simple());
        txn.audit(Event::new(at, actor, "recall.answer", subject, detail));
    }
    Ok(())
}
