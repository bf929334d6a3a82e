//! Bank answers and what people make of them, on both engines.

pub(crate) mod bank;
mod batch_debits;
mod findings;
mod kept;
mod lock_order;
mod outcomes;
mod recalls;
mod relief;
mod relief_again;
mod returns;
mod shuffled;
mod whole_files;
