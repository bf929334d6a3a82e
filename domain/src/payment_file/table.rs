//! Payment files as tables, CSV and XLSX, by the columns of the bank's profile. The same lines give the same bytes.

use std::borrow::Cow;

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};

use super::{FileHeader, Instruction, Route};
use crate::bank::{BankProfile, ColumnField, Encoding, FileFormat, LineBreak, TableLayout};
use crate::name::{BANK_NAME_LONG, bank_name};

/// What an empty workbook of ours holds at most, its headings aside.
const WORKBOOK_BYTES: u64 = 12_000;
/// What one cell costs beside its text, in bytes.
const CELL_BYTES: usize = 64;
/// The longest MsgId, date or UETR in a cell whose text is not known yet, in bytes.
const HEADER_TEXT: usize = 40;

/// A table could not be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("writing the table: {0}")]
pub struct TableError(String);

impl From<XlsxError> for TableError {
    fn from(error: XlsxError) -> Self {
        Self(error.to_string())
    }
}

impl From<csv::Error> for TableError {
    fn from(error: csv::Error) -> Self {
        Self(error.to_string())
    }
}

enum Cell<'a> {
    Text(Cow<'a, str>),
    Number(i64),
}

impl<'a> Cell<'a> {
    fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }
}

/// Would a spreadsheet take the text for a formula?
fn is_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text that a spreadsheet shows as it stands: an apostrophe before what it would take for a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// What a column shows of a line; `number` counts from 1.
fn cell<'a>(field: ColumnField, number: i64, header: &'a FileHeader, line: &'a Instruction) -> Cell<'a> {
    let bank = match &line.route {
        Route::Bank(bank) => Some(bank),
        Route::Post => None,
    };
    match field {
        ColumnField::Number => Cell::Number(number),
        ColumnField::Reference => Cell::text(&line.reference),
        ColumnField::Uetr => Cell::text(line.uetr.hyphenated().to_string()),
        ColumnField::Account => Cell::text(&line.account),
        ColumnField::Name => Cell::text(&line.name),
        ColumnField::AsciiName => Cell::text(bank_name(&line.name, BANK_NAME_LONG)),
        ColumnField::Beneficiary => Cell::text(line.beneficiary.as_deref().unwrap_or_default()),
        ColumnField::Bank => Cell::text(bank.map_or("", |bank| bank.code.as_str())),
        ColumnField::Bin => Cell::text(bank.map_or("", |bank| bank.member_id())),
        ColumnField::Bic => Cell::text(bank.and_then(|bank| bank.bic.as_deref()).unwrap_or_default()),
        ColumnField::Amount => Cell::Number(line.amount.dong()),
        ColumnField::Currency => Cell::text("VND"),
        ColumnField::Remittance => Cell::text(&line.remittance),
        ColumnField::Purpose => Cell::text(line.purpose.code()),
        ColumnField::ExecutionDate => Cell::text(header.execution_date.to_string()),
        ColumnField::DebtorAccount => Cell::text(&header.debtor.account),
        ColumnField::MessageId => Cell::text(&header.message_id),
        // Lists of cash alone say it, and are written elsewhere.
        ColumnField::Area | ColumnField::Blank => Cell::text(""),
    }
}

/// A row above the headings, filled in.
fn filled(template: &str, header: &FileHeader) -> String {
    template
        .replace("{message_id}", &header.message_id)
        .replace("{count}", &header.count.to_string())
        .replace("{sum}", &header.sum.dong().to_string())
        .replace("{execution_date}", &header.execution_date.to_string())
        .replace("{debtor_name}", &header.debtor.name)
        .replace("{debtor_account}", &header.debtor.account)
}

/// The cells of the last row, with the sum below the amounts.
fn closing<'a>(layout: &TableLayout, header: &FileHeader) -> Vec<Cell<'a>> {
    let mut cells: Vec<Cell<'a>> = Vec::with_capacity(layout.columns.len());
    let mut told = false;
    for column in &layout.columns {
        cells.push(match column.field {
            ColumnField::Amount => Cell::Number(header.sum.dong()),
            ColumnField::Name | ColumnField::AsciiName if !told => {
                told = true;
                Cell::text("TONG CONG")
            }
            _ => Cell::text(""),
        });
    }
    cells
}

/// The whole file.
pub(super) fn write(
    header: &FileHeader,
    format: FileFormat,
    layout: &TableLayout,
    lines: &[Instruction],
) -> Result<Vec<u8>, TableError> {
    if format == FileFormat::Xlsx {
        workbook(header, layout, lines)
    } else {
        csv(header, layout, lines)
    }
}

fn rows<'a>(
    header: &'a FileHeader,
    layout: &'a TableLayout,
    lines: &'a [Instruction],
) -> impl Iterator<Item = Vec<Cell<'a>>> {
    let last = layout.total_row.then(|| closing(layout, header));
    (1..)
        .zip(lines)
        .map(move |(number, line)| {
            let cells = layout.columns.iter();
            cells.map(|column| cell(column.field, number, header, line)).collect()
        })
        .chain(last)
}

fn csv(header: &FileHeader, layout: &TableLayout, lines: &[Instruction]) -> Result<Vec<u8>, TableError> {
    let mut bytes = Vec::new();
    let terminator = match layout.line_break {
        LineBreak::Crlf => csv::Terminator::CRLF,
        LineBreak::Lf => csv::Terminator::Any(b'\n'),
    };
    let mut out = csv::WriterBuilder::new()
        .delimiter(layout.delimiter.byte())
        .terminator(terminator)
        .flexible(true)
        .from_writer(&mut bytes);
    for row in &layout.header_rows {
        out.write_record([guarded(&filled(row, header)).as_ref()])?;
    }
    out.write_record(layout.columns.iter().map(|column| column.heading.as_str()))?;
    for row in rows(header, layout, lines) {
        let texts = row.iter().map(|cell| match cell {
            Cell::Text(text) => guarded(text),
            Cell::Number(number) => Cow::Owned(number.to_string()),
        });
        out.write_record(texts.map(Cow::into_owned))?;
    }
    out.flush().map_err(|error| TableError(error.to_string()))?;
    drop(out);
    if layout.encoding == Encoding::Utf8 {
        return Ok(bytes);
    }
    let text = String::from_utf8(bytes).map_err(|error| TableError(error.to_string()))?;
    layout
        .encoding
        .write(&text)
        .map_err(|error| TableError(error.to_string()))
}

/// The formats of a workbook's cells.
struct Look {
    head: Format,
    text: Format,
    quoted: Format,
    number: Format,
}

impl Look {
    fn new() -> Self {
        Self {
            head: Format::new().set_bold(),
            // `@`: digits stay text, leading zeros and all.
            text: Format::new().set_num_format("@"),
            quoted: Format::new().set_num_format("@").set_quote_prefix(),
            number: Format::new().set_num_format("0"),
        }
    }
}

fn workbook(header: &FileHeader, layout: &TableLayout, lines: &[Instruction]) -> Result<Vec<u8>, TableError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(header.created_at.timestamp())?;
    book.set_properties(
        &DocProperties::new()
            .set_title(&header.message_id)
            .set_creation_datetime(&created),
    );
    let look = Look::new();
    let sheet = book.add_worksheet().set_name(&layout.sheet)?;
    let mut at = 0;
    for row in &layout.header_rows {
        put(sheet, at, 0, &Cell::text(filled(row, header)), &look)?;
        at += 1;
    }
    for (column, own) in (0..).zip(&layout.columns) {
        sheet.set_column_width(column, f64::from(own.width))?;
        sheet.write_string_with_format(at, column, &own.heading, &look.head)?;
    }
    at += 1;
    for row in rows(header, layout, lines) {
        for (column, cell) in (0..).zip(&row) {
            put(sheet, at, column, cell, &look)?;
        }
        at += 1;
    }
    Ok(book.save_to_buffer()?)
}

/// Texts are stored as texts, never as formulas; what looks like one is marked as quoted too, for whoever edits the cell
/// or saves it as CSV. A workbook keeps numbers as doubles, exact up to [`crate::Vnd::MAX`].
fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &Cell<'_>, look: &Look) -> Result<(), XlsxError> {
    match cell {
        Cell::Text(text) if text.is_empty() => {}
        Cell::Text(text) => {
            let format = if is_formula(text) { &look.quoted } else { &look.text };
            sheet.write_string_with_format(row, column, text.as_ref(), format)?;
        }
        Cell::Number(number) => {
            sheet.write_with_format(row, column, *number, &look.number)?;
        }
    }
    Ok(())
}

/// The most that a file holds beside its lines, in bytes.
pub(super) fn envelope_bytes(profile: &BankProfile) -> u64 {
    let Some(layout) = &profile.table else { return 0 };
    let rows = layout.header_rows.iter().map(|row| row.len() + 4 * HEADER_TEXT);
    let headings = layout.columns.iter().map(|column| column.heading.len() + CELL_BYTES);
    let closing = layout.columns.len() * CELL_BYTES;
    let texts: usize = rows.map(|length| length + CELL_BYTES).chain(headings).sum::<usize>() + closing;
    let texts = u64::try_from(texts).unwrap_or(u64::MAX);
    match profile.format {
        FileFormat::Xlsx => texts.saturating_mul(2).saturating_add(WORKBOOK_BYTES),
        _ if layout.encoding == Encoding::Utf16Le => texts.saturating_mul(2).saturating_add(16),
        _ => texts.saturating_add(16),
    }
}

/// The most that a line takes, in bytes: its texts twice over, for signs that are written as several, and the rest of
/// its cells.
pub(super) fn line_bytes(line: &Instruction, layout: &TableLayout) -> u64 {
    let one = |field| match field {
        ColumnField::Number | ColumnField::Amount => 20,
        ColumnField::Reference => line.reference.len(),
        ColumnField::Account => line.account.len(),
        ColumnField::Name | ColumnField::AsciiName => line.name.len(),
        ColumnField::Beneficiary => line.beneficiary.as_ref().map_or(0, String::len),
        ColumnField::Remittance => line.remittance.len(),
        ColumnField::Area | ColumnField::Blank => 0,
        _ => HEADER_TEXT,
    };
    let cells = layout.columns.iter().map(|column| 2 * one(column.field) + CELL_BYTES);
    u64::try_from(cells.sum::<usize>()).unwrap_or(u64::MAX)
}
