//! Names of people: kept in NFC with their marks, searched without them, sorted by the given name, and written for
//! banks in the safe set of SWIFT.

mod letters;
mod order;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

pub use order::{place_key, sort_key};

/// The longest name kept, in characters.
pub const NAME_MAX: usize = 140;

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// No letter in it.
    #[error("the name has no letter")]
    Empty,
    /// Longer than [`NAME_MAX`] characters.
    #[error("the name is longer than {} characters", NAME_MAX)]
    TooLong,
}

impl NameError {
    /// The stable code.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Empty => "name_empty",
            Self::TooLong => "name_too_long",
        }
    }
}

/// The name as it is kept: NFC, one ordinary space between words, no invisible characters, the look-alikes of đ
/// (eth, African d) replaced. Case and marks stay as given.
pub fn clean(text: &str) -> Result<String, NameError> {
    let mut kept = String::with_capacity(text.len());
    for c in text.nfc() {
        match lookalike(c) {
            c if c.is_whitespace() || c.is_control() => {
                if !kept.is_empty() && !kept.ends_with(' ') {
                    kept.push(' ');
                }
            }
            c if is_invisible(c) => {}
            c => kept.push(c),
        }
    }
    // Dropping an invisible character can bring a letter and its mark together: compose once more.
    let kept: String = kept.trim_end().nfc().collect();
    if !kept.chars().any(char::is_alphabetic) {
        return Err(NameError::Empty);
    }
    if kept.chars().count() > NAME_MAX {
        Err(NameError::TooLong)
    } else {
        Ok(kept)
    }
}

/// The key under which a name is found: lower case, no marks, đ as d, words of letters and digits, one space between
/// them. `hoà` and `hòa` are equal, so are `Mỹ` and `Mĩ`. Not for display.
pub fn search_key(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    for c in text.nfkc().flat_map(char::to_lowercase).nfkd() {
        match lookalike(c) {
            'đ' | 'Đ' => key.push('d'),
            c if is_combining_mark(c) || is_invisible(c) || is_apostrophe(c) => {}
            c if c.is_alphanumeric() => key.push(c),
            _ => {
                if !key.is_empty() && !key.ends_with(' ') {
                    key.push(' ');
                }
            }
        }
    }
    key.split(' ')
        .filter(|word| !word.is_empty())
        .map(fold_final_y)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A final y that is the only vowel is written i as well (Mỹ, Mĩ; Lý, Lí; Quý, Quí); after another vowel it is
/// another sound (Thúy, Thúi).
fn fold_final_y(word: &str) -> String {
    let Some(stem) = word.strip_suffix('y') else {
        return word.to_owned();
    };
    let onset = stem.strip_suffix("qu").unwrap_or(stem);
    if stem.is_empty() || onset.contains(['a', 'e', 'i', 'o', 'u', 'y']) {
        word.to_owned()
    } else {
        format!("{stem}i")
    }
}

/// How a bank wants names. A version never changes once files were written with it; a better table is a new one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameStyle {
    /// Upper case without marks in the safe set of SWIFT ([`bank_name`]), version 1.
    AsciiUpperV1,
    /// As kept, with marks, NFC.
    Vietnamese,
}

impl NameStyle {
    /// The name in this style, at most `max` characters.
    pub fn render(self, name: &str, max: usize) -> String {
        match self {
            Self::AsciiUpperV1 => bank_name(name, max),
            Self::Vietnamese => {
                let text: String = name.nfc().take(max).collect();
                text.trim_end().to_owned()
            }
        }
    }
}

/// The longest name in the older bank messages, in characters.
pub const BANK_NAME_SHORT: usize = 70;
/// The longest name in pain.001 (Max140Text).
pub const BANK_NAME_LONG: usize = 140;

/// The name for a bank, version 1: upper case, no marks, only `A-Z 0-9 - ( ) . , '` and single spaces, at most `max`
/// characters (at least one). Other letters become `.`, anything else a space. The output is a fixed point, is the
/// same for NFC and NFD, and is never empty: a name with nothing to show is a single `.`.
pub fn bank_name(name: &str, max: usize) -> String {
    let text = transliterate(name, "", max.max(1));
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Any other text for a bank, as [`bank_name`] but with `/ ? : +` kept and an empty text left empty: what the payee
/// reads on the statement, names of offices.
pub fn bank_text(text: &str, max: usize) -> String {
    transliterate(text, "/?:+", max)
}

fn transliterate(source: &str, keep: &str, max: usize) -> String {
    let text = letters::plain(source).unwrap_or_else(|| spelt(source, keep));
    // A leading hyphen opens a control line in the older messages.
    let edge = [' ', '-'];
    let cut: String = text.trim_matches(edge).chars().take(max).collect();
    cut.trim_end_matches(edge).to_owned()
}

/// The text in upper case, without marks, its other letters and signs replaced.
fn spelt(source: &str, keep: &str) -> String {
    let mut text = String::with_capacity(source.len());
    for c in source.nfkc().nfkd().flat_map(char::to_uppercase).nfkd() {
        match lookalike(c) {
            'Đ' | 'đ' => text.push('D'),
            'Ø' => text.push('O'),
            'Ł' => text.push('L'),
            'Æ' => text.push_str("AE"),
            'Œ' => text.push_str("OE"),
            c @ ('A'..='Z' | '0'..='9' | '(' | ')' | '.' | ',') => text.push(c),
            c if keep.contains(c) => text.push(c),
            c if is_apostrophe(c) => text.push('\''),
            '-' | '\u{2010}'..='\u{2014}' => text.push('-'),
            c if is_combining_mark(c) || is_invisible(c) => {}
            c if c.is_alphabetic() => text.push('.'),
            _ => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
        }
    }
    text
}

/// Is the text within the safe set of the payment world: `a-z A-Z 0-9 / - ? : ( ) . , ' +` and space?
pub fn is_swift_safe(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"/-?:().,'+ ".contains(&b))
}

/// Eth and the African d look like đ and come out of old fonts and scanners.
const fn lookalike(c: char) -> char {
    match c {
        'Ð' | 'Ɖ' => 'Đ',
        'ð' | 'ɖ' => 'đ',
        c => c,
    }
}

/// Characters that show nothing: zero-width, direction marks, soft hyphen, byte-order mark, variation selectors.
const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '´' | 'ʻ' | 'ʼ' | '‘' | '’' | '′')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cleaned_and_kept_with_their_marks() {
        let decomposed: String = "Nguyễn Thị Hòa".nfd().collect();
        assert_eq!(
            clean(&format!("  {decomposed}\u{a0}\u{200b} ")).unwrap(),
            "Nguyễn Thị Hòa"
        );
        assert_eq!(clean("Ðặng\tVăn  Ðức").unwrap(), "Đặng Văn Đức");
        assert_eq!(clean("Chíu A\u{200b} Phủn").unwrap(), "Chíu A Phủn");
        assert_eq!(clean(" \u{200b}- ").unwrap_err().code(), "name_empty");
        assert_eq!(clean(&"a".repeat(141)).unwrap_err().code(), "name_too_long");
    }

    #[test]
    fn a_search_finds_every_way_of_writing_a_name() {
        for (one, other) in [
            ("Hoà", "Hòa"),
            ("Thuý", "THÚY"),
            ("Mỹ", "Mĩ"),
            ("Lý  Quý", "lí quí"),
            ("Đức", "Ðức"),
        ] {
            assert_eq!(search_key(one), search_key(other), "{one} {other}");
        }
        assert_eq!(search_key("NGUYỄN THỊ ÁNH-TUYẾT"), "nguyen thi anh tuyet");
        assert_eq!(search_key("H’Hen Niê"), "hhen nie");
        assert_eq!(search_key("Ỷ"), "y");
        assert_ne!(search_key("Thúy"), search_key("Thúi"));
    }

    #[test]
    fn lists_sort_by_given_name_in_the_order_of_the_alphabet() {
        let sorted = [
            "Trần Văn An",
            "Lê Thị Àn",
            "Nguyễn An Ảnh",
            "Lê Bình Ánh",
            "Bùi Thị Ăn",
            "Bùi Thị Ân",
            "Bùi Văn Bình",
            "Đỗ Văn Bình",
            "Nguyễn Bình",
            "Nguyễn Văn Bình",
            "Nguyễn Văn Dũng",
            "An Đức",
            "Vũ Hòa",
            "Vũ Hoàn",
            "Phạm Ôn",
            "Phạm Ơn",
            "Phạm Tư",
        ];
        for pair in sorted.windows(2) {
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{pair:?}");
        }
        assert_eq!(sort_key("Vũ Hoà"), sort_key("Vũ Hòa"));
    }

    #[test]
    fn bank_names_are_plain() {
        assert_eq!(bank_name("Nguyễn Thị  Ánh-Tuyết", 140), "NGUYEN THI ANH-TUYET");
        assert_eq!(bank_name("Đặng Văn Đức", 140), "DANG VAN DUC");
        assert_eq!(bank_name("H’Hen Niê", 140), "H'HEN NIE");
        assert_eq!(bank_name("Straße Łukasz & 王", 140), "STRASSE LUKASZ .");
        assert_eq!(bank_name("Trần Văn Bình", 8), "TRAN VAN");
        assert_eq!(bank_name("Trần Văn Bình", 9), "TRAN VAN");
        assert_eq!(bank_name("\u{200b}", 70), ".");
        assert_eq!(bank_name("Hòa/Bình", 70), "HOA BINH");
        assert_eq!(
            bank_text("Trợ cấp xã hội tháng 09/2024", 140),
            "TRO CAP XA HOI THANG 09/2024"
        );
        assert_eq!(bank_text("", 140), "");
        assert_eq!(NameStyle::Vietnamese.render("Trần Văn Bình", 9), "Trần Văn");
    }

    fn anything() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[A-Za-zđĐăâêôơưÀ-ỹ\u{300}\u{301}\u{303}\u{309}\u{323}' \\-\u{a0}\u{200b}/:]{0,60}",
        ]
    }

    proptest! {
        #[test]
        fn cleaning_is_a_fixed_point(text in anything()) {
            if let Ok(name) = clean(&text) {
                prop_assert_eq!(clean(&name).unwrap(), name.clone());
                prop_assert_eq!(clean(&name.nfd().collect::<String>()).unwrap(), name);
            }
        }

        #[test]
        fn search_keys_are_a_fixed_point_and_ignore_the_form(text in anything()) {
            let key = search_key(&text);
            prop_assert_eq!(search_key(&key), key.clone());
            prop_assert_eq!(search_key(&text.nfd().collect::<String>()), key.clone());
            prop_assert!(!key.chars().any(is_combining_mark));
        }

        #[test]
        fn bank_names_keep_their_promises(text in anything(), max in prop_oneof![Just(1), Just(70), Just(140)]) {
            let name = bank_name(&text, max);
            prop_assert!(!name.is_empty() && name.len() <= max && is_swift_safe(&name));
            prop_assert!(!name.bytes().any(|b| b.is_ascii_lowercase()) && !name.contains("  ") && name.trim() == name);
            prop_assert_eq!(bank_name(&name, max), name.clone());
            prop_assert_eq!(bank_name(&text.nfd().collect::<String>(), max), name.clone());
            prop_assert_eq!(bank_name(&text.nfc().collect::<String>(), max), name);
            let words = bank_text(&text, max);
            prop_assert!(words.len() <= max && is_swift_safe(&words));
            prop_assert_eq!(bank_text(&words, max), words);
        }
    }
}
