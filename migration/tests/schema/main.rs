//! What the schema holds, and what it refuses.
#![allow(clippy::unwrap_used, reason = "a failed step fails the test")]

mod approvals;
mod content;
mod history;
mod lookup;
mod orders;
mod stands;
mod support;
mod tables;
