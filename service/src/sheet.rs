//! The look of our workbooks, and the dates in them: those of the approved run, so that the bytes never change.

mod archive;
pub(crate) mod draft;
pub(crate) mod list;

use chrono::{DateTime, Utc};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use crate::error::Error;

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        Self::internal(error)
    }
}

/// The formats of a workbook.
pub(crate) struct Look {
    pub(crate) title: Format,
    pub(crate) note: Format,
    pub(crate) head: Format,
    pub(crate) text: Format,
    pub(crate) money: Format,
    pub(crate) total: Format,
    pub(crate) total_money: Format,
}

impl Look {
    pub(crate) fn new() -> Self {
        let base = || Format::new().set_font_name("Times New Roman").set_font_size(11);
        let cell = || {
            base()
                .set_border(FormatBorder::Thin)
                .set_align(FormatAlign::VerticalCenter)
        };
        Self {
            title: base().set_bold().set_font_size(14).set_align(FormatAlign::Center),
            note: base().set_italic(),
            head: cell()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Center)
                .set_background_color(Color::RGB(0x00E2_EFDA)),
            text: cell(),
            money: cell().set_num_format("#,##0"),
            total: cell().set_bold(),
            total_money: cell().set_bold().set_num_format("#,##0"),
        }
    }
}

/// A workbook dated as its run was approved.
pub(crate) fn workbook(title: &str, at: DateTime<Utc>) -> Result<Workbook, Error> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(at.timestamp())?;
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&created));
    Ok(book)
}

/// A column: heading and width in characters.
pub(crate) type ColumnSpec = (&'static str, f64);

/// Starts a sheet: title over all columns, notes below it, then the headings; gives the first free row.
pub(crate) fn start(
    sheet: &mut Worksheet,
    look: &Look,
    title: &str,
    notes: &[String],
    columns: &[ColumnSpec],
) -> Result<u32, Error> {
    let last = u16::try_from(columns.len().saturating_sub(1)).map_err(Error::internal)?;
    sheet.merge_range(0, 0, 0, last, title, &look.title)?;
    let mut row = 1;
    for note in notes {
        sheet.write_with_format(row, 0, note, &look.note)?;
        row += 1;
    }
    row += 1;
    for (column, (heading, width)) in (0..).zip(columns) {
        sheet.set_column_width(column, *width)?;
        sheet.write_with_format(row, column, *heading, &look.head)?;
    }
    sheet.set_freeze_panes(row + 1, 0)?;
    sheet
        .set_landscape()
        .set_paper_size(9)
        .set_print_fit_to_pages(1, 0)
        .set_repeat_rows(row, row)?;
    Ok(row + 1)
}

/// One cell of a row.
pub(crate) enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// Đồng. A workbook keeps numbers as doubles, exact up to 2^53.
    Money(i64),
}

/// Writes a row.
pub(crate) fn row(
    sheet: &mut Worksheet,
    at: u32,
    text: &Format,
    money: &Format,
    cells: &[Cell<'_>],
) -> Result<(), Error> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            Cell::Text(own) => sheet.write_with_format(at, column, *own, text)?,
            Cell::Money(own) => sheet.write_with_format(at, column, *own, money)?,
        };
    }
    Ok(())
}
