//! Delivery: a built file is brought to the treasury or a bank, and no doubt about it is ever paid for twice.
//!
//! - The channel is a setting ([`Transport`]): a [drop folder](DropFolder), an [SFTP server](Sftp), or none, and then
//!   the treasury fetches files itself.
//! - A delivery is one attempt of one file: `queued` -> `sent` -> `acknowledged`, or `failed`, or `unknown` where bytes
//!   may have left and nobody knows whether they arrived.
//! - Before the first byte leaves, `began_at` is committed, with the target it goes to and the signature that goes with
//!   it. A run of the job that finds it set (its forerunner died, or took too long) looks at the target and sends
//!   nothing. Where no run is left to look, the chase does.
//! - Only the target that a file went to is asked about it: where the settings lead elsewhere by now, a person looks.
//! - Manifest, signature, file: they are put down in this order. The signature is over the bytes of the manifest as it
//!   lies there: `<manifest>.p7s` (CMS, DER) where a certificate signs, `<manifest>.sig` (the 64 bytes of Ed25519) where
//!   the installation's own key does.
//! - An unknown delivery is asked about at the target. The same bytes there: it was sent. Nothing there: it failed, and
//!   a person may send again what is by construction the same bytes, name and MsgId, after asking the receiver whether
//!   it took the first. Others there: it failed, and nothing is overwritten.
//! - The orders of a file whose delivery is unknown are `unknown` too, until it is confirmed or the bank answers.
//! - The receiver acknowledges by the SHA-256 of what it holds, once it was fetched or may have arrived: over the API, at
//!   the treasury desk, or with a file `<name>.ack` beside the delivered one.
//! - A file with an order that two people found never executed is withdrawn: it is paid again by another order, so no
//!   attempt of the file begins any more, and whoever brings files to banks neither fetches nor acknowledges it. It may
//!   be found so only once it has left. Where its receiver was asked by letter to stop that one order, the file stays.
//! - A file with an order that was answered is with its receiver: it is sent no more.
//! - A request to recall an order goes the same way, in a history of its own ([`RecallDeliveryView`]).

mod chase;
mod deliver;
mod desk;
mod folder;
mod glance;
mod parcel;
mod place;
mod problem;
mod recall;
mod send;
mod sftp;
mod state;
mod told;
mod transport;
mod view;

pub use chase::{ChaseUnknownDeliveries, check};
pub use deliver::deliver;
pub use desk::{DeskFile, Waiting, desk, desk_file};
pub use folder::DropFolder;
pub use problem::DeliveryProblem;
pub use recall::{DeliverRecall, RecallDeliveryView, check_recall, deliver_recall, of_recall};
pub use send::DeliverFile;
pub use sftp::{Login, Sftp, SftpSettings};
pub use transport::{Lost, Parcel, Seen, Transport};
pub use view::{DeliveryView, list, of_file};

pub use entity::enums::{DeliveryChannel, DeliveryStatus};

pub(crate) use deliver::{last, queue};
pub(crate) use parcel::target_name;
pub(crate) use recall::{goes_out, of_recalls};
pub(crate) use state::acknowledged;

use uuid::Uuid;

/// The subject of a delivery in the audit trail, and the name of its steps in the history of orders.
pub(crate) fn subject(id: Uuid) -> String {
    format!("delivery:{}", id.simple())
}
