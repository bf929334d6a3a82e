//! What the tests stand on: an installation with a standing clock and repeatable ids, served on a free port.
//!
//! - [`each_engine`] runs a test on SQLite, and on PostgreSQL where `tests/run` has started one
//!   (`ANSINH_TEST_POSTGRES`); each time on a new, empty database.
//! - [`House`] is the installation with its API; [`House::key`] makes a credential of a role, of a new person.
//! - [`Call`] is one request.

mod call;
mod house;

pub(crate) use call::{Answer, Call};
pub(crate) use house::{House, each_engine};
