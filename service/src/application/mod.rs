//! Applications for a benefit, and the decisions upon them.

mod decide;
mod file;
mod list;

pub use decide::{Decide, DecisionView, decide, withdraw};
pub use file::{FileApplication, file};
pub(crate) use file::{filed, made};
pub use list::{ApplicationView, ListApplications, get, list};

use uuid::Uuid;

/// The subject of an application in approvals.
pub(crate) fn subject(id: Uuid) -> String {
    format!("application:{}", id.simple())
}
