//! Payment files: a pure function of an approved run. They are planned at approval, written after release, and can be
//! written again at any time with the same bytes.

mod build;
mod change_list;
mod instruction;
mod plan;
mod post_list;
mod post_paper;
mod render;
mod rows;
mod treasury_list;
mod view;

pub use build::BuildFile;
pub(crate) use plan::plan;
pub(crate) use render::{header, message_of, render};
pub(crate) use treasury_list::held_reason;
pub use view::{FileView, acknowledge, content, get, list, manifest};
