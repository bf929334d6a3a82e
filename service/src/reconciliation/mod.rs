//! Reconciliation: what a bank's answer does to orders, money and runs, and what is left for a person.
//!
//! Orders move by the rules of [`domain::payment_order`] alone: the same answer again, or answers out of order, end in
//! the same state. One bad line never stops the others.

mod job;
mod judge;
mod load;
mod money;
mod state;
mod store;
mod suspense;

pub use job::ReconcileReport;
pub use suspense::{ResolveLine, SuspenseLineView, resolve, suspense};

pub(crate) use state::state;
