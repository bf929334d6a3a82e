//! Result tables as text in another encoding than UTF-8.

use super::{Options, Refusal, ReportError, ReportHeader, ReportLine, table};
use crate::bank::{Encoding, ResultLayout};

/// Reads a CSV in another encoding than UTF-8 if a layout fits it; one that nearly fits is refused.
pub(super) fn read(
    bytes: &[u8],
    options: &Options,
    hand_on: &mut dyn FnMut(ReportLine),
) -> Result<Option<ReportHeader>, ReportError> {
    let mut layouts = options.layouts.clone();
    let encoding = if Encoding::is_utf_16(bytes) {
        Encoding::Utf16Le
    } else {
        Encoding::Windows1258
    };
    if encoding == Encoding::Windows1258 {
        // Any bytes are some text in it: only a layout tells that they are meant so.
        layouts.retain(|own| own.layout.encoding == encoding);
    }
    if layouts.is_empty() {
        return Ok(None);
    }
    let Some(text) = encoding.read(bytes) else {
        return Ok(None);
    };
    let options = Options {
        layouts,
        ..options.clone()
    };
    if let Some(header) = table::read_csv(&text, &options, (encoding, false), hand_on)? {
        return Ok(Some(header));
    }
    match table::nearest(&text, &options) {
        Some(headings) => Err(ReportError::at(Refusal::ColumnMissing, bytes, 0).lacking(Some(headings))),
        None => Ok(None),
    }
}

/// Is a text, read from this encoding, none that the layout's encoding would have given?
pub(super) fn differs(layout: &ResultLayout, encoding: Encoding, plain: bool) -> bool {
    match (layout.encoding, encoding) {
        (Encoding::Utf8 | Encoding::Utf8Bom, Encoding::Utf8 | Encoding::Utf8Bom) => false,
        // The letters of ASCII are the same bytes.
        (Encoding::Windows1258, Encoding::Utf8) => !plain,
        (wanted, own) => wanted != own,
    }
}
