//! Evidence in the words of people.

use chrono::NaiveDate;

use super::{CareCondition, CareRelation, EvidenceValue};
use crate::case_file::Language;
use crate::determination::dong;

impl CareCondition {
    /// Every condition.
    pub const ALL: &'static [Self] = &[Self::NoCaregiver, Self::ParticularlySevere, Self::Elderly55d];

    /// The code in case files and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoCaregiver => "no_caregiver",
            Self::ParticularlySevere => "particularly_severe",
            Self::Elderly55d => "elderly_5_5d",
        }
    }

    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::NoCaregiver => ("Trẻ em không có nguồn nuôi dưỡng", "A child without a caregiver"),
            Self::ParticularlySevere => ("Khuyết tật đặc biệt nặng", "Particularly severely disabled"),
            Self::Elderly55d => (
                "Người cao tuổi được nhận chăm sóc tại cộng đồng",
                "An elderly person cared for in the community",
            ),
        }
    }
}

impl CareRelation {
    /// Both.
    pub const ALL: &'static [Self] = &[Self::OwnFamily, Self::TakenIn];

    /// The code in case files and tables.
    pub const fn code(self) -> &'static str {
        match self {
            Self::OwnFamily => "own_family",
            Self::TakenIn => "taken_in",
        }
    }

    /// The label, Vietnamese and English.
    pub const fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::OwnFamily => ("Người trong gia đình", "Of the own family"),
            Self::TakenIn => ("Được nhận chăm sóc, nuôi dưỡng", "Taken in"),
        }
    }
}

/// What a word that evidence takes as its value means, in Vietnamese and English; none for a caseworker's own text.
pub fn word_label(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "mild" => ("Nhẹ", "Mild"),
        "severe" => ("Nặng", "Severe"),
        "particularly_severe" => ("Đặc biệt nặng", "Particularly severe"),
        "poor" => ("Hộ nghèo", "Poor"),
        "near_poor" => ("Hộ cận nghèo", "Near-poor"),
        "difficult" => ("Hộ có hoàn cảnh khó khăn", "In difficulty"),
        // Cases of a child without a caregiver (NĐ 20/2021 Art 5(1)), as the synthetic province has them.
        "abandoned" => ("Bị bỏ rơi", "Abandoned"),
        "orphan_of_both" => ("Mồ côi cả cha và mẹ", "Orphan of both parents"),
        "orphan_other_missing" => (
            "Mồ côi cha hoặc mẹ, người còn lại mất tích",
            "Orphan of one parent, the other missing",
        ),
        "orphan_other_in_prison" => (
            "Mồ côi cha hoặc mẹ, người còn lại đang chấp hành án phạt tù",
            "Orphan of one parent, the other in prison",
        ),
        _ => return None,
    })
}

impl EvidenceValue {
    /// The value inside a sentence, as people say it.
    pub fn said(&self, language: Language) -> String {
        match self {
            Self::True => language.of(("có", "yes")).to_owned(),
            Self::Word(word) => word_label(word).map_or_else(|| word.clone(), |label| lower(language.of(label))),
            Self::Amount(amount) => dong(amount.dong(), language),
            Self::Child(child) => {
                let born = born(("sinh", "born"), child.birth_date, language);
                match child.studying_until {
                    Some(until) => format!(
                        "{born}, {} {}",
                        language.of(("đi học đến", "at school until")),
                        day(until, language)
                    ),
                    None => born,
                }
            }
            Self::Cared(cared) => format!(
                "{}, {}, {}",
                born(("người sinh", "someone born"), cared.birth_date, language),
                lower(language.of(cared.condition.label())),
                lower(language.of(cared.relation.label()))
            ),
        }
    }
}

fn born(label: (&str, &str), on: NaiveDate, language: Language) -> String {
    format!("{} {}", language.of(label), day(on, language))
}

fn day(day: NaiveDate, language: Language) -> String {
    match language {
        Language::Vietnamese => day.format("%d/%m/%Y").to_string(),
        Language::English => day.to_string(),
    }
}

/// With a small first letter.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vnd;
    use crate::evidence::{CaredPerson, EvidenceKind, RaisedChild, Shape};

    #[test]
    fn every_word_that_evidence_takes_has_a_label() {
        for kind in EvidenceKind::ALL {
            if let Shape::Word(words) = kind.shape() {
                let bare: Vec<_> = words.iter().filter(|word| word_label(word).is_none()).collect();
                assert!(bare.is_empty(), "{}: {bare:?}", kind.code());
            }
        }
    }

    #[test]
    fn codes_are_those_of_case_files() {
        for own in CareCondition::ALL {
            assert_eq!(serde_json::to_value(own).unwrap(), own.code());
        }
        for own in CareRelation::ALL {
            assert_eq!(serde_json::to_value(own).unwrap(), own.code());
        }
    }

    #[test]
    fn values_are_said_without_codes() {
        let birth_date = "2019-04-01".parse().unwrap();
        let cared = |condition, relation| {
            EvidenceValue::Cared(CaredPerson {
                birth_date,
                condition,
                relation,
            })
        };
        let child = |studying_until| {
            EvidenceValue::Child(RaisedChild {
                birth_date,
                studying_until,
            })
        };
        for (value, vi, en) in [
            (EvidenceValue::True, "có", "yes"),
            (EvidenceValue::Word("near_poor".to_owned()), "hộ cận nghèo", "near-poor"),
            (
                EvidenceValue::Word("orphan_of_both".to_owned()),
                "mồ côi cả cha và mẹ",
                "orphan of both parents",
            ),
            (EvidenceValue::Word("Mẹ ốm nặng".to_owned()), "Mẹ ốm nặng", "Mẹ ốm nặng"),
            (
                EvidenceValue::Amount(Vnd::new(1_250_000).unwrap()),
                "1.250.000 đồng",
                "1,250,000 đồng",
            ),
            (child(None), "sinh 01/04/2019", "born 2019-04-01"),
            (
                child(Some("2040-05-31".parse().unwrap())),
                "sinh 01/04/2019, đi học đến 31/05/2040",
                "born 2019-04-01, at school until 2040-05-31",
            ),
            (
                cared(CareCondition::NoCaregiver, CareRelation::TakenIn),
                "người sinh 01/04/2019, trẻ em không có nguồn nuôi dưỡng, được nhận chăm sóc, nuôi dưỡng",
                "someone born 2019-04-01, a child without a caregiver, taken in",
            ),
            (
                cared(CareCondition::ParticularlySevere, CareRelation::OwnFamily),
                "người sinh 01/04/2019, khuyết tật đặc biệt nặng, người trong gia đình",
                "someone born 2019-04-01, particularly severely disabled, of the own family",
            ),
        ] {
            assert_eq!(value.said(Language::Vietnamese), vi);
            assert_eq!(value.said(Language::English), en);
        }
    }
}
