//! Money follows its orders, and runs follow their money.

use std::collections::{BTreeMap, BTreeSet};

use entity::enums::{OrderStatus, PayRunStatus};
use entity::{pay_run, payment_order};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use uuid::Uuid;

use crate::actor::Actor;
use crate::app::App;
use crate::audit::Event;
use crate::db::Txn;
use crate::error::Error;
use crate::fund::{self, Account, Move};
use crate::reconciliation::judge::Judge;
use crate::reconciliation::state::account;

/// What is over: nothing but a return can follow.
const ENDED: [OrderStatus; 4] = [
    OrderStatus::Settled,
    OrderStatus::Credited,
    OrderStatus::Rejected,
    OrderStatus::Returned,
];

/// Does the money of any order move?
pub(super) fn moves(judge: &Judge) -> bool {
    judge
        .moved()
        .any(|(before, order)| account(before) != account(order.state))
}

/// One balanced step for what moved the orders (a report, or what two people decided) and each run, by the fiscal year
/// that carries each line.
pub(super) async fn post(
    app: &App,
    txn: &Txn,
    cause: &str,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    judge: &Judge,
    lines: &[(Uuid, i32, i64)],
) -> Result<(), Error> {
    let mut moved: BTreeMap<Uuid, (Uuid, Account, Account)> = BTreeMap::new();
    for (before, order) in judge.moved() {
        let (from, to) = (account(before), account(order.state));
        if from != to {
            moved.insert(order.id, (order.pay_run_id, from, to));
        }
    }
    let mut sums: BTreeMap<Uuid, BTreeMap<(i32, Account, Account), i64>> = BTreeMap::new();
    for (order, fiscal_year, amount) in lines {
        if let Some((run, from, to)) = moved.get(order) {
            let of_run = sums.entry(*run).or_default();
            *of_run.entry((*fiscal_year, *from, *to)).or_insert(0) += amount;
        }
    }
    let codes = sums
        .keys()
        .filter_map(|run| runs.get(run))
        .map(crate::pay_run::fund_code);
    fund::lock(txn, &codes.collect()).await?;
    for (run_id, sums) in sums {
        let Some(run) = runs.get(&run_id) else {
            return Err(Error::internal("an order moved in a run that is not released"));
        };
        let moves: Vec<Move> = sums
            .into_iter()
            .map(|((fiscal_year, from, to), amount)| Move {
                fiscal_year,
                from,
                to,
                amount,
            })
            .collect();
        let batch = format!("{cause}:{}", run_id.simple());
        fund::post(app, txn, crate::pay_run::fund_code(run), &batch, &moves).await?;
    }
    Ok(())
}

/// A run settles from its first answer, and is closed when each of its orders is over.
pub(super) async fn advance_runs(
    app: &App,
    txn: &Txn,
    actor: &Actor,
    runs: &BTreeMap<Uuid, pay_run::Model>,
    answered: &BTreeSet<Uuid>,
) -> Result<(), Error> {
    for run in answered.iter().filter_map(|id| runs.get(id)) {
        let open = payment_order::Entity::find()
            .filter(payment_order::Column::PayRunId.eq(run.id))
            .filter(payment_order::Column::Status.is_not_in(ENDED))
            .count(txn.conn())
            .await?;
        let status = match (run.status, open) {
            (PayRunStatus::Released | PayRunStatus::Settling, 0) => PayRunStatus::Closed,
            (PayRunStatus::Released, _) => PayRunStatus::Settling,
            _ => continue,
        };
        pay_run::Entity::update_many()
            .col_expr(pay_run::Column::Status, Expr::value(status))
            .col_expr(pay_run::Column::Version, Expr::col(pay_run::Column::Version).add(1))
            .filter(pay_run::Column::Id.eq(run.id))
            .exec(txn.conn())
            .await?;
        let (action, detail) = match status {
            PayRunStatus::Closed => ("pay_run.close", json!({})),
            _ => ("pay_run.settle", json!({"open_orders": open})),
        };
        let subject = crate::pay_run::subject(run.id);
        txn.audit(Event::new(app.clock.now(), actor, action, subject, detail));
    }
    Ok(())
}
