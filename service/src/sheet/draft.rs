//! A workbook of lists that is complete but for its date, as bytes to be kept until the date is known.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::archive::Packed;
use super::list::{Done, SHEETS, book};
use crate::error::Error;

/// A workbook without its date, and what the rows of its first sheet come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) rows: i64,
    /// Đồng.
    pub(crate) sum: i64,
    pub(crate) sheets: Vec<Done>,
}

/// What stands before the bytes of the sheets.
#[derive(Serialize, Deserialize)]
struct Head {
    title: String,
    rows: i64,
    sum: i64,
    sheets: Vec<SheetHead>,
}

#[derive(Serialize, Deserialize)]
struct SheetHead {
    name: String,
    heading: u32,
    crc: u32,
    size: u32,
    packed: usize,
}

impl Draft {
    /// The workbook with its date.
    pub(crate) fn dated(self, at: DateTime<Utc>) -> Result<Vec<u8>, Error> {
        book(&self.title, at, self.sheets)
    }

    /// As bytes: the length of the head (4 bytes, little-endian), the head as JSON, and the sheets.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>, Error> {
        let sheets = self.sheets.iter().map(|own| SheetHead {
            name: own.name.clone(),
            heading: own.heading,
            crc: own.part.crc,
            size: own.part.size,
            packed: own.part.bytes.len(),
        });
        let head = serde_json::to_vec(&Head {
            title: self.title.clone(),
            rows: self.rows,
            sum: self.sum,
            sheets: sheets.collect(),
        })?;
        let mut bytes = u32::try_from(head.len())
            .map_err(Error::internal)?
            .to_le_bytes()
            .to_vec();
        bytes.extend(head);
        for own in &self.sheets {
            bytes.extend_from_slice(&own.part.bytes);
        }
        Ok(bytes)
    }

    /// What [`Self::to_bytes`] made bytes of.
    ///
    /// # Errors
    /// Other bytes.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let cut = || Error::internal("a kept workbook is cut off");
        let (length, rest) = bytes.split_first_chunk::<4>().ok_or_else(cut)?;
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(Error::internal)?;
        let (head, mut rest) = rest.split_at_checked(length).ok_or_else(cut)?;
        let head: Head = serde_json::from_slice(head)?;
        let mut sheets = Vec::with_capacity(head.sheets.len());
        for (own, name) in head.sheets.into_iter().zip(SHEETS) {
            let (packed, after) = rest.split_at_checked(own.packed).ok_or_else(cut)?;
            rest = after;
            sheets.push(Done {
                name: own.name,
                heading: own.heading,
                part: Packed {
                    name,
                    crc: own.crc,
                    size: own.size,
                    bytes: packed.to_vec(),
                },
            });
        }
        if !rest.is_empty() {
            return Err(cut());
        }
        Ok(Self {
            title: head.title,
            rows: head.rows,
            sum: head.sum,
            sheets,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};

    use super::super::Cell;
    use super::super::list::{Sheet, Style};
    use super::*;

    const HARD: [&str; 8] = [
        "Đặng Thị Ẩn",
        "a<b>&\"c\"",
        " x ",
        "_x0041_",
        "\u{1}\u{1f}",
        "",
        "-1",
        "dòng\nhai",
    ];

    fn draft() -> Draft {
        let mut one = Sheet::start(
            (0, "I. Danh sách"),
            "TIÊU ĐỀ",
            &["ghi chú".to_owned()],
            &[("A", 7.0), ("B", 28.0)],
        )
        .unwrap();
        for (text, number) in HARD.iter().zip(1..) {
            one.row(Style::Plain, &[Cell::Text(text), Cell::Money(number - 3)])
                .unwrap();
        }
        one.row(
            Style::Total,
            &[Cell::Text("Tổng cộng"), Cell::Money(9_007_199_254_740_991)],
        )
        .unwrap();
        one.skip(1);
        one.notes(&[(1, "Kế toán")]).unwrap();
        let two = Sheet::start((1, "II & <khác>"), "HAI", &[], &[("C", 9.0)]).unwrap();
        Draft {
            title: "Sổ & <sách>".to_owned(),
            rows: 8,
            sum: 5,
            sheets: vec![one.done().unwrap(), two.done().unwrap()],
        }
    }

    #[test]
    fn a_workbook_is_read_as_it_was_written() {
        let at = "2024-09-05T02:00:00Z".parse().unwrap();
        let bytes = draft().dated(at).unwrap();
        assert_eq!(bytes, draft().dated(at).unwrap(), "the same bytes each time");
        let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["I. Danh sách", "II & <khác>"]);
        let sheet = book.worksheet_range("I. Danh sách").unwrap();
        let cell = |row, column| sheet.get_value((row, column)).cloned().unwrap_or(Data::Empty);
        assert_eq!(cell(0, 0), Data::String("TIÊU ĐỀ".to_owned()));
        assert_eq!(cell(1, 0), Data::String("ghi chú".to_owned()));
        assert_eq!(
            (cell(3, 0), cell(3, 1)),
            (Data::String("A".to_owned()), Data::String("B".to_owned()))
        );
        for (row, (text, number)) in (4..).zip(HARD.iter().zip(1..)) {
            assert_eq!(cell(row, 1), Data::Float(f64::from(number - 3)), "{text:?}");
            match *text {
                "" => assert_eq!(cell(row, 0), Data::Empty),
                // What stands for a character of no use in XML is left to who reads it.
                "_x0041_" | "\u{1}\u{1f}" => assert!(matches!(cell(row, 0), Data::String(_))),
                _ => assert_eq!(cell(row, 0), Data::String((*text).to_owned())),
            }
        }
        assert_eq!(cell(12, 1), Data::Float(9_007_199_254_740_991.0));
        assert_eq!(cell(14, 1), Data::String("Kế toán".to_owned()));
        assert_eq!(
            book.worksheet_range("II & <khác>").unwrap().get_value((2, 0)),
            Some(&Data::String("C".to_owned()))
        );
    }

    #[test]
    fn what_is_kept_of_a_workbook_makes_the_same_workbook() {
        let bytes = draft().to_bytes().unwrap();
        assert_eq!(Draft::from_bytes(&bytes).unwrap(), draft());
        for length in 0..bytes.len() {
            assert!(Draft::from_bytes(&bytes[..length]).is_err(), "{length}");
        }
        assert!(Draft::from_bytes(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
}
