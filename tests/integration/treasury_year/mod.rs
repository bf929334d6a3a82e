//! The treasury beside a bank that does everything wrong: a whole year of it, random histories with crashes in the
//! middle, and crowds that do the same at once. The simulated bank keeps its own books, and to the last đồng ours must be
//! theirs.

mod aside;
mod books;
mod chance;
mod copies;
pub(crate) mod crash;
mod crowd;
mod debts;
mod desk;
mod dues;
mod ending;
mod ends;
mod facts;
mod hands;
mod history;
mod matters;
mod misread;
mod month;
mod paperwork;
mod refusals;
mod repeated;
mod second_fund;
mod settled;
mod sieve;
mod silent;
mod stories;
mod tables;
mod terms;
mod told;
pub(crate) mod town;
mod verbs;
mod year;
