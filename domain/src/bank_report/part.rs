//! The parts of an untrusted workbook, looked at as bytes before a reader trusts what they say of themselves. The reader
//! of workbooks makes room for as many texts as a part announces, and counts columns and rows in 32 bits.

use super::Refusal;

/// Longest declaration and longest value of an attribute that are looked at, in bytes.
const LOOKED_AT: usize = 200;
/// Longest value of an attribute among the formats of cells, in bytes: a font or a number format is kept again for each
/// format of cells that names it.
const FORMAT_MAX: usize = 2_000;
/// Most letters and digits of a cell's place: more do not fit into 32 bits. `XFD1048576` is the last cell there is.
const LETTERS_MAX: usize = 6;
const DIGITS_MAX: usize = 9;
/// Most elements of a name in one part: each takes five bytes there, and far more in the memory of the reader. Excel keeps
/// 64,000 formats of cells.
const ELEMENTS_MAX: &[(&[u8], usize)] = &[
    (b"si", 4_000_000),
    (b"xf", 65_536),
    (b"font", 65_536),
    (b"fill", 65_536),
    (b"border", 65_536),
    (b"numFmt", 65_536),
];

/// Has the directory of an archive more than so many parts? Each takes 46 bytes of the archive, and far more in the memory
/// of whoever reads the directory, which is why they are counted before.
pub(super) fn has_more_parts(archive: &[u8], most: usize) -> bool {
    places(archive, b"PK\x01\x02").nth(most).is_some()
}

/// Looks at one part.
///
/// # Errors
/// `DocumentType` where it declares one, `NotUtf8` in another encoding, `TooLarge` where it announces more texts than it
/// has bytes or has more of them than any workbook, `NotWellFormed` for a place that no sheet has.
pub(super) fn inspect(part: &[u8]) -> Result<(), Refusal> {
    // What is not UTF-8 could hide all that is looked for below.
    if part.starts_with(b"\xFE\xFF") || part.starts_with(b"\xFF\xFE") {
        return Err(Refusal::NotUtf8);
    }
    if after(part, b"<!").any(|rest| begins(rest, b"DOCTYPE") || begins(rest, b"ENTITY")) {
        return Err(Refusal::DocumentType);
    }
    for declaration in after(part, b"<?xml") {
        check_encoding(declaration)?;
    }
    let bytes = u64::try_from(part.len()).unwrap_or(u64::MAX);
    for rest in after(part, b"uniqueCount") {
        let count = value(rest, LOOKED_AT)?.and_then(|value| std::str::from_utf8(value).ok());
        let count = count.and_then(|value| value.trim().parse::<u64>().ok());
        if count.is_some_and(|count| count > bytes) {
            return Err(Refusal::TooLarge);
        }
    }
    for (name, most) in ELEMENTS_MAX {
        if elements(part, name).nth(*most).is_some() {
            return Err(Refusal::TooLarge);
        }
    }
    if after(part, b"cellXfs").next().is_some() {
        for at in places(part, b"=") {
            value(part.get(at..).unwrap_or_default(), FORMAT_MAX)?;
        }
    }
    if after(part, b"sheetData").next().is_some() || after(part, b"dimension").next().is_some() {
        for name in [b"r".as_slice(), b"ref"] {
            check_places(part, name)?;
        }
    }
    Ok(())
}

/// The declaration of a document names no encoding, or UTF-8, or a part of it.
fn check_encoding(declaration: &[u8]) -> Result<(), Refusal> {
    let end = declaration.windows(2).take(LOOKED_AT).position(|pair| pair == b"?>");
    let declaration = end
        .and_then(|end| declaration.get(..end))
        .ok_or(Refusal::NotWellFormed)?;
    let Some(rest) = after(declaration, b"encoding").next() else {
        return Ok(());
    };
    let name = value(rest, LOOKED_AT)?.ok_or(Refusal::NotWellFormed)?;
    if name.eq_ignore_ascii_case(b"UTF-8") || name.eq_ignore_ascii_case(b"US-ASCII") {
        Ok(())
    } else {
        Err(Refusal::NotUtf8)
    }
}

/// Where elements of a name begin, with a prefix or without.
fn elements<'p>(part: &'p [u8], name: &'p [u8]) -> impl Iterator<Item = usize> + 'p {
    places(part, name).filter(move |at| {
        let before = at.checked_sub(1).and_then(|at| part.get(at));
        let behind = part.get(at + name.len());
        before.is_some_and(|byte| matches!(byte, b'<' | b':'))
            && behind.is_some_and(|byte| matches!(byte, b'>' | b'/') || byte.is_ascii_whitespace())
    })
}

/// Every value of an attribute is the place of a cell, or of two in their order with a colon between them, or something else
/// entirely.
fn check_places(part: &[u8], name: &[u8]) -> Result<(), Refusal> {
    let attributes = places(part, name).filter(|at| {
        let before = at.checked_sub(1).and_then(|at| part.get(at));
        before.is_some_and(u8::is_ascii_whitespace)
    });
    for at in attributes {
        let rest = part.get(at + name.len()..).unwrap_or_default();
        let Some(value) = value(rest, LOOKED_AT)? else { continue };
        let mut first = None;
        for own in value.split(|byte| *byte == b':') {
            let place = place(own)?;
            // The reader takes the first of two from the second.
            if let (Some((column, row)), Some((first_column, first_row))) = (place, first)
                && (column < first_column || row < first_row)
            {
                return Err(Refusal::NotWellFormed);
            }
            first = place;
        }
    }
    Ok(())
}

/// The column and the row of a cell's place; none of what is no place.
fn place(text: &[u8]) -> Result<Option<(u64, u64)>, Refusal> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let (letters, rest) = text.split_at(letters);
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = rest.split_at(digits);
    if letters.len() > LETTERS_MAX || digits.len() > DIGITS_MAX {
        return Err(Refusal::NotWellFormed);
    }
    if letters.is_empty() || digits.is_empty() || !rest.is_empty() {
        return Ok(None);
    }
    let number = |from: u8, base: u64, digits: &[u8]| {
        digits
            .iter()
            .fold(0, |sum, byte| sum * base + u64::from(byte.to_ascii_uppercase() - from))
    };
    Ok(Some((number(b'A' - 1, 26, letters), number(b'0', 10, digits))))
}

/// The value of an attribute whose name has just been read; none where it was no attribute.
fn value(rest: &[u8], longest: usize) -> Result<Option<&[u8]>, Refusal> {
    let Some(rest) = rest.trim_ascii_start().strip_prefix(b"=") else {
        return Ok(None);
    };
    match rest.trim_ascii_start().split_first() {
        Some((quote, rest)) if matches!(quote, b'"' | b'\'') => {
            let end = rest.iter().take(longest).position(|byte| byte == quote);
            match end.and_then(|end| rest.get(..end)) {
                Some(value) => Ok(Some(value)),
                None => Err(Refusal::NotWellFormed),
            }
        }
        _ => Ok(None),
    }
}

/// What stands behind each place of a text.
fn after<'p>(part: &'p [u8], text: &'p [u8]) -> impl Iterator<Item = &'p [u8]> {
    places(part, text).filter_map(|at| part.get(at + text.len()..))
}

/// Does it begin with a word, in upper or lower case?
fn begins(rest: &[u8], word: &[u8]) -> bool {
    rest.get(..word.len()).is_some_and(|own| own.eq_ignore_ascii_case(word))
}

/// The places of a text. One pass, whatever the part holds.
fn places<'p>(part: &'p [u8], text: &'p [u8]) -> impl Iterator<Item = usize> + 'p {
    memchr::memmem::find_iter(part, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_parts_pass() {
        for part in [
            "<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes'?><sst count=\"9\" uniqueCount=\"2\"><si/><si/></sst>",
            "<?xml version=\"1.0\"?><worksheet><dimension ref=\"A1:XFD1048576\"/><sheetData><row r=\"1048576\"><c r=\"XFD1048576\"/>",
            "<?xml-stylesheet href=\"a\"?><a:rect r=\"100000\"/>",
            "uniqueCount is a word, and r = too",
            "",
        ] {
            assert_eq!(inspect(part.as_bytes()), Ok(()), "{part}");
        }
        assert_eq!(inspect(b"\x89PNG\r\n\x1a\n\0\0"), Ok(()));
    }

    #[test]
    fn parts_that_announce_what_they_cannot_hold_are_refused() {
        for (part, refusal) in [
            ("<sst uniqueCount=\"9999999999999\"/>", Refusal::TooLarge),
            ("<sst uniqueCount = '000099999'/>", Refusal::TooLarge),
            ("<sst\tuniqueCount=\"+5000\"/>", Refusal::TooLarge),
            ("<dimension ref=\"A1:A99999999999\"/>", Refusal::NotWellFormed),
            ("<sheetData><row\nr='4294967297'>", Refusal::NotWellFormed),
            ("<sheetData><c r=\"AAAAAAAAA1\">", Refusal::NotWellFormed),
            ("<dimension ref=\"A2:B1\"/>", Refusal::NotWellFormed),
            ("<sheetData><mergeCell ref='aa9:B10'/>", Refusal::NotWellFormed),
            ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>", Refusal::NotUtf8),
            ("x<?xml version=\"1.0\" encoding = 'ISO-2022-JP'?>", Refusal::NotUtf8),
            ("\n<!doctype a>", Refusal::DocumentType),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]>", Refusal::DocumentType),
        ] {
            assert_eq!(inspect(part.as_bytes()), Err(refusal), "{part}");
        }
        let long = format!("<font><name val=\"{}\"/></font><cellXfs>", "x".repeat(3_000));
        assert_eq!(inspect(long.as_bytes()), Err(Refusal::NotWellFormed));
        let formats = "<x:xf/>".repeat(65_537);
        assert_eq!(inspect(formats.as_bytes()), Err(Refusal::TooLarge));
        assert_eq!(inspect(&formats.as_bytes()[7..]), Ok(()));
        let hidden = format!("<?xml version=\"1.0\"{}encoding=\"UTF-16\"?>", " ".repeat(500));
        assert_eq!(inspect(hidden.as_bytes()), Err(Refusal::NotWellFormed));
        assert_eq!(inspect(b"\xFF\xFE<\0s\0"), Err(Refusal::NotUtf8));
    }
}
