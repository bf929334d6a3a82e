//! The bytes of a built file, kept for ever: rendered once, and the same on every resend whatever becomes of the
//! libraries that write workbooks and papers.

use std::io::{self, Write};

use entity::{payment_file, payment_file_content};
use flate2::Compression;
use flate2::write::{DeflateDecoder, DeflateEncoder};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::db::Txn;
use crate::error::{Error, ProblemCode};

/// Compressed bytes in one row.
const PART: usize = 256 * 1024;
/// Rows written or read by one statement.
const AT_ONCE: u64 = 8;
/// Room made at once for what is inflated; a larger file makes its own.
const MEBIBYTES_64: usize = 64 * 1024 * 1024;
/// Forms that are compressed already.
const COMPRESSED: [&str; 2] = [".xlsx", ".pdf"];

/// The bytes of a file, ready to be kept.
pub(super) struct Packed {
    /// SHA-256 of the bytes, hexadecimal.
    pub(super) sha256: String,
    /// How many bytes there are.
    pub(super) size: i64,
    parts: Vec<Vec<u8>>,
}

/// Hashes, counts and compresses the bytes of a file.
pub(super) fn pack(name: &str, bytes: &[u8]) -> Result<Packed, Error> {
    let level = if COMPRESSED.iter().any(|end| name.ends_with(end)) {
        Compression::none()
    } else {
        Compression::fast()
    };
    let mut deflate = DeflateEncoder::new(Parts::default(), level);
    deflate.write_all(bytes).map_err(Error::internal)?;
    let parts = deflate.finish().map_err(Error::internal)?;
    Ok(Packed {
        sha256: hex::encode(Sha256::digest(bytes)),
        size: i64::try_from(bytes.len()).map_err(Error::internal)?,
        parts: parts.all(),
    })
}

/// Some bytes of a file, deflated so that others may stand before and after them ([`pack_around`]).
pub(super) fn piece(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut deflate = DeflateEncoder::new(Vec::new(), Compression::fast());
    deflate.write_all(bytes).map_err(Error::internal)?;
    // Up to here, at the border of a byte and without an end.
    deflate.flush().map_err(Error::internal)?;
    Ok(std::mem::take(deflate.get_mut()))
}

/// The same as [`pack`] of a file whose middle is a [`piece`] already. What is hashed and counted is what whoever fetches
/// the file will be given.
pub(super) fn pack_around(head: &[u8], middle: &[u8], foot: &[u8]) -> Result<Packed, Error> {
    let mut end = DeflateEncoder::new(Vec::new(), Compression::fast());
    end.write_all(foot).map_err(Error::internal)?;
    let end = end.finish().map_err(Error::internal)?;
    let mut parts = Parts::default();
    for bytes in [&piece(head)?, middle, &end] {
        parts.write_all(bytes).map_err(Error::internal)?;
    }
    let parts = parts.all();
    let mut whole = DeflateDecoder::new(Hashed::default());
    for part in &parts {
        whole.write_all(part).map_err(Error::internal)?;
    }
    let Hashed { hash, size } = whole.finish().map_err(Error::internal)?;
    Ok(Packed {
        sha256: hex::encode(hash.finalize()),
        size,
        parts,
    })
}

/// Hashes and counts what is written.
#[derive(Default)]
struct Hashed {
    hash: Sha256,
    size: i64,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hash.update(bytes);
        self.size += i64::try_from(bytes.len()).map_err(io::Error::other)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Cuts what is written into rows.
#[derive(Default)]
struct Parts {
    full: Vec<Vec<u8>>,
    open: Vec<u8>,
}

impl Parts {
    fn all(mut self) -> Vec<Vec<u8>> {
        if !self.open.is_empty() {
            self.full.push(self.open);
        }
        self.full
    }
}

impl Write for Parts {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.open.capacity() == 0 {
            self.open.reserve_exact(PART);
        }
        let room = PART.saturating_sub(self.open.len());
        let (taken, _) = bytes.split_at(room.min(bytes.len()));
        self.open.extend_from_slice(taken);
        if self.open.len() >= PART {
            self.full.push(std::mem::take(&mut self.open));
        }
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps the bytes of a file, in the transaction that makes it built.
pub(super) async fn store(txn: &Txn, file_id: Uuid, packed: Packed) -> Result<(), Error> {
    let at_once = usize::try_from(AT_ONCE).map_err(Error::internal)?;
    let mut rows = (0..)
        .zip(packed.parts)
        .map(move |(part, bytes)| payment_file_content::Model { file_id, part, bytes });
    loop {
        let some: Vec<_> = rows.by_ref().take(at_once).collect();
        if some.is_empty() {
            return Ok(());
        }
        txn.insert_all::<payment_file_content::Entity>(some).await?;
    }
}

/// The SHA-256 of the bytes a file was built with.
///
/// # Errors
/// `conflict` where it is not built yet.
pub(crate) fn built(file: &payment_file::Model) -> Result<&str, Error> {
    file.sha256
        .as_deref()
        .ok_or_else(|| Error::because(ProblemCode::Conflict, "Tệp chưa lập xong", "the file is not built yet"))
}

/// The bytes a file was built with, checked against its hash: those that are kept, or, where the file was built before
/// bytes were kept, written again.
///
/// # Errors
/// `conflict` where the file is not built yet; `content-changed` where what is kept, or written again, is not what was
/// built.
pub(crate) async fn bytes(app: &App, file: &payment_file::Model) -> Result<Vec<u8>, Error> {
    let sha256 = built(file)?;
    if let Some(bytes) = kept(app, file, sha256).await? {
        return Ok(bytes);
    }
    let bytes = super::render(app, file).await?;
    if hex::encode(Sha256::digest(&bytes)) == *sha256 {
        Ok(bytes)
    } else {
        Err(altered(file))
    }
}

/// The bytes that are kept of a file, read part by part; none where none are.
async fn kept(app: &App, file: &payment_file::Model, sha256: &str) -> Result<Option<Vec<u8>>, Error> {
    let most = usize::try_from(file.size.unwrap_or(0)).map_err(Error::internal)?;
    let mut inflate = DeflateDecoder::new(Whole::at_most(most));
    let mut next = 0;
    loop {
        let parts = payment_file_content::Entity::find()
            .filter(payment_file_content::Column::FileId.eq(file.id))
            .filter(payment_file_content::Column::Part.gte(next))
            .order_by_asc(payment_file_content::Column::Part)
            .limit(AT_ONCE)
            .all(app.db.read())
            .await?;
        let last = u64::try_from(parts.len()).map_err(Error::internal)? < AT_ONCE;
        for row in parts {
            if row.part != next || inflate.write_all(&row.bytes).is_err() {
                return Err(altered(file));
            }
            next += 1;
        }
        if last {
            break;
        }
    }
    if next == 0 {
        return Ok(None);
    }
    let Ok(Whole { bytes, .. }) = inflate.finish() else {
        return Err(altered(file));
    };
    if bytes.len() == most && hex::encode(Sha256::digest(&bytes)) == sha256 {
        Ok(Some(bytes))
    } else {
        Err(altered(file))
    }
}

/// What is inflated, never more than the file is said to hold.
struct Whole {
    bytes: Vec<u8>,
    most: usize,
}

impl Whole {
    fn at_most(most: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(most.min(MEBIBYTES_64)),
            most,
        }
    }
}

impl Write for Whole {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() > self.most.saturating_sub(self.bytes.len()) {
            return Err(io::Error::other("more than the file holds"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What there is of a file is not what was built: nobody is given it.
fn altered(file: &payment_file::Model) -> Error {
    Error::because(
        ProblemCode::ContentChanged,
        format!(
            "Nội dung của tệp {} không còn đúng mã băm khi lập; tệp không được giao",
            file.name
        ),
        format!(
            "what there is of the file {} no longer has the hash it was built with; it is not given out",
            file.name
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_cut_into_parts_that_inflate_to_it() {
        // Not compressible, and more than two parts.
        let bytes: Vec<u8> = (0_u32..40_000)
            .flat_map(|number| Sha256::digest(number.to_be_bytes()).into_iter().take(16))
            .collect();
        for name in ["pain001-AGRIBANK-1.xml", "treasury-list.xlsx"] {
            let packed = pack(name, &bytes).unwrap();
            assert_eq!(packed.size, 640_000);
            assert_eq!(packed.sha256, hex::encode(Sha256::digest(&bytes)));
            assert_eq!(packed.parts.len(), 3);
            assert!(packed.parts.iter().all(|part| part.len() <= PART));
            let mut inflate = DeflateDecoder::new(Whole::at_most(bytes.len()));
            for part in &packed.parts {
                inflate.write_all(part).unwrap();
            }
            assert!(inflate.finish().unwrap().bytes == bytes);
        }
    }

    #[test]
    fn a_file_around_what_was_deflated_before_is_the_file() {
        let middle: Vec<u8> = (0_u32..40_000)
            .flat_map(|number| (number / 3).to_string().into_bytes())
            .collect();
        for (head, middle, foot) in [
            (b"<head>".as_slice(), middle.as_slice(), b"</head>".as_slice()),
            (b"", b"", b""),
            (b"00001", b"00001", b"00001"),
        ] {
            let file = [head, middle, foot].concat();
            let packed = pack_around(head, &piece(middle).unwrap(), foot).unwrap();
            let whole = pack("orders.xml", &file).unwrap();
            assert_eq!((packed.sha256, packed.size), (whole.sha256, whole.size));
            let mut inflate = DeflateDecoder::new(Whole::at_most(file.len()));
            for part in &packed.parts {
                inflate.write_all(part).unwrap();
            }
            assert!(inflate.finish().unwrap().bytes == file);
        }
    }

    #[test]
    fn an_empty_file_has_a_part_too() {
        assert_eq!(pack("empty.csv", &[]).unwrap().parts.len(), 1);
    }

    #[test]
    fn no_more_is_inflated_than_the_file_holds() {
        let packed = pack("zeros.xml", &[0; 10_000]).unwrap();
        let mut inflate = DeflateDecoder::new(Whole::at_most(9_999));
        let written = packed.parts.iter().try_for_each(|part| inflate.write_all(part));
        assert!(written.is_err() || inflate.finish().is_err());
    }
}
