//! Overpayments, from what a reassessment finds to what is paid back, over the API.

mod at_once;
mod correct;
pub(crate) mod deduct;
mod ends;
mod follow;
mod happening;
mod histories;
mod instalments;
mod legislate;
pub(crate) mod newcomer;
mod own_fund;
mod papers;
mod people;
mod race;
mod returned;
mod road;
pub(crate) mod town;
mod walk;
