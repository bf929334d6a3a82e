//! What a receiver puts beside a file that it has taken: `AS-1.xml.ack` beside `AS-1.xml`.

/// The hash in an acknowledgement: its first word, as `sha256sum` writes it, in lower case. None where that is no
/// SHA-256 of 64 hexadecimal digits: it is still being written, or says something else.
pub fn acknowledged_hash(bytes: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}');
    let word = text.split_whitespace().next()?;
    let is_hash = word.len() == 64 && word.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hash.then(|| word.to_ascii_lowercase())
}
