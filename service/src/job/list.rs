//! Every job there is. One line per kind.

use super::{Kinds, Prune};

/// The jobs of the program.
pub const KINDS: Kinds = crate::job_kinds![Prune];
