//! Payment files: a pure function of an approved run. They are planned at approval, written after release, and can be
//! written again at any time with the same bytes.

mod acknowledge;
mod build;
mod change_list;
mod figures;
mod instruction;
mod plan;
mod post_list;
mod post_paper;
mod render;
mod rows;
mod signature;
mod terms;
mod treasury_list;
mod view;

pub use acknowledge::{acknowledge, acknowledge_read_out};
pub use build::BuildFile;
pub(crate) use plan::plan;
pub(crate) use render::{header, render};
pub use signature::{SignatureView, SigningKeyView, signature, signing_keys};
pub(crate) use terms::of_file as terms_of;
pub(crate) use treasury_list::held_reason;
pub use view::{FileView, content, get, list, manifest};

pub(crate) use acknowledge::can_be_acknowledged;
pub(crate) use view::{manifest_of, view};
