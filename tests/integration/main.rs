//! Tests of the whole program, in one binary. `tests/run` runs them on PostgreSQL and Redis too.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test program")]

mod affected;
mod bank_simulator;
mod command;
mod dropped;
mod durable;
mod file_format;
mod harness;
mod http;
mod interruption;
mod jobs;
mod law_history;
mod month_close;
mod overpayment;
mod pay_run;
mod reassessment;
mod reconciliation;
mod reminders;
mod story;
mod treasury;
mod treasury_year;
mod year;
