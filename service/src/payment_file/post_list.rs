//! The post office's cash list: who comes for how much, with a place to sign, and places to fill in what became of it. Sent
//! back filled in, it is read by the post office's result table ([`domain::bank::BankProfiles::post_result`]).

use domain::{Vnd, words};
use entity::pay_run;

use crate::error::Error;
use crate::payment_file::order::FileOrder;
use crate::sheet::list::{Sheet, Style, book};
use crate::sheet::{Cell, ColumnSpec};

const COLUMNS: &[ColumnSpec] = &[
    ("STT", 7.0),
    ("Mã lệnh chi", 34.0),
    ("Bưu cục, xã", 24.0),
    ("Họ và tên người nhận", 30.0),
    ("Số giấy tờ", 18.0),
    ("Số tiền", 16.0),
    ("Ký nhận", 22.0),
    ("Kết quả", 14.0),
    ("Ngày trả", 13.0),
    ("Ghi chú", 20.0),
];

/// The workbook; orders are sorted by area and reference.
pub(super) fn write(run: &pay_run::Model, orders: &[(String, FileOrder)]) -> Result<Vec<u8>, Error> {
    let month = crate::pay_run::cover_month(run)?;
    let title = format!(
        "DANH SÁCH CHI TRẢ TIỀN MẶT QUA BƯU ĐIỆN THÁNG {:02}/{}",
        month.number(),
        month.year()
    );
    let sum: i64 = orders.iter().map(|(_, order)| order.amount).sum();
    let notes = vec![
        format!("Số lệnh chi: {}. Tổng số tiền: {sum} đồng", orders.len()),
        format!("Bằng chữ: {}", words::in_words(Vnd::new(sum).map_err(Error::internal)?)),
    ];
    let mut sheet = Sheet::start((0, "Danh sách"), &title, &notes, COLUMNS)?;
    for (number, (area, order)) in (1..).zip(orders) {
        let cells = [
            Cell::Money(number),
            Cell::Text(&order.reference),
            Cell::Text(area),
            Cell::Text(&order.holder_name),
            Cell::Text(&order.account_number),
            Cell::Money(order.amount),
            Cell::Text(""),
            Cell::Text(""),
            Cell::Text(""),
            Cell::Text(""),
        ];
        sheet.row(Style::Plain, &cells)?;
    }
    let closing = [
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text("Tổng cộng"),
        Cell::Text(""),
        Cell::Money(sum),
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text(""),
        Cell::Text(""),
    ];
    sheet.row(Style::Total, &closing)?;
    let at = run.approved_at.unwrap_or(run.created_at);
    book(&title, at, vec![sheet.done()?])
}

#[cfg(test)]
mod tests {
    use domain::bank::BankProfiles;

    use super::COLUMNS;

    #[test]
    fn what_is_read_of_a_list_that_comes_back_stands_in_the_list() {
        let layout = BankProfiles::embedded().unwrap().post_result().unwrap();
        for heading in layout.columns.needed() {
            assert!(COLUMNS.iter().any(|(own, _)| *own == heading), "{heading}");
        }
    }
}
