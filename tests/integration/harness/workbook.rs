//! Workbooks as a public reader has them.

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};

/// The rows of a sheet.
pub(crate) fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range.rows().map(<[Data]>::to_vec).collect()
}

/// The rows of a sheet as text.
pub(crate) fn texts(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let all = cells(bytes, sheet);
    let rows = all.iter();
    rows.map(|row| row.iter().map(ToString::to_string).collect()).collect()
}
