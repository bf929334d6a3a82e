//! What the schema holds, and what it refuses.

mod approvals;
mod history;
mod support;
mod tables;
