//! Result tables as a bank would give them, by the layout of its profile.

use std::io::{Error, Write};

use chrono::{NaiveDate, NaiveTime};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};

use super::Answer;
use crate::bank::{FileFormat, ResultLayout};

/// The headings of a result table, and what each answer has below them; all answers are of one day.
fn result_rows(layout: &ResultLayout, day: Option<NaiveDate>, answers: &[Answer]) -> Vec<Vec<String>> {
    let columns = &layout.columns;
    let mut headings: Vec<&String> = vec![&columns.reference, &columns.account, &columns.amount, &columns.status];
    let dated = columns.date.as_ref().filter(|_| day.is_some());
    for more in [columns.reason.as_ref(), columns.bank_reference.as_ref(), dated]
        .into_iter()
        .flatten()
    {
        if !headings.contains(&more) {
            headings.push(more);
        }
    }
    let row = |answer: &Answer| {
        let of = |heading: &String| {
            if *heading == columns.reference {
                if layout.reference_in_text {
                    format!("TRO CAP XA HOI {} CAM ON", answer.reference)
                } else {
                    answer.reference.clone()
                }
            } else if *heading == columns.account {
                answer.account.clone().unwrap_or_default()
            } else if *heading == columns.amount {
                answer.amount.dong().to_string()
            } else if *heading == columns.status {
                answer.status.clone()
            } else if Some(heading) == dated {
                day.map_or_else(String::new, |day| day.to_string())
            } else {
                let told = [
                    (&columns.reason, &answer.reason),
                    (&columns.bank_reference, &answer.bank_reference),
                ];
                let mut own = told.into_iter().filter(|(name, _)| name.as_ref() == Some(heading));
                own.find_map(|(_, text)| text.clone()).unwrap_or_default()
            }
        };
        headings.iter().map(|heading| of(heading)).collect::<Vec<String>>()
    };
    let head = headings.iter().map(|heading| (*heading).clone()).collect();
    std::iter::once(head).chain(answers.iter().map(row)).collect()
}

/// Writes a bank's result table as CSV, exactly as its layout says.
pub fn write_result_csv<W: Write>(out: W, layout: &ResultLayout, answers: &[Answer]) -> Result<(), csv::Error> {
    result_csv(out, layout, result_rows(layout, None, answers))
}

fn result_csv<W: Write>(mut out: W, layout: &ResultLayout, rows: Vec<Vec<String>>) -> Result<(), csv::Error> {
    let mut text = Vec::new();
    let mut csv = csv::WriterBuilder::new()
        .delimiter(layout.delimiter.byte())
        .from_writer(&mut text);
    for row in rows {
        csv.write_record(row)?;
    }
    csv.flush()?;
    drop(csv);
    let text = String::from_utf8(text).map_err(Error::other)?;
    out.write_all(&layout.encoding.write(&text).map_err(Error::other)?)?;
    Ok(())
}

/// A bank's result table as a workbook, exactly as its layout says, with amounts as numbers.
pub fn result_xlsx(layout: &ResultLayout, answers: &[Answer]) -> Result<Vec<u8>, XlsxError> {
    result_book(layout, None, result_rows(layout, None, answers))
}

/// A bank's result table of a day, as a workbook or as CSV; the same answers give the same bytes.
///
/// # Errors
/// What a workbook can't hold, as text.
pub fn write_result(
    format: FileFormat,
    layout: &ResultLayout,
    day: NaiveDate,
    answers: &[Answer],
) -> Result<Vec<u8>, String> {
    let rows = result_rows(layout, Some(day), answers);
    if format == FileFormat::Xlsx {
        return result_book(layout, Some(day), rows).map_err(|error| error.to_string());
    }
    let mut bytes = Vec::new();
    result_csv(&mut bytes, layout, rows).map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn result_book(layout: &ResultLayout, day: Option<NaiveDate>, rows: Vec<Vec<String>>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    if let Some(day) = day {
        // Without it a workbook says when it was written.
        let made = ExcelDateTime::from_timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp())?;
        book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    }
    let sheet = book
        .add_worksheet()
        .set_name(layout.sheet.as_deref().unwrap_or("Sheet1"))?;
    for (number, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            match text.parse::<i64>() {
                Ok(amount) if number > 0 && column == 2 => sheet.write(number, column, amount)?,
                _ => sheet.write_string(number, column, text)?,
            };
        }
    }
    book.save_to_buffer()
}
