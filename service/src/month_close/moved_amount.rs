//! What banks moved more or less than was ordered, as a close keeps it and its reports list it.

use std::collections::BTreeSet;

use entity::enums::DifferenceStatus as Status;
use rust_xlsxwriter::Workbook;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::error::Error;
use crate::month_close::report::Report;
use crate::month_close::view::MovedAmount;
use crate::print::{self, Align, Column, Face, Paper, Table};
use crate::reconciliation::{amount_differences, orders_of_differences, settled_differences};
use crate::sheet::{Cell, ColumnSpec, Look, row, start};
use crate::vocabulary;

const COLUMNS: &[Column] = &[
    Column::new("STT", 1.1, Align::Right),
    // A reference is read aloud and compared: it stands in one line.
    Column::new("Mã lệnh chi", 6.8, Align::Left),
    Column::new("Lệnh chi", 3.0, Align::Right),
    Column::new("Đã chuyển, chi hoặc hoàn", 3.8, Align::Right),
    Column::new("Chênh lệch", 3.0, Align::Right),
    Column::new("Trạng thái", 4.4, Align::Left),
    Column::new("Người đề nghị, người chấp nhận", 5.2, Align::Left),
];

const SHEET: &[ColumnSpec] = &[
    ("Mã lệnh chi", 48.0),
    ("Lệnh chi", 18.0),
    ("Đã chuyển, chi hoặc hoàn", 24.0),
    ("Hoàn về", 10.0),
    ("Chênh lệch", 18.0),
    ("Trạng thái", 28.0),
    ("Người đề nghị, người chấp nhận", 50.0),
];

/// Those of some orders that wait or that two people settled, and those that were never booked. What a later line took the
/// place of, or only told again, weighs on nothing.
pub(super) async fn load(conn: &impl ConnectionTrait, of: &BTreeSet<Uuid>) -> Result<Vec<MovedAmount>, Error> {
    let mut rows = amount_differences(conn, None).await?;
    rows.retain(|row| of.contains(&row.order_id) && !matches!(row.status, Status::Replaced | Status::Noted));
    let orders = orders_of_differences(conn, &rows).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut settled = settled_differences(conn, &ids).await?;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(order) = orders.get(&row.order_id) else {
            continue;
        };
        all.push(MovedAmount {
            reference: order.reference.clone(),
            ordered: order.amount,
            returned: row.returned,
            moved: row.moved,
            amount: row.amount,
            status: row.status,
            settled_by: settled.remove(&row.id).map(|(_, names)| names).unwrap_or_default(),
        });
    }
    all.sort();
    Ok(all)
}

/// A status in words.
fn status(status: Status) -> String {
    vocabulary::said("difference_status", &status)
}

/// The list of the paper, below its heading.
pub(super) fn print(paper: &mut Paper, report: &Report, least: f32) {
    let mut table = Table::begin(paper, COLUMNS, 9.0, least);
    let mut total = 0_i64;
    for (own, number) in report.sums.amount_differences.iter().zip(1_u32..) {
        total = total.saturating_add(own.amount);
        let (number, ordered, amount) = (number.to_string(), print::dong(own.ordered), print::dong(own.amount));
        let moved = if own.returned {
            format!("hoàn {}", print::dong(own.moved))
        } else {
            print::dong(own.moved)
        };
        let (status, people) = (status(own.status), own.settled_by.join(", "));
        let texts = [&number, &own.reference, &ordered, &moved, &amount, &status, &people];
        table.row(paper, Face::Regular, &texts.map(String::as_str));
    }
    let total = print::dong(total);
    table.row(paper, Face::Bold, &["", "Tổng cộng", "", "", &total, "", ""]);
    table.end(paper);
}

/// The sheet of the workbook.
pub(super) fn write(book: &mut Workbook, look: &Look, report: &Report) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Lệch số tiền")?;
    let title = "NGÂN HÀNG CHUYỂN LỆCH SỐ TIỀN SO VỚI LỆNH CHI";
    let first = start(sheet, look, title, &report.marks(), SHEET)?;
    for (at, own) in (first..).zip(&report.sums.amount_differences) {
        let (status, people) = (status(own.status), own.settled_by.join(", "));
        let cells = [
            Cell::Text(&own.reference),
            Cell::Money(own.ordered),
            Cell::Money(own.moved),
            Cell::Text(if own.returned { "có" } else { "" }),
            Cell::Money(own.amount),
            Cell::Text(&status),
            Cell::Text(&people),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
    }
    Ok(())
}
