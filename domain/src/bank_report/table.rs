//! Result tables of banks, CSV and XLSX, by the layout of the bank's profile. Lines are known by our reference, or by
//! account and amount; never by the order of the rows.

use csv::{ReaderBuilder, StringRecord};

use super::cell::{day, whole_dong};
use super::encoded::differs;
use super::headings::{Headings, Nearest};
use super::options::Budget;
use super::post::NOT_COLLECTED;
use super::workbook;
use super::{
    Format, LineFault, LineKind, NamedLayout, Options, Refusal, ReportError, ReportHeader, ReportLine, Tolerance,
};
use crate::bank::{Delimiter, Encoding, FileFormat, ResultLayout, ResultMeaning, TableLayout};
use crate::ids::references_in;

/// Rows looked through for the headings.
const HEADINGS_WITHIN: usize = 30;
/// Longest heading looked at, in characters.
const HEADING_MAX: usize = 200;
/// Most sheets looked through.
const SHEETS_MAX: usize = 16;
/// Most columns of a row looked at.
pub(super) const COLUMNS_MAX: usize = 256;

/// Rows of a table, one by one.
pub(super) type Rows<'r> = &'r mut dyn FnMut(&mut dyn FnMut(&[String]) -> Result<(), Refusal>) -> Result<(), Refusal>;

/// Where the columns of a layout stand.
struct Places {
    reference: usize,
    account: usize,
    amount: usize,
    status: usize,
    reason: Option<usize>,
    bank_reference: Option<usize>,
    date: Option<usize>,
}

/// A heading without what people change in it: spaces, case, marks.
pub(super) fn loose(text: &str) -> String {
    crate::name::search_key(text)
}

impl Places {
    /// The places of a layout's headings in a row; with `exactly`, spelled as the layout spells them, else in a row
    /// that is already [`loose`].
    fn of(layout: &ResultLayout, row: &[String], exactly: bool) -> Option<Self> {
        let find = |heading: &str| {
            let loosened = if exactly { String::new() } else { loose(heading) };
            let wanted = if exactly { heading } else { &loosened };
            row.iter().position(|cell| cell == wanted && !cell.is_empty())
        };
        let optional = |heading: &Option<String>| match heading {
            None => Some(None),
            Some(heading) => find(heading).map(Some),
        };
        let columns = &layout.columns;
        Some(Self {
            reference: find(&columns.reference)?,
            account: find(&columns.account)?,
            amount: find(&columns.amount)?,
            status: find(&columns.status)?,
            reason: optional(&columns.reason)?,
            bank_reference: optional(&columns.bank_reference)?,
            date: optional(&columns.date)?,
        })
    }
}

/// A layout that fits a table.
pub(super) struct Fit<'o> {
    named: &'o NamedLayout,
    places: Places,
    /// The rows before the headings, and theirs.
    skip: usize,
    tolerated: Vec<Tolerance>,
}

/// The one layout whose headings stand in these first rows; the exact spelling is looked for first.
fn fit<'o>(options: &'o Options, first: &[Vec<String>]) -> Result<Option<Fit<'o>>, Refusal> {
    let loosened: Vec<Vec<String>> = first
        .iter()
        .map(|row| row.iter().map(|cell| loose(cell)).collect())
        .collect();
    for (exactly, first) in [(true, first), (false, &loosened)] {
        let mut found: Option<Fit<'o>> = None;
        for named in &options.layouts {
            let place = first
                .iter()
                .enumerate()
                .find_map(|(place, row)| Places::of(&named.layout, row, exactly).map(|places| (place, places)));
            let Some((place, places)) = place else { continue };
            if let Some(other) = &found {
                // Banks with one template answer alike; whoever brings the file says which bank it is.
                if other.named.layout == named.layout {
                    continue;
                }
                return Err(Refusal::LayoutUnclear);
            }
            let mut tolerated = Vec::new();
            if !exactly {
                tolerated.push(Tolerance::HeadingSpelling);
            }
            found = Some(Fit {
                named,
                places,
                skip: place + 1,
                tolerated,
            });
        }
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Reads a CSV if a layout fits it; it is told which encoding it was in, and whether with a byte-order mark of UTF-8.
pub(super) fn read_csv(
    text: &str,
    options: &Options,
    (encoding, marked): (Encoding, bool),
    hand_on: &mut dyn FnMut(ReportLine),
) -> Result<Option<ReportHeader>, ReportError> {
    let refuse = |refusal| ReportError::at(refusal, text.as_bytes(), 0);
    if options.layouts.is_empty() {
        return Ok(None);
    }
    for delimiter in Delimiter::ALL {
        let first = first_rows(text, *delimiter).map_err(refuse)?;
        let Some(mut fit) = fit(options, &first).map_err(refuse)? else {
            continue;
        };
        let layout = &fit.named.layout;
        if layout.delimiter != *delimiter {
            fit.tolerated.push(Tolerance::Delimiter);
        }
        if marked && layout.encoding == Encoding::Utf8 && !layout.bom {
            fit.tolerated.push(Tolerance::ByteOrderMark);
        }
        if differs(layout, encoding, text.is_ascii() && !marked) {
            fit.tolerated.push(Tolerance::Encoding);
        }
        let rows: Rows<'_> = &mut |each| csv_rows(text, *delimiter, None, each);
        return lines(fit, options, rows, hand_on).map(Some).map_err(refuse);
    }
    Ok(None)
}

fn first_rows(text: &str, delimiter: Delimiter) -> Result<Vec<Vec<String>>, Refusal> {
    let mut first = Vec::new();
    csv_rows(text, delimiter, Some(HEADINGS_WITHIN), &mut |row| {
        first.push(clipped(row));
        Ok(())
    })?;
    Ok(first)
}

/// The headings of a CSV that no layout fits, where they are nearly those of one.
pub(super) fn nearest(text: &str, options: &Options) -> Option<Headings> {
    let tries = Delimiter::ALL.iter().map(|delimiter| {
        let first = first_rows(text, *delimiter).ok()?;
        Nearest::of(&options.layouts, &first)
    });
    tries.fold(None, Nearest::nearer).map(Nearest::headings)
}

/// Reads a workbook.
pub(super) fn read_xlsx(
    bytes: &[u8],
    options: &Options,
    hand_on: &mut dyn FnMut(ReportLine),
) -> Result<ReportHeader, ReportError> {
    let refuse = |refusal| ReportError::at(refusal, bytes, 0);
    let mut sheets = workbook::sheets(bytes, options).map_err(refuse)?;
    let names = std::mem::take(&mut sheets.names);
    let mut nearest = None;
    for sheet in names.iter().take(SHEETS_MAX) {
        let mut first = Vec::new();
        let head: &mut dyn FnMut(&[String]) -> Result<(), Refusal> = &mut |row| {
            first.push(clipped(row));
            Ok(())
        };
        workbook::rows(&mut sheets, sheet, options, Some(HEADINGS_WITHIN), head).map_err(refuse)?;
        let Some(mut fit) = fit(options, &first).map_err(refuse)? else {
            nearest = Nearest::nearer(nearest, Nearest::of(&options.layouts, &first));
            continue;
        };
        let named = fit.named.layout.sheet.as_ref().or(names.first());
        if named != Some(sheet) {
            fit.tolerated.push(Tolerance::SheetName);
        }
        let rows: Rows<'_> = &mut |each| workbook::rows(&mut sheets, sheet, options, None, each);
        return lines(fit, options, rows, hand_on).map_err(refuse);
    }
    Err(refuse(Refusal::NotRecognised).lacking(nearest.map(Nearest::headings)))
}

/// A row as far as headings are looked for in it.
fn clipped(row: &[String]) -> Vec<String> {
    row.iter()
        .map(|cell| cell.chars().take(HEADING_MAX).collect())
        .collect()
}

fn csv_rows(
    text: &str,
    delimiter: Delimiter,
    most: Option<usize>,
    each: &mut dyn FnMut(&[String]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut reader = ReaderBuilder::new()
        .delimiter(delimiter.byte())
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut record = StringRecord::new();
    let mut read = 0;
    while most.is_none_or(|most| read < most) {
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(()),
            Ok(true) => {}
            Err(_) => return Err(Refusal::NotRecognised),
        }
        read += 1;
        let cells: Vec<String> = record
            .iter()
            .take(COLUMNS_MAX)
            .map(|cell| cell.trim().to_owned())
            .collect();
        each(&cells)?;
    }
    Ok(())
}

/// The rows of a payment table by the layout it was written in, headings and all, as somebody sees them who only reads.
pub(crate) fn payment_rows(
    bytes: &[u8],
    (format, layout): (FileFormat, &TableLayout),
    each: &mut dyn FnMut(&[String]) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    if format == FileFormat::Xlsx {
        let options = Options::default();
        let mut sheets = workbook::sheets(bytes, &options)?;
        return workbook::rows(&mut sheets, &layout.sheet, &options, None, each);
    }
    let text = layout.encoding.read(bytes).ok_or(Refusal::NotRecognised)?;
    csv_rows(&text, layout.delimiter, None, each)
}

fn lines(
    mut fit: Fit<'_>,
    options: &Options,
    rows: Rows<'_>,
    hand_on: &mut dyn FnMut(ReportLine),
) -> Result<ReportHeader, Refusal> {
    let mut header = ReportHeader::new(Format::ResultTable);
    header.layout = Some(fit.named.bank.clone());
    header.tolerated = std::mem::take(&mut fit.tolerated);
    let mut place = 0;
    let mut below = false;
    let mut budget = Budget::of(options);
    rows(&mut |row| {
        place += 1;
        if place <= fit.skip || row.iter().all(String::is_empty) {
            return Ok(());
        }
        let cell = |column: usize| row.get(column).map_or("", String::as_str);
        let silent = |column: usize| cell(column).is_empty();
        let told = !silent(fit.places.status) || fit.places.date.is_some_and(|date| !silent(date));
        if fit.named.layout.blank_is_unanswered && !told {
            return Ok(());
        }
        let own = [fit.places.reference, fit.places.account, fit.places.status];
        if own.into_iter().all(silent) {
            // Totals and signatures below the lines, as the layout may say.
            below = true;
            if !fit.named.layout.footer {
                tolerate(&mut header, Tolerance::NoteRow);
            }
            return Ok(());
        }
        if below {
            // It stood between the lines, and so below none.
            tolerate(&mut header, Tolerance::NoteRow);
        }
        if header.lines >= options.max_lines {
            return Err(Refusal::TooManyLines);
        }
        header.lines += 1;
        let line = line(header.lines, &cell, &fit, options, &mut header.tolerated);
        budget.keep(&line)?;
        hand_on(line);
        Ok(())
    })?;
    Ok(header)
}

fn tolerate(header: &mut ReportHeader, what: Tolerance) {
    if !header.tolerated.contains(&what) {
        header.tolerated.push(what);
    }
}

fn line<'r>(
    position: u32,
    cell: &impl Fn(usize) -> &'r str,
    fit: &Fit<'_>,
    options: &Options,
    tolerated: &mut Vec<Tolerance>,
) -> ReportLine {
    let (layout, places) = (&fit.named.layout, &fit.places);
    let mut line = ReportLine::new(position, LineKind::ResultRow);
    let mut too_long = false;
    let mut text = |column: usize| {
        // The apostrophe that keeps a spreadsheet from taking a text for a formula.
        let raw = cell(column);
        let raw = raw
            .strip_prefix('\'')
            .filter(|rest| rest.starts_with(['=', '+', '-', '@']))
            .unwrap_or(raw);
        too_long |= raw.len() > options.max_text;
        let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        let kept = !raw.is_empty() && raw.len() <= options.max_text;
        kept.then(|| raw.chars().map(printable).collect::<String>())
    };
    let content = text(places.reference);
    line.account = text(places.account);
    let amount = text(places.amount);
    let status = text(places.status);
    let reason = places.reason.and_then(&mut text);
    let bank_reference = places.bank_reference.and_then(&mut text);
    let date = places.date.and_then(&mut text);
    if too_long {
        line.blame(LineFault::TextTooLong);
    }
    put_reference(&mut line, layout, content);
    line.amount = amount.as_deref().and_then(|text| whole_dong(text, layout.thousands));
    if line.amount.is_none() {
        line.blame(LineFault::Amount);
    }
    match status {
        Some(word) => put_status(&mut line, layout, word, tolerated),
        None => line.blame(LineFault::StatusMissing),
    }
    let meaning = layout.statuses.get(&line.status).copied();
    let failed = meaning.is_some_and(ResultMeaning::failed);
    // One column may hold the bank's reference of what went well and the reason of what did not.
    let shared = places.reason.is_some() && places.reason == places.bank_reference;
    if !shared || failed {
        line.reason = reason.map(|text| layout.reasons.get(&text).cloned().unwrap_or(text));
    }
    if !shared || !failed {
        line.bank_reference = bank_reference;
    }
    if meaning == Some(ResultMeaning::NotCollected) && line.reason.is_none() {
        line.reason = Some(NOT_COLLECTED.to_owned());
    }
    if let Some(text) = date {
        line.booked_on = day(&text);
        if line.booked_on.is_none() {
            line.blame(LineFault::Date);
        }
    }
    line
}

fn put_reference(line: &mut ReportLine, layout: &ResultLayout, content: Option<String>) {
    if !layout.reference_in_text {
        line.reference = content;
    } else if let Some(content) = content {
        match references_in(&content).as_slice() {
            [] => {}
            [own] => line.reference = Some((*own).to_owned()),
            _ => line.blame(LineFault::ReferenceUnclear),
        }
    }
    if line.reference.is_none() && line.account.is_none() {
        line.blame(LineFault::ReferenceMissing);
    }
}

/// The word is kept as it stands; where only its spelling is another than the layout's, it is the layout's.
fn put_status(line: &mut ReportLine, layout: &ResultLayout, word: String, tolerated: &mut Vec<Tolerance>) {
    line.status = word;
    line.told = layout.event(&line.status);
    if line.told.is_none()
        && let Some(own) = layout.spelling(&line.status)
    {
        line.told = layout.event(own);
        line.status = own.to_owned();
        if !tolerated.contains(&Tolerance::StatusSpelling) {
            tolerated.push(Tolerance::StatusSpelling);
        }
    }
}
