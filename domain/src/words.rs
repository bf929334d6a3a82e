//! Amounts in Vietnamese words, as vouchers and lists require beside the figures.

use crate::Vnd;

/// Which words: the North says linh and nghìn, the South lẻ and ngàn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Linh, nghìn: the words of official papers in Quảng Ninh.
    #[default]
    North,
    /// Lẻ, ngàn.
    South,
}

const DIGITS: [&str; 10] = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];

/// The amount in words with a capital first letter: `Năm trăm nghìn đồng`.
pub fn in_words(amount: Vnd) -> String {
    in_words_of(amount, Dialect::North)
}

/// As [`in_words`], in a dialect.
pub fn in_words_of(amount: Vnd, dialect: Dialect) -> String {
    let mut words: Vec<&str> = Vec::new();
    if amount < Vnd::ZERO {
        words.push("âm");
    }
    read(amount.dong().unsigned_abs(), false, dialect, &mut words);
    if amount == Vnd::ZERO {
        words.push(digit(0));
    }
    words.push("đồng");
    let text = words.join(" ");
    let mut letters = text.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Reads a number; `whole` says that something stands before it, so that its hundreds are read even when zero.
fn read(number: u64, whole: bool, dialect: Dialect, words: &mut Vec<&'static str>) {
    const BILLION: u64 = 1_000_000_000;
    let mut whole = whole;
    if number >= BILLION {
        read(number / BILLION, whole, dialect, words);
        words.push("tỷ");
        whole = true;
    }
    let thousand = if dialect == Dialect::North { "nghìn" } else { "ngàn" };
    for (unit, name) in [(1_000_000, "triệu"), (1_000, thousand), (1, "")] {
        let group = number % BILLION / unit % 1_000;
        if group == 0 {
            continue;
        }
        read_group(group, whole, dialect, words);
        if !name.is_empty() {
            words.push(name);
        }
        whole = true;
    }
}

/// Reads 1 to 999.
fn read_group(group: u64, whole: bool, dialect: Dialect, words: &mut Vec<&'static str>) {
    let (hundreds, tens, ones) = (group / 100, group / 10 % 10, group % 10);
    if whole || hundreds > 0 {
        words.extend([digit(hundreds), "trăm"]);
    }
    match tens {
        0 if ones == 0 => {}
        0 if whole || hundreds > 0 => words.push(if dialect == Dialect::North { "linh" } else { "lẻ" }),
        0 => {}
        1 => words.push("mười"),
        tens => words.extend([digit(tens), "mươi"]),
    }
    match (tens, ones) {
        (_, 0) => {}
        (2.., 1) => words.push("mốt"),
        (2.., 4) => words.push("tư"),
        (1.., 5) => words.push("lăm"),
        (_, ones) => words.push(digit(ones)),
    }
}

fn digit(number: u64) -> &'static str {
    usize::try_from(number)
        .ok()
        .and_then(|i| DIGITS.get(i))
        .copied()
        .unwrap_or("không")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn amounts_read_as_people_write_them() {
        for (dong, words) in [
            (0, "Không đồng"),
            (4, "Bốn đồng"),
            (10, "Mười đồng"),
            (14, "Mười bốn đồng"),
            (15, "Mười lăm đồng"),
            (21, "Hai mươi mốt đồng"),
            (24, "Hai mươi tư đồng"),
            (55, "Năm mươi lăm đồng"),
            (105, "Một trăm linh năm đồng"),
            (1_001, "Một nghìn không trăm linh một đồng"),
            (360_000, "Ba trăm sáu mươi nghìn đồng"),
            (500_000, "Năm trăm nghìn đồng"),
            (1_250_000, "Một triệu hai trăm năm mươi nghìn đồng"),
            (1_000_005, "Một triệu không trăm linh năm đồng"),
            (
                16_777_217,
                "Mười sáu triệu bảy trăm bảy mươi bảy nghìn hai trăm mười bảy đồng",
            ),
            (25_000_000_000, "Hai mươi lăm tỷ đồng"),
            (1_000_000_000_000, "Một nghìn tỷ đồng"),
            (-21_000, "Âm hai mươi mốt nghìn đồng"),
            (
                9_007_199_254_740_991,
                "Chín triệu không trăm linh bảy nghìn một trăm chín mươi chín tỷ hai trăm năm mươi tư triệu bảy trăm \
                 bốn mươi nghìn chín trăm chín mươi mốt đồng",
            ),
        ] {
            assert_eq!(in_words(Vnd::new(dong).unwrap()), words);
        }
        assert_eq!(
            in_words_of(Vnd::new(1_204).unwrap(), Dialect::South),
            "Một ngàn hai trăm lẻ bốn đồng"
        );
    }

    #[test]
    fn no_two_small_amounts_read_alike() {
        let words: BTreeSet<String> = (0..100_000).map(|dong| in_words(Vnd::new(dong).unwrap())).collect();
        assert_eq!(words.len(), 100_000);
    }

    proptest! {
        #[test]
        fn every_amount_has_words(dong in -Vnd::MAX.dong()..=Vnd::MAX.dong()) {
            let words = in_words(Vnd::new(dong).unwrap());
            prop_assert!(words.ends_with(" đồng") && !words.contains("  "));
        }
    }
}
