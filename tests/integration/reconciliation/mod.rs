//! Bank answers and what people make of them, on both engines.

pub(crate) mod bank;
mod bank_references;
mod batch_debits;
mod called_duplicate;
mod differences;
mod ends;
mod findings;
pub(crate) mod group_statuses;
mod growth;
mod kept;
pub(crate) mod lock_order;
mod nameless;
mod outcomes;
mod owed_again;
mod recalled_again;
mod recalls;
mod redelivered;
mod refused_debited;
mod relief;
mod relief_again;
mod relief_debited;
mod relief_payees;
mod returns;
mod shuffled;
mod silence;
mod statuses;
mod whole_files;
