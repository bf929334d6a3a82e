//! Overpayments, from what a reassessment finds to what is paid back, over the API.

mod follow;
mod people;
mod road;
pub(crate) mod town;
mod walk;
