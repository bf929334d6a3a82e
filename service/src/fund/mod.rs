//! Funds: what may be spent in a fiscal year, and the double-entry postings of every step.

mod course;
mod draw;
mod dues;
mod estimate;
mod forecast;
mod forecast_line;
mod line;
mod line_check;
mod open;
mod posting;
mod reduction;
mod relief;
mod reservation;
mod transfer;
mod year;

pub(crate) use draw::{draw, drawn_by, give_back, return_drawn};
pub use forecast::{ForecastMonth, ForecastView, forecast};
pub use forecast_line::ForecastLine;
pub use line::{FundLine, FundLinesView, LineDrawnView, ProposeFundLines, lines, propose_lines};
pub(crate) use line::{Lines, accept_lines};
pub(crate) use line_check::is_line_code;
pub use open::provincial;
pub use open::{FundView, OpenFund, PostingView, ProposeFund, list, postings, propose_opening};
pub(crate) use open::{accept, opening};
pub use posting::{Account, Move, post};
pub(crate) use posting::{lock, lock_all};
pub use reduction::{ProposeReduction, Reduction, propose_reduction};
pub(crate) use reduction::{SUBJECT as REDUCTIONS, accept_reduction};
pub(crate) use relief::{draw_relief, hold_for_relief, let_go_of_relief};
pub use reservation::{ReservationView, reservations};
pub use transfer::{ProposeTransfer, TransferView, approve_transfer, propose, reject_transfer, transfer, transfers};
pub(crate) use year::{ClosedYears, fiscal_year, years};
