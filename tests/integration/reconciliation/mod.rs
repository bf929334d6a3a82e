//! Bank answers and what people make of them, on both engines.

pub(crate) mod bank;
mod findings;
mod outcomes;
mod recalls;
mod relief;
mod returns;
mod shuffled;
