//! The rules of social assistance, pure: no I/O, no async, no clock, no randomness.
//!
//! Money is [`Vnd`], whole đồng; time is [`Month`] and civil dates. Everything here gives the same output for the
//! same input, on every machine.
#![deny(clippy::float_arithmetic)]

pub mod area;
pub mod bank;
pub mod bank_report;
pub mod bank_simulator;
pub mod by_name;
pub mod calendar;
pub mod case_file;
pub mod citizen_id;
pub mod determination;
pub mod digest;
pub mod evidence;
pub mod ids;
pub mod law;
pub mod money;
pub mod month;
pub mod name;
pub mod overpayment;
pub mod payment_file;
pub mod payment_order;
pub mod province;
pub mod reassessment;
pub mod relief;
pub mod timeline;
pub mod words;

pub use money::Vnd;
pub use month::Month;
