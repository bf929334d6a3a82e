//! Orders that their bank, or the post office, says nothing of. Money in transit has a way out without an answer: some days
//! after its execution date two people may say what became of an order, by the letter in which the bank says so. It was
//! never executed, and is paid again, while its file is given out no more; or it was paid. Order, money and run follow by
//! the rules that hold for banks, and what a report tells later is judged against that as against any other answer. Where an
//! order was recalled by letter, the letter that answers it is entered here without waiting for those days, and answers the
//! recall; its receiver knows which order it was to stop, and pays the others by the file, which stays.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use domain::payment_order::Event as OrderEvent;
use entity::enums::{Channel, OrderStatus, ProposalStatus, SilenceOutcome};
use entity::{bank_report_line, bank_silence, pay_run, payment_order, recall};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::audit::Event;
use crate::bank_report::Finding;
use crate::clock::in_vietnam;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::payment_order::{in_scope, wholly_in_scope};
use crate::proposal::{self, DecideProposal, ProposalView, Proposed, Verdict, proposed};
use crate::reconciliation::judge::Judge;
use crate::reconciliation::{apply, load, recalls};
use crate::vocabulary;

/// The reason of an order that its bank never executed: its account was not at fault.
pub(crate) const NOT_EXECUTED: &str = "not_executed";

/// The reason of an order that we had asked its bank to cancel (ExternalReturnReason1Code): how it is paid again, if at all,
/// follows from why it was recalled.
const ASKED_FOR: &str = "FOCR";

/// The longest name of a letter, in characters.
const LONGEST_LETTER: usize = 200;

/// What has left the house and has no end.
pub(crate) const WAITING: [OrderStatus; 3] = [OrderStatus::Extracted, OrderStatus::Unknown, OrderStatus::Accepted];

/// What only says that the bank did not know yet, or is of the registry: it does not say how an order ended.
const NO_WORD: [Finding; 3] = [Finding::Blocked, Finding::UnknownStatus, Finding::PersonDeceased];

/// Proposes what became of an order that its bank says nothing of.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProposeSilence {
    /// `not_executed`: no money moved, and it is paid again by another order; its file is withdrawn, and neither delivered
    /// nor fetched after that, unless its receiver had been asked by letter to stop this order. `paid`: our account is
    /// debited, or the cash was handed over.
    #[schema(value_type = String, example = "not_executed")]
    pub outcome: SilenceOutcome,
    /// Number and date of the letter in which the bank or the post office says so.
    #[schema(example = "CV 215/NHNo-QN ngày 27/09/2024", max_length = 200)]
    pub letter: String,
    /// What was found; it is kept.
    #[schema(example = "Ngân hàng xác nhận lệnh bị treo, không ghi nợ", max_length = 1000)]
    pub note: String,
}

/// What two people say became of an order that its bank says nothing of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SilenceView {
    /// Id, which the one who decides names.
    pub id: Uuid,
    /// The order.
    pub order_id: Uuid,
    /// `not_executed` or `paid`.
    #[schema(value_type = String, example = "not_executed")]
    pub outcome: SilenceOutcome,
    /// The bank's letter.
    #[schema(example = "CV 215/NHNo-QN ngày 27/09/2024")]
    pub letter: String,
    /// What the one person says, and the other.
    #[serde(flatten)]
    pub proposal: ProposalView,
}

pub(super) fn view(row: bank_silence::Model) -> SilenceView {
    SilenceView {
        proposal: row.proposal(),
        id: row.id,
        order_id: row.order_id,
        outcome: row.outcome,
        letter: row.letter,
    }
}

fn subject(id: Uuid) -> String {
    format!("bank_silence:{}", id.simple())
}

/// From which day on the silence about an order counts: that of its execution, or of its release where that came later.
pub(crate) fn since(released_at: DateTime<Utc>, execution_date: Option<NaiveDate>) -> NaiveDate {
    let released = in_vietnam(released_at).date_naive();
    execution_date.map_or(released, |day| day.max(released))
}

/// Has a bank said nothing so long of what this run left open that two people may?
pub(super) fn is_long(app: &App, run: &pay_run::Model) -> bool {
    run.released_at.is_some_and(|released_at| {
        let since = since(released_at, run.execution_date);
        let days = app.clock.today().signed_duration_since(since).num_days();
        days >= i64::from(app.remind_after.silent)
    })
}

fn refused(vi: impl Into<String>, en: impl Into<String>) -> Error {
    Error::because(ProblemCode::IllegalTransition, vi, en)
}

/// Refuses an order that has an end, one that is not due for long and was not recalled by letter, and one of which a bank's
/// line waits: that line is resolved first. Never executed is only what has left the house.
async fn require_silent(
    app: &App,
    txn: &Txn,
    run: &pay_run::Model,
    (order, outcome): (&payment_order::Model, SilenceOutcome),
) -> Result<(), Error> {
    use bank_report_line::Column as L;
    if !WAITING.contains(&order.status) {
        return Err(refused(
            "Lệnh chi này không ở trong tình trạng đã gửi đi và chờ kết quả",
            "the order is not one that has left the house and waits for its end",
        ));
    }
    if !is_long(app, run) && !recalls::is_asked_by_letter(txn.conn(), order.id).await? {
        let days = app.remind_after.silent;
        return Err(refused(
            format!("Chưa quá {days} ngày kể từ ngày thực hiện; hãy chờ kết quả của ngân hàng, bưu điện"),
            format!("{days} days have not passed since the execution date: wait for the bank or the post office"),
        ));
    }
    let open = bank_report_line::Entity::find()
        .filter(L::OrderId.eq(order.id))
        .filter(L::ResolvedAt.is_null())
        .filter(L::Note.is_not_null())
        .filter(L::Note.is_not_in(NO_WORD.map(Finding::code)))
        .count(txn.conn())
        .await?;
    if open > 0 {
        return Err(refused(
            "Có dòng kết quả của ngân hàng về lệnh chi này đang chờ xử lý; hãy xử lý dòng đó trước",
            "a bank's line about the order waits for people: resolve that line first",
        ));
    }
    match outcome {
        SilenceOutcome::NotExecuted => crate::payment_file::require_out(txn, order).await,
        SilenceOutcome::Paid => Ok(()),
    }
}

/// The number and date of a letter, as they are kept.
pub(super) fn letter(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_LETTER {
        return Err(Error::field(
            "/letter",
            "length",
            "Số, ngày văn bản phải có từ 1 đến 200 ký tự",
            "the number and date of the letter have 1 to 200 characters",
        ));
    }
    Ok(text.to_owned())
}

/// Proposes what became of an order that its bank says nothing of: the first of two people.
///
/// # Errors
/// `illegal-transition` where the order has an end, is neither due for long nor recalled by letter, or a bank's line about it
/// waits, and where it is to be never executed although its file can still leave the house; `already-exists` where
/// something is proposed already.
pub async fn propose_silence(
    app: &App,
    actor: &Actor,
    order: Uuid,
    command: ProposeSilence,
) -> Result<SilenceView, Error> {
    let scope = actor.require(Permission::OrderPropose)?;
    let proposal = ProposalView::made(app, actor, &command.note)?;
    let letter = letter(&command.letter)?;
    let run = in_scope(app.db.read(), &scope, order).await?.pay_run_id;
    let row = app
        .db
        .write(async |txn| {
            let run = crate::pay_run::for_update(txn, run).await?;
            let order = wholly_in_scope(txn.conn(), &scope, order).await?;
            require_silent(app, txn, &run, (&order, command.outcome)).await?;
            let row = proposed!(bank_silence, proposal.clone(), {
                id: app.ids.next(),
                order_id: order.id,
                outcome: command.outcome,
                letter: letter.clone(),
            });
            txn.insert_all::<bank_silence::Entity>(vec![row.clone()]).await?;
            let detail = json!({"order": order.id, "outcome": row.outcome, "letter": row.letter, "note": row.note});
            txn.audit(Event::new(
                row.proposed_at,
                actor,
                "bank_silence.propose",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// Decides it: the second of two people. Accepted, the order ends as the letter says, and its money follows.
///
/// # Errors
/// `same-person`; `illegal-transition` where the proposal does not wait, where the bank has spoken meanwhile, or where the
/// file of what was never executed is on its way again.
pub async fn decide_silence(
    app: &App,
    actor: &Actor,
    order: Uuid,
    command: DecideProposal,
) -> Result<SilenceView, Error> {
    let scope = actor.require(Permission::OrderDecide)?;
    let verdict = Verdict::of(app, actor, &command)?;
    in_scope(app.db.read(), &scope, order).await?;
    let row = app
        .db
        .write(async |txn| {
            // Runs first, as a report locks them: nothing it tells of the order comes in between.
            let runs = load::runs(txn).await?;
            let order = wholly_in_scope(txn.conn(), &scope, order).await?;
            let mut row = bank_silence::Entity::find_by_id(command.proposal_id)
                .filter(bank_silence::Column::OrderId.eq(order.id))
                .lock_exclusive()
                .one(txn.conn())
                .await?
                .ok_or_else(proposal::unknown)?;
            row.decide(&verdict)?;
            proposal::require_own_keys(txn, &row, &verdict).await?;
            row.clone().into_active_model().reset_all().update(txn.conn()).await?;
            if row.status == ProposalStatus::Accepted {
                carry_out(app, txn, actor, &runs, (&row, &order)).await?;
            }
            let over = row.status == ProposalStatus::Accepted && row.outcome == SilenceOutcome::NotExecuted;
            let withdrawn = match order.file_id.filter(|_file| over) {
                Some(file) => crate::payment_file::withdrawn(txn.conn()).await?.take(&file),
                None => None,
            };
            let detail = json!({"order": order.id, "outcome": row.outcome, "letter": row.letter,
                "decision": row.status, "note": verdict.note, "withdrawn_file": withdrawn});
            txn.audit(Event::new(
                verdict.at,
                actor,
                "bank_silence.decide",
                subject(row.id),
                detail,
            ));
            Ok(row)
        })
        .await?;
    Ok(view(row))
}

/// The order moves by the rules of its states, and all that hangs on it follows.
async fn carry_out(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (row, order): (&bank_silence::Model, &payment_order::Model),
) -> Result<(), Error> {
    let Some(run) = runs.get(&order.pay_run_id) else {
        return Err(Error::internal("an order waits in a run that is not released"));
    };
    require_silent(app, txn, run, (order, row.outcome)).await?;
    let (event, reason) = match (row.outcome, order.channel) {
        (SilenceOutcome::NotExecuted, _) => (OrderEvent::Reject, Some(why_over(txn, order.id).await?)),
        (SilenceOutcome::Paid, Channel::BankTransfer) => (OrderEvent::Settle, None),
        // Handed over.
        (SilenceOutcome::Paid, Channel::PostCash) => (OrderEvent::Credit, None),
    };
    recalls::answered_by_letter(app, txn, actor, row).await?;
    let (orders, told) = load::order_in_file(txn, order.id).await?;
    let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
    let cause = subject(row.id);
    judge.decided(order.id, event, reason, &cause).map_err(|refusal| {
        let code = refusal.from.code();
        let state = vocabulary::vietnamese("payment_order_status", code);
        refused(
            format!("Lệnh chi đang ở trạng thái “{state}” không nhận được kết quả này"),
            format!("an order that is {code} cannot take this"),
        )
    })?;
    apply::follow(app, txn, actor, runs, (&cause, judge), None).await
}

/// Why an order that was never executed is over: because we asked for it, unless the bank refused that; or for no reason
/// that anybody knows.
async fn why_over(txn: &Txn, order: Uuid) -> Result<String, Error> {
    let asked = recall::Entity::find()
        .filter(recall::Column::OrderId.eq(order))
        .filter(recalls::standing())
        .count(txn.conn())
        .await?;
    let why = if asked > 0 { ASKED_FOR } else { NOT_EXECUTED };
    Ok(why.to_owned())
}

/// What was proposed and decided of an order that its bank says nothing of, the newest first.
pub async fn silences(app: &App, actor: &Actor, order: Uuid) -> Result<Vec<SilenceView>, Error> {
    let scope = actor.require(Permission::PayRunRead)?;
    let order = in_scope(app.db.read(), &scope, order).await?;
    let mut rows = bank_silence::Entity::find()
        .filter(bank_silence::Column::OrderId.eq(order.id))
        .all(app.db.read())
        .await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.proposed_at, row.id)));
    Ok(rows.into_iter().map(view).collect())
}
