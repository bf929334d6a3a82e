//! The API as a frontend meets it.

mod access;
mod bad_input;
mod calculation;
mod codes;
mod documents;
mod draft_to_paid;
mod explanation;
mod instrument;
mod known;
mod language;
mod law;
mod law_checks;
mod once;
mod operations;
mod paging;
mod permissions;
mod problems;
mod rates;
mod repeal;
mod scope;
mod seeds;
mod signing;
mod simulation;
mod upload;
mod vocabulary;
