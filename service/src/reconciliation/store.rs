//! Writing what was judged, by the set.

use std::collections::BTreeMap;

use domain::bank_report::Report;
use entity::enums::{LineOutcome, LineStatus};
use entity::{payment_line, payment_order_event};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement, Value};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;
use crate::reconciliation::judge::{Judge, Verdict};
use crate::reconciliation::load::IDS;
use crate::reconciliation::state::status;

/// Rows in one statement: below both engines' limits of bind parameters.
const ROWS: usize = 2_000;

/// Each line with what it came to. Nearly all lines of a report agree with the order of their reference: those are
/// written at once, the others one by one.
pub(super) async fn lines(
    txn: &Txn,
    report_id: Uuid,
    report: &Report,
    verdicts: &[(Uuid, Verdict)],
    judge: &Judge,
) -> Result<(), Error> {
    txn.conn()
        .execute_raw(Statement::from_sql_and_values(
            txn.conn().get_database_backend(),
            "UPDATE bank_report_line SET outcome = 'matched', order_id = \
             (SELECT id FROM payment_order WHERE payment_order.reference = bank_report_line.reference) \
             WHERE bank_report_id = $1",
            [report_id.into()],
        ))
        .await?;
    let others = verdicts.iter().zip(&report.lines).filter(|((_, verdict), line)| {
        let named = verdict.order.is_some() && verdict.order == judge.named(line.reference.as_deref());
        !named || verdict.outcome != LineOutcome::Matched || verdict.finding.is_some()
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
    for chunk in rows.chunks(ROWS) {
        let mut number = 0_usize;
        let mut tuples = Vec::with_capacity(chunk.len());
        for row in chunk {
            let places = row.iter().map(|_| {
                number += 1;
                // A numbered place of SQLite costs a search through all of them.
                if backend == DbBackend::Postgres {
                    format!("${number}")
                } else {
                    "?".to_owned()
                }
            });
            tuples.push(format!("({})", places.collect::<Vec<_>>().join(", ")));
        }
        let sql = format!("{update} FROM (VALUES {}) AS v WHERE {on}", tuples.join(", "));
        let values = chunk.iter().flatten().cloned();
        txn.conn()
            .execute_raw(Statement::from_sql_and_values(backend, sql, values))
            .await?;
    }
    Ok(())
}
