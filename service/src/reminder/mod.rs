//! Reminders: what the program finds by itself, once a day, and somebody has to look at.
//!
//! - [`RemindOfDays`] looks at the calendar and at orders: a list that is to be closed, a settlement that is due, orders
//!   without an answer, orders that a bank took and has not posted, orders without any word for long, files that nobody has
//!   fetched on their day.
//! - [`VerifyInvariants`] looks at every invariant of the installation.
//!
//! A reminder is open as long as it is found, and ends by itself on the first day on which it is not. Looked at twice in
//! a day, nothing changes. It moves no money and stops nobody.

mod days;
mod files;
mod list;
mod orders;
mod store;
mod verify;

pub use days::RemindOfDays;
pub use list::{ListReminders, ReminderView, list};
pub use verify::VerifyInvariants;

use serde::{Deserialize, Serialize};

/// After how many days orders are reminded of. Assumed: no rule names a number of days, the contract with a bank may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemindAfter {
    /// An order without a final answer, days since its run was released.
    pub unanswered: u16,
    /// An order that a bank accepted without posting it to the payee (ACWP), days since the bank said so.
    pub not_posted: u16,
    /// An order without a final answer so long that two people may say, with the bank's letter, what became of it
    /// ([`propose_silence`](crate::reconciliation::propose_silence)): days since the day on which it was to be executed.
    pub silent: u16,
}

impl Default for RemindAfter {
    fn default() -> Self {
        Self {
            unanswered: 5,
            not_posted: 3,
            silent: 10,
        }
    }
}
