//! The cash list as the post office reads it: the workbook itself, by the names of its columns.

use std::collections::BTreeSet;

use super::{BankFile, BankOrder, FileFault, TableHead};
use crate::Vnd;
use crate::bank::{BankProfile, BankProfiles, ColumnField, TableLayout};
use crate::bank_report::{Refusal, first_sheet_rows, parse_amount};

impl BankFile {
    /// Reads a cash list in the columns that the program has for it.
    ///
    /// # Errors
    /// The first fault a post office would refuse the list for.
    pub fn read_cash_list(bytes: &[u8], head: TableHead) -> Result<Self, FileFault> {
        let profiles = BankProfiles::embedded().map_err(|_unreadable| FileFault::CashList)?;
        Self::read_cash_list_of(bytes, head, profiles.of(BankProfiles::POST))
    }

    /// Reads a cash list: the numbered rows of its first sheet below the names of the columns, as the post office's profile
    /// names them. The same bounds hold for it as for a workbook that comes back.
    ///
    /// # Errors
    /// The first fault a post office would refuse the list for.
    pub fn read_cash_list_of(bytes: &[u8], head: TableHead, post: &BankProfile) -> Result<Self, FileFault> {
        let layout = post.table.as_ref().ok_or(FileFault::CashList)?;
        let mut list = CashList::of(layout);
        let mut fault = None;
        let read = first_sheet_rows(bytes, &mut |row| {
            list.row(row).map_err(|found| {
                fault = Some(found);
                Refusal::NotRecognised
            })
        });
        if let Some(fault) = fault {
            return Err(fault);
        }
        read.map_err(|_refusal| FileFault::CashList)?;
        if list.places.is_none() {
            return Err(FileFault::CashList);
        }
        Ok(Self::cash(head.id, head.execution_date, list.orders))
    }
}

/// A cash list, row by row.
struct CashList<'l> {
    layout: &'l TableLayout,
    /// Where references and amounts stand.
    places: Option<(usize, usize)>,
    /// Where the numbers of the rows stand, if they have any.
    number: Option<usize>,
    /// Below the orders stands their sum, which has no number, and no reference.
    over: bool,
    seen: BTreeSet<String>,
    orders: Vec<BankOrder>,
}

impl<'l> CashList<'l> {
    const fn of(layout: &'l TableLayout) -> Self {
        Self {
            layout,
            places: None,
            number: None,
            over: false,
            seen: BTreeSet::new(),
            orders: Vec::new(),
        }
    }

    /// Where the column of a field stands, by its heading in a row.
    fn place(&self, row: &[String], field: ColumnField) -> Option<usize> {
        let own = self.layout.columns.iter().find(|column| column.field == field)?;
        row.iter().position(|cell| *cell == own.heading.trim())
    }

    fn row(&mut self, row: &[String]) -> Result<(), FileFault> {
        let Some((reference, amount)) = self.places else {
            let reference = self.place(row, ColumnField::Reference);
            self.places = reference.zip(self.place(row, ColumnField::Amount));
            self.number = self.place(row, ColumnField::Number);
            return Ok(());
        };
        let cell = |place: usize| row.get(place).map_or("", String::as_str);
        self.over |= match self.number {
            Some(place) => cell(place).parse::<u32>().is_err(),
            None => cell(reference).is_empty(),
        };
        if self.over {
            return Ok(());
        }
        let name = cell(reference);
        if name.is_empty() {
            return Err(FileFault::Field("reference"));
        }
        let amount = parse_amount(cell(amount)).filter(|amount| *amount != Vnd::ZERO);
        let amount = amount.ok_or(FileFault::Field("amount"))?;
        if !self.seen.insert(name.to_owned()) {
            return Err(FileFault::Duplicate(name.to_owned()));
        }
        self.orders.push(BankOrder {
            reference: name.to_owned(),
            uetr: None,
            amount,
            account: None,
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::Workbook;

    use super::*;

    const REFERENCE: &str = "Mã lệnh chi";
    const AMOUNT: &str = "Số tiền";

    /// A cash list of rows below a title and the names of its columns; what reads as an amount is a number.
    fn list(rows: &[[&str; 3]]) -> Vec<u8> {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "DANH SÁCH CHI TRẢ TIỀN MẶT").unwrap();
        for (column, name) in (0..).zip(["STT", REFERENCE, AMOUNT]) {
            sheet.write_string(2, column, name).unwrap();
        }
        for (line, row) in (3..).zip(rows) {
            for (column, text) in (0..).zip(row) {
                match text.parse::<i32>() {
                    Ok(number) => sheet.write_number(line, column, number).unwrap(),
                    Err(_) => sheet.write_string(line, column, *text).unwrap(),
                };
            }
        }
        book.save_to_buffer().unwrap()
    }

    fn read(bytes: &[u8]) -> Result<Vec<(String, i64)>, FileFault> {
        let head = TableHead {
            id: "CASH-1".to_owned(),
            execution_date: "2024-09-05".parse().unwrap(),
        };
        let file = BankFile::read_cash_list(bytes, head)?;
        Ok(file
            .orders
            .into_iter()
            .map(|order| (order.reference, order.amount.dong()))
            .collect())
    }

    #[test]
    fn the_numbered_rows_of_a_cash_list_are_its_orders() {
        let good = list(&[
            ["1", "AS-1", "750000"],
            ["2", "AS-2", "500000"],
            ["", "Tổng cộng", "1250000"],
            ["9", "AS-9", "1"],
        ]);
        let orders = [("AS-1".to_owned(), 750_000_i64), ("AS-2".to_owned(), 500_000)];
        assert_eq!(read(&good).unwrap(), orders);
        assert!(read(&list(&[])).unwrap().is_empty());
    }

    #[test]
    fn what_no_post_office_could_pay_is_refused() {
        for (row, fault) in [
            (["2", "", "1"], FileFault::Field("reference")),
            (["2", "AS-2", "0"], FileFault::Field("amount")),
            (["2", "AS-2", "-5"], FileFault::Field("amount")),
            (["2", "AS-2", "một"], FileFault::Field("amount")),
            (["2", "AS-1", "5"], FileFault::Duplicate("AS-1".to_owned())),
        ] {
            assert_eq!(read(&list(&[["1", "AS-1", "5"], row])), Err(fault), "{row:?}");
        }
        let mut other = Workbook::new();
        other.add_worksheet().write_string(0, 0, REFERENCE).unwrap();
        for bytes in [
            other.save_to_buffer().unwrap(),
            b"PK\x03\x04".to_vec(),
            b"reference,amount\n".to_vec(),
            Vec::new(),
        ] {
            assert_eq!(read(&bytes), Err(FileFault::CashList));
        }
    }

    #[test]
    fn a_list_is_read_in_the_columns_of_the_post_offices_profile() {
        let own = serde_json::json!({
            "table": {"columns": [
                {"heading": "Mã", "field": "reference", "width": 9},
                {"heading": "Tên", "field": "name", "width": 9},
                {"heading": "CCCD", "field": "account", "width": 9},
                {"heading": "Tiền", "field": "amount", "width": 9},
                {"heading": "KQ", "field": "blank", "width": 9}]},
            "result": {"statuses": {"Xong": "credited"},
                "columns": {"reference": "Mã", "account": "CCCD", "amount": "Tiền", "status": "KQ"}},
        });
        let post = BankProfiles::embedded().unwrap().read_post(&own).unwrap();
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (line, row) in (1..).zip([["Mã", "Tiền"], ["AS-1", "5"], ["", "5"]]) {
            for (column, text) in (0..).zip(row) {
                match text.parse::<i32>() {
                    Ok(number) => sheet.write_number(line, column, number).unwrap(),
                    Err(_) => sheet.write_string(line, column, text).unwrap(),
                };
            }
        }
        let bytes = book.save_to_buffer().unwrap();
        let head = || TableHead {
            id: "CASH-1".to_owned(),
            execution_date: "2024-09-05".parse().unwrap(),
        };
        let file = BankFile::read_cash_list_of(&bytes, head(), &post).unwrap();
        assert_eq!(file.orders.len(), 1);
        assert_eq!(BankFile::read_cash_list(&bytes, head()), Err(FileFault::CashList));
    }
}
