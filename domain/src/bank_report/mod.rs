//! What banks and the post office send back: pain.002 (.03, .10), camt.054 and camt.053 (.02, .04, .08), result tables
//! (CSV, XLSX) by the layout of a bank's profile, and the post office's result file. A report is read whole or refused;
//! inside it one bad line never stops the others, it comes out with its fault. Statuses are kept as they stand.

#[macro_use]
mod worded;

mod amount;
mod camt;
mod camt029;
mod cell;
mod encoded;
mod fields;
mod headings;
mod line;
mod options;
mod pain002;
mod part;
mod post;
mod refusal;
mod schema;
mod statement;
pub mod synthetic;
mod table;
#[cfg(test)]
mod tests;
mod tolerance;
mod walk;
mod workbook;
mod xml;

use serde::{Deserialize, Serialize};

use crate::Vnd;
use crate::bank::{Encoding, lists};

pub use amount::parse_amount;
pub use headings::Headings;
pub use line::{LineFault, LineKind, ReportLine};
pub use options::{NamedLayout, Options};
pub use refusal::{Refusal, ReportError};
pub use schema::SchemaFault;
pub use statement::StatementTotals;
pub use tolerance::Tolerance;

pub(crate) use table::payment_rows;
pub(crate) use walk::{Step, Walk};
pub(crate) use workbook::first_sheet_rows;

/// The kinds of report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Payment status report.
    Pain002,
    /// Debit and credit notification.
    Camt054,
    /// Statement.
    Camt053,
    /// Results of the post office, CSV; see [`read`].
    PostResult,
    /// Resolution of investigation: the answer to a recall.
    Camt029,
    /// Results of a bank, CSV or XLSX by the layout of its profile.
    ResultTable,
}

/// The status of one batch (PmtInf) of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BatchStatus {
    /// PmtInfId.
    pub batch: Option<String>,
    /// The status, as it stands.
    pub status: String,
    /// The reason's code.
    pub reason: Option<String>,
    /// What the bank says in words.
    pub note: Option<String>,
    /// Number of lines the bank says our batch had, as it stands.
    pub original_count: Option<String>,
    /// The sum the bank says our batch had, as it stands.
    pub original_sum: Option<String>,
}

/// What a report says once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReportHeader {
    /// Which kind.
    pub format: Format,
    /// The message and version by its namespace (`pain.002.001.10`).
    pub message: Option<String>,
    /// The namespace, as it stands.
    pub namespace: Option<String>,
    /// The report's own id.
    pub message_id: Option<String>,
    /// When the bank made it, as it stands.
    pub created_at: Option<String>,
    /// MsgId of the file it answers.
    pub original_message_id: Option<String>,
    /// Number of lines the bank says our file had.
    pub original_count: Option<String>,
    /// The sum the bank says our file had.
    pub original_sum: Option<Vnd>,
    /// The same as it stands: also where it is no whole number of đồng.
    pub original_sum_text: Option<String>,
    /// The status of the whole file, as it stands; it holds for every line the report does not list
    /// ([`crate::payment_order::group_status_meaning`]).
    pub group_status: Option<String>,
    /// The reason for it.
    pub group_reason: Option<String>,
    /// What the bank says of it in words.
    pub group_note: Option<String>,
    /// The status of each batch that has one.
    pub batches: Vec<BatchStatus>,
    /// Our account.
    pub account: Option<String>,
    /// What a statement says of the whole of itself.
    pub totals: Option<StatementTotals>,
    /// Number of lines read.
    pub lines: u32,
    /// The bank whose layout the table was read by.
    pub layout: Option<String>,
    /// What was tolerated.
    pub tolerated: Vec<Tolerance>,
    /// Where a message was not as its schema has it: the first place of each kind, all of which were tolerated.
    pub schema_faults: Vec<SchemaFault>,
}

impl ReportHeader {
    const fn new(format: Format) -> Self {
        Self {
            format,
            message: None,
            namespace: None,
            message_id: None,
            created_at: None,
            original_message_id: None,
            original_count: None,
            original_sum: None,
            original_sum_text: None,
            group_status: None,
            group_reason: None,
            group_note: None,
            batches: Vec::new(),
            account: None,
            totals: None,
            lines: 0,
            layout: None,
            tolerated: Vec::new(),
            schema_faults: Vec::new(),
        }
    }

    /// Holds the report against the messages that its bank answers with ([`crate::bank::BankProfile::answers`]): a
    /// namespace on that list needs no tolerance, any other does. Says whether it is on the list; a report without a
    /// namespace is not held against it.
    pub fn hold_against(&mut self, answers: &[String]) -> bool {
        let Some(namespace) = &self.namespace else { return true };
        let of_name = |what: &Tolerance| matches!(what, Tolerance::ForeignNamespace | Tolerance::OtherVersion);
        if lists(answers, namespace) {
            self.tolerated.retain(|what| !of_name(what));
            return true;
        }
        if !self.tolerated.iter().any(of_name) {
            self.tolerated.push(Tolerance::UnlistedNamespace);
        }
        false
    }
}

/// A report, read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What it says once.
    pub header: ReportHeader,
    /// Its lines in the order of the file.
    pub lines: Vec<ReportLine>,
}

/// Reads a report of any kind we know, told apart by its content. Strict reading refuses whatever would have to be
/// tolerated; lenient reading notes it in [`ReportHeader::tolerated`]. A message in a version whose schema is known is
/// held against that at the places that are read; where it differs stands in [`ReportHeader::schema_faults`]. What a line
/// lacks, save the currency of an amount, and what its values are is not judged so: such a line has its own
/// [`LineFault`], in either reading, and the file is read.
///
/// A result table is CSV or XLSX, with the headings of one of [`Options::layouts`] in its first thirty rows. The
/// post office's cash list that comes back filled in is one of them. A CSV is in UTF-8, in UTF-16 with the low byte first,
/// or in windows-1258 where its layout says so: nothing else tells single bytes apart.
///
/// The other result file of the post office is CSV in UTF-8, with or without a byte-order mark, separated by commas or
/// semicolons, with a line of column names. Columns, in any order: `reference` (ours), `amount` (whole đồng, no
/// separators), `result` (`paid`, `not_collected`, `returned`), `date` (of payment or return, `2024-09-05`), and if the
/// post office likes `reason`. Other columns are ignored.
pub fn read(bytes: &[u8], options: &Options) -> Result<Report, ReportError> {
    let mut lines = Vec::new();
    let header = read_with(bytes, options, &mut |line| lines.push(line))?;
    Ok(Report { header, lines })
}

/// As [`read`], handing each line on as it is read. After an error the lines already handed on are worthless.
pub fn read_with(
    bytes: &[u8],
    options: &Options,
    line: &mut dyn FnMut(ReportLine),
) -> Result<ReportHeader, ReportError> {
    if bytes.len() > options.max_bytes {
        return Err(ReportError::at(Refusal::TooLarge, &[], 0));
    }
    let header = if bytes.starts_with(b"PK\x03\x04") {
        table::read_xlsx(bytes, options, line)?
    } else {
        read_text(bytes, options, line)?
    };
    if options.strict && !header.tolerated.is_empty() {
        return Err(match header.schema_faults.first() {
            Some(fault) => ReportError {
                refusal: Refusal::NotStrict,
                offset: fault.offset,
                line: fault.line,
                headings: None,
            },
            None => ReportError::at(Refusal::NotStrict, bytes, 0),
        });
    }
    Ok(header)
}

fn read_text(bytes: &[u8], options: &Options, line: &mut dyn FnMut(ReportLine)) -> Result<ReportHeader, ReportError> {
    let text = std::str::from_utf8(bytes);
    if (text.is_err() || Encoding::is_utf_16(bytes))
        && let Some(header) = encoded::read(bytes, options, line)?
    {
        return Ok(header);
    }
    let text = text.map_err(|e| ReportError::at(Refusal::NotUtf8, bytes, e.valid_up_to()))?;
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mark = text.len() - plain.len();
    let marked = mark > 0;
    match plain.trim_start().chars().next() {
        None => Err(ReportError::at(Refusal::Empty, bytes, 0)),
        Some('<') => {
            let behind_mark = |error: ReportError| ReportError {
                offset: error.offset + mark,
                ..error
            };
            let mut header = xml::read(plain, options, line).map_err(behind_mark)?;
            for fault in &mut header.schema_faults {
                fault.offset += mark;
            }
            if marked {
                header.tolerated.push(Tolerance::ByteOrderMark);
            }
            Ok(header)
        }
        Some(_) => match table::read_csv(plain, options, (Encoding::Utf8, marked), line)? {
            Some(header) => Ok(header),
            None => post::read(plain, options, line).map_err(|error| error.lacking(table::nearest(plain, options))),
        },
    }
}
