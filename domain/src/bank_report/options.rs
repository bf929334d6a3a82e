//! How a report is read.

use serde::{Deserialize, Serialize};

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
            layouts: Vec::new(),
        }
    }
}
