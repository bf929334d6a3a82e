//! Programs of assistance: what there is, on which law, from which fund, and who is enrolled.

mod change;
mod enrollment;
mod funds;
mod list;
mod seed;
mod statistics;

pub use change::{CreateProgram, SetProgramFund, activate, close, create, set_fund};
pub use enrollment::{EnrollmentView, ListEnrollments, list_enrollments};
pub(crate) use funds::{FundOfBenefit, unknown_fund};
pub use list::{ListPrograms, ProgramView, get, list};
pub use seed::seed;
pub use statistics::{AreaCount, StatisticsView, statistics};
