//! What every channel can do.

use std::fmt::Debug;
use std::time::Duration;

use entity::delivery;
use entity::enums::DeliveryChannel;
use futures::future::BoxFuture;
use sha2::{Digest, Sha256};

use crate::ids::Ids;

pub(super) use domain::payment_file::acknowledged_hash as hash_in;

/// What is sent: the file under the name it has at the target, and its manifest with its signature where it has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// The file's name at the target.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The manifest's name and bytes.
    pub manifest: Option<(String, Vec<u8>)>,
    /// The name and bytes of the detached signature over the manifest, as it lies beside it.
    pub signature: Option<(String, Vec<u8>)>,
}

impl Parcel {
    /// What is put down, in this order: manifest and signature first, the file last.
    pub(super) fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let beside = self.manifest.iter().chain(&self.signature);
        let beside = beside.map(|(name, bytes)| Piece {
            name,
            bytes,
            orders: false,
        });
        beside.chain([Piece {
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
    /// Is it the file itself? Manifest and signature order nothing.
    orders: bool,
}

impl Piece<'_> {
    /// How many there are.
    pub(super) fn length(&self) -> u64 {
        u64::try_from(self.bytes.len()).unwrap_or(u64::MAX)
    }

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
/// A reader at the target never meets half a file. Manifest and signature are put down first and the file last: who sees
/// the file finds all of them whole, and without the file there is no order to pay.
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

    /// Is the target there, and does it take what is put down?
    fn ping(&self) -> BoxFuture<'_, Result<(), String>>;

    /// Is the target there, by a glance that ends within a second and writes nothing where that can be had?
    fn glance(&self) -> BoxFuture<'_, Result<(), String>> {
        self.ping()
    }
}

/// Does this transport lead to where a delivery that has begun went? Older deliveries tell their channel alone.
pub(super) fn leads_to(transport: &dyn Transport, row: &delivery::Model) -> bool {
    transport.channel() == row.channel && row.target.as_ref().is_none_or(|target| *target == transport.told())
}

/// The longest time for a look at a target, whatever it says of the size of what lies there.
pub(super) const LOOK: Duration = Duration::from_secs(120);

/// No file of ours is larger: an order for 3.5 million people has 1.4 GB. What is larger is another.
pub(super) const FILE_MAX: u64 = 4 << 30;

/// The end of a look that takes too long.
pub(super) async fn in_time<T>(most: Duration, look: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    match tokio::time::timeout(most, look).await {
        Ok(seen) => seen,
        Err(_elapsed) => Err(format!("looked for {} s in vain", most.as_secs())),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_of_an_acknowledgement_is_its_first_word_and_nothing_else_is_a_verdict() {
        let digits = "AB01".repeat(16);
        let hash = |text: &str| hash_in(text.as_bytes());
        let told = Some(digits.to_ascii_lowercase());
        assert_eq!(hash(&format!("\u{feff}{digits}  run.xml\r\n")), told);
        assert_eq!(hash(&format!(" {digits}\n")), told);
        let cut = digits.get(..63).unwrap();
        for other in [" \n", "OK", "c0ffee", cut, &format!("{cut}g"), &format!("{digits}0")] {
            assert_eq!(hash(other), None, "{other}");
        }
        let utf16: Vec<u8> = digits.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(hash_in(&[&[0xff, 0xfe][..], &utf16].concat()), None);
        assert_eq!(hash_in(&[0; 64]), None);
    }

    #[test]
    fn the_file_goes_last_and_the_loss_of_what_is_beside_it_leaves_no_order_in_doubt() {
        let parcel = Parcel {
            name: "a.xml".to_owned(),
            bytes: b"order".to_vec(),
            manifest: Some(("a.manifest.json".to_owned(), b"{}".to_vec())),
            signature: Some(("a.manifest.json.sig".to_owned(), b"s".to_vec())),
        };
        let unknown = || Lost::Unknown("cut".to_owned());
        let lost: Vec<_> = parcel
            .pieces()
            .map(|piece| (piece.name, piece.lost(unknown())))
            .collect();
        let not_left = || Lost::NotLeft("cut".to_owned());
        assert_eq!(
            lost,
            [
                ("a.manifest.json", not_left()),
                ("a.manifest.json.sig", not_left()),
                ("a.xml", unknown())
            ]
        );
    }

    #[tokio::test]
    async fn a_look_that_never_ends_ends() {
        let never = std::future::pending::<Result<(), String>>();
        let told = in_time(Duration::ZERO, never).await.unwrap_err();
        assert!(told.contains("in vain"), "{told}");
        assert_eq!(in_time(LOOK, async { Ok(1) }).await, Ok(1));
    }

    #[test]
    fn parts_are_known_by_their_file() {
        let part = part_name("a.xml");
        assert!(is_part_of(&part, "a.xml") && part != part_name("a.xml"));
        assert!(!is_part_of(&part, "a.xm") && !is_part_of("a.xml", "a.xml") && !is_part_of("b.part", "a.xml"));
    }
}
