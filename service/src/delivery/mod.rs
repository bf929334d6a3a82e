//! Delivery: a built file is brought to the treasury or a bank, and no doubt about it is ever paid for twice.
//!
//! - The channel is a setting ([`Transport`]): a [drop folder](DropFolder), an [SFTP server](Sftp), or none, and then
//!   the treasury fetches files itself.
//! - A delivery is one attempt of one file: `queued` -> `sent` -> `acknowledged`, or `failed`, or `unknown` where bytes
//!   may have left and nobody knows whether they arrived.
//! - Before the first byte leaves, `began_at` is committed. A run of the job that finds it set (its forerunner died, or
//!   took too long) looks at the target and sends nothing.
//! - An unknown delivery is asked about at the target. The same bytes there: it was sent. Nothing there: it failed, and
//!   a person may send again what is by construction the same bytes, name and MsgId. Others there: it failed, and
//!   nothing is overwritten.
//! - The orders of a file whose delivery is unknown are `unknown` too, until it is confirmed or the bank answers.
//! - The receiver acknowledges by the SHA-256 of what it holds: over the API, at the treasury desk, or with a file
//!   `<name>.ack` beside the delivered one.

mod chase;
mod deliver;
mod desk;
mod folder;
mod parcel;
mod problem;
mod send;
mod sftp;
mod state;
mod transport;
mod view;

pub use chase::{ChaseUnknownDeliveries, check};
pub use deliver::deliver;
pub use desk::{DeskFile, Waiting, desk, desk_file};
pub use folder::DropFolder;
pub use problem::DeliveryProblem;
pub use send::DeliverFile;
pub use sftp::{Login, Sftp, SftpSettings};
pub use transport::{Lost, Parcel, Seen, Transport};
pub use view::{DeliveryView, list, of_file};

pub use entity::enums::{DeliveryChannel, DeliveryStatus};

pub(crate) use deliver::queue;
pub(crate) use state::acknowledged;

use uuid::Uuid;

/// The subject of a delivery in the audit trail, and the name of its steps in the history of orders.
pub(crate) fn subject(id: Uuid) -> String {
    format!("delivery:{}", id.simple())
}
