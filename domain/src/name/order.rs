//! The order of the Vietnamese alphabet, as keys that are compared byte by byte: the same on every machine and engine.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{is_invisible, lookalike};

/// The key by which Vietnamese lists are sorted, compared byte by byte: the given name (last word), then the family
/// name and the rest; letters in the order of the alphabet (a ă â b c d đ ...), then the tones (none, huyền, hỏi, ngã,
/// sắc, nặng). Both placements of a tone sort alike.
pub fn sort_key(text: &str) -> String {
    let text: String = text.nfc().collect();
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let given = words.pop().unwrap_or_default();
    let (letters, tone) = weigh(given);
    spelt(format!("{letters} {tone} "), words)
}

/// The key by which places, offices and other names that begin with their first word are sorted, in the same order of
/// letters and tones.
pub fn place_key(text: &str) -> String {
    let text: String = text.nfc().collect();
    spelt(String::new(), text.split_whitespace())
}

/// A key with more words behind it: the letters of all of them, then their tones.
fn spelt<'w>(mut key: String, words: impl IntoIterator<Item = &'w str>) -> String {
    let mut tones = String::new();
    for word in words {
        let (letters, tone) = weigh(word);
        key.push_str(&letters);
        key.push(' ');
        tones.push(tone);
    }
    key.push(' ');
    key.push_str(&tones);
    key
}

/// The letters of a word, each as its base letter and a digit for its place among the letters of that base; and the
/// tone of the word.
fn weigh(word: &str) -> (String, char) {
    let (mut letters, mut tone) = (String::new(), '0');
    for c in word.chars().flat_map(char::to_lowercase).nfd() {
        let variant = match c {
            '\u{300}' => {
                tone = '1';
                continue;
            }
            '\u{309}' => {
                tone = '2';
                continue;
            }
            '\u{303}' => {
                tone = '3';
                continue;
            }
            '\u{301}' => {
                tone = '4';
                continue;
            }
            '\u{323}' => {
                tone = '5';
                continue;
            }
            '\u{306}' => '1',
            // The horn marks ư, and ơ behind ô.
            '\u{302}' | '\u{31b}' => {
                let horned_o = c == '\u{31b}' && letters.ends_with("o0");
                if horned_o || letters.ends_with("a0") { '2' } else { '1' }
            }
            c if is_combining_mark(c) || is_invisible(c) => continue,
            c => {
                let c = lookalike(c);
                letters.push_str(if c == 'đ' { "d" } else { "" });
                if c != 'đ' {
                    letters.push(c);
                }
                letters.push(if c == 'đ' { '1' } else { '0' });
                continue;
            }
        };
        if letters.ends_with('0') {
            letters.pop();
            letters.push(variant);
        }
    }
    (letters, tone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_sort_by_their_first_word_in_the_order_of_the_alphabet() {
        let sorted = [
            "Đặc khu Vân Đồn",
            "Phường An Sinh",
            "Phường Ba Chẽ",
            "Phường Bãi Cháy",
            "Phường Cẩm Phả",
            "Phường Cửa Ông",
            "Phường Đông Mai",
            "Phường Hà An",
            "Phường Hạ Long",
            "Phường Hà Tu",
            "Thị trấn Cái Rồng",
            "Xã Ba Chẽ",
            "Xã Đầm Hà",
            "Xã Hải Hòa",
        ];
        for pair in sorted.windows(2) {
            assert!(place_key(pair[0]) < place_key(pair[1]), "{pair:?}");
        }
        let decomposed: String = "Phường Cẩm Phả".nfd().collect();
        assert_eq!(place_key(&decomposed), place_key("Phường Cẩm Phả"));
        assert!(
            place_key("Xã Hà") < place_key("Xã Hạ"),
            "tones count where letters do not"
        );
    }
}
