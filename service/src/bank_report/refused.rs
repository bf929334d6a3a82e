//! A report that is refused as a whole, in words.

use domain::bank_report::{Headings, Refusal, ReportError};

use crate::error::{Error, FieldError, ProblemCode};

/// A report that can't be read, and where reading stopped.
pub(super) fn unreadable(error: ReportError) -> Error {
    let ReportError {
        refusal,
        offset,
        line,
        headings,
    } = error;
    let (vi, en) = refusal.label();
    if let Some(headings) = headings {
        let Headings { missing, found } = *headings;
        let (missing, found) = (quoted(&missing), quoted(&found));
        return refused(
            refusal,
            format!("{vi} {missing}; các cột có trong tệp: {found}"),
            format!("{en}: {missing}; the file has the columns {found}"),
        );
    }
    refused(
        refusal,
        format!("{vi}; không đọc được từ dòng {line}, byte {offset}"),
        format!("{en}; reading stopped at line {line}, byte {offset}"),
    )
}

/// Headings one after the other, as they stand.
fn quoted(headings: &[String]) -> String {
    let each: Vec<String> = headings.iter().map(|heading| format!("“{heading}”")).collect();
    each.join(", ")
}

/// A report that is refused for what these words say.
pub(super) fn refused(refusal: Refusal, vi: String, en: String) -> Error {
    Error {
        fields: vec![FieldError::new("/content", refusal.code(), vi.clone(), en.clone())],
        ..Error::because(ProblemCode::UnreadableBankFile, vi, en)
    }
}
