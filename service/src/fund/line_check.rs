//! What a line of an estimate may say.

use std::collections::BTreeSet;

use crate::error::{Error, FieldError};
use crate::fund::line::FundLine;

/// The most lines of a fund.
const MOST_LINES: usize = 200;
/// The most characters of a code of the state budget.
const LONGEST_CODE: usize = 10;
/// The most characters of the code of a line.
const LONGEST_LINE_CODE: usize = 40;

/// Every fault of the lines of a fund, whatever it has.
pub(super) fn check(lines: &[FundLine]) -> Result<(), Error> {
    if lines.len() > MOST_LINES {
        return Err(Error::field(
            "/lines",
            "too_many",
            format!("Tối đa {MOST_LINES} dòng"),
            format!("at most {MOST_LINES} lines"),
        ));
    }
    let mut faults = Vec::new();
    let mut own_codes = BTreeSet::new();
    for (place, line) in lines.iter().enumerate() {
        if let Some(code) = &line.code {
            faults.extend(fault_of(code, place, &mut own_codes));
        }
        let codes = [
            ("chapter", &line.chapter),
            ("category", &line.category),
            ("clause", &line.clause),
            ("item", &line.item),
        ];
        let is_code =
            |code: &str| (1..=LONGEST_CODE).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit());
        for (name, code) in codes {
            if code.as_deref().is_some_and(|code| !is_code(code)) {
                faults.push(FieldError::new(
                    format!("/lines/{place}/{name}"),
                    "not_a_code",
                    "Mã mục lục ngân sách gồm các chữ số",
                    "a code of the state budget consists of digits",
                ));
            }
        }
        if line.name.trim().is_empty() {
            faults.push(FieldError::new(
                format!("/lines/{place}/name"),
                "required",
                "Phải nêu nội dung",
                "a name is needed",
            ));
        }
        if line.amount.dong() < 0 {
            faults.push(FieldError::new(
                format!("/lines/{place}/amount"),
                "out_of_range",
                "Số tiền không được âm",
                "an amount is not negative",
            ));
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid(faults))
    }
}

/// What is wrong with the code of a line.
fn fault_of<'l>(code: &'l str, place: usize, seen: &mut BTreeSet<&'l str>) -> Option<FieldError> {
    let pointer = format!("/lines/{place}/code");
    if !is_line_code(code) {
        let (vi, en) = (
            "Mã dòng gồm 1 đến 40 chữ thường, chữ số và _",
            "the code of a line has 1 to 40 small letters, digits and _",
        );
        return Some(FieldError::new(pointer, "code", vi, en));
    }
    if seen.insert(code) {
        return None;
    }
    let (vi, en) = ("Mã dòng này đã có", "this code is there twice");
    Some(FieldError::new(pointer, "twice", vi, en))
}

/// May a line have such a code?
pub(crate) fn is_line_code(code: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=LONGEST_LINE_CODE).contains(&code.len()) && code.bytes().all(letters)
}
