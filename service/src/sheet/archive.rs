//! A ZIP container (APPNOTE.TXT 6.3) of deflated entries. The same entries give the same bytes: no time of the day is in it.

use std::io::Write;

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};

use crate::error::Error;

/// Workbooks are written once: speed counts more than the last tenth of their size.
const LEVEL: u32 = 1;
/// 1/1/1980, the first day that the format knows.
const DAY: u16 = 0x21;
/// 2.0, the first version with deflated entries.
const VERSION: u16 = 20;
const DEFLATED: u16 = 8;
/// Names are UTF-8.
const FLAGS: u16 = 0x0800;
const ENTRY: &[u8] = b"PK\x03\x04";
const LISTED: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";

/// An entry that is being written; it deflates what it is given.
#[derive(Debug)]
pub(super) struct Entry {
    name: &'static str,
    crc: Crc,
    deflate: DeflateEncoder<Vec<u8>>,
}

/// An entry that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) name: &'static str,
    pub(super) crc: u32,
    pub(super) size: u32,
    pub(super) bytes: Vec<u8>,
}

impl Entry {
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            crc: Crc::new(),
            deflate: DeflateEncoder::new(Vec::new(), Compression::new(LEVEL)),
        }
    }

    /// Adds bytes.
    pub(super) fn add(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.crc.update(bytes);
        self.deflate.write_all(bytes).map_err(Error::internal)
    }

    /// Completes it.
    pub(super) fn pack(self) -> Result<Packed, Error> {
        let size = u32::try_from(self.deflate.total_in()).map_err(Error::internal)?;
        // The counter of the checksum goes around at 4 GiB, which the size does not reach.
        Ok(Packed {
            name: self.name,
            crc: self.crc.sum(),
            size,
            bytes: self.deflate.finish().map_err(Error::internal)?,
        })
    }

    /// A whole entry at once.
    pub(super) fn whole(name: &'static str, text: &str) -> Result<Packed, Error> {
        let mut entry = Self::new(name);
        entry.add(text.as_bytes())?;
        entry.pack()
    }
}

impl Packed {
    /// What both headers of the entry say.
    fn header(&self, to: &mut Vec<u8>) -> Result<(), Error> {
        let packed = u32::try_from(self.bytes.len()).map_err(Error::internal)?;
        let name = u16::try_from(self.name.len()).map_err(Error::internal)?;
        for number in [VERSION, FLAGS, DEFLATED, 0, DAY] {
            to.extend_from_slice(&number.to_le_bytes());
        }
        for number in [self.crc, packed, self.size] {
            to.extend_from_slice(&number.to_le_bytes());
        }
        to.extend_from_slice(&name.to_le_bytes());
        // Nothing extra.
        to.extend_from_slice(&[0; 2]);
        Ok(())
    }
}

/// The container of some entries, in their order.
///
/// # Errors
/// More than 4 GiB.
pub(super) fn archive(entries: &[Packed]) -> Result<Vec<u8>, Error> {
    let room: usize = entries.iter().map(|entry| entry.bytes.len() + 200).sum();
    let mut bytes = Vec::with_capacity(room);
    let mut directory = Vec::new();
    for entry in entries {
        let at = u32::try_from(bytes.len()).map_err(Error::internal)?;
        bytes.extend_from_slice(ENTRY);
        entry.header(&mut bytes)?;
        bytes.extend_from_slice(entry.name.as_bytes());
        bytes.extend_from_slice(&entry.bytes);
        directory.extend_from_slice(LISTED);
        directory.extend_from_slice(&VERSION.to_le_bytes());
        entry.header(&mut directory)?;
        // No comment, one disk, no attributes.
        directory.extend_from_slice(&[0; 10]);
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(entry.name.as_bytes());
    }
    let at = u32::try_from(bytes.len()).map_err(Error::internal)?;
    let size = u32::try_from(directory.len()).map_err(Error::internal)?;
    let count = u16::try_from(entries.len()).map_err(Error::internal)?;
    bytes.append(&mut directory);
    bytes.extend_from_slice(END);
    bytes.extend_from_slice(&[0; 4]);
    for number in [count, count] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    for number in [size, at] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&[0; 2]);
    Ok(bytes)
}
