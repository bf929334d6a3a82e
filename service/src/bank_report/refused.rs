//! A report that is refused as a whole, in words.

use domain::bank_report::{Refusal, ReportError};

use crate::error::{Error, FieldError, ProblemCode};

/// A report that can't be read, and where reading stopped.
pub(super) fn unreadable(error: ReportError) -> Error {
    let ReportError { refusal, offset, line } = error;
    let (vi, en) = refusal.label();
    refused(
        refusal,
        format!("{vi}; không đọc được từ dòng {line}, byte {offset}"),
        format!("{en}; reading stopped at line {line}, byte {offset}"),
    )
}

/// A report that is refused for what these words say.
pub(super) fn refused(refusal: Refusal, vi: String, en: String) -> Error {
    Error {
        fields: vec![FieldError::new("/content", refusal.code(), vi.clone(), en.clone())],
        ..Error::because(ProblemCode::UnreadableBankFile, vi, en)
    }
}
