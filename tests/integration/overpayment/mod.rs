//! Overpayments, from what a reassessment finds to what is paid back, over the API.

mod follow;
mod people;
mod road;
mod town;
mod walk;
