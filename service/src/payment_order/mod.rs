//! Payment orders: what one payee account gets in one run, and what became of it.

pub mod bulk;
mod view;

pub use view::{OrderView, list};
