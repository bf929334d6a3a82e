//! Names as people of the province bear them, in NFC, by people, sex and time of birth.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::dice::Dice;
use crate::case_file::Sex;

/// The peoples whose names are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum People {
    Kinh,
    Dao,
    Tay,
    SanChi,
    SanDiu,
}

impl People {
    const fn code(self) -> &'static str {
        match self {
            Self::Kinh => "kinh",
            Self::Dao => "dao",
            Self::Tay => "tay",
            Self::SanChi => "san_chi",
            Self::SanDiu => "san_diu",
        }
    }
}

/// people, part, sex, born: the key of a list of words.
type Key = (&'static str, &'static str, &'static str, &'static str);

/// Every list of words, a word standing as often as it weighs.
static WORDS: LazyLock<BTreeMap<Key, Vec<&'static str>>> = LazyLock::new(|| {
    include_str!("../../catalogue/names/names.csv")
        .lines()
        .skip(1)
        .filter_map(row)
        .collect()
});

fn row(line: &'static str) -> Option<(Key, Vec<&'static str>)> {
    let mut cells = line.splitn(5, ',');
    let key = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let words = cells.next()?.split(' ').flat_map(|word| match word.split_once('*') {
        Some((word, weight)) => std::iter::repeat_n(word, weight.parse().unwrap_or(1)),
        None => std::iter::repeat_n(word, 1),
    });
    Some((key, words.collect()))
}

fn word(dice: &mut Dice, people: People, part: &'static str, sex: &'static str, born: &'static str) -> &'static str {
    let wanted = [(sex, born), (sex, "any"), ("any", "any")];
    let list = wanted
        .iter()
        .find_map(|(sex, born)| WORDS.get(&(people.code(), part, *sex, *born)));
    dice.pick(list.map_or(&[][..], Vec::as_slice))
}

/// A family name.
pub(super) fn surname(dice: &mut Dice, people: People) -> &'static str {
    word(dice, people, "surname", "any", "any")
}

/// A full name: family name, middle elements, given name.
pub(super) fn full_name(dice: &mut Dice, people: People, sex: Sex, born: i32, surname: &str) -> String {
    let time = match born {
        ..1960 => "old",
        1960..2000 => "middle",
        _ => "young",
    };
    let sex = match sex {
        Sex::Female => "female",
        Sex::Male => "male",
    };
    let middle = word(dice, people, "middle", sex, time);
    let given = word(dice, people, "given", sex, time);
    match (people, dice.below(100)) {
        // Two syllables are a whole name among the peoples of the mountains.
        (People::Dao | People::SanChi, 0..12) => format!("{surname} {given}"),
        // An element may be repeated: Chíu Sám Sám Múi.
        (People::Dao | People::SanChi, 12..16) => format!("{surname} {middle} {middle} {given}"),
        (People::Kinh, 0..10) => {
            let second = word(dice, people, "given", sex, time);
            if second == given || second == middle {
                format!("{surname} {middle} {given}")
            } else {
                format!("{surname} {middle} {second} {given}")
            }
        }
        _ => format!("{surname} {middle} {given}"),
    }
}

#[cfg(test)]
mod tests {
    use unicode_normalization::is_nfc;

    use super::*;

    #[test]
    fn every_people_has_words_for_every_part_of_a_name_in_nfc() {
        for people in [People::Kinh, People::Dao, People::Tay, People::SanChi, People::SanDiu] {
            for sex in ["female", "male"] {
                for born in ["old", "middle", "young"] {
                    for part in ["surname", "middle", "given"] {
                        let mut dice = Dice::new(1, super::super::dice::Purpose::Household, 0);
                        assert!(
                            !word(&mut dice, people, part, sex, born).is_empty(),
                            "{people:?} {part} {sex} {born}"
                        );
                    }
                }
            }
        }
        assert!(
            WORDS
                .values()
                .flatten()
                .all(|word| is_nfc(word) && word.chars().all(char::is_alphabetic))
        );
    }
}
