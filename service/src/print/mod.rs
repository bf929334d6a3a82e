//! Printed papers: pages of text and ruled tables as PDF, fonts embedded as subsets, no network, the same bytes for the
//! same content. A paper never takes the time from a clock: it carries the instant of what it prints.

mod face;
mod line;
mod official;
mod paper;
mod table;
mod words;
mod write;

pub(crate) use face::Face;
pub(crate) use official::{BODY, Closing, Heading, closing, heading};
pub(crate) use paper::{Align, Margins, Numbering, Paper, Style};
pub(crate) use table::{Column, Table};
pub(crate) use words::{date, dong, long_date, month};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::text_of;
