//! Overpayments, from what a reassessment finds to what is paid back, over the API.

mod correct;
mod deduct;
mod ends;
mod follow;
mod happening;
mod histories;
mod legislate;
mod newcomer;
mod papers;
mod people;
mod returned;
mod road;
pub(crate) mod town;
mod walk;
