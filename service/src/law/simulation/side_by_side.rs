//! Several drafts side by side as a workbook.

use chrono::{DateTime, Utc};
use rust_xlsxwriter::ChartType;

use super::scenario::{ScenarioLine, Scenarios, Side};
use super::words;
use super::workbook::{Plotted, Sheets};
use crate::error::Error;
use crate::print;
use crate::sheet::{Cell, ColumnSpec, Look, row, start, workbook as book};

/// Several drafts side by side as XLSX.
pub(super) fn scenario_book(told: &Scenarios, at: DateTime<Utc>) -> Result<Vec<u8>, Error> {
    let title = "SO SÁNH CÁC PHƯƠNG ÁN";
    let mut sheets = Sheets {
        book: book(title, at)?,
        look: Look::new(),
    };
    let sheet = sheets.book.add_worksheet().set_name("Phương án")?;
    let columns: &[ColumnSpec] = &[
        ("Văn bản", 34.0),
        ("Tháng đầu áp dụng", 14.0),
        ("Hết kinh phí", 14.0),
        ("Tăng", 12.0),
        ("Giảm", 12.0),
        ("Mới hưởng", 12.0),
        ("Thôi hưởng", 12.0),
        ("Chưa xác định", 12.0),
        ("Truy lĩnh", 20.0),
        ("Có thể chi thừa", 20.0),
        ("12 tháng hiện nay", 20.0),
        ("12 tháng theo dự thảo", 20.0),
    ];
    let first = start(sheet, &sheets.look, title, &[], columns)?;
    for (at, own) in (first..).zip(&told.scenarios) {
        let first_month = print::month(own.first_month);
        let runs_out = words::month(own.runs_out);
        let mut cells = vec![Cell::Text(&own.number), Cell::Text(&first_month), Cell::Text(&runs_out)];
        cells.extend(
            [
                own.gainers,
                own.losers,
                own.entrants,
                own.leavers,
                own.undetermined,
                own.arrears.dong,
                own.potential_overpayments.dong,
                own.twelve_months.now,
                own.twelve_months.draft,
            ]
            .map(Cell::Money),
        );
        row(sheet, at, &sheets.look.text, &sheets.look.money, &cells)?;
    }
    sheets.side_by_side("Theo tháng", told, &told.by_month)?;
    sheets.side_by_side("Theo xã, phường", told, &told.by_area)?;
    sheets.side_by_side("Theo nhóm", told, &told.by_group)?;
    Ok(sheets.book.save_to_buffer()?)
}

impl Sheets {
    /// A table with one column for each draft, and its chart.
    fn side_by_side(&mut self, name: &str, told: &Scenarios, lines: &[ScenarioLine]) -> Result<(), Error> {
        let sheet = self.book.add_worksheet().set_name(name)?;
        let columns: &[ColumnSpec] = &[("", 34.0), ("Hiện nay", 20.0)];
        let first = start(sheet, &self.look, &name.to_uppercase(), &[], columns)?;
        let names: Vec<&str> = told.scenarios.iter().map(|own| own.number.as_str()).collect();
        for (column, number) in (2..).zip(&names) {
            sheet.set_column_width(column, 24.0)?;
            sheet.write_with_format(first - 1, column, *number, &self.look.head)?;
        }
        let mut at = first;
        for line in lines {
            let key = key(line);
            let known = line.sides.iter().flatten().next().copied().unwrap_or_default();
            let mut cells = vec![Cell::Text(&key), Cell::Money(known.now)];
            let draft = |side: &Option<Side>| side.map_or(Cell::Text(""), |side| Cell::Money(side.draft));
            cells.extend(line.sides.iter().map(draft));
            row(sheet, at, &self.look.text, &self.look.money, &cells)?;
            at += 1;
        }
        let mut series = vec![(1, "Hiện nay")];
        series.extend((2..).zip(names.iter().copied()));
        let past = u16::try_from(names.len() + 3).map_err(Error::internal)?;
        self.chart(&Plotted {
            sheet: name,
            kind: if lines.iter().all(|line| line.month.is_some()) {
                ChartType::Line
            } else {
                ChartType::Column
            },
            rows: (first, at),
            series,
            at: past,
        })
    }
}

fn key(line: &ScenarioLine) -> String {
    let month = line.month.map(print::month);
    let group = line
        .group
        .as_deref()
        .map(|group| words::group(line.benefit.as_deref(), Some(group)));
    month.or_else(|| line.area.clone()).or(group).unwrap_or_default()
}
