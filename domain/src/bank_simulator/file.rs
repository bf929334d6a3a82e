//! What a bank reads of a payment file: a reader of its own, which shares nothing with the writer.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::TableForm;
use crate::Vnd;
use crate::bank_report::{Options, ReportError, Step, Walk, parse_amount};

const MESSAGE: &str = "Document/CstmrCdtTrfInitn";
const BATCH: &str = "Document/CstmrCdtTrfInitn/PmtInf";
const LINE: &str = "Document/CstmrCdtTrfInitn/PmtInf/CdtTrfTxInf";

/// One order to pay, as the bank reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankOrder {
    /// EndToEndId.
    pub reference: String,
    /// UETR; none in pain.001.001.03 and for cash.
    pub uetr: Option<Uuid>,
    /// How much.
    pub amount: Vnd,
    /// The payee's account; none for cash.
    pub account: Option<String>,
}

/// A payment file, as the bank or the post office reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankFile {
    /// MsgId; for a cash list a name of the caller's own, unique for ever.
    pub id: String,
    /// `pain.001.001.09`, `pain.001.001.03`; none for a table and a cash list.
    pub message: Option<String>,
    /// PmtInfId; empty for a table and a cash list.
    pub payment_information_id: String,
    /// The debtor's account; empty for a cash list.
    pub account: String,
    /// The day to pay.
    pub execution_date: NaiveDate,
    /// The orders, as they stand.
    pub orders: Vec<BankOrder>,
    /// How a bank that takes tables answers; none for a message and a cash list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableForm>,
}

/// Why a bank cannot take a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Not UTF-8.
    #[error("the file is not UTF-8")]
    NotUtf8,
    /// Not XML, or not safe.
    #[error("{0}")]
    Xml(#[from] ReportError),
    /// Another message than pain.001.001.03 or .09.
    #[error("the file is no pain.001.001.03 or pain.001.001.09")]
    Message,
    /// Another message than camt.055.001.09.
    #[error("the message is no camt.055.001.09")]
    Recall,
    /// A field is missing or says nothing sensible.
    #[error("{0} is missing or unreadable")]
    Field(&'static str),
    /// Another currency than VND.
    #[error("an amount is not in VND")]
    Currency,
    /// The number of lines differs from what the file says.
    #[error("{0} is not the number of lines")]
    Count(&'static str),
    /// The sum of the lines differs from what the file says.
    #[error("{0} is not the sum of the lines")]
    Sum(&'static str),
    /// No table, or not of the form and layout of the bank.
    #[error("the file is no table as the bank's profile describes it")]
    Table,
    /// No cash list: no workbook, or without the columns of one.
    #[error("the file is no cash list")]
    CashList,
    /// Something stands below the row with the sum.
    #[error("there is a row below the sum")]
    BelowSum,
    /// An EndToEndId or UETR stands twice.
    #[error("{0} stands twice")]
    Duplicate(String),
}

#[derive(Default)]
struct Line {
    reference: Option<String>,
    uetr: Option<Uuid>,
    amount: Option<Vnd>,
    account: Option<String>,
}

#[derive(Default)]
struct Reading {
    id: Option<String>,
    counts: Vec<(&'static str, Option<u64>)>,
    sums: Vec<(&'static str, Option<Vnd>)>,
    payment_information_id: Option<String>,
    account: Option<String>,
    execution_date: Option<NaiveDate>,
    batches: u32,
    line: Line,
    seen: BTreeSet<String>,
    orders: Vec<BankOrder>,
}

impl BankFile {
    /// A cash list of the post office.
    pub const fn cash(id: String, execution_date: NaiveDate, orders: Vec<BankOrder>) -> Self {
        Self {
            id,
            message: None,
            payment_information_id: String::new(),
            account: String::new(),
            execution_date,
            orders,
            table: None,
        }
    }

    /// Reads a pain.001.001.03 or .09 with one batch, and compares its counts and sums with its lines.
    ///
    /// # Errors
    /// The first fault a bank would refuse the file for.
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let text = std::str::from_utf8(bytes).map_err(|_not_utf8| FileFault::NotUtf8)?;
        let options = Options::default();
        let mut walk = Walk::new(text, &options);
        let mut reading = Reading::default();
        loop {
            match walk.step()? {
                Step::Open if walk.path() == BATCH => reading.batches += 1,
                Step::Open if walk.path() == LINE => reading.line = Line::default(),
                Step::Close if walk.path() == LINE => reading.end_line()?,
                Step::Leaf => reading.leaf(&walk)?,
                Step::End => break,
                Step::Open | Step::Close => {}
            }
        }
        let name = walk
            .namespace()
            .and_then(|own| own.rsplit(':').next())
            .unwrap_or_default();
        match name {
            "pain.001.001.03" | "pain.001.001.09" => reading.whole(name),
            _ => Err(FileFault::Message),
        }
    }

    /// Is it a message of 2009, which a bank answers in the words of that year?
    pub(super) fn is_of_2009(&self) -> bool {
        self.message.as_deref() == Some("pain.001.001.03")
    }

    /// Is it a cash list of the post office?
    pub const fn is_cash(&self) -> bool {
        self.message.is_none() && self.table.is_none()
    }

    /// Is it the same file? How its bank answers today does not matter.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let plain = |own: &Self| Self {
            table: None,
            ..own.clone()
        };
        plain(self) == plain(other)
    }
}

impl Reading {
    fn leaf(&mut self, walk: &Walk<'_>) -> Result<(), FileFault> {
        let text = || walk.text().filter(|text| !text.is_empty()).map(str::to_owned);
        let below = |part: &str| walk.path().strip_prefix(part).and_then(|rest| rest.strip_prefix('/'));
        match below(LINE) {
            Some("PmtId/EndToEndId") => self.line.reference = text(),
            Some("PmtId/UETR") => {
                let uetr = text().and_then(|own| Uuid::try_parse(&own).ok());
                self.line.uetr = Some(uetr.ok_or(FileFault::Field("UETR"))?);
            }
            Some("Amt/InstdAmt") => {
                if walk.currency() != Some("VND") {
                    return Err(FileFault::Currency);
                }
                self.line.amount = text().as_deref().and_then(parse_amount);
            }
            Some("CdtrAcct/Id/Othr/Id") => self.line.account = text(),
            _ => {}
        }
        let whole = || text().and_then(|own| own.parse::<u64>().ok());
        match below(BATCH) {
            Some("PmtInfId") => self.payment_information_id = text(),
            Some("NbOfTxs") => self.counts.push(("PmtInf/NbOfTxs", whole())),
            Some("CtrlSum") => self
                .sums
                .push(("PmtInf/CtrlSum", text().as_deref().and_then(parse_amount))),
            Some("ReqdExctnDt/Dt" | "ReqdExctnDt") => self.execution_date = text().and_then(|own| own.parse().ok()),
            Some("DbtrAcct/Id/Othr/Id") => self.account = text(),
            _ => {}
        }
        match below(MESSAGE) {
            Some("GrpHdr/MsgId") => self.id = text(),
            Some("GrpHdr/NbOfTxs") => self.counts.push(("GrpHdr/NbOfTxs", whole())),
            Some("GrpHdr/CtrlSum") => self
                .sums
                .push(("GrpHdr/CtrlSum", text().as_deref().and_then(parse_amount))),
            _ => {}
        }
        Ok(())
    }

    fn end_line(&mut self) -> Result<(), FileFault> {
        let line = std::mem::take(&mut self.line);
        let order = BankOrder {
            reference: line.reference.ok_or(FileFault::Field("EndToEndId"))?,
            uetr: line.uetr,
            amount: line.amount.ok_or(FileFault::Field("InstdAmt"))?,
            account: Some(line.account.ok_or(FileFault::Field("CdtrAcct"))?),
        };
        let ids = [Some(order.reference.clone()), order.uetr.map(|uetr| uetr.to_string())];
        for id in ids.into_iter().flatten() {
            if !self.seen.insert(id.clone()) {
                return Err(FileFault::Duplicate(id));
            }
        }
        self.orders.push(order);
        Ok(())
    }

    fn whole(self, message: &str) -> Result<BankFile, FileFault> {
        if self.batches != 1 {
            return Err(FileFault::Field("PmtInf"));
        }
        let count = u64::try_from(self.orders.len()).unwrap_or(u64::MAX);
        if let Some((name, _)) = self.counts.iter().find(|(_, told)| *told != Some(count)) {
            return Err(FileFault::Count(name));
        }
        let sum = sum(&self.orders);
        let differs = |told: Option<Vnd>| told.map(|own| i128::from(own.dong())) != Some(sum);
        if let Some((name, _)) = self.sums.iter().find(|(_, told)| differs(*told)) {
            return Err(FileFault::Sum(name));
        }
        Ok(BankFile {
            id: self.id.ok_or(FileFault::Field("MsgId"))?,
            message: Some(message.to_owned()),
            payment_information_id: self.payment_information_id.ok_or(FileFault::Field("PmtInfId"))?,
            account: self.account.ok_or(FileFault::Field("DbtrAcct"))?,
            execution_date: self.execution_date.ok_or(FileFault::Field("ReqdExctnDt"))?,
            orders: self.orders,
            table: None,
        })
    }
}

/// The sum of orders, đồng.
pub(super) fn sum<'a>(orders: impl IntoIterator<Item = &'a BankOrder>) -> i128 {
    orders.into_iter().map(|order| i128::from(order.amount.dong())).sum()
}

/// A file of so many orders, to be executed on the 5th of September 2024.
#[cfg(test)]
pub(super) fn file(orders: i64) -> BankFile {
    let order = |number: i64| BankOrder {
        reference: format!("AS-{number}"),
        uetr: None,
        amount: Vnd::new(500_000 + number).unwrap(),
        account: Some(format!("8000{number:05}")),
    };
    BankFile {
        id: "AS-FILE-1".to_owned(),
        message: Some("pain.001.001.09".to_owned()),
        payment_information_id: "AS-FILE-1-B".to_owned(),
        account: "102010000000001".to_owned(),
        execution_date: "2024-09-05".parse().unwrap(),
        orders: (0..orders).map(order).collect(),
        table: None,
    }
}
