//! How a report is read.

use serde::{Deserialize, Serialize};

use super::{Refusal, ReportLine};
use crate::bank::ResultLayout;

/// The result table of a bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedLayout {
    /// Code of the bank.
    pub bank: String,
    /// Its layout.
    pub layout: ResultLayout,
}

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Refuse what could be tolerated.
    pub strict: bool,
    /// Most bytes in a file.
    pub max_bytes: usize,
    /// Most lines in a file.
    pub max_lines: u32,
    /// Deepest nesting of elements.
    pub max_depth: usize,
    /// Longest text of an element, in bytes.
    pub max_text: usize,
    /// Namespaces of national profiles that are as good as those of ISO.
    pub namespaces: Vec<String>,
    /// Most bytes of a workbook, unpacked.
    pub max_unpacked: usize,
    /// Most bytes of text in all lines together: a text that stands in a file once can be said of each of its lines.
    pub max_kept: usize,
    /// The result tables that banks answer with.
    pub layouts: Vec<NamedLayout>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            strict: false,
            max_bytes: 256 * 1024 * 1024,
            max_lines: 1_000_000,
            max_depth: 40,
            max_text: 4_096,
            namespaces: Vec::new(),
            max_unpacked: 128 * 1024 * 1024,
            max_kept: 256 * 1024 * 1024,
            layouts: Vec::new(),
        }
    }
}

/// What may still be kept of a report's texts, in bytes.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn of(options: &Options) -> Self {
        Self(options.max_kept)
    }

    /// One line more.
    ///
    /// # Errors
    /// `TooLarge` where nothing is left for it.
    pub(super) fn keep(&mut self, line: &ReportLine) -> Result<(), Refusal> {
        let texts = [
            &line.reference,
            &line.reason,
            &line.note,
            &line.account,
            &line.bank_reference,
            &line.batch,
        ];
        let bytes: usize = texts.into_iter().flatten().map(String::len).sum();
        self.0 = self.0.checked_sub(bytes + line.status.len()).ok_or(Refusal::TooLarge)?;
        Ok(())
    }
}
