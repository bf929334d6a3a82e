//! What every channel can do.

use std::fmt::Debug;

use entity::enums::DeliveryChannel;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};

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

/// The receiver's acknowledgement of a file.
pub(super) fn acknowledgement_name(name: &str) -> String {
    format!("{name}.ack")
}

/// The most bytes of an acknowledgement: a hash and what some tools write after it.
pub(super) const ACKNOWLEDGEMENT_MAX: u64 = 4_096;

/// The hash in an acknowledgement: its first word, as `sha256sum` writes it, in lower case.
pub(super) fn hash_in(text: &str) -> String {
    let text = text.trim_start_matches('\u{feff}');
    text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_acknowledgement_is_its_first_word() {
        assert_eq!(hash_in("\u{feff}ABCD01  run.xml\r\n"), "abcd01");
        assert_eq!(hash_in(" abcd01\n"), "abcd01");
        assert_eq!(hash_in(""), "");
    }
}
