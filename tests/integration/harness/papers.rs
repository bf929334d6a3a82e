//! Papers and workbooks as people read them.

use std::io::Cursor;
use std::path::Path;

use calamine::{Reader, Xlsx};

/// Codes of funds, by which people name them too.
const FUNDS: [&str; 2] = ["social_assistance", "emergency_relief"];

/// How the names of files end.
const FILES: [&str; 5] = [".xml", ".csv", ".xlsx", ".pdf", ".json"];

/// What stands in a paper, a workbook or a text, in order; nothing of any other file.
pub(crate) fn read_aloud(path: &Path, bytes: &[u8]) -> Option<String> {
    let text = match path.extension()?.to_str()? {
        "pdf" => {
            let document = lopdf::Document::load_mem(bytes).unwrap();
            let pages: Vec<u32> = document.get_pages().keys().copied().collect();
            document.extract_text(&pages).unwrap()
        }
        "xlsx" => {
            let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
            let sheets = book.worksheets();
            let cells = sheets.iter().flat_map(|(_, range)| range.rows()).flatten();
            cells.map(ToString::to_string).collect::<Vec<_>>().join("\n")
        }
        "txt" => String::from_utf8(bytes.to_vec()).unwrap(),
        _ => return None,
    };
    Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The words of machines in a text, such as `no_caregiver`. Names of files, codes of funds and places in a draft of law
/// (JSON Pointer) are what they are.
pub(crate) fn codes_in(text: &str) -> Vec<String> {
    let marks = |letter: char| letter.is_whitespace() || "()[]“”\"',;:".contains(letter);
    let words = text.split(marks).filter(|word| {
        let is_file = FILES.iter().any(|end| word.ends_with(end));
        is_code(word) && !is_file && !word.starts_with('/') && !FUNDS.contains(word)
    });
    words.map(str::to_owned).collect()
}

/// Do small letters stand on both sides of an underscore?
fn is_code(word: &str) -> bool {
    let letters = word.as_bytes();
    letters
        .windows(3)
        .any(|own| own[1] == b'_' && own[0].is_ascii_lowercase() && own[2].is_ascii_lowercase())
}

#[test]
fn codes_are_told_from_words() {
    let text = "đang chăm sóc: 2019-04-01 no_caregiver taken_in; tệp orders_of_x.xml (mã social_assistance), AS_1 a_B";
    assert_eq!(codes_in(text), ["no_caregiver", "taken_in"]);
}
