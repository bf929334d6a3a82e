//! A release: the law of a set of instruments, compiled once and never changed.

use super::finding::Finding;
use super::instrument::Instrument;

/// Compiled law.
#[derive(Clone, Debug, Default)]
pub struct Release {
    number: u32,
}

impl Release {
    /// Compiles the published instruments, in order of publication. Findings of severity error refuse it.
    pub fn compile(number: u32, _instruments: &[Instrument]) -> Result<Self, Vec<Finding>> {
        Ok(Self { number })
    }

    /// The number of the release.
    pub fn number(&self) -> u32 {
        self.number
    }
}
