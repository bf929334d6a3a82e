//! The encodings of text tables. UTF-8 and UTF-16 hold every letter; windows-1258 holds those of Vietnamese, most of them
//! as a letter and a tone mark of its own behind it.

use std::borrow::Cow;

use encoding_rs::{UTF_16LE, WINDOWS_1258};
use unicode_normalization::UnicodeNormalization;

use super::Encoding;

/// The byte-order mark of UTF-16, the low byte first.
const UTF_16LE_MARK: [u8; 2] = [0xff, 0xfe];
/// The five tones, as marks behind their letter: windows-1258 has a byte for each.
const TONES: [char; 5] = ['\u{300}', '\u{301}', '\u{303}', '\u{309}', '\u{323}'];

/// A text has a character that its encoding has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} can't be written in this encoding")]
pub struct NotInEncoding(pub char);

impl Encoding {
    /// The bytes of a text, with the mark that the encoding begins with.
    ///
    /// # Errors
    /// The first character that the encoding has not: nothing is written in its place.
    pub fn write(self, text: &str) -> Result<Vec<u8>, NotInEncoding> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf8Bom => Ok(["\u{feff}", text].concat().into_bytes()),
            Self::Utf16Le => {
                let mut bytes = Vec::with_capacity(2 * text.len() + UTF_16LE_MARK.len());
                bytes.extend(UTF_16LE_MARK);
                bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
                Ok(bytes)
            }
            Self::Windows1258 => {
                let mut bytes = Vec::with_capacity(text.len());
                text.nfc().try_for_each(|c| put(c, &mut bytes))?;
                Ok(bytes)
            }
        }
    }

    /// Can a text be written?
    pub fn has(self, text: &str) -> bool {
        match self {
            Self::Utf8 | Self::Utf8Bom | Self::Utf16Le => true,
            Self::Windows1258 => text.is_ascii() || self.write(text).is_ok(),
        }
    }

    /// The text of some bytes, without the mark that may stand before it; letters and their tones in one (NFC) where the
    /// encoding keeps them apart. None of bytes that are none in the encoding.
    pub fn read(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self {
            Self::Utf8 | Self::Utf8Bom => {
                let text = std::str::from_utf8(bytes).ok()?;
                Some(Cow::Borrowed(text.strip_prefix('\u{feff}').unwrap_or(text)))
            }
            Self::Utf16Le => {
                let own = bytes.strip_prefix(&UTF_16LE_MARK).unwrap_or(bytes);
                UTF_16LE.decode_without_bom_handling_and_without_replacement(own)
            }
            Self::Windows1258 => {
                let (text, _) = WINDOWS_1258.decode_without_bom_handling(bytes);
                Some(if text.is_ascii() {
                    text
                } else {
                    text.chars().nfc().collect()
                })
            }
        }
    }

    /// Are these the bytes of UTF-16? Its mark stands before them, or the first letter is one of ASCII.
    pub(crate) fn is_utf_16(bytes: &[u8]) -> bool {
        bytes.starts_with(&UTF_16LE_MARK) || matches!(bytes, [1..=127, 0, ..])
    }
}

/// Writes a character in windows-1258: in one byte, or as its letter and the tone behind it.
fn put(c: char, bytes: &mut Vec<u8>) -> Result<(), NotInEncoding> {
    if let Some(own) = byte(c) {
        bytes.push(own);
        return Ok(());
    }
    let (tones, letter): (Vec<char>, Vec<char>) = std::iter::once(c).nfd().partition(|mark| TONES.contains(mark));
    let letter: Vec<char> = letter.into_iter().nfc().collect();
    let ([letter], [tone]) = (letter.as_slice(), tones.as_slice()) else {
        return Err(NotInEncoding(c));
    };
    for own in [*letter, *tone] {
        bytes.push(byte(own).ok_or(NotInEncoding(c))?);
    }
    Ok(())
}

/// The byte of a character in windows-1258, if it has one.
fn byte(c: char) -> Option<u8> {
    if c.is_ascii() {
        return u8::try_from(c).ok();
    }
    let mut room = [0; 4];
    match WINDOWS_1258.encode(c.encode_utf8(&mut room)) {
        (bytes, _, false) => bytes.first().copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALPHABET: &str = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
    const ALL: [Encoding; 4] = [
        Encoding::Utf8,
        Encoding::Utf8Bom,
        Encoding::Utf16Le,
        Encoding::Windows1258,
    ];

    #[test]
    fn every_letter_of_the_alphabet_comes_back_from_each_encoding() {
        for letter in ALPHABET.chars().flat_map(|c| [c].into_iter().chain(c.to_uppercase())) {
            for encoding in ALL {
                let text = format!("{letter}, {letter}");
                let bytes = encoding.write(&text).unwrap();
                assert_eq!(encoding.read(&bytes).unwrap(), text, "{encoding:?}");
            }
        }
    }

    /// The bytes that Python's codec `cp1258` has for the letters, with tones behind them.
    #[test]
    fn windows_1258_has_the_bytes_that_others_write() {
        let bytes = Encoding::Windows1258.write("Nguyễn Thị Hường, Đỗ Ì, ặ").unwrap();
        let expected = b"Nguy\xea\xden Thi\xf2 H\xfd\xf5\xccng, \xd0\xf4\xde I\xcc, \xe3\xf2";
        assert_eq!(bytes, expected);
        // Marks that stand apart are the same text.
        let apart: String = "Nguyễn Thị Hường, Đỗ Ì, ặ".nfd().collect();
        assert_eq!(Encoding::Windows1258.write(&apart).unwrap(), expected);
    }

    #[test]
    fn what_windows_1258_has_not_is_refused_and_not_replaced() {
        for c in ['Ł', 'ж', 'ž', 'ā', '中', '\u{1f600}'] {
            let text = format!("Lan {c}");
            assert_eq!(Encoding::Windows1258.write(&text), Err(NotInEncoding(c)));
            assert!(!Encoding::Windows1258.has(&text));
            assert!(Encoding::Utf16Le.has(&text));
        }
    }

    #[test]
    fn half_a_unit_or_half_a_pair_is_no_utf_16() {
        for bytes in [&b"\xff\xfea"[..], b"\xff\xfe\x00\xd8a\0"] {
            assert_eq!(Encoding::Utf16Le.read(bytes), None);
        }
        assert_eq!(Encoding::Utf16Le.read(b"a\0\xa1\x1e").unwrap(), "aạ");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(text in "\\PC{0,40}") {
            let text: String = text.chars().nfc().collect();
            for encoding in ALL {
                if let Ok(bytes) = encoding.write(&text) {
                    let again = encoding.read(&bytes).unwrap();
                    let unmarked = text.strip_prefix('\u{feff}').unwrap_or(&text);
                    let own = if encoding == Encoding::Utf8 { unmarked } else { text.as_str() };
                    prop_assert_eq!(again.as_ref(), own, "{:?}", encoding);
                }
            }
        }
    }
}
