//! The result file of the post office; [`super::read`] documents its columns.

use csv::{ReaderBuilder, StringRecord};

use super::{
    Format, Headings, LineFault, LineKind, Options, Refusal, ReportError, ReportHeader, ReportLine, parse_amount,
};

/// Paid out over the counter.
pub(super) const PAID: &str = "paid";
/// Not collected in the time given.
pub(super) const NOT_COLLECTED: &str = "not_collected";
/// Given back.
pub(super) const RETURNED: &str = "returned";

struct Columns {
    reference: usize,
    amount: usize,
    result: usize,
    date: usize,
    reason: Option<usize>,
}

pub(super) fn read(
    text: &str,
    options: &Options,
    hand_on: &mut dyn FnMut(ReportLine),
) -> Result<ReportHeader, ReportError> {
    let refuse =
        |refusal, offset: u64| ReportError::at(refusal, text.as_bytes(), usize::try_from(offset).unwrap_or(usize::MAX));
    let names = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let separator = if names.contains(';') { b';' } else { b',' };
    let mut reader = ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns = {
        let Ok(names) = reader.headers() else {
            return Err(refuse(Refusal::NotRecognised, 0));
        };
        columns(names).map_err(|refusal| refuse(refusal, 0).lacking(lacking(names)))?
    };
    let mut header = ReportHeader::new(Format::PostResult);
    let mut record = StringRecord::new();
    loop {
        let offset = reader.position().byte();
        match reader.read_record(&mut record) {
            Ok(false) => return Ok(header),
            Ok(true) => {}
            Err(_) => return Err(refuse(Refusal::NotRecognised, offset)),
        }
        if header.lines >= options.max_lines {
            return Err(refuse(Refusal::TooManyLines, offset));
        }
        header.lines += 1;
        hand_on(line(header.lines, &record, &columns, options));
    }
}

fn place(names: &StringRecord, name: &str) -> Option<usize> {
    names.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
}

/// The names that are not there; none of a text that has not even our reference.
fn lacking(names: &StringRecord) -> Option<Headings> {
    place(names, "reference")?;
    let needed = ["amount", "result", "date"].into_iter();
    let missing = needed.filter(|name| place(names, name).is_none()).map(str::to_owned);
    Some(Headings::of(missing.collect(), names.iter()))
}

fn columns(names: &StringRecord) -> Result<Columns, Refusal> {
    let find = |name: &str| place(names, name);
    // Without our reference it is some other text.
    let reference = find("reference").ok_or(Refusal::NotRecognised)?;
    let need = |name| find(name).ok_or(Refusal::ColumnMissing);
    Ok(Columns {
        reference,
        amount: need("amount")?,
        result: need("result")?,
        date: need("date")?,
        reason: find("reason"),
    })
}

fn line(position: u32, record: &StringRecord, columns: &Columns, options: &Options) -> ReportLine {
    let mut line = ReportLine::new(position, LineKind::PostResult);
    let mut too_long = false;
    let mut cell = |column: usize| {
        let text = record.get(column).map(str::trim).filter(|text| !text.is_empty())?;
        too_long |= text.len() > options.max_text;
        let printable = |c: char| if c.is_control() { '\u{fffd}' } else { c };
        (text.len() <= options.max_text).then(|| text.chars().map(printable).collect::<String>())
    };
    line.reference = cell(columns.reference);
    let amount = cell(columns.amount);
    let result = cell(columns.result);
    let date = cell(columns.date);
    line.reason = columns.reason.and_then(&mut cell);
    if too_long {
        line.blame(LineFault::TextTooLong);
    }
    if [columns.reference, columns.amount, columns.result, columns.date]
        .iter()
        .any(|c| record.get(*c).is_none())
    {
        line.blame(LineFault::Columns);
    }
    if line.reference.is_none() {
        line.blame(LineFault::ReferenceMissing);
    }
    line.amount = amount.as_deref().and_then(parse_amount);
    if line.amount.is_none() {
        line.blame(LineFault::Amount);
    }
    match result {
        Some(result) => line.status = result,
        None => line.blame(LineFault::StatusMissing),
    }
    line.booked_on = date.and_then(|date| date.parse().ok());
    if line.booked_on.is_none() {
        line.blame(LineFault::Date);
    }
    line
}
