//! Returns that no fund can post: the bank sends money back which the person had paid back already. The fund gave it to
//! its source then; it counts no such payment any more. One of the two has to be given back, and people decide which:
//! such a line waits for them, and the rest of the file goes on.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{FundAccount, LineOutcome};
use entity::{fund, fund_balance, overpayment_recovery, pay_run, payment_line};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::bank_report::{Finding, line_subject};
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::fund::fiscal_year;
use crate::overpayment::{Purse, deduction};
use crate::reconciliation::batch_rows;
use crate::reconciliation::difference;
use crate::reconciliation::job::deduction_answers;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::IDS;

/// One line of an order that moved.
struct Line {
    order: Uuid,
    entitlement: Option<Uuid>,
    component: String,
    month: i32,
    fiscal_year: i32,
    amount: i64,
}

/// The orders, by their runs, that left the paid account, or came onto it.
type Moved = BTreeMap<Uuid, Uuid>;

/// Holds such returns back, each with its reason on its line, until the rest can be posted.
pub(super) async fn withhold(
    txn: &Txn,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    judge: &mut Judge,
    verdicts: &mut [(Uuid, Verdict)],
) -> Result<(), Error> {
    let mut any = false;
    loop {
        let orders = unpostable(txn, runs, judge).await?;
        if orders.is_empty() {
            break;
        }
        let undone = judge.withhold(&orders);
        if undone.is_empty() {
            return Err(Error::internal("orders came back by no step"));
        }
        any = true;
        for (line, verdict) in verdicts.iter_mut() {
            let held = verdict.order.is_some_and(|order| orders.contains(&order));
            if held && (verdict.outcome == LineOutcome::Returned || undone.contains(&line_subject(*line))) {
                verdict.outcome = LineOutcome::Late;
                verdict.finding = Some(Finding::PaidBack);
            }
        }
    }
    if any {
        // An order that stays paid counts among those that the bank took of its file.
        judge.tie_files();
        batch_rows::correct(judge, verdicts);
    }
    Ok(())
}

/// What a fund refuses after all was paid back in this very moment: the job looks again.
pub(super) fn again(error: Error) -> Error {
    match error.code {
        ProblemCode::FundExhausted => Error::internal(error.to_string()),
        _ => error,
    }
}

/// The orders whose return would take the paid account of a fund below nothing: those that were paid back in cash, or
/// all that come back to that fund where none was.
async fn unpostable(txn: &Txn, runs: &BTreeMap<Uuid, pay_run::Model>, judge: &Judge) -> Result<BTreeSet<Uuid>, Error> {
    let which = |paid_before: bool| -> Moved {
        let own = judge.moved().filter(|(before, order)| {
            if paid_before {
                before.is_paid() && order.state.awaits_reissue()
            } else {
                order.state.is_paid() && !before.is_paid()
            }
        });
        own.map(|(_, order)| (order.id, order.pay_run_id)).collect()
    };
    let back = which(true);
    if back.is_empty() {
        return Ok(BTreeSet::new());
    }
    let left = balances(txn, judge).await?;
    let lines = lines_of(txn, &back).await?;
    if short(runs, &left, &[(&back, lines.as_slice(), -1)]).is_empty() {
        return Ok(BTreeSet::new());
    }
    let arrived = which(false);
    let arriving = lines_of(txn, &arrived).await?;
    let short = short(
        runs,
        &left,
        &[(&arrived, arriving.as_slice(), 1), (&back, lines.as_slice(), -1)],
    );
    let concerned = |line: &&Line| purse(runs, &back, line).is_some_and(|purse| short.contains(&purse));
    let concerned: Vec<&Line> = lines.iter().filter(concerned).collect();
    let cash = in_cash(txn, &concerned).await?;
    let orders: BTreeSet<Uuid> = concerned
        .iter()
        .filter(|line| cash.contains(&(line.entitlement, line.component.clone(), line.month)))
        .map(|line| line.order)
        .collect();
    Ok(if orders.is_empty() {
        concerned.iter().map(|line| line.order).collect()
    } else {
        orders
    })
}

/// The purse that a line is paid from.
fn purse(runs: &BTreeMap<Uuid, pay_run::Model>, orders: &Moved, line: &Line) -> Option<Purse> {
    let run = runs.get(orders.get(&line.order)?)?;
    Some((crate::pay_run::fund_code(run).to_owned(), line.fiscal_year))
}

/// The purses that would fall below nothing, run by run as they are posted: what arrives first, what comes back then.
fn short(
    runs: &BTreeMap<Uuid, pay_run::Model>,
    left: &BTreeMap<Purse, i64>,
    moved: &[(&Moved, &[Line], i64)],
) -> BTreeSet<Purse> {
    let mut by_run: BTreeMap<Uuid, BTreeMap<Purse, i64>> = BTreeMap::new();
    for (orders, lines, sign) in moved {
        for line in *lines {
            if let (Some(run), Some(purse)) = (orders.get(&line.order), purse(runs, orders, line)) {
                *by_run.entry(*run).or_default().entry(purse).or_insert(0) += sign * line.amount;
            }
        }
    }
    let mut left = left.clone();
    let mut short = BTreeSet::new();
    for (purse, change) in by_run.into_values().flatten() {
        let balance = left.entry(purse.clone()).or_insert(0);
        *balance += change;
        if *balance < 0 {
            short.insert(purse);
        }
    }
    short
}

/// What each fund counts as paid, with what is given back of deductions from orders that come back: that is undone first.
async fn balances(txn: &Txn, judge: &Judge) -> Result<BTreeMap<Purse, i64>, Error> {
    let funds = fund::Entity::find().all(txn.conn()).await?;
    let paid = fund_balance::Entity::find()
        .filter(fund_balance::Column::Account.eq(FundAccount::Paid))
        .all(txn.conn())
        .await?;
    let mut left = BTreeMap::new();
    for row in paid {
        if let Some(fund) = funds.iter().find(|fund| fund.id == row.fund_id) {
            left.insert((fund.code.clone(), fund.fiscal_year), row.amount);
        }
    }
    for (purse, amount) in deduction::gives_back(txn, &deduction_answers(judge)).await? {
        *left.entry(purse).or_insert(0) += amount;
    }
    for (purse, amount) in difference::gives_back(txn, judge).await? {
        *left.entry(purse).or_insert(0) += amount;
    }
    Ok(left)
}

/// Order, entitlement, component, month, the fiscal year where it is another than the month's, amount.
type LineRow = (Uuid, Option<Uuid>, String, i32, Option<i32>, i64);

async fn lines_of(txn: &Txn, orders: &Moved) -> Result<Vec<Line>, Error> {
    use payment_line::Column as C;
    let ids: Vec<Uuid> = orders.keys().copied().collect();
    let mut lines = Vec::new();
    for chunk in ids.chunks(IDS) {
        let rows: Vec<LineRow> = payment_line::Entity::find()
            .select_only()
            .columns([
                C::OrderId,
                C::EntitlementId,
                C::Component,
                C::CoverMonth,
                C::FiscalYear,
                C::Amount,
            ])
            .filter(C::OrderId.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(txn.conn())
            .await?;
        lines.extend(
            rows.into_iter()
                .map(|(order, entitlement, component, month, fixed, amount)| Line {
                    order,
                    entitlement,
                    component,
                    month,
                    fiscal_year: fiscal_year(month, fixed),
                    amount,
                }),
        );
    }
    Ok(lines)
}

/// The months of the lines that were paid back in cash and not given back since.
async fn in_cash(txn: &Txn, lines: &[&Line]) -> Result<BTreeSet<(Option<Uuid>, String, i32)>, Error> {
    use overpayment_recovery::Column as C;
    let entitlements: BTreeSet<Uuid> = lines.iter().filter_map(|line| line.entitlement).collect();
    let entitlements: Vec<Uuid> = entitlements.into_iter().collect();
    let mut posted: BTreeMap<(Option<Uuid>, String, i32), i64> = BTreeMap::new();
    for chunk in entitlements.chunks(IDS) {
        let rows = overpayment_recovery::Entity::find()
            .filter(C::EntitlementId.is_in(chunk.iter().copied()))
            .filter(C::DeductionId.is_null())
            .all(txn.conn())
            .await?;
        for row in rows {
            let month = (Some(row.entitlement_id), row.component, row.cover_month);
            *posted.entry(month).or_insert(0) += row.posted;
        }
    }
    Ok(posted
        .into_iter()
        .filter(|(_, posted)| *posted > 0)
        .map(|(month, _)| month)
        .collect())
}
