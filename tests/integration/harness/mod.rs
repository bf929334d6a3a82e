//! What the tests stand on: an installation with a standing clock and repeatable ids, served on a free port.
//!
//! - [`each_engine`] runs a test on SQLite, and on PostgreSQL where `tests/run` has started one
//!   (`ANSINH_TEST_POSTGRES`); each time on a new, empty database.
//! - [`House`] is the installation with its API; [`House::key`] makes a credential of a role, of a new person.
//! - `House::call` begins a request (`call::Call`), whose answer is a `call::Answer`.
//! - [`cells`] and [`texts`] are the rows of a workbook as a public reader has them.
//! - [`read_aloud`] is what people read in a paper, a workbook or a text; [`codes_in`] are the words of machines in it.
//! - [`opens_fund`], [`pays_from`], [`sets_tiers`] and [`decides_day`] do by two people what takes two.
//! - [`Place`] is where the program itself is run, from outside; [`Process`] is it running beside the test, and
//!   [`House::at`] the installation of such a place.

mod call;
mod house;
mod papers;
mod place;
mod process;
mod public_reader;
mod second_person;
mod workbook;

pub(crate) use call::{Answer, Call};
pub(crate) use house::{House, each_engine, each_engine_from, each_engine_with, new_database, standing};
pub(crate) use papers::{codes_in, read_aloud};
pub(crate) use place::Place;
pub(crate) use process::{PATIENCE, Process, until, until_seen};
pub(crate) use public_reader::payments;
pub(crate) use second_person::{decides_day, opens_fund, pays_from, sets_fund_lines, sets_tiers};
pub(crate) use workbook::{cells, texts};
