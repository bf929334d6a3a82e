//! Why a report is refused, and where reading stopped.

use serde::Serialize;

/// Why a file is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// Larger than allowed.
    TooLarge,
    /// Nothing in it.
    Empty,
    /// Not UTF-8.
    NotUtf8,
    /// Neither XML nor a result table that we know.
    NotRecognised,
    /// Not well-formed XML.
    NotWellFormed,
    /// It ends too early.
    Truncated,
    /// It declares a document type: entities in it could do harm.
    DocumentType,
    /// An entity beyond the five of XML.
    Entity,
    /// Elements nested too deep.
    TooDeep,
    /// More lines than allowed.
    TooManyLines,
    /// A message we do not read.
    UnknownMessage,
    /// Strict reading found something to tolerate.
    NotStrict,
    /// A column of the result file is missing.
    ColumnMissing,
    /// An element with more attributes than any message has.
    TooManyAttributes,
    /// The headings fit the tables of several banks: it has to be said whose it is.
    LayoutUnclear,
    /// The profile of the bank does not list the namespace; only whoever knows the bank can say so.
    NamespaceUnlisted,
}

impl Refusal {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "report_too_large",
            Self::Empty => "report_empty",
            Self::NotUtf8 => "report_not_utf8",
            Self::NotRecognised => "report_not_recognised",
            Self::NotWellFormed => "report_not_well_formed",
            Self::Truncated => "report_truncated",
            Self::DocumentType => "report_document_type",
            Self::Entity => "report_entity",
            Self::TooDeep => "report_too_deep",
            Self::TooManyLines => "report_too_many_lines",
            Self::UnknownMessage => "report_unknown_message",
            Self::NotStrict => "report_not_strict",
            Self::ColumnMissing => "report_column_missing",
            Self::TooManyAttributes => "report_too_many_attributes",
            Self::LayoutUnclear => "report_layout_unclear",
            Self::NamespaceUnlisted => "report_namespace_unlisted",
        }
    }
}

/// A refused file and the place where reading stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{} at line {line}, byte {offset}", .refusal.code())]
pub struct ReportError {
    /// Why.
    pub refusal: Refusal,
    /// Byte in the file, from 0.
    pub offset: usize,
    /// Line in the file, from 1.
    pub line: usize,
}

impl ReportError {
    pub(super) fn at(refusal: Refusal, bytes: &[u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        let line = 1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count();
        Self { refusal, offset, line }
    }
}
