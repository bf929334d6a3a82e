//! The registry as its callers see it: scope, versions, two time axes, two people for an account, imports.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

mod change;
mod decision;
mod house;
mod scope;
mod takeover;
