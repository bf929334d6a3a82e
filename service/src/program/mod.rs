//! Programs of assistance: what there is, on which law, from which fund, and who is enrolled.

mod change;
mod decided;
mod enrollment;
mod funds;
mod list;
mod seed;
mod statistics;

pub(crate) use change::accept_fund;
pub use change::{CreateProgram, SetProgramFund, activate, close, create, propose_fund};
pub(crate) use decided::{fund_subject, newest_say};
pub use enrollment::{EnrollmentView, ListEnrollments, list_enrollments};
pub(crate) use funds::{FundOfBenefit, relief_line, unknown_fund};
pub use list::{ListPrograms, ProgramView, get, list};
pub use seed::seed;
pub use statistics::{AreaCount, StatisticsView, statistics};
