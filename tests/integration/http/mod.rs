//! The API as a frontend meets it.

mod access;
mod documents;
mod once;
mod problems;
