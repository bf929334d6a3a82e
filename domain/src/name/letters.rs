//! Names of nothing but letters of the Vietnamese alphabet, each in one character, and spaces: nearly all of them. They are
//! spelt for banks letter by letter, to what [`super::spelt`] makes of them through the tables of Unicode.

/// The text in upper case without marks, single spaces between its words; none where it holds anything else.
pub(super) fn plain(text: &str) -> Option<String> {
    let mut spelt = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' {
            spelt.push(base(c)?);
        } else if !spelt.ends_with(' ') {
            spelt.push(' ');
        }
    }
    Some(spelt)
}

/// The letter without its marks, in upper case.
const fn base(c: char) -> Option<char> {
    Some(match c {
        'a'..='z' | 'A'..='Z' => c.to_ascii_uppercase(),
        'À'..='Ã' | 'à'..='ã' | 'Ă' | 'ă' | 'Ạ'..='ặ' => 'A',
        'Đ' | 'đ' => 'D',
        'È'..='Ê' | 'è'..='ê' | 'Ẹ'..='ệ' => 'E',
        'Ì' | 'Í' | 'ì' | 'í' | 'Ĩ' | 'ĩ' | 'Ỉ'..='ị' => 'I',
        'Ò'..='Õ' | 'ò'..='õ' | 'Ơ' | 'ơ' | 'Ọ'..='ợ' => 'O',
        'Ù' | 'Ú' | 'ù' | 'ú' | 'Ũ' | 'ũ' | 'Ư' | 'ư' | 'Ụ'..='ự' => 'U',
        'Ý' | 'ý' | 'Ỳ'..='ỹ' => 'Y',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::spelt;
    use super::*;

    #[test]
    fn every_letter_is_spelt_as_the_tables_of_unicode_spell_it() {
        let alphabet = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
        for letter in alphabet.chars().flat_map(|c| [c].into_iter().chain(c.to_uppercase())) {
            assert!(base(letter).is_some(), "{letter}");
        }
        for letter in '\0'..=char::MAX {
            if let Some(own) = base(letter) {
                assert_eq!(spelt(&letter.to_string(), ""), own.to_string(), "{letter:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn a_name_is_spelt_the_same_either_way(text in "[A-Za-zĐđĂăƠơƯưÀ-ýẠ-ỹ\u{301} '-]{0,40}") {
            if let Some(own) = plain(&text) {
                prop_assert_eq!(&own, &spelt(&text, ""));
                prop_assert_eq!(own, spelt(&text, "/?:+"));
            }
        }
    }
}
