//! Two people found an order paid that a bank had refused: what was kept back of its lines is paid back once more.

use std::collections::{BTreeMap, BTreeSet};

use domain::overpayment::spread;
use entity::enums::DeductionStatus;
use entity::{overpayment_deduction, pay_run};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use uuid::Uuid;

use super::follow::put;
use crate::actor::Actor;
use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};
use crate::overpayment::carried::Carried;
use crate::overpayment::money::{Receipt, move_money};
use crate::overpayment::open_of;
use crate::overpayment::step::{Change, locked, record, save_month};

/// Orders in one statement.
const ROWS: usize = 5_000;

/// The deductions of these orders that were given back, by case and line.
pub(super) async fn given_back(txn: &Txn, orders: &BTreeSet<Uuid>) -> Result<Vec<overpayment_deduction::Model>, Error> {
    use overpayment_deduction::Column as C;
    let orders: Vec<Uuid> = orders.iter().copied().collect();
    let mut rows = Vec::new();
    for chunk in orders.chunks(ROWS) {
        let own = overpayment_deduction::Entity::find()
            .filter(C::OrderId.is_in(chunk.iter().copied()))
            .filter(C::Status.eq(DeductionStatus::GivenBack))
            .order_by_asc(C::CaseId)
            .order_by_asc(C::LineId)
            .all(txn.conn())
            .await?;
        rows.extend(own);
    }
    Ok(rows)
}

/// Takes again what was kept back of these orders: the payee got what was left of the lines, and no more. The money of
/// the orders has moved by now.
///
/// # Errors
/// `illegal-transition` where less is open of a case by now: it was paid back otherwise, or dropped.
pub(crate) async fn take_again(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    (runs, orders): (&BTreeMap<Uuid, pay_run::Model>, &BTreeSet<Uuid>),
) -> Result<(), Error> {
    let mut by_case: BTreeMap<Uuid, Vec<overpayment_deduction::Model>> = BTreeMap::new();
    for row in given_back(txn, orders).await? {
        by_case.entry(row.case_id).or_default().push(row);
    }
    for (case, own) in by_case {
        of_case(app, txn, actor, runs, (case, &own)).await?;
    }
    Ok(())
}

async fn of_case(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    (id, deductions): (Uuid, &[overpayment_deduction::Model]),
) -> Result<(), Error> {
    let case = locked(txn, id).await?;
    let mut months = case.months;
    for deduction in deductions {
        let Some(run) = runs.get(&deduction.pay_run_id) else {
            return Err(Error::internal("a deduction of an order is in no released run"));
        };
        let fund = crate::pay_run::fund_code(run);
        let carried = Carried::load(txn.conn(), &months.iter().collect::<Vec<_>>()).await?;
        let own: Vec<i64> = months.iter().map(|month| carried.share_of(month, fund)).collect();
        let parts = spread(deduction.amount, &own).ok_or_else(paid_otherwise)?;
        let key = crate::pay_run::natural_key(run);
        let receipt = Receipt::deduction(app.clock.today(), &key, deduction.id, fund);
        let moved = months.into_iter().zip(parts).collect();
        months = move_money(app, txn, &case.row, moved, &receipt).await?;
    }
    let left: i64 = months.iter().map(open_of).sum();
    for month in months {
        save_month(txn, month).await?;
    }
    let ids: Vec<Uuid> = deductions.iter().map(|deduction| deduction.id).collect();
    put(txn, &ids, DeductionStatus::Settled).await?;
    let lines: Vec<Uuid> = deductions.iter().map(|deduction| deduction.line_id).collect();
    let amount: i64 = deductions.iter().map(|deduction| deduction.amount).sum();
    let to = case.row.status;
    let change = Change::new(case.row, to, json!({"lines": lines, "amount": amount, "open": left}));
    record(app, txn, actor, ("deduct", "overpayment.deduct"), change).await?;
    Ok(())
}

fn paid_otherwise() -> Error {
    Error::because(
        ProblemCode::IllegalTransition,
        "Khoản khấu trừ của lệnh này đã được hoàn trả bằng cách khác; hãy điều chỉnh hồ sơ thu hồi trước",
        "what was kept back of this order was paid back otherwise since: put the overpayment case right first",
    )
}
