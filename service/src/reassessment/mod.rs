//! Reassessment: determining people again after a change of law or of evidence, and what that changes in money.

mod affected;
mod chunk;
mod difference;
mod outcome;
mod repeat;
mod stamp;
mod start;
mod taken;

pub use chunk::{Parameters, ReassessChunk, ReassessPerson, Work};
pub(crate) use difference::paid;
pub use difference::{open_differences, refresh_differences};
pub use outcome::{ListOutcomes, OutcomeView, outcomes};
pub use repeat::repeat;
pub use start::{CHUNK_PEOPLE, queue_person, require_finished, start, start_affected};
pub use taken::last_taken;
pub(crate) use taken::{Taken, first_month, last_taken_of, taken};
