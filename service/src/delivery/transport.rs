//! What every channel can do.

use std::fmt::Debug;

use entity::enums::DeliveryChannel;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};

use crate::ids::Ids;

/// What is sent: the file under the name it has at the target, and its manifest where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The file's name at the target.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The manifest's name and bytes.
    pub manifest: Option<(String, Vec<u8>)>,
}

impl Parcel {
    /// What is put down, in this order: the manifest first, the file last.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let manifest = self.manifest.iter().map(|(name, bytes)| Piece {
            name,
            bytes,
            orders: false,
        });
        manifest.chain([Piece {
            name: &self.name,
            bytes: &self.bytes,
            orders: true,
        }])
    }
}

/// One file of a parcel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Its name at the target.
    pub(super) name: &'a str,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// Is it the file itself? A manifest orders nothing.
    orders: bool,
}

impl Piece<'_> {
    /// What the loss of this piece is to its parcel: nothing is paid by a manifest alone.
    pub(super) fn lost(&self, lost: Lost) -> Lost {
        match lost {
            Lost::Unknown(why) if !self.orders => Lost::NotLeft(why),
            lost => lost,
        }
    }
}

/// How a sending did not end well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lost {
    /// Nothing a reader could take has left; it may be tried again.
    NotLeft(String),
    /// Other bytes lie at the target under this name.
    Refused(String),
    /// The file may be there or not.
    Unknown(String),
}

impl Lost {
    /// So many other bytes lie under the name.
    pub(super) fn other_bytes(name: &str, length: u64) -> Self {
        Self::Refused(format!("{name} is there with {length} other bytes"))
    }
}

/// What lies at the target under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing.
    Absent,
    /// The bytes that were meant.
    Same,
    /// Others.
    Other,
}

impl Seen {
    /// What these bytes are to the hash that was meant.
    pub fn of(bytes: &[u8], sha256: &str) -> Self {
        if hex::encode(Sha256::digest(bytes)) == sha256 {
            Self::Same
        } else {
            Self::Other
        }
    }
}

/// A road by which files leave the house.
///
/// A reader at the target never meets half a file. The manifest is put down first and the file last: who sees the file
/// finds both whole, and without the file there is no order to pay.
pub trait Transport: Debug + Send + Sync {
    /// Which channel it is.
    fn channel(&self) -> DeliveryChannel;

    /// Where it leads, for an operator; no secrets.
    fn told(&self) -> String;

    /// Sends a parcel. What lies there already with the same bytes counts as sent.
    fn send<'a>(&'a self, parcel: &'a Parcel) -> BoxFuture<'a, Result<(), Lost>>;

    /// What lies there under a name; an error where one can't look.
    fn look<'a>(&'a self, name: &'a str, sha256: &'a str) -> BoxFuture<'a, Result<Seen, String>>;

    /// What the receiver wrote into `<name>.ack`, if it did.
    fn acknowledgement<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<String>, String>>;

    /// Is the target there?
    fn ping(&self) -> BoxFuture<'_, Result<(), String>>;
}

/// The ending of a file that is being written; readers leave it alone.
const PART: &str = ".part";

/// A name of its own for each writer, so that two never write into one file.
pub(super) fn part_name(name: &str) -> String {
    format!("{name}.{}{PART}", Ids::System.next().simple())
}

/// Is this the half of a file of that name, which a writer left behind or still writes?
pub(super) fn is_part_of(own: &str, name: &str) -> bool {
    own.strip_prefix(name)
        .is_some_and(|rest| rest.starts_with('.') && rest.ends_with(PART))
}

/// The receiver's acknowledgement of a file.
pub(super) fn acknowledgement_name(name: &str) -> String {
    format!("{name}.ack")
}

/// The most bytes of an acknowledgement: a hash and what some tools write after it.
pub(super) const ACKNOWLEDGEMENT_MAX: u64 = 4_096;

/// The hash in an acknowledgement: its first word, as `sha256sum` writes it, in lower case. None in an empty one, which
/// is still being written.
pub(super) fn hash_in(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    text.split_whitespace().next().map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_acknowledgement_is_its_first_word() {
        let hash = |text: &str| hash_in(text.as_bytes());
        assert_eq!(hash("\u{feff}ABCD01  run.xml\r\n").as_deref(), Some("abcd01"));
        assert_eq!(hash(" abcd01\n").as_deref(), Some("abcd01"));
        assert_eq!(hash(" \n"), None);
    }

    #[test]
    fn the_manifest_goes_first_and_its_loss_leaves_no_order_in_doubt() {
        let parcel = Parcel {
            name: "a.xml".to_owned(),
            bytes: b"order".to_vec(),
            manifest: Some(("a.manifest.json".to_owned(), b"{}".to_vec())),
        };
        let unknown = || Lost::Unknown("cut".to_owned());
        let lost: Vec<_> = parcel
            .pieces()
            .map(|piece| (piece.name, piece.lost(unknown())))
            .collect();
        let not_left = Lost::NotLeft("cut".to_owned());
        assert_eq!(lost, [("a.manifest.json", not_left), ("a.xml", unknown())]);
    }

    #[test]
    fn parts_are_known_by_their_file() {
        let part = part_name("a.xml");
        assert!(is_part_of(&part, "a.xml") && part != part_name("a.xml"));
        assert!(!is_part_of(&part, "a.xm") && !is_part_of("a.xml", "a.xml") && !is_part_of("b.part", "a.xml"));
    }
}
