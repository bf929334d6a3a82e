//! Funds: what may be spent in a fiscal year, and the double-entry postings of every step.

mod open;
mod posting;
mod reservation;

pub use open::provincial;
pub use open::{FundView, OpenFund, PostingView, list, open, postings};
pub use posting::{Account, Move, post};
pub use reservation::{ReservationView, reservations};
