//! Bank answers as the treasury brings them: nothing is lost, nothing counts twice, and one bad line stops no other.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

mod findings;
mod house;
mod orders;
mod whole_files;
