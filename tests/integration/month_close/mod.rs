//! The close of a month: the three-way tie, what is open, what comes late, and the reports.

mod close;
mod draft;
mod late;
mod moved_amount;
pub(crate) mod report;
mod subjects;
