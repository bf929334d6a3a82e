//! What a decided resolution does: the order moves by the rules of its states, and money, run and deductions follow.

use std::collections::BTreeMap;

use domain::bank_report::{LineFault, LineKind, ReportLine};
use domain::payment_order::{Event as OrderEvent, State};
use entity::enums::{LineStatus, ResolutionKind};
use entity::{pay_run, payment_line, suspense_resolution};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::overpayment;
use crate::reconciliation::cash_list;
use crate::reconciliation::job::deduction_answers;
use crate::reconciliation::judge::{Judge, Known};
use crate::reconciliation::reading;
use crate::reconciliation::{batch_rows, booked, difference, load, money, recalls, settle, store};
use crate::vocabulary;

/// The name of a resolution in the audit trail and in the history of orders.
pub(crate) fn subject(id: Uuid) -> String {
    format!("suspense_resolution:{}", id.simple())
}

/// Does it move an order?
pub(super) const fn moves(kind: ResolutionKind) -> bool {
    !matches!(
        kind,
        ResolutionKind::NotOurs | ResolutionKind::BankResends | ResolutionKind::LookedInto
    )
}

/// Locks the lines of orders: a commune that files relief again may be taking them over.
pub(super) async fn lock_lines(txn: &Txn, of_orders: Condition) -> Result<(), Error> {
    let _locked: Vec<Uuid> = payment_line::Entity::find()
        .select_only()
        .column(payment_line::Column::Id)
        .filter(of_orders)
        .order_by_asc(payment_line::Column::Id)
        .lock_exclusive()
        .into_tuple()
        .all(txn.conn())
        .await?;
    Ok(())
}

/// Does a refused order stay refused although it is said to be paid? So it does where a line of it was paid again, or
/// cancelled, since.
///
/// # Errors
/// `illegal-transition` where the line itself does not say that the order was debited.
async fn stays_refused(txn: &Txn, order: &Known, (event, line): (OrderEvent, &ReportLine)) -> Result<bool, Error> {
    if order.state != State::Rejected || !matches!(event, OrderEvent::Settle | OrderEvent::Credit) {
        return Ok(false);
    }
    let lines = payment_line::Entity::find()
        .filter(payment_line::Column::OrderId.eq(order.id))
        .all(txn.conn())
        .await?;
    let waits = |line: &payment_line::Model| line.status == LineStatus::Returned;
    if lines.iter().all(waits) {
        return Ok(false);
    }
    if line.event() == Some(OrderEvent::Reject) {
        return Err(refused(
            "Lệnh chi đã được chi lại hoặc hủy; dòng từ chối này không cho biết tiền đã bị ghi nợ",
            "the order was paid again or cancelled, and a refusal does not say that it was debited",
        ));
    }
    Ok(true)
}

/// Would an order that came back stay so although it is said to be paid? Nothing would follow, and it would be paid again.
async fn stays_returned(txn: &Txn, order: &Known, judge: &Judge) -> Result<bool, Error> {
    let stays = order.state == State::Returned && !judge.told_of_files.debited_again;
    Ok(stays && booked::waits_whole(txn, order.id).await?)
}

/// What a resolution says of its order: none where it moves nothing. `of_list`: the line is of a post office's list.
fn says(kind: ResolutionKind, line: &ReportLine, of_list: bool) -> Result<Option<OrderEvent>, Error> {
    let event = match kind {
        // Cash that was paid is in the payee's hand.
        ResolutionKind::AcceptedAsPaid if of_list => OrderEvent::Credit,
        ResolutionKind::AcceptedAsPaid => OrderEvent::Settle,
        ResolutionKind::AcceptedAsReturned => OrderEvent::Return,
        ResolutionKind::MatchedToOrder | ResolutionKind::AmountExplained => line.event().ok_or_else(|| {
            refused(
                "Dòng này không nói rõ tiền đã đi hay về; hãy chọn cách xử lý khác",
                "the line does not say what became of the money: accept it as paid or as returned",
            )
        })?,
        ResolutionKind::NotOurs | ResolutionKind::BankResends | ResolutionKind::LookedInto => return Ok(None),
    };
    Ok(Some(event))
}

/// Moves the order as the resolution says, by the rules of its states and of what people may decide beyond them. A refused
/// order that was paid again, or cancelled, and was debited all the same stays refused: what was debited is a difference
/// beside it, which the bank owes.
pub(super) async fn apply(
    txn: &Txn,
    judge: &mut Judge,
    known: &[Known],
    resolution: &suspense_resolution::Model,
    line: &ReportLine,
) -> Result<(), Error> {
    let Some(order) = known.first() else {
        return Err(Error::not_found());
    };
    match line.kind {
        LineKind::BatchDebit => {
            return Err(refused(
                "Dòng ghi nợ cả lô không gắn với một lệnh chi",
                "one debit over a batch is of no single order",
            ));
        }
        LineKind::Recall => {
            return Err(refused(
                "Trả lời thu hồi không cho biết tiền đã đi hay về",
                "the answer to a recall does not say where the money is",
            ));
        }
        _ => {}
    }
    let of_list = cash_list::has(txn, resolution.line_id).await?;
    let Some(event) = says(resolution.kind, line, of_list)? else {
        return Ok(());
    };
    let amount = line.amount.map(domain::Vnd::dong);
    // The rest of an entry is an order that no transaction in it names, or none: a part of it says nothing of an order.
    let rest = line.fault == Some(LineFault::EntryDiffers);
    let differs = amount.map_or(rest, |amount| amount != order.amount);
    if differs && (rest || resolution.kind == ResolutionKind::MatchedToOrder) {
        return Err(refused(
            "Số tiền của dòng khác với lệnh chi được chọn",
            "the amount of the line is not that of the order",
        ));
    }
    if of_list && cash_list::finds_paid(txn, order, event).await? {
        judge.told_of_files.debited_again = true;
    }
    // A single return beside a debit that nobody has looked at says nothing yet: that debit may pay the order first.
    let again = order
        .file_id
        .is_some_and(|file| judge.told_of_files.second_debit_waits(file));
    if event == OrderEvent::Return && order.state == State::Returned && again {
        return Err(refused(
            "Tệp có lệnh chi này bị ghi nợ lần nữa và dòng đó đang chờ; hãy xử lý dòng ghi nợ cả tệp trước",
            "the file of the order was debited once more, and that line waits: decide it first",
        ));
    }
    if stays_refused(txn, order, (event, line)).await? {
        return Ok(());
    }
    if resolution.kind == ResolutionKind::AcceptedAsPaid && !differs && stays_returned(txn, order, judge).await? {
        return Err(refused(
            "Lệnh chi đã được hoàn trả, và không có dòng nào cho biết lệnh bị ghi nợ lần nữa; dòng này không làm cho lệnh được chi",
            "the order came back, and no line tells that it was debited once more: by this one it is not paid",
        ));
    }
    let reason = match event {
        OrderEvent::Return | OrderEvent::Reject => reading::reason(line)
            .or_else(|| line.reason.clone())
            .or_else(|| order.reason.clone())
            .or_else(|| Some(line.status.to_lowercase())),
        _ => None,
    };
    judge
        .decided(order.id, event, reason, &subject(resolution.id))
        .map_err(|refusal| {
            refused(
                format!(
                    "Lệnh chi đang ở trạng thái “{}” không nhận được kết quả này",
                    vocabulary::vietnamese("payment_order_status", refusal.from.code())
                ),
                format!("an order that is {} cannot take this", refusal.from.code()),
            )
        })
}

pub(super) fn refused(vi: impl Into<String>, en: impl Into<String>) -> Error {
    Error::because(ProblemCode::IllegalTransition, vi, en)
}

/// The order moves, and with it its money, its run and what was kept back of it. All runs that it may change are locked.
pub(super) async fn carry_out(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (resolution, order): (&suspense_resolution::Model, Uuid),
    line: &ReportLine,
) -> Result<(), Error> {
    let of_order = payment_line::Column::OrderId.eq(order);
    lock_lines(txn, Condition::all().add(of_order)).await?;
    let known = load::orders_by_id(txn, &[order]).await?;
    let (orders, told) = load::order_in_file(txn, order).await?;
    let mut judge = Judge::new(orders, BTreeMap::new()).told_before(told);
    apply(txn, &mut judge, &known, resolution, line).await?;
    let cause = subject(resolution.id);
    follow(app, txn, actor, runs, (&cause, judge), Some((resolution, order, line))).await
}

/// What follows where two people moved an order: its money, its run and what was kept back of it follow. `of_line` is the
/// line that they decided of, with its order; none where they decided of the order alone.
pub(super) async fn follow(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (cause, mut judge): (&str, Judge),
    of_line: Option<(&suspense_resolution::Model, Uuid, &ReportLine)>,
) -> Result<(), Error> {
    // A debit over the whole file may tie now, and move its other orders.
    judge.tie_files();
    let moved = judge.moved_ids();
    let last = load::last_steps(txn, &judge).await?;
    let amounts = load::amounts(txn, &moved).await?;
    let (unexplained, answers) = (judge.told_of_files.unexplained(), deduction_answers(&judge));
    overpayment::deduction::lock_for(txn, &answers).await?;
    // Before its lines are live again: whoever pays them once more is found by those that came back.
    crate::pay_run::void_reissuing(app, txn, (&unexplained, &answers.overruled)).await?;
    store::orders(app, txn, &judge, &last).await?;
    overpayment::deduction::follow(app, txn, actor, &answers).await?;
    let taken_back = difference::take_back(app, txn, runs, &judge).await?;
    money::post(app, txn, cause, runs, &judge, &amounts).await?;
    overpayment::deduction::take_again(app, txn, actor, (runs, &answers.overruled)).await?;
    let mut answered = judge.runs();
    if let Some((resolution, order, line)) = of_line {
        difference::after_resolution(app, txn, actor, runs, (resolution, order), (line, &judge)).await?;
        answered.extend(judge.orders.get(&order).map(|own| own.pay_run_id));
    }
    difference::after_returns(app, txn, actor, runs, (&judge, &taken_back)).await?;
    money::advance_runs(app, txn, actor, runs, &answered).await?;
    recalls::ended(app, txn, actor, &judge).await?;
    batch_rows::store(app, txn, actor, &judge).await?;
    settle::close_answered(app, txn, actor, &judge).await
}
