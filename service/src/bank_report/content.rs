//! The bytes of a report as they are kept: each of them, in less room.
//!
//! A status report of 131,072 lines is 45 MB of which most is the names of elements. Kept as it stands it is written to the
//! database's log as well, and read and written anew with every change of its row.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::error::Error;

/// How a gzip file begins (RFC 1952). No report begins so: it is neither text nor a workbook, and refused.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// How a workbook begins, which is compressed already.
const ZIP: &[u8] = b"PK";

/// The bytes as they are kept.
pub(super) fn keep(received: &[u8]) -> Result<Vec<u8>, Error> {
    if received.starts_with(ZIP) {
        return Ok(received.to_vec());
    }
    let mut gzip = GzEncoder::new(Vec::with_capacity(received.len() / 8), Compression::fast());
    gzip.write_all(received).map_err(Error::internal)?;
    gzip.finish().map_err(Error::internal)
}

/// The bytes as they were received. Earlier releases kept them as they stood.
///
/// # Errors
/// Internal where the kept bytes were altered.
pub(crate) fn received(kept: Vec<u8>) -> Result<Vec<u8>, Error> {
    if !kept.starts_with(&GZIP) {
        return Ok(kept);
    }
    let mut received = Vec::with_capacity(kept.len().saturating_mul(8));
    GzDecoder::new(kept.as_slice())
        .read_to_end(&mut received)
        .map_err(Error::internal)?;
    Ok(received)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_was_received() {
        let text = "<TxSts>ACSC</TxSts>".repeat(1_000).into_bytes();
        for bytes in [text.as_slice(), b"reference;amount\n", b"PK\x03\x04 a workbook", b""] {
            let kept = keep(bytes).unwrap();
            assert_eq!(received(kept).unwrap(), bytes);
            // As earlier releases kept it.
            assert_eq!(received(bytes.to_vec()).unwrap(), bytes);
        }
        assert!(keep(&text).unwrap().len() < text.len() / 10);
    }

    #[test]
    fn altered_bytes_are_noticed() {
        let mut kept = keep(&b"reference;amount\n".repeat(100)).unwrap();
        let middle = kept.len() / 2;
        kept[middle] ^= 1;
        assert!(received(kept).is_err());
    }
}
