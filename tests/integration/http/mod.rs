//! The API as a frontend meets it.

mod access;
mod bad_input;
mod calculation;
mod documents;
mod instrument;
mod law;
mod once;
mod operations;
mod permissions;
mod problems;
mod seeds;
