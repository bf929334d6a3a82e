//! Untrusted workbooks: how much they hold unpacked is measured before anything is read, no part may declare a document
//! type, and cells are read one by one.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use zip::ZipArchive;

use super::part::{has_more_parts, inspect};
use super::table::COLUMNS_MAX;
use super::{Options, Refusal};

/// Most parts of a workbook; ours have a dozen.
const PARTS_MAX: usize = 1_000;

/// A workbook that may be read. It is opened once: whoever opens it reads all its shared texts.
pub(super) struct Sheets<'b> {
    pub(super) names: Vec<String>,
    book: Xlsx<Cursor<&'b [u8]>>,
}

/// Unpacks every part within the limits and looks at it, then opens the workbook.
///
/// # Errors
/// `NotRecognised` for what is no workbook, `TooLarge` beyond the limits, and what [`inspect`] refuses.
pub(super) fn sheets<'b>(bytes: &'b [u8], options: &Options) -> Result<Sheets<'b>, Refusal> {
    if has_more_parts(bytes, PARTS_MAX) {
        return Err(Refusal::TooLarge);
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok().ok_or(Refusal::NotRecognised)?;
    let limit = u64::try_from(options.max_unpacked).unwrap_or(u64::MAX);
    let mut left = limit;
    let mut part = Vec::new();
    for number in 0..archive.len() {
        part.clear();
        let file = archive.by_index(number).ok().ok_or(Refusal::NotRecognised)?;
        // The size that a part states of itself may be a lie: what counts is what comes out of it.
        file.take(left.saturating_add(1))
            .read_to_end(&mut part)
            .ok()
            .ok_or(Refusal::NotRecognised)?;
        left = left
            .checked_sub(u64::try_from(part.len()).unwrap_or(u64::MAX))
            .ok_or(Refusal::TooLarge)?;
        inspect(&part)?;
    }
    let book = Xlsx::new(Cursor::new(bytes)).ok().ok_or(Refusal::NotRecognised)?;
    Ok(Sheets {
        names: book.sheet_names(),
        book,
    })
}

/// Hands the rows of a sheet on, in their order; `most` of them if given. Cells far to the right are left out; rows
/// that a workbook leaves out are not made up.
pub(super) fn rows(
    sheets: &mut Sheets<'_>,
    sheet: &str,
    options: &Options,
    most: Option<usize>,
    each: &mut dyn FnMut(&[String]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let cells = sheets.book.worksheet_cells_reader(sheet);
    let mut cells = cells.ok().ok_or(Refusal::NotRecognised)?;
    let mut row: Vec<String> = Vec::new();
    let mut at: Option<u32> = None;
    let mut given = 0_usize;
    loop {
        let cell = cells.next_cell().ok().ok_or(Refusal::NotWellFormed)?;
        let place = cell.as_ref().map(|cell| cell.get_position());
        let next = place.map(|(row, _)| row);
        if at.is_some() && next != at {
            // Rows come in their order; one that goes back would be read as another line.
            if next.is_some_and(|next| Some(next) < at) {
                return Err(Refusal::NotWellFormed);
            }
            each(&row)?;
            row.clear();
            given += 1;
            if most.is_some_and(|most| given >= most) {
                return Ok(());
            }
        }
        let (Some(cell), Some((_, column))) = (cell, place) else {
            return Ok(());
        };
        at = next;
        let Ok(column) = usize::try_from(column) else { continue };
        if column >= COLUMNS_MAX {
            continue;
        }
        if row.len() <= column {
            row.resize(column + 1, String::new());
        }
        if let Some(slot) = row.get_mut(column) {
            *slot = text(cell.get_value(), options);
        }
    }
}

/// The rows of the first sheet of a workbook, as somebody sees them who only reads.
pub(crate) fn first_sheet_rows(
    bytes: &[u8],
    each: &mut dyn FnMut(&[String]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let options = Options::default();
    let mut sheets = sheets(bytes, &options)?;
    let first = sheets.names.first().cloned().ok_or(Refusal::NotRecognised)?;
    rows(&mut sheets, &first, &options, None, each)
}

/// A cell as text. Numbers are written whole where they are whole; a day counted from 1900 becomes a date.
fn text(value: &DataRef<'_>, options: &Options) -> String {
    let longest = options.max_text.saturating_add(1);
    let cut = |text: &str| {
        // One character beyond the limit is enough to be found too long.
        let mut end = text.len().min(longest);
        while !text.is_char_boundary(end) {
            end += 1;
        }
        text.get(..end).unwrap_or(text).trim().to_owned()
    };
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => cut(text),
        DataRef::SharedString(text) => cut(text),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => cut(text),
        DataRef::DateTime(day) => day_of(day.as_f64()),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}

fn day_of(serial: f64) -> String {
    let whole = serial.trunc().to_string();
    let epoch = chrono::NaiveDate::from_ymd_opt(1899, 12, 30);
    let days = whole.parse().ok().and_then(chrono::TimeDelta::try_days);
    match (epoch, days) {
        (Some(epoch), Some(days)) => epoch.checked_add_signed(days).map_or(whole, |day| day.to_string()),
        _ => whole,
    }
}
