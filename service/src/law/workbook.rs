//! A simulation as a workbook: what the approver looks at.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Chart, ChartType, Workbook};
use uuid::Uuid;

use crate::actor::{Actor, Permission};
use crate::app::App;
use crate::error::Error;
use crate::law::tally::{Line, Tally};
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook as book};

const COLUMNS: &[ColumnSpec] = &[
    ("", 34.0),
    ("Số người hiện nay", 16.0),
    ("Số người theo dự thảo", 16.0),
    ("Số tiền hiện nay", 20.0),
    ("Số tiền theo dự thảo", 20.0),
    ("Chênh lệch", 20.0),
];

/// The newest simulation of an instrument as XLSX.
pub async fn workbook(app: &App, actor: &Actor, id: Uuid) -> Result<Vec<u8>, Error> {
    actor.require_province(Permission::LawRead)?;
    let own = super::find(app.db.read(), id).await?;
    let simulation = super::simulate::newest(app, id).await?;
    let tally: Tally = serde_json::from_value(simulation.result.ok_or_else(Error::not_found)?)?;
    let title = format!("MÔ PHỎNG TÁC ĐỘNG: {}", own.number);
    let mut book = book(&title, simulation.created_at)?;
    let look = Look::new();
    summary(&mut book, &look, &title, &tally)?;
    table(&mut book, &look, "Theo tháng", &tally.by_month)?;
    table(&mut book, &look, "Theo xã, phường", &tally.by_area)?;
    table(&mut book, &look, "Theo nhóm", &tally.by_group)?;
    Ok(book.save_to_buffer()?)
}

fn summary(book: &mut Workbook, look: &Look, title: &str, tally: &Tally) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name("Tổng hợp")?;
    let columns: &[ColumnSpec] = &[("Chỉ tiêu", 52.0), ("Số người", 16.0), ("Đồng", 22.0)];
    let notes = [format!(
        "Tháng đầu áp dụng: {}. Số người được tính: {}",
        tally.first_month, tally.people
    )];
    let at = start(sheet, look, title, &notes, columns)?;
    let year: (i64, i64) = tally
        .by_month
        .values()
        .fold((0, 0), |sum, line| (sum.0 + line.now, sum.1 + line.draft));
    let lines = [
        ("Tăng mức hưởng", tally.gainers.people, tally.gainers.dong),
        ("Giảm mức hưởng", tally.losers.people, tally.losers.dong),
        ("Mới được hưởng", tally.entrants.people, tally.entrants.dong),
        ("Thôi hưởng", tally.leavers.people, tally.leavers.dong),
        ("Không thay đổi", tally.unchanged, 0),
        ("Chưa xác định được theo quy định", tally.undetermined, 0),
        ("Truy lĩnh phát sinh", 0, tally.arrears),
        ("Có thể chi thừa", 0, tally.potential_overpayments),
        ("Chi 12 tháng hiện nay", 0, year.0),
        ("Chi 12 tháng theo dự thảo", 0, year.1),
    ];
    for (offset, (name, people, dong)) in (0..).zip(lines) {
        let cells = [Cell::Text(name), Cell::Money(people), Cell::Money(dong)];
        row(sheet, at + offset, &look.text, &look.money, &cells)?;
    }
    Ok(())
}

fn table(book: &mut Workbook, look: &Look, name: &str, lines: &BTreeMap<String, Line>) -> Result<(), Error> {
    let sheet = book.add_worksheet().set_name(name)?;
    let first = start(sheet, look, &name.to_uppercase(), &[], COLUMNS)?;
    let mut at = first;
    for (key, line) in lines {
        let cells = [
            Cell::Text(key),
            Cell::Money(line.heads_now),
            Cell::Money(line.heads_draft),
            Cell::Money(line.now),
            Cell::Money(line.draft),
            Cell::Money(line.draft - line.now),
        ];
        row(sheet, at, &look.text, &look.money, &cells)?;
        at += 1;
    }
    if at > first {
        let mut chart = Chart::new(ChartType::Column);
        for (column, label) in [(3, "Hiện nay"), (4, "Theo dự thảo")] {
            let series = chart.add_series();
            series
                .set_categories((name, first, 0, at - 1, 0))
                .set_values((name, first, column, at - 1, column));
            series.set_name(label);
        }
        chart.title().set_name(name);
        sheet.insert_chart(first, 7, &chart)?;
    }
    Ok(())
}
