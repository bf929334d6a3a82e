//! Overpayments, from what a reassessment finds to what is paid back, over the API.

mod correct;
mod deduct;
mod follow;
mod histories;
mod newcomer;
mod people;
mod returned;
mod road;
pub(crate) mod town;
mod walk;
