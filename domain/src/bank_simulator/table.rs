//! Banks that take tables and answer with tables, by the layouts of their profiles: a reader of payment tables, and the
//! words in which such a bank says what others say in codes.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::course::Paper;
use super::file::sum;
use super::{BankFile, BankOrder, FileFault};
use crate::Vnd;
use crate::bank::{
    BankProfile, ColumnField, Delimiter, Encoding, FileFormat, ResultLayout, ResultMeaning, TableLayout,
};
use crate::bank_report::synthetic::{Answer, write_result};
use crate::bank_report::{Refusal, parse_amount, payment_rows};
use crate::ids::references_in;

/// Why an order of a file that came twice is refused.
const CAME_TWICE: &str = "DUPL";

/// How a bank that takes tables answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableForm {
    /// `csv` or `xlsx`, as the payment file is.
    pub format: FileFormat,
    /// The table it answers with; messages of ISO 20022 if none.
    pub result: Option<ResultLayout>,
}

/// What a bank knows of a table that need not stand in it: it comes with the manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableHead {
    /// The file's own id, unique for ever.
    pub id: String,
    /// The day to pay.
    pub execution_date: NaiveDate,
}

impl BankFile {
    /// Reads a table in the layout of the bank's profile.
    ///
    /// # Errors
    /// The first fault a bank would refuse the file for.
    pub fn read_table(bytes: &[u8], head: TableHead, profile: &BankProfile) -> Result<Self, FileFault> {
        let layout = profile.table.as_ref().ok_or(FileFault::Table)?;
        let mut sheet = Sheet::of(layout);
        let mut fault = None;
        let read = payment_rows(bytes, (profile.format, layout), &mut |row| {
            sheet.row(row).map_err(|found| {
                fault = Some(found);
                Refusal::NotRecognised
            })
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        read.map_err(|_refusal| FileFault::Table)?;
        Ok(Self {
            id: head.id,
            message: None,
            payment_information_id: String::new(),
            account: profile.debtor.account.clone(),
            execution_date: head.execution_date,
            orders: sheet.whole()?,
            table: Some(TableForm {
                format: profile.format,
                result: profile.result.clone(),
            }),
        })
    }

    /// The form and layout of the tables that answer it, where tables do.
    pub(super) fn result(&self) -> Option<(FileFormat, &ResultLayout)> {
        let form = self.table.as_ref()?;
        Some((form.format, form.result.as_ref()?))
    }
}

/// A payment table, row by row.
struct Sheet<'l> {
    layout: &'l TableLayout,
    begun: bool,
    total: Option<i128>,
    seen: BTreeSet<String>,
    orders: Vec<BankOrder>,
}

impl<'l> Sheet<'l> {
    const fn of(layout: &'l TableLayout) -> Self {
        Self {
            layout,
            begun: false,
            total: None,
            seen: BTreeSet::new(),
            orders: Vec::new(),
        }
    }

    /// What a row has in the column of a field; empty where there is no such column.
    fn cell<'r>(&self, row: &'r [String], field: ColumnField) -> &'r str {
        let place = self.layout.columns.iter().position(|column| column.field == field);
        let text = place.and_then(|place| row.get(place)).map_or("", String::as_str);
        // The apostrophe that keeps a spreadsheet from taking a text for a formula.
        text.strip_prefix('\'')
            .filter(|rest| rest.starts_with(['=', '+', '-', '@']))
            .unwrap_or(text)
    }

    fn has(&self, field: ColumnField) -> bool {
        self.layout.columns.iter().any(|column| column.field == field)
    }

    fn row(&mut self, row: &[String]) -> Result<(), FileFault> {
        if !self.begun {
            let mut columns = self.layout.columns.iter().enumerate();
            self.begun = columns.all(|(place, own)| row.get(place).is_some_and(|cell| cell == own.heading.trim()));
            return Ok(());
        }
        if row.iter().all(String::is_empty) {
            return Ok(());
        }
        if self.total.is_some() {
            return Err(FileFault::BelowSum);
        }
        let amount = parse_amount(self.cell(row, ColumnField::Amount)).ok_or(FileFault::Field("amount"))?;
        let account = self.cell(row, ColumnField::Account);
        if self.layout.total_row && account.is_empty() {
            self.total = Some(i128::from(amount.dong()));
            return Ok(());
        }
        self.order(row, amount, account)
    }

    fn order(&mut self, row: &[String], amount: Vnd, account: &str) -> Result<(), FileFault> {
        if account.is_empty() {
            return Err(FileFault::Field("account"));
        }
        if amount == Vnd::ZERO {
            return Err(FileFault::Field("amount"));
        }
        if self.has(ColumnField::Currency) && self.cell(row, ColumnField::Currency) != "VND" {
            return Err(FileFault::Currency);
        }
        let reference = if self.has(ColumnField::Reference) {
            self.cell(row, ColumnField::Reference)
        } else {
            match references_in(self.cell(row, ColumnField::Remittance)).as_slice() {
                [own] => *own,
                _ => "",
            }
        };
        if reference.is_empty() {
            return Err(FileFault::Field("reference"));
        }
        let uetr = match self.cell(row, ColumnField::Uetr) {
            "" => None,
            text => Some(uuid::Uuid::try_parse(text).map_err(|_no_uuid| FileFault::Field("UETR"))?),
        };
        if !self.seen.insert(reference.to_owned()) {
            return Err(FileFault::Duplicate(reference.to_owned()));
        }
        self.orders.push(BankOrder {
            reference: reference.to_owned(),
            uetr,
            amount,
            account: Some(account.to_owned()),
        });
        Ok(())
    }

    fn whole(self) -> Result<Vec<BankOrder>, FileFault> {
        if !self.begun {
            return Err(FileFault::Table);
        }
        let told = self.total.is_some() || !self.layout.total_row;
        if !told || self.total.is_some_and(|total| total != sum(&self.orders)) {
            return Err(FileFault::Sum("the last row"));
        }
        Ok(self.orders)
    }
}

/// What an answer's file is called by what it says.
pub(super) const fn name(paper: Paper) -> &'static str {
    match paper {
        Paper::Status => "result",
        Paper::Notification => "booked",
        Paper::Statement => "late-result",
        Paper::Post => "post",
    }
}

/// The refusal of an order whose file came twice.
pub(super) fn refused_as_duplicate(order: &BankOrder) -> Answer {
    Answer {
        reference: order.reference.clone(),
        uetr: order.uetr,
        amount: order.amount,
        status: "RJCT".to_owned(),
        reason: Some(CAME_TWICE.to_owned()),
        account: order.account.clone(),
        bank_reference: None,
    }
}

/// A table of answers in the bank's words; none where nothing is left to say.
pub(super) fn written(form: FileFormat, layout: &ResultLayout, day: NaiveDate, answers: &[Answer]) -> Option<Vec<u8>> {
    let said: Vec<Answer> = answers
        .iter()
        .filter(|answer| can_say(layout, answer))
        .map(|answer| Answer {
            status: word(layout, answer),
            reason: answer.reason.as_ref().map(|code| reason(layout, code)),
            ..answer.clone()
        })
        .collect();
    if said.is_empty() {
        return None;
    }
    write_result(form, layout, day, &said).ok()
}

/// Where a bank has no words for reasons, a refusal as a duplicate would read as one that is final: it says nothing.
fn can_say(layout: &ResultLayout, answer: &Answer) -> bool {
    let duplicate = answer.status == "RJCT" && matches!(answer.reason.as_deref(), Some("AM05" | CAME_TWICE));
    !duplicate || layout.columns.reason.is_some()
}

/// The bank's word for a status; the code itself where it has none.
fn word(layout: &ResultLayout, answer: &Answer) -> String {
    use ResultMeaning as M;
    let wanted: &[M] = match (answer.status.as_str(), answer.reason.is_some()) {
        ("RJCT", _) => &[M::Rejected],
        ("BOOK", true) => &[M::Returned],
        ("BOOK" | "ACSC", _) => &[M::Settled, M::Credited],
        ("ACCC", _) => &[M::Credited, M::Settled],
        _ => &[M::Accepted],
    };
    let of = |meaning: &M| layout.statuses.iter().find(|(_, own)| *own == meaning);
    wanted
        .iter()
        .find_map(of)
        .map_or_else(|| answer.status.clone(), |(word, _)| word.clone())
}

/// The bank's words for a reason; the code itself where it has none.
fn reason(layout: &ResultLayout, code: &str) -> String {
    let mut words = layout.reasons.iter().filter(|(_, own)| own.as_str() == code);
    words.next().map_or_else(|| code.to_owned(), |(word, _)| word.clone())
}

/// The layout, or one of three that differ from it in what people change in a spreadsheet.
pub(super) fn dressed(layout: &ResultLayout, odd: Option<u32>) -> ResultLayout {
    let mut own = layout.clone();
    match odd {
        None => {}
        Some(0) => {
            let columns = &mut own.columns;
            let needed = [
                &mut columns.reference,
                &mut columns.account,
                &mut columns.amount,
                &mut columns.status,
            ];
            let more = [&mut columns.reason, &mut columns.bank_reference, &mut columns.date];
            for heading in needed.into_iter().chain(more.into_iter().flatten()) {
                *heading = heading.to_uppercase();
            }
        }
        Some(1) => {
            own.delimiter = if layout.delimiter == Delimiter::Bar {
                Delimiter::Comma
            } else {
                Delimiter::Bar
            };
        }
        Some(_) => own.encoding = Encoding::Utf8Bom,
    }
    own
}
