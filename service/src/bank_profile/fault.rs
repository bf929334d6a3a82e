//! What is wrong with a proposed profile, in words.

use domain::bank::ProfileFault;

use crate::error::{Error, FieldError};

/// Every fault with its place in the proposal, and with what should stand there where something of another kind does.
pub(super) fn refused(faults: Vec<ProfileFault>) -> Error {
    let fields = faults.into_iter().map(|fault| {
        let (pointer, code) = (format!("/profile{}", fault.pointer), fault.code);
        let (vi, en) = match fault.expected {
            Some(own) => (
                format!("{pointer}: cần {}", own.vi),
                format!("{pointer}: expected {}", own.en),
            ),
            None => (
                format!("{pointer}: không dùng được, {code}"),
                format!("{pointer}: can't be used, {code}"),
            ),
        };
        FieldError::new(pointer, code, vi, en)
    });
    Error::invalid(fields.collect())
}
