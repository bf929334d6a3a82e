//! The use cases: one folder per context, one public verb per operation.
//!
//! HTTP, jobs, the command line and the tests all come in the same way: `context::verb(app, actor, command)`.

pub mod access;
pub mod actor;
pub mod app;
pub mod application;
pub mod approval;
pub mod approval_tier;
pub mod area;
pub mod audit;
pub mod audit_event;
pub mod bank_profile;
pub mod bank_report;
pub mod calculation;
pub mod clock;
pub mod code;
pub mod db;
pub mod delivery;
pub mod entitlement;
pub mod error;
pub mod fund;
pub mod household;
pub mod idempotency;
pub mod ids;
pub mod installation;
pub mod job;
pub mod law;
pub mod month_close;
pub mod overpayment;
pub mod page;
pub mod pay_calendar;
pub mod pay_run;
pub mod payment_file;
pub mod payment_line;
pub mod payment_order;
pub mod person;
pub(crate) mod print;
pub mod program;
pub mod reader;
pub mod readiness;
pub mod reassessment;
pub mod reconciliation;
pub mod reference;
pub mod registry_finding;
pub mod relief_event;
pub mod relief_request;
pub mod sandbox;
pub(crate) mod sheet;
pub mod treasury_session;
pub mod verify;
pub mod vocabulary;

pub use actor::{Actor, Permission, Role, Scope};
pub use app::App;
pub use code::Code;
pub use db::{Db, Txn};
pub use error::{Error, FieldError, ProblemCode, Text};
