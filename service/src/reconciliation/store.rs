//! Writing what was judged, by the set.

use std::collections::BTreeMap;

use entity::enums::{LineOutcome, LineStatus};
use entity::{bank_report_line, payment_line, payment_order_event};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement, Value};
use uuid::Uuid;

use crate::app::App;
use crate::bank_report::places;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::{IDS, StoredLine};
use crate::reconciliation::state::status;

/// Rows in one statement: below both engines' limits of bind parameters.
const ROWS: usize = 2_000;

/// Each line with what it came to. Nearly all lines of a report agree with the order they were stored with: those are
/// written at once and change no index, the others by their values.
pub(super) async fn lines(
    txn: &Txn,
    report_id: Uuid,
    stored: &[StoredLine],
    verdicts: &[(Uuid, Verdict)],
) -> Result<(), Error> {
    bank_report_line::Entity::update_many()
        .col_expr(bank_report_line::Column::Outcome, Expr::value(LineOutcome::Matched))
        .filter(bank_report_line::Column::BankReportId.eq(report_id))
        .exec(txn.conn())
        .await?;
    let others = verdicts.iter().zip(stored).filter(|((_, verdict), stored)| {
        verdict.order != stored.order || verdict.outcome != LineOutcome::Matched || verdict.finding.is_some()
    });
    let rows = others.map(|((line, verdict), _)| {
        [
            Value::from(*line),
            Value::from(verdict.outcome.to_value()),
            Value::from(verdict.order),
            Value::from(verdict.finding.map(|finding| finding.code().to_owned())),
        ]
    });
    let update = "UPDATE bank_report_line SET outcome = v.column2, order_id = v.column3, note = v.column4";
    update_from(txn, update, "bank_report_line.id = v.column1", rows.collect()).await
}

/// Each moved order, with the steps of its history.
pub(super) async fn orders(app: &App, txn: &Txn, judge: &Judge, last: &BTreeMap<Uuid, i32>) -> Result<(), Error> {
    let mut steps: BTreeMap<Uuid, i64> = BTreeMap::new();
    let mut sequence: BTreeMap<Uuid, i32> = last.clone();
    let mut events = Vec::with_capacity(judge.steps().len());
    let at = app.clock.now();
    for step in judge.steps() {
        *steps.entry(step.order).or_insert(0) += 1;
        let number = sequence.entry(step.order).or_insert(0);
        *number += 1;
        events.push(payment_order_event::Model {
            order_id: step.order,
            sequence: *number,
            from_status: Some(status(step.from)),
            to_status: status(step.to),
            reason: step.reason.clone(),
            source: step.source.clone(),
            at,
        });
    }
    let rows = judge.moved().map(|(_, order)| {
        [
            Value::from(order.id),
            Value::from(status(order.state).to_value()),
            Value::from(order.reason.clone()),
            Value::from(order.bank_reference.clone()),
            Value::from(steps.get(&order.id).copied().unwrap_or(0)),
        ]
    });
    let update = "UPDATE payment_order SET status = v.column2, reason = v.column3, bank_reference = v.column4, \
                  version = payment_order.version + v.column5";
    update_from(txn, update, "payment_order.id = v.column1", rows.collect()).await?;
    txn.insert_all::<payment_order_event::Entity>(events).await?;
    let came_back = judge
        .moved()
        .filter(|(before, order)| order.state.awaits_reissue() && !before.awaits_reissue())
        .map(|(_, order)| order.id);
    return_lines(txn, &came_back.collect::<Vec<_>>()).await
}

async fn return_lines(txn: &Txn, orders: &[Uuid]) -> Result<(), Error> {
    for chunk in orders.chunks(IDS) {
        payment_line::Entity::update_many()
            .col_expr(payment_line::Column::Status, Expr::value(LineStatus::Returned))
            .filter(payment_line::Column::Status.eq(LineStatus::Live))
            .filter(payment_line::Column::OrderId.is_in(chunk.iter().copied()))
            .exec(txn.conn())
            .await?;
    }
    Ok(())
}

/// `UPDATE .. FROM (VALUES ..) AS v`, where both engines name the columns `column1`, `column2` and so on.
async fn update_from<const WIDTH: usize>(
    txn: &Txn,
    update: &str,
    on: &str,
    rows: Vec<[Value; WIDTH]>,
) -> Result<(), Error> {
    let backend = txn.conn().get_database_backend();
    let (mut sql, mut sql_rows) = (String::new(), 0);
    for chunk in rows.chunks(ROWS) {
        if sql_rows != chunk.len() {
            let places = places(backend, chunk.len(), WIDTH);
            sql = format!("{update} FROM (VALUES {places}) AS v WHERE {on}");
            sql_rows = chunk.len();
        }
        let values = chunk.iter().flatten().cloned();
        txn.conn()
            .execute_raw(Statement::from_sql_and_values(backend, sql.as_str(), values))
            .await?;
    }
    Ok(())
}
