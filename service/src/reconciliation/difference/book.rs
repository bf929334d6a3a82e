//! Differences follow what is decided of lines, and end where their orders come back.

use std::collections::{BTreeMap, BTreeSet};

use domain::bank_report::{LineFault, LineKind, ReportLine};
use domain::payment_order::{Event as OrderEvent, State};
use entity::amount_difference::Model;
use entity::enums::{DifferenceStatus as Status, ReportFormat, ResolutionKind};
use entity::{amount_difference, bank_report, bank_report_line, pay_run, suspense_resolution};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, JoinType, QueryFilter, QuerySelect};
use serde_json::json;
use uuid::Uuid;

use super::first::first_told;
use super::{Years, ends, moves, open_of_order, opens, rows, shares, subject, told, weighs, years};
use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account};
use crate::overpayment::Purse;
use crate::reconciliation::booked;
use crate::reconciliation::cash_list;
use crate::reconciliation::judge::{Judge, Known};

/// The orders that were paid and came back.
fn returning(judge: &Judge) -> BTreeSet<Uuid> {
    let back = judge.moved();
    let back = back.filter(|(before, order)| before.is_paid() && order.state.awaits_reissue());
    back.map(|(_, order)| order.id).collect()
}

/// What weighs on the accounts of funds, of the orders that were paid and came back.
async fn of_returning(txn: &Txn, judge: &Judge) -> Result<Vec<Model>, Error> {
    use amount_difference::Column as C;
    let back = returning(judge);
    if back.is_empty() {
        return Ok(Vec::new());
    }
    // There are few of them, and many orders may come back.
    let mut weighing = amount_difference::Entity::find()
        .filter(C::Status.is_in([Status::Open, Status::WrittenOff]))
        .all(txn.conn())
        .await?;
    weighing.retain(|row| back.contains(&row.order_id));
    weighing.sort_by_key(|row| (row.order_id, row.id));
    Ok(weighing)
}

/// What the paid accounts of funds get back before orders leave them.
pub(in crate::reconciliation) async fn gives_back(txn: &Txn, judge: &Judge) -> Result<BTreeMap<Purse, i64>, Error> {
    let mut sums: BTreeMap<Purse, i64> = BTreeMap::new();
    let weighing = of_returning(txn, judge).await?;
    let orders: Vec<Uuid> = weighing.iter().map(|row| row.order_id).collect();
    let years = years(txn.conn(), &orders).await?;
    for row in weighing
        .iter()
        .filter(|row| row.amount < 0 && row.contra == Account::Paid)
    {
        for (year, amount) in years
            .get(&row.order_id)
            .map_or_else(Vec::new, |own| shares(own, row.amount))
        {
            *sums.entry((row.fund_code.clone(), year)).or_insert(0) += amount;
        }
    }
    Ok(sums)
}

/// An order that comes back takes its difference with it: the whole of it leaves the paid account. Gives the orders that
/// had one; what is open of them then is reckoned when their money has moved.
pub(in crate::reconciliation) async fn take_back(
    app: &App,
    txn: &Txn,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    judge: &Judge,
) -> Result<BTreeSet<Uuid>, Error> {
    let weighing = of_returning(txn, judge).await?;
    if weighing.is_empty() {
        return Ok(BTreeSet::new());
    }
    let moved = judge.runs();
    let codes = moved
        .iter()
        .filter_map(|run| runs.get(run))
        .map(crate::pay_run::fund_code);
    let codes = codes.chain(weighing.iter().map(|row| row.fund_code.as_str()));
    fund::lock(txn, &codes.collect()).await?;
    // Two people may have settled one meanwhile: funds are locked before differences everywhere.
    let weighing = of_returning(txn, judge).await?;
    replace(app, txn, &weighing).await?;
    Ok(weighing.into_iter().map(|row| row.order_id).collect())
}

/// Ends differences for what takes their place.
async fn replace(app: &App, txn: &Txn, weighing: &[Model]) -> Result<(), Error> {
    use amount_difference::Column as C;
    let orders: Vec<Uuid> = weighing.iter().map(|row| row.order_id).collect();
    let years = years(txn.conn(), &orders).await?;
    for row in weighing {
        let own = years.get(&row.order_id).cloned().unwrap_or_default();
        let batch = format!("{}:replaced", subject(row.id));
        fund::post(app, txn, &row.fund_code, &batch, &moves(&own, row, &ends(row))).await?;
        amount_difference::Entity::update_many()
            .col_expr(C::Status, Expr::value(Status::Replaced))
            .col_expr(C::ChangedAt, Expr::value(app.clock.now()))
            .filter(C::Id.eq(row.id))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// What is open of orders that took a difference with them when they came back, by the amount that came back.
pub(in crate::reconciliation) async fn after_returns(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (judge, orders): (&Judge, &BTreeSet<Uuid>),
) -> Result<(), Error> {
    for id in orders {
        let Some(order) = judge.orders.get(id).filter(|order| order.state == State::Returned) else {
            continue;
        };
        let before = rows(txn.conn(), Some(&[*id])).await?;
        let amount = open_of_order(order.amount, State::Returned, &before);
        let known: i64 = before.iter().filter(|own| weighs(own)).map(|own| own.amount).sum();
        if amount == 0 || amount == known {
            continue;
        }
        let Some(run) = runs.get(&order.pay_run_id) else {
            continue;
        };
        let row = Model {
            id: app.ids.next(),
            order_id: *id,
            line_id: None,
            format: None,
            returned: true,
            moved: order.amount,
            amount,
            contra: Account::Source,
            fund_code: crate::pay_run::fund_code(run).to_owned(),
            status: Status::Open,
            opened_at: app.clock.now(),
            changed_at: None,
        };
        open(app, txn, actor, row).await?;
    }
    Ok(())
}

async fn open(app: &App, txn: &Txn, actor: &Actor, row: Model) -> Result<(), Error> {
    let own = years(txn.conn(), &[row.order_id]).await?;
    let own: Years = own.into_values().next().unwrap_or_default();
    txn.insert_all::<amount_difference::Entity>(vec![row.clone()]).await?;
    if row.status == Status::Open {
        let batch = format!("{}:open", subject(row.id));
        fund::post(app, txn, &row.fund_code, &batch, &moves(&own, &row, &opens(&row))).await?;
    }
    let detail = json!({"order": row.order_id, "line": row.line_id, "moved": row.moved, "amount": row.amount});
    txn.audit(Event::new(
        app.clock.now(),
        actor,
        "amount_difference.book",
        subject(row.id),
        detail,
    ));
    Ok(())
}

/// Does a line that two people take for good tell of money that came back (`Some(true)`), that was moved
/// (`Some(false)`), or of neither?
fn direction(kind: ResolutionKind, line: &ReportLine) -> Option<bool> {
    let event = line.event();
    let credit = matches!(line.kind, LineKind::Return | LineKind::Credit) || event == Some(OrderEvent::Return);
    let refusal = event == Some(OrderEvent::Reject);
    // Where the line does not say it, the two people do.
    let unsaid = line.fault == Some(LineFault::Direction);
    match kind {
        ResolutionKind::AcceptedAsPaid => (unsaid || (!credit && !refusal)).then_some(false),
        ResolutionKind::AcceptedAsReturned => (unsaid || credit).then_some(true),
        ResolutionKind::MatchedToOrder | ResolutionKind::AmountExplained => match event {
            Some(OrderEvent::Settle | OrderEvent::Credit) => Some(false),
            Some(OrderEvent::Return) => Some(true),
            _ => None,
        },
        // Everything else moves no order.
        _ => None,
    }
}

/// Books what a line that two people took for good says was moved more or less than ordered. The money of the order has
/// moved by now.
pub(in crate::reconciliation) async fn after_resolution(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (resolution, order): (&suspense_resolution::Model, Uuid),
    (line, judge): (&ReportLine, &Judge),
) -> Result<(), Error> {
    let Some(order) = judge.orders.get(&order) else {
        return Ok(());
    };
    let (Some(returned), Some(moved)) = (direction(resolution.kind, line), line.amount.map(domain::Vnd::dong)) else {
        return Ok(());
    };
    let came_back = order.state.awaits_reissue();
    if !came_back && (returned || !order.state.is_paid()) {
        return Ok(());
    }
    if order.state == State::Returned && !returned && cash_list::has(txn, resolution.line_id).await? {
        return hand_over(app, txn, actor, runs, (resolution.line_id, moved), order).await;
    }
    let before = rows(txn.conn(), Some(&[order.id])).await?;
    let again = is_again(txn, (resolution.line_id, moved), order, judge).await?;
    // What two people found debited once more after it came back is paid by that debit, to the đồng.
    let paid_by_it = |(before, own): (State, &Known)| own.id == order.id && before == State::Returned && !came_back;
    if moved == order.amount && judge.moved().any(paid_by_it) {
        return Ok(());
    }
    // Of a refused order that is done with, every đồng that was moved is too much, and so is what moves once more of an
    // order that came back.
    if before.is_empty() && moved == order.amount && order.state != State::Rejected && !again {
        return Ok(());
    }
    let Some(run) = runs.get(&order.pay_run_id) else {
        return Err(Error::internal("a line speaks of a run that is not released"));
    };
    let line = resolution.line_id;
    let row = row_of(app, txn, (run, order), (line, returned, moved)).await?;
    let first = if again {
        let by = first_told(txn, &judge.told_of_files, order, (line, returned)).await?;
        Some(first_row(app, &row, (order.amount, by)))
    } else {
        None
    };
    book(app, txn, actor, (run, order), (row, first)).await
}

/// Books cash that a list says was handed over of an order that had come back, and was paid again or cancelled since. Each
/// list tells the whole of an order: in all it went out once more than it came back.
async fn hand_over(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (line, moved): (Uuid, i64),
    order: &Known,
) -> Result<(), Error> {
    let Some(run) = runs.get(&order.pay_run_id) else {
        return Err(Error::internal("a list speaks of a run that is not released"));
    };
    let row = row_of(app, txn, (run, order), (line, false, order.amount + moved)).await?;
    book(app, txn, actor, (run, order), (row, None)).await
}

/// What a line says was moved of an order, before it is reckoned.
async fn row_of(
    app: &App,
    txn: &Txn,
    (run, order): (&pay_run::Model, &Known),
    (line, returned, moved): (Uuid, bool, i64),
) -> Result<Model, Error> {
    let came_back = order.state.awaits_reissue();
    Ok(Model {
        id: app.ids.next(),
        order_id: order.id,
        line_id: Some(line),
        format: Some(format_of(txn, line).await?),
        returned,
        moved,
        amount: 0,
        contra: if came_back { Account::Source } else { Account::Paid },
        fund_code: crate::pay_run::fund_code(run).to_owned(),
        status: Status::Noted,
        opened_at: app.clock.now(),
        changed_at: None,
    })
}

/// The debit, or return, before a further one, told by a line over the whole file, or by a line of the order's own.
fn first_row(app: &App, further: &Model, (ordered, told_by): (i64, Option<Uuid>)) -> Model {
    Model {
        id: app.ids.next(),
        line_id: told_by,
        moved: ordered,
        ..further.clone()
    }
}

/// Books a line of an order. A further debit, or return, comes on top of the `first` one: that agreed with its order, and may
/// be in no difference yet.
async fn book(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    (run, order): (&pay_run::Model, &Known),
    (row, first): (Model, Option<Model>),
) -> Result<(), Error> {
    // Two people may have settled one meanwhile: funds are locked before differences everywhere.
    fund::lock(txn, &BTreeSet::from([crate::pay_run::fund_code(run)])).await?;
    let mut before = rows(txn.conn(), Some(&[order.id])).await?;
    if let Some(first) = first.filter(|_| told(&before, row.returned).is_none()) {
        open(app, txn, actor, first.clone()).await?;
        before.push(first);
    }
    let row = reckoned(app, txn, (order.amount, order.state), (&before, row)).await?;
    open(app, txn, actor, row).await
}

/// Books what a second debit over a whole file took of an order that it does not pay: it was paid again, or cancelled, or
/// found paid otherwise. `first` told of the first debit of the file.
pub(in crate::reconciliation) async fn beside(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (line, first): (Uuid, Option<Uuid>),
    order: &Known,
) -> Result<(), Error> {
    let Some(run) = runs.get(&order.pay_run_id) else {
        return Err(Error::internal("a debit speaks of a run that is not released"));
    };
    let row = row_of(app, txn, (run, order), (line, false, order.amount)).await?;
    let first = first_row(app, &row, (order.amount, first));
    book(app, txn, actor, (run, order), (row, Some(first))).await
}

/// The row of a line, with what is open of its order by all that was told before and by it. What was open before ends.
async fn reckoned(
    app: &App,
    txn: &Txn,
    (ordered, stands): (i64, State),
    (before, mut row): (&[Model], Model),
) -> Result<Model, Error> {
    let weighing: Vec<Model> = before.iter().filter(|own| weighs(own)).cloned().collect();
    let mut all = before.to_vec();
    all.push(row.clone());
    // What was never booked says nothing of the accounts, and a line that repeats another nothing new.
    let unbooked = before.iter().any(|own| own.status == Status::Unbooked);
    if !unbooked && told(before, row.returned) != told(&all, row.returned) {
        let amount = open_of_order(ordered, stands, &all);
        let known: i64 = weighing.iter().map(|own| own.amount).sum();
        if amount != known {
            replace(app, txn, &weighing).await?;
            row.amount = amount;
        }
        if row.amount != 0 {
            row.status = Status::Open;
        }
        if row.amount > 0 {
            row.contra = Account::Source;
        }
    }
    Ok(row)
}

/// Does the line tell of an order that stays as it is, having come back, that it was debited or came back once more; or of
/// one that stays paid, that more was taken for it than was ordered?
async fn is_again(txn: &Txn, (line, moved): (Uuid, i64), order: &Known, judge: &Judge) -> Result<bool, Error> {
    if judge.moved().any(|(_, own)| own.id == order.id) {
        return Ok(false);
    }
    match order.state {
        State::Returned => booked::is_once_more(txn, line).await,
        state if state.is_paid() => booked::is_in_excess(txn, (line, moved), order).await,
        _ => Ok(false),
    }
}

/// What kind of report a line is of.
pub(in crate::reconciliation) async fn format_of(txn: &Txn, line: Uuid) -> Result<ReportFormat, Error> {
    let report = bank_report_line::Entity::belongs_to(bank_report::Entity)
        .from(bank_report_line::Column::BankReportId)
        .to(bank_report::Column::Id);
    let format: Option<ReportFormat> = bank_report_line::Entity::find()
        .select_only()
        .column(bank_report::Column::Format)
        .join(JoinType::InnerJoin, report.into())
        .filter(bank_report_line::Column::Id.eq(line))
        .into_tuple()
        .one(txn.conn())
        .await?;
    format.ok_or_else(Error::not_found)
}
