//! The lines of a report, stored by the set.

use domain::bank_report::ReportLine;
use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::Error;

/// Rows in one statement: below both engines' limits of bind parameters.
const ROWS: usize = 2_000;

/// What is bound of each line. The rest is the same for all of them, or comes later.
const WIDTH: usize = 9;

/// Each line with the order of its reference, if there is one: the index over orders is then written once, and
/// reconciling leaves it alone.
fn insert_sql(backend: DbBackend, rows: usize) -> String {
    let places = places(backend, rows, WIDTH);
    format!(
        "INSERT INTO bank_report_line (id, bank_report_id, position, reference, uetr, amount, status_code, reason_code, \
         account, outcome, order_id) SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, \
         v.column8, v.column9, 'pending', payment_order.id FROM (VALUES {places}) AS v \
         LEFT JOIN payment_order ON payment_order.reference = v.column4"
    )
}

/// Stores the lines of a report as it came; what they mean for their orders is not known yet.
pub(super) async fn insert(app: &App, txn: &Txn, report: Uuid, lines: Vec<ReportLine>) -> Result<(), Error> {
    let backend = txn.conn().get_database_backend();
    let (mut sql, mut sql_rows) = (String::new(), 0);
    let mut lines = lines.into_iter();
    loop {
        let rows = lines.len().min(ROWS);
        if rows == 0 {
            return Ok(());
        }
        if sql_rows != rows {
            sql = insert_sql(backend, rows);
            sql_rows = rows;
        }
        let mut values: Vec<Value> = Vec::with_capacity(rows * WIDTH);
        for line in lines.by_ref().take(rows) {
            let position = i32::try_from(line.position).map_err(Error::internal)?;
            let row: [Value; WIDTH] = [
                app.ids.next().into(),
                report.into(),
                position.into(),
                line.reference.into(),
                line.uetr.into(),
                line.amount.map(domain::Vnd::dong).into(),
                line.status.into(),
                line.reason.into(),
                line.account.into(),
            ];
            values.extend(row);
        }
        txn.conn()
            .execute_raw(Statement::from_sql_and_values(backend, sql.as_str(), values))
            .await?;
    }
}

/// The places of rows to be bound, `(?, ?), (?, ?)`, numbered where the engine wants it.
pub(crate) fn places(backend: DbBackend, rows: usize, width: usize) -> String {
    let mut text = String::with_capacity(rows * (width * 4 + 4));
    let mut number = 0_usize;
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { ", (" });
        for column in 0..width {
            number += 1;
            if column > 0 {
                text.push_str(", ");
            }
            // A numbered place of SQLite costs a search through all of them.
            if backend == DbBackend::Postgres {
                text.push('$');
                text.push_str(&number.to_string());
            } else {
                text.push('?');
            }
        }
        text.push(')');
    }
    text
}
