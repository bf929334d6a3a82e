//! What is open on paper: the table of a close's report, and a list of its own.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;

use crate::clock::in_vietnam;
use crate::error::Error;
use crate::month_close::open_sheet::{AGED, OpenRow, Targets, told};
use crate::month_close::view::OpenItem;
use crate::month_close::workbook::kind;
use crate::print::{self, Align, Column, Face, Margins, Numbering, Paper, Style, Table};

const COLUMNS: &[Column] = &[
    Column::new("STT", 1.1, Align::Right),
    Column::new("Loại", 2.8, Align::Left),
    // A reference is read aloud and compared: it stands in one line.
    Column::new("Mã lệnh chi", 7.3, Align::Left),
    Column::new("Số tiền", 2.4, Align::Right),
    Column::new("Từ ngày", 1.9, Align::Left),
    Column::new("Số ngày", 1.3, Align::Right),
    Column::new("Trạng thái, lý do", 4.6, Align::Left),
    Column::new("Chủ tài khoản", 3.5, Align::Left),
    Column::new("Số tài khoản", 3.2, Align::Left),
    Column::new("Ngân hàng, bưu điện", 2.3, Align::Left),
    Column::new("Xã, phường", 2.7, Align::Left),
];

/// The least height of a row.
const ROW: f32 = 16.0;

/// Each thing that is open with its age, in its order.
pub(super) fn table<'c>(paper: &mut Paper, rows: impl Iterator<Item = OpenRow<'c>>) {
    let mut table = Table::begin(paper, COLUMNS, 8.0, ROW);
    for (own, number) in rows.zip(1_u32..) {
        let (number, amount, age) = (number.to_string(), print::dong(own.item.amount), own.age.to_string());
        let told = match (own.state.is_empty(), own.reason.is_empty()) {
            (false, false) => format!("{}; {}", own.state, own.reason),
            _ => format!("{}{}", own.state, own.reason),
        };
        let texts = [
            number.as_str(),
            &kind(own.item.kind),
            own.reference,
            &amount,
            &own.since,
            &age,
            &told,
            own.holder,
            own.account,
            own.place,
            own.area,
        ];
        table.row(paper, Face::Regular, &texts);
    }
    table.end(paper);
}

/// A paper of what is open now, as it is told on a day.
pub(crate) async fn paper_of(
    conn: &impl ConnectionTrait,
    items: &[OpenItem],
    at: DateTime<Utc>,
    note: &str,
) -> Result<Vec<u8>, Error> {
    let targets = Targets::load(conn, items).await?;
    let on = in_vietnam(at).date_naive();
    let day = format!("Tính đến {}. {note}.", print::long_date(on));
    let mut paper = Paper::sideways(Margins::LIST)?;
    paper.paragraph(Style::plain(13.0, Align::Centre, 2.0), &[(Face::Bold, AGED)]);
    paper.paragraph(Style::plain(11.0, Align::Centre, 6.0), &[(Face::Italic, &day)]);
    table(&mut paper, told(items, &targets, on));
    paper.finish(AGED, at, Numbering::OfTotal)
}
